"""The file of what was heard: lines ``<local ns> <message>``, a zstd frame each time they go to the disk."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from liqmap.live.recorder.frames import frame
from liqmap.schema import Source

ENDING = ".ndjson.zst"


def line_of(ns: int, message: bytes) -> bytes:
    """A message as a line: verbatim, but for newlines between the parts of its JSON."""
    if b"\n" in message or b"\r" in message:
        message = message.replace(b"\r", b" ").replace(b"\n", b" ")
    return b"%d %b\n" % (ns, message)


def lost_line(ns: int, count: int, why: str) -> bytes:
    """What stands where messages could not be kept: no JSON, so that a reader knows that some are missing."""
    return f"{ns} lost {count} messages: {why}\n".encode()


def name_of(ns: int) -> str:
    """The name of a file that begins at a local time (ns): in UTC, to the microsecond."""
    begun = datetime.fromtimestamp(ns // 10**9, UTC)
    return f"{begun:%Y%m%dT%H%M%S}.{ns // 1000 % 10**6:06d}{ENDING}"


class RawLog:
    """One raw file: what is written of it is whole frames, on the disk when `write` returns.

    Attributes
    ----------
    path : made with the first frame; never one that was there.
    bytes : written. source : name and sha256 of the file as it is.
    """

    def __init__(self, folder: Path, begin: int) -> None:
        self.path = _free(folder, begin)
        self.bytes = 0
        self._file: int | None = None
        self._digest = hashlib.sha256()

    @property
    def source(self) -> Source:
        """What the file is now; a file that grows is another source each time."""
        return Source(name=self.path.name, sha256=self._digest.hexdigest())

    def write(self, lines: bytes) -> None:
        """Add lines, and wait until the disk has them.

        Raises
        ------
        OSError : it has not; the file is as it was.
        """
        data = frame(lines)
        if self._file is None:
            self._file = self._open()
        try:
            _write_all(self._file, data)
            os.fsync(self._file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, self.bytes)
                os.lseek(self._file, self.bytes, os.SEEK_SET)
            raise
        self.bytes += len(data)
        self._digest.update(data)

    def close(self) -> None:
        """Nothing more is written; a file without a frame goes."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            if not self.bytes:
                self.path.unlink(missing_ok=True)

    def _open(self) -> int:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        opened = os.open(self.path, flags, 0o644)
        with suppress(OSError):  # Windows has no folders to sync
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return opened


def _write_all(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        done = os.write(file, left)
        if done == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left = left[done:]


def _free(folder: Path, begin: int) -> Path:
    """The first name from a time on that no file has."""
    while (path := folder / name_of(begin)).exists():
        begin += 1_000
    return path
