"""What happened at an instant: levels that were removed or left the window, and trades beside the quotes."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.flow.trades import Trades
from liqmap.analytics.quality.timeline import value_at
from liqmap.schema import ASK, BID
from liqmap.spans import Spans, touch
from liqmap.spans.levels import NO_WINDOW


def removals(spans: Spans, low: int, high: int) -> dict[str, np.ndarray]:
    """When levels were removed, and when those that left the window did; by what became of them."""
    found: dict[str, list[np.ndarray]] = {n: [] for n in ("removals", "left", "returned", "returned_same")}
    for s, w in zip(spans.sides, spans.windows):
        if not len(s):
            continue
        follows = np.append((s.tick[1:] == s.tick[:-1]) & (s.start[1:] == s.end[:-1]), False)
        same = follows & (np.append(s.size[1:], np.nan) == s.size)
        inside = (s.seen == s.end) & ~follows
        watched = value_at(w.start, (w.kind != NO_WINDOW).astype(float), s.seen) > 0
        left = (s.seen < s.end) & watched & (s.seen < spans.last) & (s.seen > s.start)
        within = (s.seen >= low) & (s.seen <= high)
        for name, which in (
            ("removals", inside | left), ("left", left), ("returned", left & follows),
            ("returned_same", left & same),
        ):  # fmt: skip
            found[name].append(s.seen[which & within])
    return {name: np.concatenate([np.empty(0, np.int64), *parts]) for name, parts in found.items()}


def judged_trades(spans: Spans, trades: Trades | None, low: int, high: int) -> dict[str, np.ndarray]:
    """ts of the trades that a quote came before, of those outside it, of those that no next one explains."""
    if not trades:
        return {name: np.empty(0, np.int64) for name in ("trades", "outside", "unexplained")}
    ts, price = trades.time, trades.price / spans.tick_size
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
