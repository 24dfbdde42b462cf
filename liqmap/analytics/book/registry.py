"""The registry of measures: what is sampled finds them by their names.

A measure tells of an instant, one function of `Books` added by `measure`, or of the interval since the
instant before, one function of a `Flow` added by `over`. What is after ``@`` is the band that it looks at: so
many best levels a side, or so many bps from the mid.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from liqmap.analytics.book.books import Band, Books
from liqmap.analytics.book.events.flows import Flow
from liqmap.schema import SessionError

Compute = Callable[[Books, Band], np.ndarray]
ComputeOver = Callable[[Flow], np.ndarray]


class Measure(NamedTuple):
    """Of an instant. unit : of its values, in words. bands : what may be after ``@``: "levels", "bps"; none:
    nothing may. compute : (K,) values, NaN where they are not known. offered : whether errors name it."""

    name: str
    unit: str
    bands: tuple[str, ...]
    compute: Compute
    offered: bool = True


class MeasureOver(NamedTuple):
    """Of the interval from the instant before, [previous, instant); else as `Measure`. trades : whether it
    needs them."""

    name: str
    unit: str
    bands: tuple[str, ...]
    compute: ComputeOver
    trades: bool = False
    offered: bool = True


MEASURES: dict[str, Measure | MeasureOver] = {}


def measure(name: str, unit: str, *bands: str, offered: bool = True) -> Callable[[Compute], Compute]:
    """Add a measure of instants to those that are known by name."""

    def add(compute: Compute) -> Compute:
        MEASURES[name] = Measure(name, unit, bands, compute, offered)
        return compute

    return add


def over(name: str, unit: str, *bands: str, trades: bool = False) -> Callable[[ComputeOver], ComputeOver]:
    """Add a measure of the intervals between instants to those that are known by name."""

    def add(compute: ComputeOver) -> ComputeOver:
        MEASURES[name] = MeasureOver(name, unit, bands, compute, trades)
        return compute

    return add


LONGEST = 60
"""Characters of a measure: nobody writes a band of more digits than Python reads."""

_WRITTEN = re.compile(r"(\w+)(?:@(\d+(?:\.\d+)?)(bps)?)?")


def parsed(text: str) -> tuple[Measure | MeasureOver, Band]:
    """A measure as people write it.

    Raises
    ------
    SessionError : no such measure, or none with such a band.
    """
    found = _WRITTEN.fullmatch(text) if isinstance(text, str) and len(text) <= LONGEST else None
    known = MEASURES.get(found[1]) if found else None
    if found is None or known is None:
        got = f"{text!r:.60}"
        raise SessionError(argument="measures", expected=f"some of {', '.join(written())}", got=got)
    kind = "" if found[2] is None else "bps" if found[3] else "levels"
    band = Band() if not kind else Band(bps=float(found[2])) if found[3] else Band(levels=_whole(found[2]))
    if (kind not in known.bands) if known.bands else kind:
        raise SessionError(argument="measures", expected=" or ".join(_forms(known)), got=repr(text))
    if kind and not (band.levels or band.bps):
        raise SessionError(argument="measures", expected="a band above zero", got=repr(text))
    return known, band


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def written() -> list[str]:
    """Every measure that is offered, as it may be written."""
    return [form for one in MEASURES.values() if one.offered for form in _forms(one)]


def _forms(one: Measure | MeasureOver) -> list[str]:
    return [f"{one.name}@{'10bps' if band == 'bps' else '5'}" for band in one.bands] or [one.name]
