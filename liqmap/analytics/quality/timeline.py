"""The book through time: touch and window of both sides on one axis, and stretches where something holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.schema import ASK, BID, OPEN
from liqmap.spans import Spans, touch
from liqmap.spans.levels import BOUNDED, NO_WINDOW


@dataclass(frozen=True)
class Timeline:
    """The book as steps: ``at`` (K + 1,) ns rising; what holds from ``at[k]`` to the next, ticks or NaN."""

    at: np.ndarray
    bid: np.ndarray
    ask: np.ndarray
    worst_bid: np.ndarray
    worst_ask: np.ndarray
    unknown: np.ndarray

    @property
    def mid(self) -> np.ndarray:
        return (self.bid + self.ask) / 2


def timeline_of(spans: Spans, low: int, high: int) -> Timeline:
    """Touch and window of both sides on one axis of time, in ticks, NaN where there is none."""
    sides = [touch(spans, s) for s in (BID, ASK)]
    changes = [s[0] for s in sides] + [w.start for w in spans.windows]
    inner = np.unique(np.concatenate(changes)) if changes else np.empty(0, np.int64)
    at = np.concatenate([[low], inner[(inner > low) & (inner < high)], [high]])
    now = at[:-1]
    best, worst, blind = [], [], np.zeros(len(now), bool)
    for (start, tick, size), window in zip(sides, spans.windows):
        best.append(value_at(start, np.where(size > 0, tick.astype(float), np.nan), now))
        bound = np.where(window.kind == BOUNDED, window.worst.astype(float), np.nan)
        worst.append(value_at(window.start, bound, now))
        known = value_at(window.start, (window.kind != NO_WINDOW).astype(float), now)
        blind |= ~(known > 0)
    return Timeline(at, best[BID], best[ASK], worst[BID], worst[ASK], blind)


def value_at(start: np.ndarray, value: np.ndarray, at: np.ndarray) -> np.ndarray:
    """A step function at some instants, NaN before its first step."""
    if not len(start):
        return np.full(len(at), np.nan)
    k = np.searchsorted(start, at, side="right") - 1
    return np.where(k >= 0, value[k], np.nan)


def widths(line: Timeline) -> dict[str, np.ndarray]:
    """The window relative to the mid, basis points: from bound to bound, and from the mid to either."""
    mid = line.mid
    return {
        "width_bps": (line.worst_ask - line.worst_bid) / mid * 1e4,
        "bid_bps": (mid - line.worst_bid) / mid * 1e4,
        "ask_bps": (line.worst_ask - mid) / mid * 1e4,
    }


def stretches_of(at: np.ndarray, what: np.ndarray) -> np.ndarray:
    """Stretches in which something holds, (R, 2)."""
    padded = np.concatenate([[False], what & (np.diff(at) > 0), [False]])
    ends = np.flatnonzero(padded[1:] != padded[:-1])
    return at[ends].reshape(-1, 2)


def frozen_stretches(spans: Spans, line: Timeline, least: int) -> np.ndarray:
    """Stretches without a change of any level, cut where the window is not known."""
    times = [line.at[[0, -1]]]
    for s, w in zip(spans.sides, spans.windows):
        times += [s.start, s.seen, s.end[s.end < OPEN], w.start]
    change = np.unique(np.concatenate(times))
    change = change[(change >= line.at[0]) & (change <= line.at[-1])]
    known = value_at(line.at[:-1], (~line.unknown).astype(float), change[:-1]) > 0
    long = known & (np.diff(change) > least)
    return np.stack([change[:-1][long], change[1:][long]], axis=1)
