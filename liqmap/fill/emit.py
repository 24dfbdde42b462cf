"""The algorithm of `fill_forward`, over whole numbers: rows of a frame -> the states that each time emits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import CarryModel, HalfLife, asked, nanoseconds

GUESS = 1 << 19
"""Emitted rows for which there is room before they are counted."""


class FrameRows(NamedTuple):
    """The rows of a frame, by time: T distinct times, N rows.

    times : (T,) int64 ns, rising; first : (T + 1,) int64, where the rows of each begin.
    key : (N,) int64, number of the (side, price), in order; size : (N,) float64.
    """

    times: np.ndarray
    first: np.ndarray
    key: np.ndarray
    size: np.ndarray


class Fading(NamedTuple):
    """half_life : float64 ns, inf without decay; prune : int64 ns; floor : share of a size, 0 to below 1."""

    half_life: float
    prune: int
    floor: float


class Emitted(NamedTuple):
    """States that were emitted, by time and key: key (n,) int32, size (n,) float64, age (n,) float64 s."""

    key: np.ndarray
    size: np.ndarray
    age: np.ndarray


def half_life_of(carry: CarryModel) -> float:
    """ns; inf without decay, as of models that are weighed afterwards."""
    if not isinstance(carry, HalfLife) or carry.half_life is None:
        return np.inf
    return float(nanoseconds(carry.half_life) or np.inf)


def emit(rows: FrameRows, keys: int, fading: Fading, room: int) -> tuple[np.ndarray, Emitted]:
    """How many states each time emits, (T,), and what.

    What does not fit in ``room`` is counted, and the algorithm runs once more with room for all: nothing ever
    grows or is copied.
    """
    out = Emitted(np.empty(room, np.int32), np.empty(room), np.empty(room))
    counts = _emit_states(rows, keys, fading, out)
    total = int(counts.sum())
    if total > room:
        return emit(rows, keys, fading, total)
    return counts, Emitted(*(column[:total] for column in out))


def weigh(carry: CarryModel, floor: float, counts: np.ndarray, out: Emitted) -> tuple[np.ndarray, Emitted]:
    """Weigh what was emitted without decay by a model, and leave out what is not above the floor."""
    weight = carry.weight(np.round(out.age * 1e9), *asked(carry, None, out.size))
    there = weight > floor
    left = np.bincount(np.repeat(np.arange(len(counts)), counts)[there], minlength=len(counts))
    return left, Emitted(out.key[there], (out.size * weight)[there], out.age[there])


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
def _emit_states(rows, n_keys, fading, out):
    """The algorithm over integer keys: at each time t, of every state of age t - since,

        size x 2**(-age / half_life)    if that is above floor x size

    Counts how many states each time emits, (T,) int64, and writes as many to `Emitted` as it has room for.
    States of one last row's time share a weight, which is computed when first met.
    """
    times, first, key, size = rows.times, rows.first, rows.key, rows.size
    last, latest = np.zeros(n_keys, np.int32), np.zeros(n_keys)
    alive = np.zeros(n_keys, np.bool_)
    active, count = np.empty(n_keys, np.int32), 0
    n_times = times.shape[0]
    share, known = np.empty(n_times), np.full(n_times, -1, np.int32)  # of the rows of a time: weight, at
    counts = np.zeros(n_times, np.int64)
    n, room = 0, out.key.shape[0]
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
                share[since] = 2.0 ** (-(times[t] - times[since]) / fading.half_life)
            decayed = latest[k] * share[since]
            if decayed > fading.floor * latest[k]:
                if n < room:
                    out.key[n], out.size[n] = k, decayed
                    out.age[n] = (times[t] - times[since]) * 1e-9
                n += 1
            if times[t] - times[since] > fading.prune:
                alive[k] = False
            else:
                active[kept] = k
                kept += 1
        count = kept
        counts[t] = n - begin
    return counts
