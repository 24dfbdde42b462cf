"""Files with a seal beside them, ``name.xxh3``: the digest and size of what was written.

One without a seal is of before there were any, and taken as it is.
"""

from __future__ import annotations

import os
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store import digest_file, is_sound

SEAL = ".xxh3"


def place_sealed(made: Path, path: Path) -> None:
    """Move a finished file to its place, its seal first: one that stays alone seals nothing.

    Raises
    ------
    OSError : the place cannot be written.
    """
    seal = made.with_name(made.name + SEAL)
    seal.write_text(f"{digest_file(made)} {made.stat().st_size}")
    path.unlink(missing_ok=True)
    os.replace(seal, path.with_name(path.name + SEAL))
    os.replace(made, path)


def check_seal(path: Path) -> None:
    """That a file is what was written.

    Raises
    ------
    StoreError : it is not, or its seal is damaged.
    """
    seal = path.with_name(path.name + SEAL)
    try:
        digest, size = seal.read_text().split()
        sound = is_sound(path, digest, int(size))
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        sound = False
    if not sound:
        raise StoreError(
            where=path,
            expected="the bytes that were written",
            got="others",
            remedy="It may be removed: it is made anew",
        )
