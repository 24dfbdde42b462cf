"""What sources yield: batches while they are read, a capture when they were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.card import card, lines, moments
from liqmap.printable import printable
from liqmap.schema.errors import one_line
from liqmap.schema.meta import Meta
from liqmap.schema.wording import Sentence

LONGEST = 300
"""Characters of a reason: it may quote a line."""


@dataclass(frozen=True)
class Messages:
    """Consecutive depth messages of one feed (M messages, R rows), as their source gave them.

    Nothing is judged here: whether a message continues the one before is decided from ``seq``
    and ``prev``, by one rule for all venues, at ingest.
    """

    ts: np.ndarray
    """(M,) int64, ns since the epoch, of 2000 to 2099: the engine's time if the feed has it."""
    ts_recv: np.ndarray
    """(M,) int64, ns since the epoch: when it was received here; MISSING where not known."""
    seq: np.ndarray
    """(M,) int64, the venue's update id; where it has none, numbers that rise, the same in every file that
    holds the message (tardis: when it was received)."""
    prev: np.ndarray
    """(M,) int64, ``seq`` of the message that this one follows. Of an update what the venue says; where its
    ids rise by 1, ``seq - 1``; where it has none, ``seq`` of the message before. Of a snapshot -1 (its place
    among the updates is not known) unless the venue says which update it follows."""
    event: np.ndarray
    """(M,) int8, position in EVENTS. UPDATE: its rows change levels. SNAPSHOT: they are the whole book, or
    all that the feed shows of it. HEARD: no level changed. GAP: the source itself says that messages were
    lost, or sends a snapshot without levels. HEARD and GAP have no rows."""
    rows: np.ndarray
    """(M + 1,) int64: message i has the rows ``rows[i]:rows[i + 1]``."""
    line: np.ndarray
    """(M,) int64, line of the source, from 1."""
    side: np.ndarray
    """(R,) int8, position in SIDES."""
    price: np.ndarray
    """(R,) float64."""
    size: np.ndarray
    """(R,) float64, absolute; 0 removes the level."""
    since: np.ndarray | None = None
    """(M,) int64, the first line that may belong to message i, where messages are made of several lines: the
    one after the last that belongs to the message before. A snapshot with a broken line from there to
    ``line`` may lack levels. None: each message has a line of its own."""
    checked: np.ndarray | None = None
    """(M,) int8, position in CHECKS: what the venue's checksum says of the book after message i. None: the
    feed sends none."""
    gap_reason: str = "source says"
    """Why the source says that messages were lost, where ``event`` is GAP; for the report."""


@dataclass(frozen=True)
class Quotes:
    """Consecutive book tickers of one feed (Q), as their source gave them. Nothing is judged here: which are
    repeated, and whose clock stepped back, is decided at ingest."""

    ts: np.ndarray
    """(Q,) int64, ns since the epoch, of 2000 to 2099: the engine's time if the feed has it."""
    ts_recv: np.ndarray
    """(Q,) int64, ns since the epoch: when it was received here; MISSING where not known."""
    seq: np.ndarray
    """(Q,) int64, the venue's update id, which never falls; -1 where it has none."""
    bid: np.ndarray
    bid_size: np.ndarray
    ask: np.ndarray
    ask_size: np.ndarray
    """(Q,) float64, above 0; NaN for both of a side that is empty."""


@dataclass(frozen=True)
class Rejected:
    """A line, from 1, that could not be used: what it said is lost. 0 where it is not known which.

    ``reason`` may be a `Sentence`, which keeps its keywords. ``foreign``: the line is sound but of another
    market, so nothing of this one is lost with it. ``level``: only one level of it (or a trade) is left out,
    for its price; the rest of the line is taken, so no message is missing. ``count``: with how many that
    follow it, up to line ``last``, and have no message between them, whatever the reasons of the others are.
    """

    line: int
    reason: str
    foreign: bool = False
    level: bool = False
    count: int = 1
    last: int = 0

    @property
    def end(self) -> int:
        """The last line that it stands for."""
        return self.last or self.line

    def __post_init__(self) -> None:
        if isinstance(self.reason, Sentence):
            parts = (one_line(part, LONGEST) if isinstance(part, str) else part for part in self.reason.parts)
            object.__setattr__(self, "reason", Sentence(*parts))
        else:
            object.__setattr__(self, "reason", one_line(self.reason, LONGEST))


@dataclass(frozen=True)
class Batch:
    """What the next stretch of a source holds; ``position`` counts raw bytes read so far.

    ``orders`` makes rows of ORDERS when asked, for few want them. ``counts`` adds to what the report keeps
    of the source, by name.
    """

    depth: Messages | None = None
    trades: pa.RecordBatch | None = None
    bands: pa.RecordBatch | None = None
    orders: Callable[[], pa.RecordBatch] | None = None
    quotes: Quotes | None = None
    rejected: tuple[Rejected, ...] = ()
    position: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Capture:
    """What one source holds, in memory: the tables it fills (or None), and its meta.

    ``truth`` is None except for a simulated market, where it holds what no feed tells. ``report`` is what
    reading it cost: the `IngestReport` of a file. ``orders`` (schema `ORDERS`) is what a market-by-order
    source says of single orders, for iceberg detection; None for all others. ``quotes`` (schema `QUOTES`) is
    best bid and offer where book tickers were captured.
    """

    depth: pa.Table | None = None
    trades: pa.Table | None = None
    bands: pa.Table | None = None
    orders: pa.Table | None = None
    quotes: pa.Table | None = None
    meta: Meta | None = None
    truth: Any = None
    report: Any = None

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {table.num_rows:,}" for name, table in self._tables())
        return printable(f"<liqmap.Capture {self._name}: {rows or 'nothing'}>")

    def __str__(self) -> str:
        return lines(f"liqmap.Capture {self._name}", self._facts())

    def _repr_html_(self) -> str:
        return card("Capture", self._name or "no market", self._facts())

    @property
    def _name(self) -> str:
        m = self.meta
        return " ".join(word for word in (m.venue, m.symbol, m.feed) if word) if m else ""

    def _tables(self) -> list[tuple[str, pa.Table]]:
        have = (
            ("depth", self.depth),
            ("trades", self.trades),
            ("bands", self.bands),
            ("orders", self.orders),
            ("quotes", self.quotes),
        )
        return [(name, table) for name, table in have if table is not None]

    def _facts(self) -> list[tuple[str, str]]:
        """What a reader asks first."""
        facts = []
        for name, table in self._tables():
            ends = pc.min_max(table["ts"]).values() if table.num_rows else ()
            between = f", {moments(*(end.value for end in ends))}" if table.num_rows else ""
            facts.append((name, f"{table.num_rows:,} rows{between}"))
        if self.meta is not None and self.meta.tick_size:
            facts.append(("tick", f"{self.meta.tick_size:g}"))
        return facts + ([("truth", "known: it is simulated")] if self.truth is not None else [])
