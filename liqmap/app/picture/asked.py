"""What the browser asks for, checked: nothing that comes from there is believed."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np

from liqmap.carry import HalfLife
from liqmap.render.frames.auto_carry import AUTO, auto_half_life, auto_prune
from liqmap.render.frames.look import Look
from liqmap.schema import AGGREGATES, GridError

MOST = 8192
"""Pixels of a side of a picture."""

LONGEST = 400 * 86_400 * 10**9
"""ns: half-lives and prunes are no longer; views lie no further from a session's first day."""


@dataclass(frozen=True)
class Asked:
    """A view and its choices.

    times : ns since the epoch; prices : quote currency; size : pixels.
    stable : whether the scale of colours is that of the whole session.
    """

    times: tuple[int, int]
    prices: tuple[float, float]
    size: tuple[int, int]
    carry: HalfLife
    agg: str
    look: Look
    row_ticks: int | None
    stable: bool

    @classmethod
    def of(cls, ask: dict[str, Any], base: int) -> Asked:
        """What a message asks for.

        Parameters
        ----------
        base : ns that its times are counted from.

        Raises
        ------
        GridError : something in it that no page asks for.
        """
        times, prices = view_of(ask, base)
        width, height = numbers_of(ask, "size", 2)
        if not (1 <= width <= MOST and 1 <= height <= MOST):
            raise GridError(argument="size", expected=f"1 to {MOST} pixels", got=str(ask["size"]))
        agg, rows = ask.get("agg", "peak"), ask.get("rowTicks")
        if agg not in AGGREGATES:
            raise GridError(argument="agg", expected=f"one of {AGGREGATES}", got=f"{agg!r:.60}")
        if rows is not None and not (isinstance(rows, int) and 1 <= rows <= 10**9):
            raise GridError(argument="rowTicks", expected="ticks a row, or None", got=f"{rows!r:.60}")
        carry = _carry(ask, times[1] - times[0])
        stable = ask.get("stable", True) is True
        return cls(times, prices, (int(width), int(height)), carry, agg, _look(ask), rows, stable)


def view_of(ask: dict[str, Any], base: int) -> tuple[tuple[int, int], tuple[float, float]]:
    """Times (ns since the epoch) and prices of a message.

    Raises
    ------
    GridError : they do not rise, or lie nowhere near a session.
    """
    begin, end, low, high = numbers_of(ask, "view", 4)
    if not (begin < end and low < high and abs(begin) < LONGEST and abs(end) < LONGEST):
        raise GridError(argument="view", expected="times and prices that rise", got=str(ask["view"]))
    return (round(begin) + base, max(round(end), round(begin) + 1) + base), (low, high)


def _look(ask: dict[str, Any]) -> Look:
    """What of a look decides which cells are lit and how brightly; the page has the colours."""
    sides = ask.get("shown", [True, True])
    if not (isinstance(sides, list) and len(sides) == 2):
        raise GridError(argument="shown", expected="whether bids and asks are drawn", got=f"{sides!r:.60}")
    given = {"cutoffs": "cutoffs", "limits": "limits", "scaling": "scaling", "carried": "carried",
             "carried_shown": "carriedShown", "min_size": "minSize"}  # fmt: skip
    known = {name: ask[there] for name, there in given.items() if there in ask}
    return Look(bids=bool(sides[0]), asks=bool(sides[1]), **known)


def _carry(ask: dict[str, Any], view: int) -> HalfLife:
    """The carry model, for a view of so many ns."""
    half_life, prune = ask.get("halfLife"), ask.get("prune")
    half_life = auto_half_life(view) if half_life == AUTO else half_life
    prune = auto_prune(view) if prune == AUTO else prune
    for name, value in (("halfLife", half_life), ("prune", prune)):
        if value is not None and not (_is_number(value) and 0 <= value <= LONGEST):
            raise GridError(argument=name, expected="ns, or None", got=f"{value!r:.60}")
    return HalfLife(*(None if ns is None else np.timedelta64(round(ns), "ns") for ns in (half_life, prune)))


def numbers_of(ask: dict[str, Any], name: str, count: int) -> list[float]:
    """So many finite numbers.

    Raises
    ------
    GridError : there are others, or none.
    """
    found = ask.get(name)
    if not (isinstance(found, list) and len(found) == count and all(map(_is_number, found))):
        raise GridError(argument=name, expected=f"{count} finite numbers", got=f"{found!r:.80}")
    return [float(number) for number in found]


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
