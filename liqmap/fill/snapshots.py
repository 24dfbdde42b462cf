"""`snapshots`: the observed book at regular instants, as a plain frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from liqmap.carry import Duration, nanoseconds
from liqmap.replay import Spans
from liqmap.schema import SIDES, GridError

if TYPE_CHECKING:
    import pandas as pd


def snapshots(source: Spans | Any, every: Duration = "500ms", levels: int = 100) -> pd.DataFrame:
    """The best levels of the observed book at regular instants.

    Parameters
    ----------
    source : Spans, or a Session.
    every : distance of the instants, which are its multiples since the epoch.
    levels : best levels a side.

    Returns
    -------
    ``time`` (datetime64[ns], UTC), ``side`` (bid, ask), ``price``, ``size``: sorted by time, then bids and
    asks, the best first. Nothing carried is in it.

    Raises
    ------
    GridError : a distance that is not above zero, fewer than one level.
    """
    import pandas as pd

    spans = source if isinstance(source, Spans) else source.spans()
    step = nanoseconds(every, "every")
    if step is None or step <= 0:
        raise GridError(f"every: expected a duration above zero such as '500ms', got {every!r}")
    if levels < 1:
        raise GridError(f"levels: expected at least 1, got {levels!r}")
    times = np.arange(-(-spans.begin // step), spans.last // step + 1, dtype=np.int64) * step
    frames = []
    for side, s in enumerate(spans.sides):
        at, tick, size = _cut(times, s.tick, s.start, s.seen, s.size)
        order = np.lexsort((tick if side else -tick, at))
        at = at[order]
        best = np.arange(len(at)) - np.searchsorted(at, at) < levels
        order, at = order[best], at[best]
        columns = {"time": times[at].view("datetime64[ns]"), "side": SIDES[side]}
        frames.append(
            pd.DataFrame(columns | {"price": spans.prices(tick[order]), "size": size[order]}, index=order)
        )
    return pd.concat(frames).sort_values("time", kind="stable", ignore_index=True)


@njit(cache=True, nogil=True)
def _cut(times, tick, start, seen, size):
    """Every span at every instant with start <= t < seen: (index of the instant, tick, size)."""
    n = 0
    for i in range(tick.shape[0]):
        n += np.searchsorted(times, seen[i]) - np.searchsorted(times, start[i])
    at, ticks, sizes = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n)
    n = 0
    for i in range(tick.shape[0]):
        for k in range(np.searchsorted(times, start[i]), np.searchsorted(times, seen[i])):
            at[n], ticks[n], sizes[n] = k, tick[i], size[i]
            n += 1
    return at, ticks, sizes
