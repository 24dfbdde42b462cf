"""`fill_forward`: carry every level of a frame of snapshots forward, whatever its absence means.

This is the original algorithm, kept so that its results can be reproduced and compared. It cannot tell what
left the window from what was cancelled; `liqmap.replay` can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from liqmap.carry import CarryModel, Duration, HalfLife, carry_model, nanoseconds
from liqmap.schema import GridError, SchemaError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("time", "side", "price", "size")

GUESS = 1 << 19
"""Emitted rows for which there is room before they are counted."""
SECONDS = 9_000_000_000
"""Times beyond so many seconds around 1970 are not for nanoseconds to hold."""


def fill_forward(
    frame: pd.DataFrame,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    floor: float = 1e-3,
    carry: CarryModel | None = None,
) -> pd.DataFrame:
    """Emit, at each time of a frame, every level seen so far, decayed by its age.

    For each distinct time in order: its rows replace the state of their (side, price), the last of
    duplicates winning; every state is emitted with ``size * 2**(-age / half_life)`` if that is above
    ``floor * size``; then states older than ``prune`` are removed (so one of them is emitted once more).

    Parameters
    ----------
    frame : columns ``time`` (datetime64 of any unit or zone, or whole ms), ``side`` (words, categories or
        whole numbers), ``price``, ``size``; other columns, the index, and the order of the rows but among
        duplicates do not matter.
    half_life : age at which a size weighs 1/2; None does not decay.
    prune : age past which a state is removed; None never.
    floor : share of a size at or below which it is not emitted, from 0 to below 1.
    carry : a carry model instead of half-life and prune; a frame knows no distance from the touch.

    Returns
    -------
    ``time`` and ``side`` (as they came), ``price``, ``size``, ``age``, sorted by time, side, price. ``age``
    is in seconds, as everywhere in liqmap, whatever the unit of ``time``; 0 where the time has a row.

    Raises
    ------
    SchemaError : not a DataFrame, a column is missing, times are neither datetimes nor whole ms, a value is
        missing or not finite, a size is below zero.
    GridError : half-life, prune or floor out of range.

    Notes
    -----
    A row of size 0 is never emitted, but replaces what stood there: a feed that sends zeros is obeyed.
    """
    import pandas as pd

    model = carry_model(half_life, prune, carry)
    if model.by_distance:
        raise GridError(f"carry: expected a model that goes by age alone, got {model!r}")
    if not 0 <= floor < 1:
        raise GridError(f"floor: expected a share from 0 to below 1, got {floor!r}")
    ns, side, side_names, price, size = _columns(frame)
    order = None
    if (ns[1:] < ns[:-1]).any():
        order = np.argsort(ns, kind="stable")
        ns, side, price, size = ns[order], side[order], price[order], size[order]
    first = np.flatnonzero(np.diff(ns, prepend=ns[0] - 1)) if len(ns) else np.empty(0, np.int64)
    places, prices = pd.factorize(price, sort=True)
    key, keys = pd.factorize(side.astype(np.int64) * len(prices) + places, sort=True)
    plain = isinstance(model, HalfLife)
    half = nanoseconds(model.half_life) if isinstance(model, HalfLife) else None
    decay = float(half or np.inf), int(model.reach())
    rows = (ns[first], np.append(first, len(ns)), key, size, len(keys), *decay, floor if plain else 0.0)
    counts, (which, sizes, ages) = _emit(rows, min(16 * len(ns), GUESS))
    if not plain:
        counts, (which, sizes, ages) = _weigh(model, floor, counts, which, sizes, ages)
    source = first if order is None else order[first]
    return pd.DataFrame(
        {
            "time": frame["time"].array.take(np.repeat(source, counts)),
            "side": side_names.take((keys // max(len(prices), 1))[which]),
            "price": prices[keys % max(len(prices), 1)][which],
            "size": sizes,
            "age": ages,
        },
        copy=False,
    )


# ------------------------------------------------------------------ what users give


def _columns(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, pd.Index, np.ndarray, np.ndarray]:
    """A frame, checked: times in ns, codes of sides and their names in order, prices, sizes."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise SchemaError(f"frame: expected a pandas DataFrame, got {type(frame).__name__}")
    missing = [c for c in COLUMNS if c not in frame.columns]
    if missing:
        raise SchemaError(f"frame: expected columns {COLUMNS}, missing {missing}")
    times = _nanoseconds(frame["time"])
    side, names = pd.factorize(frame["side"], sort=True)
    _refuse(side < 0, frame, "side", "a name")
    price, size = _numbers(frame, "price"), _numbers(frame, "size")
    _refuse(size < 0, frame, "size", "at least 0")
    return times, side, names, price, size


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    try:
        values = frame[name].to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"frame: expected `{name}` as numbers, got {frame[name].dtype} ({error})") from None
    _refuse(~np.isfinite(values), frame, name, "a finite number")
    return values


