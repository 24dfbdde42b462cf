"""A raw file that grows while it is read: readers of archives run over it as they are, in their own thread.

What they see of it is what was heard: no disk is asked. A chunk is all that was heard since the last one, and
chunks are a few milliseconds apart: a message reaches its reader at once when there are few, and in batches
when there are many, for a chunk costs as much as ten messages.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from liqmap.formats.raw import RawFile
from liqmap.formats.raw.file import CHUNK, HEAD

MOST = 64 * 1024 * 1024
"""Bytes that may wait for the reader."""

APART_S = 0.005
"""Between two chunks, at least."""

PATIENCE_S = 10.0
"""How long after the first line a line of depth is waited for, to choose a reader by it."""

_DEPTH = re.compile(
    rb'"e"\s*:\s*"depthUpdate"|"topic"\s*:\s*"orderbook\.|"channel"\s*:\s*"book"\s*,\s*"type"'
    rb'|"book-\d+"\s*,\s*"|"l2_data"|"l2update"|"orderBookL2|"channel"\s*:\s*"books|"book"\s*:|"bids"\s*:\s*\[\[?[^\]]'
)
"""What a line of depth has, of the venues that are recorded. Binance's snapshot comes among diffs, which say
more than it does."""

_BINANCE_SNAPSHOT = re.compile(rb'"lastUpdateId"\s*:')


def tells_depth(line: bytes) -> bool:
    """Whether a line is one of depth by which a reader can be chosen."""
    return _DEPTH.search(line) is not None and _BINANCE_SNAPSHOT.search(line) is None


class GrowingFile(RawFile):
    """What a reader takes for a file. One thread adds lines, another reads them.

    Attributes
    ----------
    overrun : whether more waited than may: then the reader got an end instead.
    """

    grows = True

    def __init__(self, path: Path, most: int = MOST, patience_s: float = PATIENCE_S) -> None:
        self.path = path
        self.damage, self.position, self.unended, self.packing, self.size = None, 0, False, "plain", 0
        self.overrun = False
        self._most, self._patience_s = most, patience_s
        self._changed = threading.Condition()
        self._heard: list[bytes] = []
        self._waiting = 0
        self._head: bytes | None = None
        self._enough = self._ended = False
        self._first_at: float | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r}, {self.size:,} bytes so far)"

    def add(self, line: bytes) -> None:
        """A line that was heard; never waits."""
        with self._changed:
            if self._ended:
                return
            if self._waiting + len(line) > self._most:
                self.overrun = True
                self._end()
                return
            if self._first_at is None:
                self._first_at = time.monotonic()
            is_news = not self._heard  # nobody waits for the second
            self._heard.append(line)
            self._waiting += len(line)
            self.size += len(line)
            if not self._enough and tells_depth(line):
                self._enough = is_news = True
            if is_news:
                self._changed.notify_all()

    def end(self) -> None:
        """No more lines come; those that wait are still read."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def abandon(self) -> None:
        """Nobody reads on."""
        with self._changed:
            self._end()

    def _end(self) -> None:
        self._ended = True
        self._heard, self._waiting = [], 0
        self._changed.notify_all()

    def blocks(self) -> Iterator[bytes]:
        """What the head has, for who looks at a beginning again."""
        yield self.head()

    def head(self, size: int = HEAD) -> bytes:
        """The first lines, once there is one of depth, or none came for some seconds."""
        with self._changed:
            while self._head is None:
                left = None
                if self._first_at is not None:
                    left = self._first_at + self._patience_s - time.monotonic()
                if self._enough or self._ended or (left is not None and left <= 0):
                    self._head = b"".join(self._heard)
                    break
                self._changed.wait(left)
            return self._head[:size]

    def chunks(self, size: int = CHUNK) -> Iterator[tuple[bytes, int]]:
        """What was heard since the last chunk, with the bytes handed out so far; waits for more."""
        earliest = 0.0
        while True:
            with self._changed:
                while not self._heard and not self._ended:
                    self._changed.wait()
                while not self._ended and (left := earliest - time.monotonic()) > 0:
                    self._changed.wait(left)
                data = self._take(size)
            earliest = time.monotonic() + APART_S
            if not data:
                return
            self.position += len(data)
            yield data, self.position

    def _take(self, size: int) -> bytes:
        """Lines that wait, up to so many bytes; empty if there are none."""
        if self._waiting <= size:
            lines, self._heard = self._heard, []
        else:
            count = have = 0
            while count == 0 or have + len(self._heard[count]) <= size:
                have += len(self._heard[count])
                count += 1
            lines, self._heard = self._heard[:count], self._heard[count:]
        data = b"".join(lines)
        self._waiting -= len(data)
        return data
