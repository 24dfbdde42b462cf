"""The skeleton of readers of NDJSON: a chunk is scanned by a kernel, and what that leaves is read exactly.

Before a line may stand the local time of its arrival, in ms, us or ns: ``1735689600005 {"topic":...}``; or in
seconds with decimals, ``1735689600.005: {"topic":...}``, as cryptofeed writes it, with lines of its own for
what was connected and sent: ``wss://ws.kraken.com <- 1735689600.005: {...}``; or as a date in UTC, as Tardis'
raw lines have it, ``2025-01-01T00:00:00.0050000Z {"topic":...}``.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from liqmap.formats.raw import ahead
from liqmap.formats.raw.document import MOST_PARTS, has_too_many_parts
from liqmap.formats.text.line_runs import blank_lines, same_lines
from liqmap.formats.text.reader import TextReader
from liqmap.formats.text.rejected_lines import RejectedList
from liqmap.formats.text.times import iso_to_ns, local_time, seconds_to_ns
from liqmap.schema import Batch, Rejected

LINES_ALONE = 1_024
"""The most lines that are read one by one before the kernel is asked again."""

_SPLIT = re.compile(
    rb"[ \t\r]*(?:(\d+)[ \t\r]+|(\d+\.\d+):[ \t]+|(\d{4}-\d\d-\d\dT[\d:.]+Z)[ \t]+)?(.*)", re.DOTALL
)
_SENT = re.compile(rb"(?:wss?|https?)://[^\s]+ (?:<->|<-) \d+\.\d+(?:: [{\[].*)?[ \t\r]*")
"""What a client connected to, or sent: nothing that it heard."""

_BEATS = (b"ping", b"pong")
"""Heartbeats of venues that send words."""


class JsonLinesReader(TextReader):
    """A reader says what a line means (`exact`), and gives out what was found in a chunk (`take`). It may
    have a kernel, which is faster, for lines of the usual kind (`begin`, `scan`): without one, all go to
    `exact`."""

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; decompression runs ahead in a thread, but for a file that
        grows."""
        line, chunks = 0, self.raw.chunks()
        for chunk, position in chunks if getattr(self.raw, "grows", False) else ahead(chunks):
            rejected = RejectedList()
            self.begin(len(chunk))
            line = self._read(chunk, line, rejected)
            self.broken |= bool(rejected)
            yield self.take(rejected, position)
        yield from self.finish(self.damage(line))

    def begin(self, size: int) -> None:
        """Make room for what a chunk of ``size`` bytes can hold."""

    def scan(self, text: np.ndarray, at: int, line: int) -> tuple[int, int]:
        """Take lines from byte ``at``, after ``line`` others, until one that needs a closer look: its place,
        and the lines before it. Here none is taken."""
        return at, line

    def parse(self, text: bytes) -> Any:
        """The JSON of a line; a reader may keep the texts of numbers.

        Raises
        ------
        orjson.JSONDecodeError : it is none.
        """
        return orjson.loads(text)

    @abstractmethod
    def exact(self, message: Any, local: int, line: int) -> Rejected | str | None:
        """Take one parsed line that came at ``local`` (ns, 0 where it does not say), or say what is wrong:
        that line is then lost. One of another market or stream is passed over and counted,
        ``self.skipped["symbol ETHUSDT"] += 1``, or is ``Rejected(line, why, foreign=True)`` where nobody
        asked for one of several."""

    @abstractmethod
    def take(self, rejected: list[Rejected], position: int) -> Batch:
        """What was found since the last call."""

    def _read(self, chunk: bytes, line: int, rejected: RejectedList) -> int:
        """The lines of a chunk after ``line`` others; how many there are then.

        The kernel is asked ever more seldom while it takes nothing: a call costs more than some lines.
        """
        text, at, alone = np.frombuffer(chunk, np.uint8), 0, 1
        while True:
            begin, before = at, line
            at, line = self.scan(text, at, line)
            if at >= len(text):
                return line
            alone = 1 if at > begin else min(2 * alone, LINES_ALONE)
            if at > begin and chunk[begin:at].isspace():
                rejected.passed(before + 1, line)
            at, line = self._exactly(chunk, at, line, alone, rejected)

    def _exactly(
        self, chunk: bytes, at: int, line: int, most: int, rejected: RejectedList
    ) -> tuple[int, int]:
        """Some lines from byte ``at`` on, one by one; where the next begins, and the lines before it."""
        for _ in range(most):
            if blank := blank_lines(chunk, at):
                rejected.passed(line + 1, line + blank[1])
                at, line = at + blank[0], line + blank[1]
            if at >= len(chunk):
                break
            end = chunk.index(b"\n", at)
            line += 1
            skipped = self.skipped.total_lines
            wrong = self._line(chunk[at:end], line)
            if wrong is not None:
                same = same_lines(chunk, at, end + 1)
                rejected.lose(line, wrong, same)
                line += same - 1
                end += (same - 1) * (end + 1 - at)
            elif self.skipped.total_lines > skipped:
                rejected.passed(line, line)
            at = end + 1
        return at, line

    def _line(self, text: bytes, line: int) -> Rejected | str | None:
        """One line of any kind; what is wrong with it."""
        if not text.strip():
            return None
        clock, seconds, date, body = _SPLIT.fullmatch(text).groups()  # type: ignore[union-attr]
        local = local_time(clock)
        if seconds or date:
            local = seconds_to_ns(seconds.decode()) if seconds else iso_to_ns(date.decode())
        if local is None:
            return f"expected a local time in ms, us or ns, got {(clock or seconds or date).decode()!r:.40}"
        if has_too_many_parts(body):
            return f"expected a message, got a line of more than {MOST_PARTS:,} objects and lists"
        try:
            message = self.parse(body)
        except orjson.JSONDecodeError as error:
            silent = _SENT.fullmatch(text) or body.strip() in _BEATS
            return None if silent else f"broken JSON: {error}"
        return self.exact(message, local, line)


def no_object(message: Any) -> str:
    """That a line is JSON of another kind."""
    return f"expected a JSON object, got {type(message).__name__}"