def _nanoseconds(times: pd.Series) -> np.ndarray:
    """Times as int64 ns: from datetimes, or from whole ms."""
    frame = times.to_frame("time")
    _refuse(times.isna().to_numpy(bool), frame, "time", "a time")
    if times.dtype.kind == "M":
        seconds = times.to_numpy("datetime64[s]").astype(np.int64)
        _refuse(np.abs(seconds) > SECONDS, frame, "time", "a time between 1685 and 2255")
        return times.to_numpy("datetime64[ns]").astype(np.int64)
    if times.dtype.kind in "iu":
        ms = times.to_numpy(np.int64)
        _refuse(np.abs(ms // 1000) > SECONDS, frame, "time", "whole ms since 1970 (is it us or ns?)")
        return ms * 1_000_000
    raise SchemaError(
        f"frame: expected `time` as datetime64 or whole ms, got {times.dtype}. Pass it through pd.to_datetime"
    )


def _refuse(wrong: np.ndarray, frame: pd.DataFrame, name: str, expected: str) -> None:
    """Raise for the first row that is wrong."""
    if wrong.any():
        k = int(wrong.argmax())
        more = f" (and {wrong.sum() - 1:,} more such rows)" if wrong.sum() > 1 else ""
        raise SchemaError(
            f"frame: row {k}: expected `{name}` to be {expected}, got {frame[name].iloc[k]}{more}"
        )


# ------------------------------------------------------------------ the algorithm


def _emit(rows: tuple, room: int) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """How many states each time emits, and what: key, size, age in s.

    What does not fit in ``room`` is counted, and the algorithm runs once more with room for all: nothing ever
    grows or is copied.
    """
    which, sizes, ages = np.empty(room, np.int32), np.empty(room), np.empty(room)
    counts = _fill(*rows, (which, sizes, ages))
    total = int(counts.sum())
    if total > room:
        return _emit(rows, total)
    return counts, (which[:total], sizes[:total], ages[:total])


def _weigh(
    model: CarryModel,
    floor: float,
    counts: np.ndarray,
    which: np.ndarray,
    sizes: np.ndarray,
    ages: np.ndarray,
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Weigh what was emitted without decay by a model, and leave out what is not above the floor."""
    weight = model.weight(np.round(ages * 1e9))
    there = weight > floor
    left = np.bincount(np.repeat(np.arange(len(counts)), counts)[there], minlength=len(counts))
    return left, (which[there], (sizes * weight)[there], ages[there])


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
def _fill(times, first, key, size, n_keys, half_life, prune, floor, out):
    """The algorithm over integer keys; times, half-life and prune in ns.

    Counts how many states each time emits, and writes as many as ``out`` (key, size, age in s) has room for.
    States of one last row's time share a weight, which is computed when first met.
    """
    which, sizes, ages = out
    last, latest = np.zeros(n_keys, np.int32), np.zeros(n_keys)
    alive = np.zeros(n_keys, np.bool_)
    active, count = np.empty(n_keys, np.int32), 0
    n_times = times.shape[0]
    share, known = np.empty(n_times), np.full(n_times, -1, np.int32)  # of the rows of a time: weight, at
    counts = np.zeros(n_times, np.int64)
    n, room = 0, which.shape[0]
    for t in range(n_times):
        fresh = np.empty(first[t + 1] - first[t], np.int32)
        n_fresh = 0
        for r in range(first[t], first[t + 1]):
            k = key[r]
            if not alive[k]:
                alive[k] = True
                fresh[n_fresh] = k
                n_fresh += 1
            last[k], latest[k] = t, size[r]
        count = _merge(active, count, np.sort(fresh[:n_fresh]))
        kept, begin = 0, n
        for i in range(count):
            k = active[i]
            since = last[k]
            if known[since] != t:
                known[since] = t
                share[since] = 2.0 ** (-(times[t] - times[since]) / half_life)
            decayed = latest[k] * share[since]
            if decayed > floor * latest[k]:
                if n < room:
                    which[n], sizes[n] = k, decayed
                    ages[n] = (times[t] - times[since]) * 1e-9
                n += 1
            if times[t] - times[since] > prune:
                alive[k] = False
            else:
                active[kept] = k
                kept += 1
        count = kept
        counts[t] = n - begin
    return counts
