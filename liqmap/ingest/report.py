"""What an ingest did, source by source, and what it lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from liqmap.schema import Rejected

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


@dataclass
class IngestReport:
    """What came of each source.

    ``rejected`` quotes the first hundred lines that were not used as (path, line, reason); ``notes`` says
    what was assumed or mended; ``errors`` has the message of every source that failed.
    """

    sources: list[SourceRow] = field(default_factory=list)
    rejected: list[tuple[str, int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def table(self) -> pd.DataFrame:
        """A row per source and table: path, format, venue, symbol, feed, kind, status (ok, partial, failed),
        messages, rows, gaps, rejected, start, end, seconds. For trades a message is a trade."""
        import pandas as pd

        columns = list(SourceRow.__dataclass_fields__)
        table = pd.DataFrame([asdict(s) for s in self.sources], columns=columns)
        for name in ("path", "format", "venue", "symbol", "feed", "kind", "status"):
            table[name] = table[name].astype(object).where(table[name].notna(), None)
        for name in ("messages", "rows", "gaps", "rejected"):
            table[name] = table[name].astype("int64")
        for name in ("start", "end"):
            table[name] = pd.DatetimeIndex(table[name].astype("Int64").astype("datetime64[ns]")).tz_localize(
                "UTC"
            )
        return table

    @property
    def exit_code(self) -> int:
        """0: all of it; 1: something was done and something lost; 2: nothing was done."""
        done = any(s.status != "failed" for s in self.sources)
        if not done:
            return 2
        return int(any(s.status != "ok" for s in self.sources))

    def reject(self, path: str, lines: Sequence[Rejected]) -> None:
        """Quote lines while there is room."""
        room = REMEMBERED - len(self.rejected)
        self.rejected += [(path, r.line, r.reason) for r in lines[:room]]

    def add(self, other: IngestReport) -> None:
        """Append what another report tells."""
        self.sources += other.sources
        self.rejected += other.rejected[: REMEMBERED - len(self.rejected)]
        self.notes += other.notes
        self.errors += other.errors

    def __repr__(self) -> str:
        counts = {s: sum(r.status == s for r in self.sources) for s in ("ok", "partial", "failed")}
        told = ", ".join(f"{n} {s}" for s, n in counts.items() if n) or "no sources"
        rows, gaps = sum(r.rows for r in self.sources), sum(r.gaps for r in self.sources)
        rejected = sum(r.rejected for r in self.sources)
        return f"<IngestReport: {told}; {rows:,} rows, {gaps:,} gaps, {rejected:,} lines rejected>"

    def _repr_html_(self) -> str:
        from html import escape

        lines = [f"{path}:{line}: {reason}" for path, line, reason in self.rejected[:10]]
        items = "".join(f"<li>{escape(text)}</li>" for text in self.errors + self.notes + lines)
        return f"<p>{escape(repr(self))}</p>{self.table._repr_html_()}<ul>{items}</ul>"
