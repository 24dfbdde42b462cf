"""zstd frames one after the other: where each ends, so that one that is not whole can be cut off.

Source: RFC 8878, section 3.1.1
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pyarrow as pa

MAGIC: Final = b"\x28\xb5\x2f\xfd"
LEVEL = 3
ASIDE = ".torn"
"""The end of the hidden name under which what is cut off is kept."""


def frame(data: bytes) -> bytes:
    """Bytes as one frame."""
    return pa.Codec("zstd", compression_level=LEVEL).compress(data, asbytes=True)


def frame_end(data: bytes, at: int) -> int | None:
    """Where the frame that begins at byte ``at`` ends; None if it is not whole, or none begins there."""
    if data[at : at + 4] != MAGIC or at + 5 > len(data):
        return None
    descriptor = data[at + 4]
    single = descriptor >> 5 & 1
    size_bytes = (single, 2, 4, 8)[descriptor >> 6]
    at += 5 + (1 - single) + (0, 1, 2, 4)[descriptor & 3] + size_bytes
    while at + 3 <= len(data):
        header = int.from_bytes(data[at : at + 3], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        if kind == 3:
            return None
        at += 3 + (1 if kind == 1 else size)
        if last:
            at += 4 * (descriptor >> 2 & 1)
            return at if at <= len(data) else None
    return None


def whole_length(data: bytes) -> int:
    """Bytes of the frames that are whole, from the first on."""
    at = 0
    while (end := frame_end(data, at)) is not None:
        at = end
    return at


def cut_torn(path: Path) -> int:
    """Cut what a process that died left of its last frame, which is kept beside the file; how many bytes.

    A file whose frames are damaged before others that are whole stays as it is: readers say where.

    Raises
    ------
    OSError : it cannot be written.
    """
    data = path.read_bytes()
    whole = whole_length(data)
    rest = data[whole:]
    if not rest or any(frame_end(rest, at) is not None for at in _begins(rest)):
        return 0
    aside = path.with_name(f".{path.name}{ASIDE}")
    aside.write_bytes(rest)
    with path.open("rb+") as file:
        file.truncate(whole)
        os.fsync(file.fileno())
    return len(rest)


def _begins(data: bytes) -> list[int]:
    """Where frames may begin."""
    found, at = [], data.find(MAGIC)
    while at >= 0:
        found.append(at)
        at = data.find(MAGIC, at + 1)
    return found
