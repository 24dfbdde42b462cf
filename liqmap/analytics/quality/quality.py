"""How good a feed was, from its book: crossed and frozen stretches, the window, removals, trades.

What only the messages tell (repeats, clocks that stepped back, rejected lines) is counted at ingest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from liqmap.card import card, folded, lines, spelled, table
from liqmap.carry import Duration, nanoseconds
from liqmap.schema import ASK, BID, OPEN, GridError, int64
from liqmap.spans import Spans, touch
from liqmap.spans.levels import BOUNDED, NO_WINDOW

if TYPE_CHECKING:
    import pandas as pd

HOUR = 3_600_000_000_000
QUANTILES = (0.05, 0.5, 0.95)


@dataclass
class Quality:
    """What is said of a feed over a time range. Times are UTC, shares are of 0 to 1, NaN where unknown.

    total : Series. ``seconds`` of the range and ``unknown_s`` of them without a window on either side;
        ``crossed_share``, ``locked_share`` of the time with both quotes; ``frozen_s``; ``width_bps_p05``,
        ``width_bps``, ``width_bps_p95``: quantiles, by time, of the window from its worst bid to its worst
        ask, relative to the mid (NaN where a side has no bound); ``removals``; ``left`` the window;
        ``left_share``; of those ``returned`` and ``returned_same``, at the identical size; ``trades`` with a
        quote before them, ``outside`` that quote, ``unexplained`` also by the next quote.
    hours : DataFrame, the same for each UTC hour, by ``hour``; without the hours that have no window at any
        time, no removal and no trade, such as those between two captures.
    window : DataFrame, a row per change: ``ts``, ``width_bps``, ``bid_bps``, ``ask_bps`` (bound to mid).
    stretches : DataFrame: ``start``, ``end``, ``what`` (crossed, locked, frozen, unknown).
    sources : DataFrame or None: what ingest counted of each source; gaps : DataFrame or None.
    """

    total: pd.Series
    hours: pd.DataFrame
    window: pd.DataFrame
    stretches: pd.DataFrame
    sources: pd.DataFrame | None = field(default=None)
    gaps: pd.DataFrame | None = field(default=None)

    def __repr__(self) -> str:
        t = self.total
        return (
            f"<liqmap.Quality: {t['seconds']:,.0f} s, {t['unknown_s']:,.1f} s unknown, crossed "
            f"{t['crossed_share']:.2%}, frozen {t['frozen_s']:,.1f} s, window {t['width_bps']:.3g} bps>"
        )

    def __str__(self) -> str:
        return lines(repr(self)[1:-1], self._facts())

    def _repr_html_(self) -> str:
        columns = [str(c) for c in self.hours.columns]
        rows = [[_word(v) for v in row] for row in self.hours.itertuples(index=False)]
        hours = folded("hour by hour", table(columns, rows))
        return card("Quality", f"{self.total['seconds']:,.0f} s", self._facts(), hours)

    def _facts(self) -> list[tuple[str, str]]:
        """The totals, by their names."""
        return [(str(name), spelled(_word(value))) for name, value in self.total.items()]


def _word(value: Any) -> Any:
    """A value of a frame as Python has it; times to the minute."""
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.item() if hasattr(value, "item") else value


@dataclass(frozen=True)
class _Timeline:
    """The book as steps: ``at`` (K + 1,) ns rising; what holds from ``at[k]`` to the next, ticks or NaN."""

    at: np.ndarray
    bid: np.ndarray
    ask: np.ndarray
    worst_bid: np.ndarray
    worst_ask: np.ndarray
    unknown: np.ndarray

    @property
    def lasts(self) -> np.ndarray:
        return np.diff(self.at)

    @property
    def mid(self) -> np.ndarray:
        return (self.bid + self.ask) / 2


def quality(
    spans: Spans,
    trades: pa.Table | None = None,
    *,
    frozen: Duration = "10s",
    begin: int | None = None,
    end: int | None = None,
) -> Quality:
    """How good the feed was that these spans were replayed from.

    Parameters
    ----------
    trades : of the same market, schema `TRADES`; None: nothing is said of trades.
    frozen : a stretch in which no level changed for longer than this, with the window known, is frozen.
    begin, end : ns; default from the first span to the last message.

    Raises
    ------
    GridError : ``frozen`` is not above zero.

    Notes
    -----
    A removal is a level that ended without another size in its place, inside the window (``seen == end``),
    or that left the window while it was known. A trade is outside if its price is below the bid or above the
    ask in force before its time; it is explained if the quote next set has room for it (a sweep moves it).
    """
    least = nanoseconds(frozen, "frozen")
    if least is None or least <= 0:
        raise GridError(f"frozen: expected a duration above zero such as '10s', got {frozen!r}")
    low = spans.begin if begin is None else max(begin, spans.begin)
    high = max(low, spans.last if end is None else min(end, spans.last))
    line = _timeline(spans, low, high)
    stretches = {
        "crossed": _runs(line.at, line.bid > line.ask),
        "locked": _runs(line.at, line.bid == line.ask),
        "frozen": _frozen(spans, line, least),
        "unknown": _runs(line.at, line.unknown),
    }
    removed = _removals(spans, low, high)
    traded = _trades(spans, trades, low, high)
    hours = _hours(line, [*removed.values(), *traded.values()]) * HOUR
    rows = [
        _row(spans, line, stretches["frozen"], removed, traded, max(hour, low), min(hour + HOUR, high))
        for hour in hours.tolist()
    ]
    total = _row(spans, line, stretches["frozen"], removed, traded, low, high)
    return _framed(spans, line, stretches, total, rows, hours)


def _framed(
    spans: Spans, line: _Timeline, stretches: dict[str, np.ndarray], total: dict[str, Any],
    rows: list[dict[str, Any]], starts: np.ndarray,
) -> Quality:  # fmt: skip
    import pandas as pd

    width = _bps(line)
    change = np.ones(len(width["width_bps"]), bool)
    change[1:] = np.any([~_alike(v[1:], v[:-1]) for v in width.values()], axis=0)
    window = pd.DataFrame({"ts": _utc(line.at[:-1][change])} | {n: v[change] for n, v in width.items()})
    every = [(*pair, what) for what, found in stretches.items() for pair in found.tolist()]
    every.sort()
    table = pd.DataFrame(
        {
            "start": _utc(np.array([e[0] for e in every], np.int64)),
            "end": _utc(np.array([e[1] for e in every], np.int64)),
            "what": np.array([e[2] for e in every], object),
        }
    )
    hours = pd.DataFrame(rows, columns=list(total))
    hours.insert(0, "hour", _utc(starts))
    return Quality(pd.Series(total), hours, window, table)


def _hours(line: _Timeline, events: list[np.ndarray]) -> np.ndarray:
    """The hours, counted from the epoch, in which a window was known or something happened."""
    low, high = line.at[[0, -1]].tolist()
    known = _runs(line.at, ~line.unknown)
    some = [np.arange(a // HOUR, (b - 1) // HOUR + 1) for a, b in known.tolist()]
    last = max(low, high - 1) // HOUR  # what happened at the end belongs to the hour before it
    return np.unique(np.concatenate([*some, *(np.minimum(ts // HOUR, last) for ts in events)]))


def _row(
    spans: Spans, line: _Timeline, frozen: np.ndarray, removed: dict[str, np.ndarray],
    traded: dict[str, np.ndarray], low: int, high: int,
) -> dict[str, Any]:  # fmt: skip
    """The measures of [low, high]; events count where they happened, a last one at the end included."""
    at = np.clip(line.at, low, high)
    lasts = np.diff(at)
    quoted = np.isfinite(line.mid)
    both = float(lasts[quoted].sum())
    last = high >= line.at[-1]

    def share(what: np.ndarray) -> float:
        return float(lasts[what].sum()) / both if both else np.nan

    def count(events: np.ndarray) -> int:
        return int(np.count_nonzero((events >= low) & ((events <= high) if last else (events < high))))

    stretch = np.diff(np.clip(frozen, low, high), axis=1)
    width = _quantiles(_bps(line)["width_bps"], lasts)
    counts = {name: count(ts) for name, ts in removed.items()}
    left = counts["left"] / counts["removals"] if counts["removals"] else np.nan
    return {
        "seconds": (high - low) * 1e-9,
        "unknown_s": float(lasts[line.unknown].sum()) * 1e-9,
        "crossed_share": share(line.bid > line.ask),
        "locked_share": share(line.bid == line.ask),
        "frozen_s": float(stretch.sum()) * 1e-9,
        "width_bps_p05": width[0],
        "width_bps": width[1],
        "width_bps_p95": width[2],
        "removals": counts["removals"],
        "left": counts["left"],
        "left_share": left,
        "returned": counts["returned"],
        "returned_same": counts["returned_same"],
        **{name: count(ts) for name, ts in traded.items()},
    }


# ------------------------------------------------------------------ the book through time


def _timeline(spans: Spans, low: int, high: int) -> _Timeline:
    """Touch and window of both sides on one axis of time, in ticks, NaN where there is none."""
    sides = [touch(spans, s) for s in (BID, ASK)]
    changes = [s[0] for s in sides] + [w.start for w in spans.windows]
    inner = np.unique(np.concatenate(changes)) if changes else np.empty(0, np.int64)
    at = np.concatenate([[low], inner[(inner > low) & (inner < high)], [high]])
    now = at[:-1]
    best, worst, blind = [], [], np.zeros(len(now), bool)
    for (start, tick, size), window in zip(sides, spans.windows):
        best.append(_hold(start, np.where(size > 0, tick.astype(float), np.nan), now))
        bound = np.where(window.kind == BOUNDED, window.worst.astype(float), np.nan)
        worst.append(_hold(window.start, bound, now))
        known = _hold(window.start, (window.kind != NO_WINDOW).astype(float), now)
        blind |= ~(known > 0)
    return _Timeline(at, best[BID], best[ASK], worst[BID], worst[ASK], blind)


def _hold(start: np.ndarray, value: np.ndarray, at: np.ndarray) -> np.ndarray:
    """A step function at some instants, NaN before its first step."""
    if not len(start):
        return np.full(len(at), np.nan)
    k = np.searchsorted(start, at, side="right") - 1
    return np.where(k >= 0, value[k], np.nan)


def _bps(line: _Timeline) -> dict[str, np.ndarray]:
    mid = line.mid
    return {
        "width_bps": (line.worst_ask - line.worst_bid) / mid * 1e4,
        "bid_bps": (mid - line.worst_bid) / mid * 1e4,
        "ask_bps": (line.worst_ask - mid) / mid * 1e4,
    }


def _quantiles(values: np.ndarray, weights: np.ndarray) -> list[float]:
    """By weight, of the values that are known."""
    there = np.isfinite(values) & (weights > 0)
    if not there.any():
        return [np.nan] * len(QUANTILES)
    order = np.argsort(values[there], kind="stable")
    sums = np.cumsum(weights[there][order])
    k = np.searchsorted(sums, np.array(QUANTILES) * sums[-1])
    return [float(v) for v in values[there][order][k]]


def _runs(at: np.ndarray, what: np.ndarray) -> np.ndarray:
    """Stretches in which something holds, (R, 2)."""
    padded = np.concatenate([[False], what & (np.diff(at) > 0), [False]])
    turns = np.flatnonzero(padded[1:] != padded[:-1])
    return at[turns].reshape(-1, 2)


def _frozen(spans: Spans, line: _Timeline, least: int) -> np.ndarray:
    """Stretches without a change of any level, cut where the window is not known."""
    times = [line.at[[0, -1]]]
    for s, w in zip(spans.sides, spans.windows):
        times += [s.start, s.seen, s.end[s.end < OPEN], w.start]
    change = np.unique(np.concatenate(times))
    change = change[(change >= line.at[0]) & (change <= line.at[-1])]
    known = _hold(line.at[:-1], (~line.unknown).astype(float), change[:-1]) > 0
    long = known & (np.diff(change) > least)
    return np.stack([change[:-1][long], change[1:][long]], axis=1)


# ------------------------------------------------------------------ removals and trades


def _removals(spans: Spans, low: int, high: int) -> dict[str, np.ndarray]:
    """When levels were removed, and when those that left the window did; by what became of them."""
    found: dict[str, list[np.ndarray]] = {n: [] for n in ("removals", "left", "returned", "returned_same")}
    for s, w in zip(spans.sides, spans.windows):
        if not len(s):
            continue
        follows = np.append((s.tick[1:] == s.tick[:-1]) & (s.start[1:] == s.end[:-1]), False)
        same = follows & (np.append(s.size[1:], np.nan) == s.size)
        inside = (s.seen == s.end) & ~follows
        watched = _hold(w.start, (w.kind != NO_WINDOW).astype(float), s.seen) > 0
        left = (s.seen < s.end) & watched & (s.seen < spans.last) & (s.seen > s.start)
        within = (s.seen >= low) & (s.seen <= high)
        for name, which in (
            ("removals", inside | left), ("left", left), ("returned", left & follows),
            ("returned_same", left & same),
        ):  # fmt: skip
            found[name].append(s.seen[which & within])
    return {name: np.concatenate([np.empty(0, np.int64), *parts]) for name, parts in found.items()}


def _trades(spans: Spans, trades: pa.Table | None, low: int, high: int) -> dict[str, np.ndarray]:
    """ts of the trades that a quote came before, of those outside it, of those that no next one explains."""
    if trades is None or trades.num_rows == 0:
        return {name: np.empty(0, np.int64) for name in ("trades", "outside", "unexplained")}
    ts, price = int64(trades["ts"]), trades["price"].to_numpy() / spans.tick_size
    quotes = [touch(spans, s) for s in (BID, ASK)]
    before, after = [], []
    for start, tick, size in quotes:
        value = np.append(np.where(size > 0, tick.astype(float), np.nan), np.nan)
        k = np.searchsorted(start, ts, side="left")
        before.append(np.where(k > 0, value[k - 1], np.nan))
        after.append(np.where(np.isfinite(value[k]), value[k], before[-1]))
    judged = np.isfinite(before[BID]) & np.isfinite(before[ASK]) & (ts >= low) & (ts <= high)
    slack = 1e-3
    outside = judged & ((price < before[BID] - slack) | (price > before[ASK] + slack))
    lowest, highest = np.minimum(before[BID], after[BID]), np.maximum(before[ASK], after[ASK])
    lost = outside & ((price < lowest - slack) | (price > highest + slack))
    return {"trades": ts[judged], "outside": ts[outside], "unexplained": ts[lost]}


def _alike(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a == b) | (np.isnan(a) & np.isnan(b))


def _utc(ns: np.ndarray) -> pd.DatetimeIndex:
    import pandas as pd

    return pd.DatetimeIndex(np.asarray(ns, np.int64).view("datetime64[ns]")).tz_localize("UTC")
