"""Single files that appear complete or not at all.

What becomes part of a store is made in a folder of its own instead, which the next process removes if this
one dies: see `liqmap.store.staging`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liqmap.schema import LiqmapError
from liqmap.schema.arguments import path_text


def check_folder(path: str | Path) -> Path:
    """The path, where a file can be put there: asked before the work, not after it.

    Raises
    ------
    LiqmapError : its directory does not exist, or it is itself a directory.
    """
    path = Path(path_text(path, "path", LiqmapError))
    if not path.parent.is_dir():
        raise LiqmapError(f"the directory {path.parent} does not exist", where=path, remedy="Make it first")
    if path.is_dir():
        raise LiqmapError(where=path, expected="the name of a file", got="a directory")
    return path


def check_name(path: str | Path, *endings: str) -> Path:
    """The path of a file to be written, whose ending says what is in it; none says nothing.

    Raises
    ------
    LiqmapError : as `check_folder`, or another ending than these.
    """
    path = check_folder(path)
    if path.suffix and path.suffix.lower() not in endings:
        expected = f"a name that ends in {' or '.join(endings)}"
        raise LiqmapError(where=path, argument="path", expected=expected, got=repr(path.suffix))
    return path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write what is to appear at ``path``; it is moved there at the end, or removed."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
