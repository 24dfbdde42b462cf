"""What users hold: a `Store`, and a `Session`, one market over one time range."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from liqmap import store as tables
from liqmap.carry import nanoseconds
from liqmap.raster import lattice, rasterize
from liqmap.replay import Spans, replay, touch
from liqmap.schema import BID, SIDES, STATES, GridError, Meta, SessionError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from liqmap.carry import Duration

    Instant = str | int | pd.Timestamp | np.datetime64 | None

MAX_CELLS = 250_000_000
"""Cells a grid may have (both sides): 5 bytes each while it is computed."""

DAY = 86_400 * 10**9


def open_store(path: str | Path) -> Store:
    """Open a store that `ingest` has written.

    Raises
    ------
    StoreError : no such directory.
    """
    return Store(path)


class Store:
    """A directory of Parquet tables, by market.

    Parameters
    ----------
    path : the directory given to `ingest`.

    Raises
    ------
    StoreError : no such directory.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        tables.check(self.path)

    def __repr__(self) -> str:
        have = self.sessions()
        markets = have.groupby(["venue", "symbol"]).ngroups if len(have) else 0
        return f"<liqmap.Store {self.path}: {markets} markets, {int(have['rows'].sum()):,} rows>"

    def sessions(self) -> pd.DataFrame:
        """A row per market, feed, kind and UTC day (start, end, rows, bytes)."""
        return tables.sessions(self.path)

    def session(
        self,
        venue: str,
        symbol: str,
        start: Instant = None,
        end: Instant = None,
        feed: str | None = None,
        look_back: Duration = "24h",
    ) -> Session:
        """One market over one time range.

        Parameters
        ----------
        start, end : UTC; text, Timestamp, or int ms since the epoch. Default: all there is.
        feed : such as ``ob200``; default: the deepest.
        look_back : how far before ``start`` the book is read, so that the left edge already holds what is
            carried.

        Raises
        ------
        SessionError : no such market or feed, no data in the range, start not before end.
        """
        have = self.sessions()
        mine = have[(have["venue"] == venue) & (have["symbol"] == symbol)]
        if not len(mine):
            known = ", ".join(
                sorted({f"{v} {s}" for v, s in zip(have["venue"], have["symbol"], strict=True)})
            )
            raise SessionError(
                f"{self.path}: expected a market of the store ({known or 'empty'}), got {venue} {symbol}"
            )
        feeds = sorted(mine.loc[mine["kind"] == "depth", "feed"].unique(), key=_depth_of)
        if feed is None:
            feed = feeds[-1] if feeds else None
        elif feed not in feeds:
            raise SessionError(
                f"{self.path} {venue} {symbol}: expected a feed ({', '.join(feeds) or 'none'}), got {feed!r}"
            )
        begin, stop = instant(start, "start"), instant(end, "end")
        if begin is not None and stop is not None and begin >= stop:
            raise SessionError(f"session: expected start before end, got {start} and {end}")
        first, last = _ns(mine["start"].min()), _ns(mine["end"].max())
        if (begin is not None and begin > last) or (stop is not None and stop <= first):
            raise SessionError(
                f"{self.path}: expected a time range within {_iso(first)} to {_iso(last)} "
                f"({venue} {symbol}), got {start or 'the beginning'} to {end or 'the end'}"
            )
        return Session(self.path, venue, symbol, feed, begin, stop, nanoseconds(look_back, "look_back"))


