"""What an ingest did, source by source, and what it lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from liqmap.card import card, folded, lines, listed, spelled, table
from liqmap.ingestion.chain import Gap
from liqmap.printable import printable
from liqmap.schema import FormatError, LiqmapError, Rejected, Sentence

if TYPE_CHECKING:
    import pandas as pd

REMEMBERED = 100
"""Rejected lines that a report quotes; all are counted."""


@dataclass
class SourceRow:
    """A row of `IngestReport.table`: one source and one table that it filled. Times are ns, UTC."""

    path: str
    format: str | None = None
    venue: str | None = None
    symbol: str | None = None
    feed: str | None = None
    kind: str | None = None
    status: str = "ok"
    messages: int = 0
    rows: int = 0
    gaps: int = 0
    rejected: int = 0
    start: int | None = None
    end: int | None = None
    seconds: float = 0.0
    verified: int | None = None


@dataclass(frozen=True, kw_only=True)
class GapRow(Gap):
    """A row of `IngestReport.gaps`: a gap, and the source and feed that have it."""

    path: str
    venue: str
    symbol: str
    feed: str | None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        begin = str(np.datetime64(self.after, "ns"))[:23].replace("T", " ")
        if self.until is None:
            return f"{where}: gap ({self.reason}) after {self.seq_after}, from {begin} to the end"
        missing = "" if self.missing is None else f", {self.missing:,} id{'s' * (self.missing != 1)} missing"
        seconds = (self.until - self.after) / 1e9
        ids = f"between {self.seq_after} and {self.seq_until}{missing}"
        since = ""
        if self.proven is not None:
            then = str(np.datetime64(self.proven, "ns"))[:23].replace("T", " ")
            since = f"; what lies beyond the levels of checksums is unverifiable since the snapshot of {then}"
        return f"{where}: gap ({self.reason}) {ids}, {begin} for {seconds:,.3f} s{since}"


@dataclass
class IngestReport:
    """What came of each source.

    ``rejected`` quotes the first hundred lines that were not used as (path, line, reason), line 0 where it is
    not known; ``lost`` has the first thousand gaps of each source; ``notes`` says what was assumed or mended;
    ``failures`` has the error of every source that failed, without its traceback, ``errors`` its text;
    ``not_stored`` has the paths of those that could not be stored, though they can be read. Notes and
    reasons may be a `Sentence`, which other front ends spell in their way.
    """

    sources: list[SourceRow] = field(default_factory=list)
    rejected: list[tuple[str, int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: list[LiqmapError] = field(default_factory=list, compare=False)
    lost: list[GapRow] = field(default_factory=list)
    not_stored: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[str]:
        """The text of each failure, as Python users read it."""
        return [str(error) for error in self.failures]

    @property
    def table(self) -> pd.DataFrame:
        """A row per source and table: path, format, venue, symbol, feed, kind, status (ok, partial, failed),
        messages, rows, gaps, rejected, start, end, seconds, verified. For trades a message is a trade.
        ``verified`` counts the messages after which the book agreed with the venue's checksum, missing where
        none was sent."""
        import pandas as pd

        columns = list(SourceRow.__dataclass_fields__)
        table = pd.DataFrame([asdict(s) for s in self.sources], columns=columns)
        _plain_words(table, ("path", "format", "venue", "symbol", "feed", "kind", "status"))
        for name in ("messages", "rows", "gaps", "rejected"):
            table[name] = table[name].astype("int64")
        table["verified"] = table["verified"].astype("Int64")
        for name in ("start", "end"):
            table[name] = _instants(table[name])
        return table

    @property
    def gaps(self) -> pd.DataFrame:
        """A row per gap, the first thousand of each source: path, venue, symbol, feed, line (of the first
        message after it), after and until (UTC, of the messages before and after it), seq_after, seq_until
        (their ids), missing (how many ids lie between, where ids rise by 1), reason (``sequence``, ``broken
        line``, ``checksum``, ``resync``, ``restart``, ``source says``, ``end of file``), proven (UTC; of a
        checksum, the last snapshot before it: levels beyond those that checksums cover may be wrong since).

        Where nothing comes after a gap, its line, until and seq_until are missing.
        """
        import pandas as pd

        columns = ["path", "venue", "symbol", "feed", *Gap.__dataclass_fields__]
        table = pd.DataFrame([asdict(g) for g in self.lost], columns=columns)
        _plain_words(table, ("path", "venue", "symbol", "feed", "reason"))
        for name in ("line", "seq_after", "seq_until", "missing"):
            table[name] = table[name].astype("Int64")
        for name in ("after", "until", "proven"):
            table[name] = _instants(table[name])
        return table

    @property
    def exit_code(self) -> int:
        """0: all of it; 1: something was done and something lost; 2: nothing was done."""
        done = any(s.status != "failed" for s in self.sources)
        if not done:
            return 2
        return int(any(s.status != "ok" for s in self.sources))

    def check(self, losses: bool = False) -> Self:
        """The report, where every source was taken: ``lm.ingest(files, store=...).check()``.

        Parameters
        ----------
        losses : refuse gaps and rejected lines too.

        Raises
        ------
        LiqmapError : the error of the first source that failed, of its class, with how many did; or there was
            no source, or with ``losses`` something of one was lost.
        """
        if self.failures:
            first, count = type(self.failures[0]).wrapping(self.failures[0]), len(self.failures)
            if count == 1:
                raise first
            more = [": ", first.message] if first.message else []
            words = Sentence(f"the first of {count:,} sources that failed", *more)
            raise type(first)(
                words,
                where=first.where,
                argument=first.argument,
                expected=first.expected,
                got=first.got,
                remedy=first.remedy,
            )
        if not self.sources:
            raise FormatError(where="ingest", expected="files of depth or trades", got="none")
        torn = [row for row in self.sources if row.status != "ok"]
        if losses and torn:
            row = torn[0]
            got = f"{row.gaps:,} gaps and {row.rejected:,} rejected lines"
            raise FormatError(where=row.path, expected="a source without losses", got=got)
        return self

    def reject(self, path: str, lines: Sequence[Rejected]) -> None:
        """Quote lines while there is room."""
        room = REMEMBERED - len(self.rejected)
        self.rejected += [(path, r.line, r.reason) for r in lines[:room]]

    def fail(self, error: LiqmapError, where: object = "") -> None:
        """Keep an error, and where it came up if it does not say so itself; what raised it is let go."""
        self.failures.append(type(error).wrapping(error, where))

    def add(self, other: IngestReport) -> None:
        """Append what another report says."""
        self.sources += other.sources
        new = [line for line in other.rejected if line not in self.rejected]  # two markets may lose one line
        self.rejected += new[: REMEMBERED - len(self.rejected)]
        last = self.notes[-REMEMBERED:]
        self.notes += [note for note in other.notes if note not in last]  # and say the same of their file
        self.failures += other.failures
        self.lost += other.lost
        self.not_stored += other.not_stored

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {s}" for s, n in self._counts().items() if n) or "no sources"
        rows, gaps = sum(r.rows for r in self.sources), sum(r.gaps for r in self.sources)
        rejected = sum(r.rejected for r in self.sources)
        return f"<IngestReport: {counts}; {rows:,} rows, {gaps:,} gaps, {rejected:,} lines rejected>"

    def _losses(self) -> list[str]:
        """The first lines and gaps that were lost."""
        return [rejected_line(*line) for line in self.rejected[:10]] + [str(gap) for gap in self.lost[:10]]

    def __str__(self) -> str:
        rows = [(r.path, f"{r.status}: {spelled(r.rows)} {r.kind or 'rows'}") for r in self.sources]
        more = (*self.errors, *self.notes, *self._losses())
        return "\n".join([lines(repr(self)[1:-1], rows), *map(printable, more)])

    def _repr_html_(self) -> str:
        name = f"{len({r.path for r in self.sources}):,} sources"
        losses = sum(r.gaps + r.rejected for r in self.sources)
        columns = (
            "path",
            "format",
            "venue",
            "symbol",
            "feed",
            "kind",
            "status",
            "rows",
            "gaps",
            "rejected",
            "verified",
            "seconds",
        )
        rows = [[getattr(r, c) for c in columns] for r in self.sources]
        return card(
            "IngestReport",
            name,
            [(status, f"{n:,}") for status, n in self._counts().items() if n]
            + [("rows", f"{sum(r.rows for r in self.sources):,}"), ("time", f"{self._seconds():.3g} s")],
            folded(f"failed: {len(self.errors)}", listed(self.errors), is_open=True, loss=True),
            folded(f"lost: {losses:,} gaps and lines", listed(self._losses()), loss=True),
            folded(f"notes: {len(self.notes)}", listed(self.notes)),
            folded("sources", table(columns, rows), is_open=len(rows) <= 12),
        )

    def _counts(self) -> dict[str, int]:
        return {s: sum(r.status == s for r in self.sources) for s in ("ok", "partial", "failed")}

    def _seconds(self) -> float:
        """Of the sources, one after the other."""
        return sum({r.path: r.seconds for r in self.sources}.values())


def rejected_line(path: str, line: int, reason: str) -> str:
    """A rejected line as one line; ``line`` 0 is not known."""
    return f"{path}:{line}: {reason}" if line else f"{path}: {reason}"


def _plain_words(table: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Words as objects, None where there is none."""
    for name in names:
        table[name] = table[name].astype(object).where(table[name].notna(), None)


def _instants(column: pd.Series) -> pd.DatetimeIndex:
    """Int ns, or None, as UTC times."""
    import pandas as pd

    return pd.DatetimeIndex(column.astype("Int64").astype("datetime64[ns]")).tz_localize("UTC")
