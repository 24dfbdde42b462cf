"""Whether a downloaded file is whole: it is unpacked to its end, and what it unpacks to is thrown away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from liqmap.formats.raw import PackedFile
from liqmap.schema import FormatError

PACKINGS = {"zip": "zip", "gz": "gzip", "zst": "zstd", "zstd": "zstd", "bz2": "bz2", "xz": "xz"}
"""What a file is packed in, by the end of its name."""


def packing_of(name: str) -> str | None:
    """What a file of this name or address should be packed in; None where the name does not say."""
    return PACKINGS.get(name.rpartition(".")[2].lower())


def damage_of(path: Path, name: str, step: Callable[[], None] = lambda: None) -> str | None:
    """What is wrong with a file that is called ``name`` in its archive; None if it is whole, as far as can be
    known: that a text is whole cannot.

    Parameters
    ----------
    step : called now and then, to give up by an exception.
    """
    expected = packing_of(name)
    if expected is None:
        return "nothing in it says where it ends"
    try:
        raw = PackedFile(path)
        if raw.packing != expected:
            with path.open("rb") as file:
                return f"it starts with {file.read(2)!r}"
        for _ in raw.blocks():
            step()
    except FormatError as error:
        return f"there is {error.got}" if error.got else str(error)
    return raw.damage
