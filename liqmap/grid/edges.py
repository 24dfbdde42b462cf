"""Edges: what users give, checked; and the lattices that sessions and screens take them from."""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.schema import GridError
from liqmap.schema.times import SECOND, instants, spell

BESIDE = 3_600 * SECOND
"""So near to the first and last message a grid may lie beside them: what is carried fades after the last."""


def time_edges(edges: Any, within: tuple[int, int] | None = None) -> np.ndarray:
    """Time edges as (T + 1,) int64 ns, UTC.

    Parameters
    ----------
    edges : times, UTC where they say no zone; of integers ms or ns since 1970, by their size.
    within : first and last instant (ns) of what is to be seen: times of day are of its day.

    Raises
    ------
    GridError : fewer than two, not times, not increasing; more than `BESIDE` before or after all of that.
    """
    ns = instants(edges, "time_edges", within=within)
    _check(ns, "time_edges")
    if within is not None and (ns[0] > within[1] + BESIDE or ns[-1] <= within[0] - BESIDE):
        raise GridError(
            argument="time_edges",
            expected=f"edges with data (within {spell(within[0])} to {spell(within[1])})",
            got=f"{spell(int(ns[0]))} to {spell(int(ns[-1]))}",
        )
    return ns


def price_edges(edges: Any) -> np.ndarray:
    """Price edges as (P + 1,) float64, quote currency.

    Raises
    ------
    GridError : fewer than two, not finite numbers, not increasing.
    """
    try:
        array = np.asarray(edges, np.float64)
    except (ValueError, TypeError):
        raise GridError(argument="price_edges", expected="numbers", got=f"{edges!r:.60}") from None
    if array.ndim == 1 and not np.isfinite(array).all():
        raise GridError(argument="price_edges", expected="finite numbers", got="NaN or infinity")
    _check(array, "price_edges")
    return array


def _check(edges: np.ndarray, name: str) -> None:
    if edges.ndim != 1 or len(edges) < 2:
        raise GridError(
            argument=name, expected="at least 2 edges in one dimension", got=f"shape {edges.shape}"
        )
    steps = np.flatnonzero(edges[1:] <= edges[:-1])
    if len(steps):
        k = int(steps[0])
        raise GridError(argument=name, expected="edges to increase", got=f"{edges[k]} before {edges[k + 1]}")


def row_ticks(edges: np.ndarray, tick_size: float) -> np.ndarray:
    """The tick that each price edge begins at: ceil(edge / tick_size - 1e-6), int64."""
    return np.clip(np.ceil(edges / tick_size - 1e-6), -(2.0**39), 2.0**39).astype(np.int64)


def lattice(low: int, high: int, step: int) -> np.ndarray:
    """Whole multiples of ``step`` from at or below ``low`` to at or above ``high``, at least two; int64."""
    first, last = low // step, -(-high // step)
    return np.arange(first, max(last, first + 1) + 1, dtype=np.int64) * step
