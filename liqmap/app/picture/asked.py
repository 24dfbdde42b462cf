"""What the browser asks for, checked: nothing that comes from there is believed."""

from __future__ import annotations

from dataclasses import dataclass
from sys import float_info
from typing import Any

from liqmap.app.data.carry import carry_of
from liqmap.app.state.options import FITTED
from liqmap.carry import HalfLife, Mixture, Presence
from liqmap.render.frames.auto_carry import AUTO
from liqmap.render.frames.look import Look
from liqmap.schema import AGGREGATES, GridError

MOST = 8192
"""Pixels of a side of a picture."""

PIXELS = 2**23
"""Pixels of a picture, as of a whole screen of 3840 x 2160; what is asked for with more is drawn coarser."""

LONGEST = 400 * 86_400 * 10**9
"""ns: half-lives and prunes are no longer; views lie no further from a session's first day."""

MAX = float_info.max

DEAREST = 2**40
"""Ticks: prices of a view are no further from 0, so that counts of ticks stay whole numbers."""


@dataclass(frozen=True)
class Asked:
    """A view and its choices.

    times : ns since the epoch; prices : quote currency; size : pixels.
    stable : whether the scale of colours is that of the whole session.
    presence : tells how likely what is carried is still there; None where nobody asks.
    """

    times: tuple[int, int]
    prices: tuple[float, float]
    size: tuple[int, int]
    carry: HalfLife | Mixture
    agg: str
    look: Look
    row_ticks: int | None
    stable: bool
    presence: Presence | None = None

    @classmethod
    def of(
        cls,
        ask: dict[str, Any],
        base: int,
        tick: float,
        fitted: Mixture | None = None,
        presence: Presence | None = None,
    ) -> Asked:
        """What a message asks for.

        Parameters
        ----------
        base : ns that its times are counted from. tick : quote currency. fitted : see `asked_carry`.
        presence : that of the market, which a message may ask for.

        Raises
        ------
        GridError : something in it that no page asks for.
        """
        times, prices = view_of(ask, base, tick)
        width, height = numbers_of(ask, "size", 2)
        if not (1 <= width <= MOST and 1 <= height <= MOST):
            raise GridError(argument="size", expected=f"1 to {MOST} pixels", got=str(ask["size"]))
        agg, rows = ask.get("agg", "peak"), ask.get("rowTicks")
        if agg not in AGGREGATES:
            raise GridError(argument="agg", expected=f"one of {AGGREGATES}", got=f"{agg!r:.60}")
        if rows is not None and not (_is_whole(rows) and 1 <= rows <= 10**9):
            raise GridError(argument="rowTicks", expected="ticks a row, or None", got=f"{rows!r:.60}")
        carry = asked_carry(ask, times[1] - times[0], fitted)
        stable = ask.get("stable", True) is True
        size, there = _within(int(width), int(height)), presence if ask.get("presence") is True else None
        return cls(times, prices, size, carry, agg, _look(ask), rows, stable, there)


def _within(width: int, height: int) -> tuple[int, int]:
    """The size, or a smaller one of its shape that has no more than `PIXELS`."""
    smaller = min(1.0, (PIXELS / (width * height)) ** 0.5)
    return max(int(width * smaller), 1), max(int(height * smaller), 1)


def view_of(
    ask: dict[str, Any], base: int, tick: float, name: str = "view"
) -> tuple[tuple[int, int], tuple[float, float]]:
    """Times (ns since the epoch) and prices of a message.

    Raises
    ------
    GridError : they do not rise, or lie nowhere near a session.
    """
    begin, end, low, high = numbers_of(ask, name, 4)
    near = max(abs(begin), abs(end)) < LONGEST and max(abs(low), abs(high)) < DEAREST * tick
    if not (near and begin < end and low < high):
        raise GridError(argument=name, expected="times and prices that rise", got=str(ask[name]))
    return (round(begin) + base, max(round(end), round(begin) + 1) + base), (low, high)


def time_of(value: Any, base: int) -> int | None:
    """A time, ns since the epoch; None where there is none near a session."""
    return round(value) + base if is_number(value) and abs(value) < LONGEST else None


def _look(ask: dict[str, Any]) -> Look:
    """What of a look decides which cells are lit and how brightly; the page has the colours."""
    sides = ask.get("shown", [True, True])
    if not (isinstance(sides, list) and len(sides) == 2):
        raise GridError(argument="shown", expected="whether bids and asks are drawn", got=f"{sides!r:.60}")
    given: dict[str, Any] = {}
    for name in ("cutoffs", "limits"):
        if ask.get(name) is not None:
            given[name] = tuple(numbers_of(ask, name, 2))
    for name, there in (("carried", "carried"), ("min_size", "minSize")):
        if there in ask:
            given[name] = number_of(ask, there)
    for name, there in (("scaling", "scaling"), ("carried_shown", "carriedShown")):
        if there in ask:
            given[name] = ask[there]
    return Look(bids=bool(sides[0]), asks=bool(sides[1]), **given)


def asked_carry(ask: dict[str, Any], view: int, fitted: Mixture | None = None) -> HalfLife | Mixture:
    """The carry model of a message, for a view of so many ns.

    Parameters
    ----------
    fitted : the model of the market, which a message can only name.

    Raises
    ------
    GridError : durations that no page asks for, a model that the market does not have.
    """
    named = ask.get("carry")
    if named is not None and not (named == FITTED and fitted is not None):
        expected = "None, or the name of a model that the market has"
        raise GridError(argument="carry", expected=expected, got=f"{named!r:.60}")
    half_life, prune = (
        AUTO if ask.get(name) == AUTO else duration_of(name, ask.get(name), least)
        for name, least in (("halfLife", 1), ("prune", 0))
    )
    return carry_of(half_life, prune, view, None if named is None else fitted)


def seconds_of(ask: dict[str, Any], name: str) -> float | None:
    """A half-life in s; None for none.

    Raises
    ------
    GridError : there is something else.
    """
    ns = duration_of(name, ask.get(name), 1)
    return None if ns is None else ns / 1e9


def duration_of(name: str, value: Any, least: int) -> int | None:
    """A duration of so many ns or more; None for none.

    Raises
    ------
    GridError : there is something else.
    """
    if value is not None and not (is_number(value) and least <= value <= LONGEST):
        raise GridError(argument=name, expected="ns, or None", got=f"{value!r:.60}")
    return None if value is None else round(value)


def numbers_of(ask: dict[str, Any], name: str, count: int) -> list[float]:
    """So many finite numbers.

    Raises
    ------
    GridError : there are others, or none.
    """
    found = ask.get(name)
    if not (isinstance(found, list) and len(found) == count and all(map(is_number, found))):
        raise GridError(argument=name, expected=f"{count} finite numbers", got=f"{found!r:.80}")
    return [float(number) for number in found]


def number_of(ask: dict[str, Any], name: str) -> float:
    """One finite number.

    Raises
    ------
    GridError : there is something else, or nothing.
    """
    return numbers_of({name: [ask.get(name)]}, name, 1)[0]


def is_number(value: Any) -> bool:
    """Whether this is a number that float64 has."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= MAX


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