class Session:
    """One venue and symbol over a time range; spans are replayed once and kept.

    Made by `Store.session`. ``start`` and ``end`` are ns or None; the range is [start, end).
    """

    def __init__(
        self,
        path: Path,
        venue: str,
        symbol: str,
        feed: str | None,
        start: int | None = None,
        end: int | None = None,
        look_back: int | None = None,
    ) -> None:
        self.path, self.venue, self.symbol, self.feed = path, venue, symbol, feed
        self.start, self.end, self._look_back = start, end, look_back
        self._spans: dict[int | None, Spans] = {}

    def __repr__(self) -> str:
        begin, end = (str(t)[:19].replace("T", " ") for t in self.time_range)
        return f"<liqmap.Session {self.venue} {self.symbol} {self.feed or ''}: {begin} to {end} UTC>"

    # ------------------------------------------------------------------ tables

    def depth(self) -> pa.Table:
        """Depth rows of the range, schema `DEPTH`, in feed order."""
        return self._depth(self.start)

    def trades(self) -> pa.Table:
        """Trades of the range, schema `TRADES`; no rows where the store has none."""
        return tables.read_trades(self.path, self.venue, self.symbol, self.start, self.end)

    def sql(self, query: str) -> Any:
        """SQL over this session's ``depth`` and ``trades``, as a DuckDB relation (``.df()``, ``.pl()``)."""
        return tables.connect(self.path, self.venue, self.symbol, self.feed, self.start, self.end).sql(query)

    def _depth(self, start: int | None) -> pa.Table:
        if self.feed is None:
            raise SessionError(f"{self.path}: expected depth of {self.venue} {self.symbol}, got only trades")
        return tables.read_depth(self.path, self.venue, self.symbol, self.feed, start, self.end)

    # ------------------------------------------------------------------ the book through time

    def spans(self, depth_limit: int | None = None) -> Spans:
        """Spans and window, look-back included.

        Parameters
        ----------
        depth_limit : replay as if the feed had shown only so many levels a side.
        """
        if depth_limit not in self._spans:
            self._spans[depth_limit] = replay(self._depth(self._replay_start()), depth_limit)
        return self._spans[depth_limit]

    def _replay_start(self) -> int | None:
        """Look back, and from there to the start of the UTC day: daily archives begin with a snapshot."""
        if self.start is None or self._look_back is None:
            return None
        return (self.start - self._look_back) // DAY * DAY

    @property
    def meta(self) -> Meta:
        """What the session is about; ``tick_size`` is the finest of its days."""
        return self.spans().meta

    @cached_property
    def time_range(self) -> tuple[np.datetime64, np.datetime64]:
        """First and last instant, UTC: the range asked for, as far as there are messages."""
        if self.feed is None:
            ts = self.trades()["ts"].cast(pa.int64()).to_numpy()
            first, last = int(ts[0]), int(ts[-1])
        else:
            spans = self.spans()
            first, last = spans.begin, spans.last
        first = first if self.start is None else max(first, self.start)
        last = last if self.end is None else min(last, self.end)
        return np.datetime64(first, "ns"), np.datetime64(max(last, first + 1), "ns")

    @cached_property
    def price_range(self) -> tuple[float, float]:
        """Where the touch went in the range, plus one window on either side; quote currency."""
        spans = self.spans()
        begin, end = (int(t.astype(np.int64)) for t in self.time_range)
        reach = []
        for side, outward in ((0, -1), (1, 1)):
            start, tick, size = touch(spans, side)
            until = np.append(start[1:], spans.last)
            now = (size > 0) & (until > begin) & (start <= end)
            if not now.any():
                continue
            width = _window_width(spans, side, start, tick)
            reach.append(int((tick[now] * outward).max() + width) * outward)
        if not reach:
            ticks = [t for s in spans.sides if len(s) for t in (s.levels[0], s.levels[-1])]
            if not ticks:
                raise SessionError(f"{self!r}: expected levels, got an empty book")
            reach = [int(min(ticks)), int(max(ticks))]
        low, high = min(reach), max(reach)
        return float(spans.prices(np.array(low))), float(spans.prices(np.array(high + 1)))

    def bbo(self) -> pd.DataFrame:
        """Best bid and offer, a row per change: ts (UTC), bid, bid_size, ask, ask_size.

        Prices in quote currency, sizes in the market's unit; NaN where a side is not observed.
        """
        import pandas as pd

        spans = self.spans()
        sides = [touch(spans, s) for s in (0, 1)]
        ts = np.union1d(sides[0][0], sides[1][0])
        columns: dict[str, Any] = {}
        for name, (start, tick, size) in zip(SIDES, sides, strict=True):
            k = np.searchsorted(start, ts, side="right") - 1
            there = (k >= 0) & (size[k] > 0) if len(start) else np.zeros(len(ts), bool)
            columns[name] = np.where(there, spans.prices(tick[k]) if len(tick) else np.nan, np.nan)
            columns[f"{name}_size"] = np.where(there, size[k] if len(size) else np.nan, np.nan)
        begin, end = (int(t.astype(np.int64)) for t in self.time_range)
        first = max(0, int(np.searchsorted(ts, begin, side="right")) - 1)
        last = int(np.searchsorted(ts, end, side="right"))
        times = np.maximum(ts, begin).view("datetime64[ns]")
        frame = pd.DataFrame({"ts": pd.DatetimeIndex(times).tz_localize("UTC"), **columns})
        return frame.iloc[first:last].reset_index(drop=True)

    def book(self, t: Instant) -> pd.DataFrame:
        """The book at an instant, best levels first: side, price, size, state, age.

        ``size`` is the last known one, not decayed; ``state`` is observed or carried; ``age`` is the time
        since the book confirmed the level, s.

        Raises
        ------
        SessionError : no such instant in the session.
        """
        import pandas as pd

        at = instant(t, "t")
        spans = self.spans()
        if at is None or not spans.begin <= at or (self.end is not None and at > self.end):
            raise SessionError(f"book: expected a time within {self!r}, got {t}")
        frames = []
        for side, s in enumerate(spans.sides):
            k = np.flatnonzero((s.start <= at) & (at < s.end))
            k = k[::-1] if side == BID else k
            age = np.maximum(at - s.seen[k], 0)
            frames.append(
                pd.DataFrame(
                    {
                        "side": SIDES[side],
                        "price": spans.prices(s.tick[k]),
                        "size": s.size[k],
                        "state": np.where(at < s.seen[k], STATES[1], STATES[2]),
                        "age": age * 1e-9,
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)

    # ------------------------------------------------------------------ grids

    def grid(
        self,
        time: Duration = "5s",
        price: float = 1.0,
        half_life: Duration = "30s",
        prune: Duration = "5min",
        agg: str = "mean",
        price_range: tuple[float, float] | None = None,
        time_range: tuple[Instant, Instant] | None = None,
        parts: bool = False,
    ) -> xr.Dataset:
        """Effective resting size on even bins (see `rasterize`).

        Parameters
        ----------
        time : bin width; edges are its multiples since the epoch.
        price : bin height, quote currency; edges are its multiples from 0.
        price_range, time_range : what the bins must cover; default: where the touch went plus one window,
            and the session's range.

        Raises
        ------
        GridError : a bin that is not above zero, an empty range, more than 250 million cells.
        """
        step = nanoseconds(time, "time")
        if step is None or step <= 0:
            raise GridError(f"time: expected a bin width such as '5s', got {time!r}")
        if not (np.isfinite(price) and price > 0):
            raise GridError(f"price: expected a bin height above zero, got {price!r}")
        begin, end = self.time_range if time_range is None else (instant(t, "time_range") for t in time_range)
        low, high = self.price_range if price_range is None else price_range
        if begin is None or end is None or not (begin < end and low < high):
            raise GridError(f"grid: expected ranges that rise, got {time_range} and {price_range}")
        begin, end = (int(np.datetime64(t, "ns").astype(np.int64)) for t in (begin, end))
        cells = 2.0 * ((end - begin) / step + 1) * ((high - low) / price + 1)
        if cells > MAX_CELLS:
            raise GridError(
                f"grid: expected at most {MAX_CELLS:,} cells, got {cells:,.0f} of {time} x {price:g}. "
                "Take wider bins, or pass time_range= and price_range="
            )
        rows = np.arange(np.floor(low / price + 1e-9), np.ceil(high / price - 1e-9) + 1)
        decimals = max(0, -int(Decimal(repr(float(price))).as_tuple().exponent))
        edges = np.round(rows * price, decimals)
        return rasterize(
            self.spans(),
            lattice(begin, end, step).view("datetime64[ns]"),
            edges,
            half_life,
            prune,
            agg,
            parts,
        )


def instant(t: Instant, name: str) -> int | None:
    """An instant as ns since the epoch, UTC: from text, Timestamp, datetime64, or int ms.

    Raises
    ------
    SessionError : not a time.
    """
    if t is None:
        return None
    import pandas as pd

    try:
        if isinstance(t, (int, np.integer)):
            return int(t) * 10**6
        stamp = pd.Timestamp(t)
    except (ValueError, TypeError):
        stamp = pd.NaT
    if stamp is pd.NaT:
        raise SessionError(f"{name}: expected a time such as '2025-11-28 14:00' or ms since 1970, got {t!r}")
    if stamp.tzinfo is not None:
        stamp = stamp.tz_convert("UTC").tz_localize(None)
    return int(stamp.as_unit("ns").value)


def _window_width(spans: Spans, side: int, start: np.ndarray, tick: np.ndarray) -> int:
    """Median distance in ticks from the touch to the bound of the window (or to the outermost level)."""
    window = spans.windows[side]
    bounded = np.flatnonzero(window.kind == 1)
    if not len(bounded):
        levels = spans.sides[side].levels
        return int(np.median(np.abs(levels - np.median(tick)))) if len(levels) else 0
    k = np.searchsorted(start, window.start[bounded], side="right") - 1
    ok = k >= 0
    return int(np.median(np.abs(tick[k[ok]] - window.worst[bounded[ok]]))) if ok.any() else 0


def _depth_of(feed: str) -> tuple[float, str]:
    """Sort key: deeper feeds later; a feed without a number is the whole book."""
    digits = "".join(c for c in feed if c.isdigit())
    return (float(digits) if digits else np.inf, feed)


def _ns(stamp: Any) -> int:
    return int(stamp.as_unit("ns").value)


def _iso(ns: int) -> str:
    return str(np.datetime64(ns, "ns"))[:19].replace("T", " ")
