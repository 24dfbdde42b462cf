"""Spans and window: everything a session's book ever was, columnar and continuous in time."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from liqmap.card import card, lines, moments, size
from liqmap.printable import printable
from liqmap.schema import (
    OPEN,
    SIDES,
    SPANS,
    TIMESTAMP,
    WINDOW,
    Capture,
    GridError,
    Meta,
    SchemaError,
    codes,
    decimals,
    int64,
    words,
)
from liqmap.spans.kept import Kept
from liqmap.spans.levels import BOUNDED, NO_WINDOW, UNBOUNDED

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Window:
    """One side's window, a step function of time: step k holds from ``start[k]`` to the next one.

    start : (W,) int64 ns, strictly increasing.
    kind : (W,) uint8, ``NO_WINDOW``, ``BOUNDED`` or ``UNBOUNDED`` (all of the side is known).
    worst : (W,) int64, the outermost tick of the window where ``BOUNDED``.
    """

    start: np.ndarray
    kind: np.ndarray
    worst: np.ndarray


class SpanColumns(NamedTuple):
    """Spans of one side as kernels take them (S spans); see `SideSpans`."""

    tick: np.ndarray
    start: np.ndarray
    seen: np.ndarray
    end: np.ndarray
    size: np.ndarray

    @classmethod
    def empty(cls, n: int) -> SpanColumns:
        """Room for so many."""
        start, seen, end = (np.empty(n, np.int64) for _ in range(3))
        return cls(np.empty(n, np.int32), start, seen, end, np.empty(n))


@dataclass
class SideSpans:
    """The spans of one side, by tick and then by time; those of one level never overlap.

    tick : (S,) int32; start, seen, end : (S,) int64 ns, ``end == OPEN`` while open; size : (S,) float64.
    levels : (L,) int32, the ticks that have spans, rising; first : (L + 1,) int64, where each begins.
    """

    tick: np.ndarray
    start: np.ndarray
    seen: np.ndarray
    end: np.ndarray
    size: np.ndarray
    levels: np.ndarray
    first: np.ndarray

    @classmethod
    def of(
        cls, tick: np.ndarray, start: np.ndarray, seen: np.ndarray, end: np.ndarray, size: np.ndarray
    ) -> SideSpans:
        """From spans already in order."""
        begins = np.flatnonzero(np.diff(tick, prepend=tick[0] - 1 if len(tick) else 0))
        return cls(tick, start, seen, end, size, tick[begins], np.append(begins, len(tick)).astype(np.int64))

    @property
    def columns(self) -> SpanColumns:
        """As kernels take them."""
        return SpanColumns(self.tick, self.start, self.seen, self.end, self.size)

    def __len__(self) -> int:
        return len(self.tick)


class Stored(Protocol):
    """Where spans stand on disk."""

    def is_there(self) -> bool:
        """Whether they still do."""

    def open(self) -> Spans:
        """The spans again, in any process."""


class Spans:
    """Spans of both sides with the window beside them.

    Parameters
    ----------
    sides : spans of the bids, of the asks.
    windows : window of the bids, of the asks; closed at the last message by a ``NO_WINDOW`` step.
    meta : what they are about; ``tick_size`` is set.
    since : ns, from when on they are complete, if what ended before is left out.

    Notes
    -----
    Pickled, those of a session are the name of their files, as long as these are there; all others are whole,
    and so is what ``copy.deepcopy`` gives.

    A level rested at ``size`` from ``start``; the book confirmed it until ``seen``; the book next spoke
    of that price at ``end``. At most 36 bytes a span in memory; in Arrow 8 more, for the price.
    """

    def __init__(
        self,
        sides: tuple[SideSpans, SideSpans],
        windows: tuple[Window, Window],
        meta: Meta,
        since: int | None = None,
    ) -> None:
        self.kept = Kept()
        self.sides = sides
        self.windows = windows
        self.meta = meta
        self.since = since
        self.parts: tuple[Spans, ...] = ()
        """Of spans in parts, see `grown`."""
        self.before: Spans | None = None
        """Of such a part, the one before it."""
        self.stored: Stored | None = None
        """Where they stand on disk, if they do: they are pickled by it as long as they are there."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        """To another process goes where they stand, if they do, else the spans themselves."""
        if self.stored is not None and self.stored.is_there():
            return self.stored.open, ()
        return super().__reduce_ex__(protocol)

    def __deepcopy__(self, memo: dict[int, Any]) -> Spans:
        """The spans themselves, in memory, wherever these stand."""
        parts = deepcopy((self.sides, self.windows), memo)
        return Spans(*parts, self.meta, self.since)

    def __getstate__(self) -> dict[str, Any]:
        """To another process go the spans alone: what was derived from them is made anew there."""
        own = ("kept", "stored", "parts", "before")
        return {name: value for name, value in self.__dict__.items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, kept=Kept(), stored=None, parts=(), before=None)

    @property
    def tick_size(self) -> float:
        assert self.meta.tick_size is not None
        return self.meta.tick_size

    def prices(self, ticks: np.ndarray) -> np.ndarray:
        """Prices of ticks, quote currency, as the venue writes them (651142 ticks of 0.1: 65114.2)."""
        return np.round(ticks * self.tick_size, decimals(self.tick_size))

    def __len__(self) -> int:
        return sum(map(len, self.sides))

    def __repr__(self) -> str:
        m = self.meta
        if not len(self):
            return printable(f"<liqmap.Spans {m.venue} {m.symbol} {m.feed or ''}: empty>")
        begin, last = (str(np.datetime64(t, "ns"))[:19].replace("T", " ") for t in (self.begin, self.last))
        levels = sum(len(s.levels) for s in self.sides)
        return printable(
            f"<liqmap.Spans {m.venue} {m.symbol} {m.feed or ''}: {len(self):,} spans on {levels:,} levels, "
            f"{begin} to {last} UTC>"
        )

    @property
    def nbytes(self) -> int:
        """Bytes of the spans themselves, without what was derived from them."""
        columns = ("tick", "start", "seen", "end", "size")
        return sum(getattr(s, name).nbytes for s in self.sides for name in columns)

    def _facts(self) -> list[tuple[str, str]]:
        """What a reader asks first."""
        if not len(self):
            return [("spans", "none")]
        m, counts = self.meta, zip(SIDES, self.sides)
        per_side = ", ".join(f"{len(s):,} on {len(s.levels):,} {name} levels" for name, s in counts)
        still = sum(int((s.end == OPEN).sum()) for s in self.sides)
        return [
            ("time", moments(self.begin, self.last)),
            ("spans", f"{len(self):,}: {per_side}"),
            ("open at the end", f"{still:,}"),
            ("tick", f"{self.tick_size:g}"),
            (
                "window",
                (m.window_policy or "") + (f", {m.depth_limit} levels a side" if m.depth_limit else ""),
            ),
            ("size unit", m.size_unit),
            ("memory", size(self.nbytes)),
        ]

    def __str__(self) -> str:
        return lines(f"liqmap.Spans {self._name}", self._facts())

    def _repr_html_(self) -> str:
        return card("Spans", self._name, self._facts())

    @property
    def _name(self) -> str:
        m = self.meta
        return " ".join(word for word in (m.venue, m.symbol, m.feed) if word)

    @cached_property
    def begin(self) -> int:
        """Start of the first span, ns (0 where there is none), and not before they are complete."""
        first = min((int(s.start.min()) for s in self.sides if len(s)), default=0)
        return first if self.since is None else max(first, self.since)

    @cached_property
    def last(self) -> int:
        """ts of the last message, ns: nothing is observed from here on (0 where there was none)."""
        ends = [int(w.start[-1]) for w in self.windows if len(w.start)]
        return max(ends + [int(s.seen.max()) for s in self.sides if len(s)], default=0)

    def to_arrow(self) -> pa.Table:
        """The spans as a table of schema `SPANS`, sorted by side (bid, ask), tick, start.

        ``price`` is exact, so a join with trades on it holds; ``tick`` times the tick size is not.
        """
        bids, asks = self.sides
        side = np.repeat(np.array([0, 1], np.int8), [len(bids), len(asks)])

        def both(name: str) -> np.ndarray:
            return np.concatenate([getattr(bids, name), getattr(asks, name)])

        tick, end = both("tick"), both("end")
        return pa.Table.from_arrays(
            [
                words(side, SIDES),
                pa.array(tick),
                pa.array(both("start")).view(TIMESTAMP),
                pa.array(both("seen")).view(TIMESTAMP),
                pa.array(end, mask=end == OPEN).view(TIMESTAMP),
                pa.array(both("size")),
                pa.array(self.prices(tick)),
            ],
            schema=SPANS.with_metadata(self.meta.to_metadata()),
        )

    def to_pandas(self, trades: Any = None) -> pd.DataFrame:
        """The spans as a frame: side, price, tick, start, seen, end, size, age, end_reason.

        Parameters
        ----------
        trades : of the market, which tell what was traded: a table or frame (ts, aggressor, price, size,
            flags), or the session or capture that has them. They are taken for whole from the first to the
            last of them, on the UTC days that have any.

        Returns
        -------
        Times in UTC, to the ns; ``end`` is NaT while the book has not spoken of the price again. ``age`` is
        the time from ``seen`` to the end, or to the last message, s: 0 where the book confirmed it till then.
        ``end_reason`` says what happened at ``seen``, when the book last confirmed the level:

        - ``open``: nothing; it rests at the last message.
        - ``left the window``: the window no longer reached its price; it may rest still.
        - ``resized``: it rests on at another size. Whether orders came, went or were filled is not said.
        - ``cancelled or traded``: removed inside the window, and which of the two is not known. Without
          ``trades`` always; with them where one at the price stands near it (from 1 s before the change in
          front of it to 1 s after it), but they do not cover the size or have no aggressor, and where they
          do not reach to it.
        - ``traded``: what was removed, or lost in size, is covered by trades at the price whose aggressor
          was the other side, printed after the book's change before this one and not after this one. More
          may have come and been cancelled in between. RPI and block trades do not count.
        - ``cancelled``: removed, and no trade that may have met it stands near it.
        - ``gap``: messages were lost; what became of it is not known.
        - ``unknown``: the feed does not tell, as between a gap and the next snapshot of N levels a side.

        Raises
        ------
        SchemaError : trades of another market or unit, or without the columns they need.
        """
        from liqmap.spans.end_reasons import spans_table

        return spans_table(self, trades).to_pandas()

    def to_polars(self, trades: Any = None) -> Any:
        """As `to_pandas`, a polars frame.

        Raises
        ------
        SchemaError : as `to_pandas`; polars is not installed.
        """
        from liqmap.spans.end_reasons import spans_table

        try:
            import polars
        except ModuleNotFoundError as error:
            raise SchemaError(
                where="to_polars", expected="polars", got="none", remedy="Install it: pip install polars"
            ) from error
        return polars.from_arrow(spans_table(self, trades))

    @property
    def window(self) -> pa.Table:
        """The window as a table of schema `WINDOW`: a row holds until the next one of its side.

        ``worst_tick`` and ``worst_price``, exact as the venue writes it, are null where there is no bound.
        """
        lengths = [len(w.start) for w in self.windows]
        kind = np.concatenate([w.kind for w in self.windows])
        worst = np.concatenate([w.worst for w in self.windows]).astype(np.int32)
        start = np.concatenate([w.start for w in self.windows])
        return pa.Table.from_arrays(
            [
                words(np.repeat(np.array([0, 1], np.int8), lengths), SIDES),
                pa.array(start).view(TIMESTAMP),
                pa.array(worst, mask=kind != BOUNDED),
                pa.array(kind != NO_WINDOW),
                pa.array(self.prices(worst), mask=kind != BOUNDED),
            ],
            schema=WINDOW.with_metadata(self.meta.to_metadata()),
        )

    @classmethod
    def from_arrow(cls, table: pa.Table, window: pa.Table) -> Spans:
        """The inverse of `to_arrow` and `window`; rows may come in any order, ``price`` and ``worst_price``
        may be left out.

        Raises
        ------
        SchemaError : a column is missing, or the metadata has no tick size.
        """
        for given, schema, name in ((table, SPANS, "spans"), (window, WINDOW, "window")):
            if not isinstance(given, pa.Table):
                expected = "an Arrow table, as Spans.to_arrow() and Spans.window are"
                raise SchemaError(where=f"{name} table", expected=expected, got=type(given).__name__)
            may_lack = ("price", "worst_price")
            missing = [c for c in schema.names if c not in given.column_names and c not in may_lack]
            if missing:
                raise SchemaError(
                    where=f"{name} table", expected=f"columns {schema.names}, missing {missing}"
                )
        meta = Meta.from_metadata(table.schema.metadata)
        if meta.tick_size is None:
            raise SchemaError(where="spans table", expected="`tick_size` in the metadata", got="none")
        side = codes(table["side"], SIDES)
        columns = {
            "tick": table["tick"].to_numpy().astype(np.int32, copy=False),
            "start": int64(table["start"]),
            "seen": int64(table["seen"]),
            "end": int64(table["end"], null=int(OPEN)),
            "size": table["size"].to_numpy(),
        }
        order = np.lexsort((columns["start"], columns["tick"], side))
        cut = int(np.searchsorted(side[order], 1))
        sides = [SideSpans.of(**{k: v[o] for k, v in columns.items()}) for o in (order[:cut], order[cut:])]
        return cls((sides[0], sides[1]), windows_of(window), meta)


def windows_of(table: pa.Table) -> tuple[Window, Window]:
    """The inverse of `Spans.window`."""
    side = codes(table["side"], SIDES)
    start = int64(table["start"])
    bounded = table["worst_tick"].is_valid().to_numpy()
    known = table["known"].to_numpy()
    worst = table["worst_tick"].cast(pa.int64()).fill_null(0).to_numpy()
    kind = np.where(known, np.where(bounded, BOUNDED, UNBOUNDED), NO_WINDOW).astype(np.uint8)
    out = []
    for s in (0, 1):
        mine = np.flatnonzero(side == s)
        mine = mine[np.argsort(start[mine], kind="stable")]
        out.append(Window(start[mine], kind[mine], worst[mine]))
    return out[0], out[1]


def spans_of(source: Any, argument: str) -> Spans:
    """The spans that were given, or those of a session.

    Raises
    ------
    GridError : neither.
    """
    if isinstance(source, Spans):
        return source
    if not isinstance(source, type) and callable(getattr(source, "spans", None)):
        found = source.spans()
        if isinstance(found, Spans):
            return found
    remedy = "Pass lm.replay(capture.depth)" if isinstance(source, Capture) else ""
    got = f"the class {source.__name__}" if isinstance(source, type) else type(source).__name__
    raise GridError(argument=argument, expected="Spans, or a Session", got=got, remedy=remedy)
