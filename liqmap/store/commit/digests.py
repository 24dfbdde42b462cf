"""Whether a file still is what was written: its bytes have the digest that was kept of them.

xxh3 with 128 bits, about as fast as memory is read. It tells damage, not forgery: who can write to a store
can change digests too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

import xxhash

from liqmap.schema import StoreError

BLOCK = 1 << 22

_lock = Lock()
_sound: dict[str, tuple[str, tuple[int, int, int]]] = {}
"""By path: the digest that the file was found to have, and its size, time and number then."""


def digest_bytes(data: bytes) -> str:
    """Of bytes, as 32 hexadecimal digits."""
    return xxhash.xxh3_128_hexdigest(data)


def digest_file(path: Path) -> str:
    """Of a file's bytes."""
    found = xxhash.xxh3_128()
    with path.open("rb", buffering=0) as file:
        block = bytearray(BLOCK)
        view = memoryview(block)
        while count := file.readinto(block):
            found.update(view[:count])
    return found.hexdigest()


def is_sound(path: Path, digest: str, size: int) -> bool:
    """Whether a file has these bytes: read once in a process, and again when it was changed."""
    try:
        state = _state(path)
        if state[0] != size:
            return False
        with _lock:
            if _sound.get(str(path)) == (digest, state):
                return True
        if digest_file(path) != digest:
            return False
    except OSError:
        return False
    with _lock:
        _sound[str(path)] = digest, state
    return True


def forget(paths: Iterable[Path]) -> None:
    """Files that are no more: a store that grows goes through thousands a day."""
    with _lock:
        for path in paths:
            _sound.pop(str(path), None)


def check_file(path: Path, digest: str, size: int, remedy: str, name: str = "") -> None:
    """That a file has these bytes.

    Parameters
    ----------
    name : by which a user knows it, where that is not its path.

    Raises
    ------
    StoreError : it has others.
    FileNotFoundError : there is none any more.
    """
    if is_sound(path, digest, size):
        return
    there = path.stat().st_size
    got = f"{there:,} bytes" if there != size else "other bytes"
    expected = f"the {size:,} bytes that were written"
    raise StoreError(where=name or path, expected=expected, got=got, remedy=remedy)


def _state(path: Path) -> tuple[int, int, int]:
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns, status.st_ino
