"""`fill_forward`: carry every level of a frame of snapshots forward, whatever its absence means.

This is the original algorithm, kept so that its results can be reproduced and compared. It cannot tell what
left the window from what was cancelled; `liqmap.replay` can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from liqmap.carry import Duration, HalfLife, weight
from liqmap.schema import GridError, SchemaError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("time", "side", "price", "size")


def fill_forward(
    frame: pd.DataFrame, half_life: Duration = "30s", prune: Duration = "5min", floor: float = 1e-3
) -> pd.DataFrame:
    """Emit, at each time of a frame, every level seen so far, decayed by its age.

    For each distinct time in order: its rows replace the state of their (side, price), the last of
    duplicates winning; every state is emitted with ``size * 2**(-age / half_life)`` if that is above
    ``floor * size``; then states older than ``prune`` are removed (so one of them is emitted once more).

    Parameters
    ----------
    frame : columns ``time`` (datetime64, or whole ms), ``side``, ``price``, ``size``; other columns and the
        order of the rows within a time do not matter, but for duplicates.
    half_life : age at which a size weighs 1/2; None does not decay.
    prune : age past which a state is removed; None never.
    floor : share of a size below which it is not emitted.

    Returns
    -------
    ``time`` (as it came), ``side``, ``price``, ``size``, ``age`` (s), sorted by time, side, price.

    Raises
    ------
    SchemaError : a column is missing, or times are neither datetimes nor whole numbers.
    GridError : half-life, prune or floor out of range.
    """
    import pandas as pd

    carry = HalfLife(half_life, prune)
    if not 0 <= floor < 1:
        raise GridError(f"floor: expected a share from 0 to below 1, got {floor!r}")
    missing = [c for c in COLUMNS if c not in frame.columns]
    if missing:
        raise SchemaError(f"frame: expected columns {COLUMNS}, missing {missing}")
    order = np.argsort(frame["time"].to_numpy(), kind="stable")
    rows = frame.iloc[order]
    times, instant = np.unique(_nanoseconds(rows["time"]), return_inverse=True)
    sides, side_names = pd.factorize(rows["side"], sort=True)
    prices, price = np.unique(rows["price"].to_numpy(np.float64), return_inverse=True)
    keys, key = np.unique(sides.astype(np.int64) * len(prices) + price, return_inverse=True)
    first = np.searchsorted(instant, np.arange(len(times) + 1))
    emitted = _fill(
        times, first, key, rows["size"].to_numpy(np.float64), len(keys), carry.rate, carry.prune_ns, floor
    )
    step, which, size, age = emitted
    return pd.DataFrame(
        {
            "time": rows["time"].to_numpy()[first[:-1]][step] if len(times) else rows["time"],
            "side": side_names[keys[which] // max(len(prices), 1)],
            "price": prices[keys[which] % max(len(prices), 1)],
            "size": size,
            "age": age * 1e-9,
        }
    ).astype({"time": frame["time"].dtype})


def _nanoseconds(times: pd.Series) -> np.ndarray:
    """Times as int64 ns: from datetimes, or from whole ms."""
    if times.dtype.kind == "M":
        zone = getattr(times.dtype, "tz", None)
        plain = times.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else times
        return plain.to_numpy().astype("datetime64[ns]").astype(np.int64)
    if times.dtype.kind in "iu":
        return times.to_numpy(np.int64) * 1_000_000
    raise SchemaError(f"frame: expected `time` as datetime64 or whole ms, got {times.dtype}")


@njit(cache=True, nogil=True)
def _merge(active, count, fresh):
    """Put sorted new keys among the sorted active ones, in place; returns their number."""
    i, j = count - 1, fresh.shape[0] - 1
    k = count + fresh.shape[0] - 1
    while j >= 0:
        if i >= 0 and active[i] > fresh[j]:
            active[k] = active[i]
            i -= 1
        else:
            active[k] = fresh[j]
            j -= 1
        k -= 1
    return count + fresh.shape[0]


@njit(cache=True, nogil=True)
def _fill(times, first, key, size, n_keys, rate, prune, floor):
    """The algorithm over integer keys: emitted (time index, key, size, age in ns)."""
    last, latest = np.zeros(n_keys, np.int64), np.zeros(n_keys)
    alive = np.zeros(n_keys, np.bool_)
    active, count = np.empty(n_keys, np.int64), 0
    room, n = max(1024, 2 * size.shape[0]), 0
    step, which = np.empty(room, np.int64), np.empty(room, np.int64)
    sizes, ages = np.empty(room), np.empty(room, np.int64)
    for t in range(times.shape[0]):
        fresh = np.empty(first[t + 1] - first[t], np.int64)
        n_fresh = 0
        for r in range(first[t], first[t + 1]):
            k = key[r]
            if not alive[k]:
                alive[k] = True
                fresh[n_fresh] = k
                n_fresh += 1
            last[k], latest[k] = times[t], size[r]
        count = _merge(active, count, np.sort(fresh[:n_fresh]))
        if n + count > room:
            more = max(room, count)
            whole = np.empty(more, np.int64)
            step, which, ages = np.append(step, whole), np.append(which, whole), np.append(ages, whole)
            sizes = np.append(sizes, np.empty(more))
            room += more
        kept = 0
        for i in range(count):
            k = active[i]
            age = times[t] - last[k]
            decayed = latest[k] * weight(age, rate)
            if decayed > floor * latest[k]:
                step[n], which[n], sizes[n], ages[n] = t, k, decayed, age
                n += 1
            if age > prune:
                alive[k] = False
            else:
                active[kept] = k
                kept += 1
        count = kept
    return step[:n].copy(), which[:n].copy(), sizes[:n].copy(), ages[:n].copy()
