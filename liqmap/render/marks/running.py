"""Lines of numbers that run along with the trades, as a view shows them, and what a readout says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from liqmap.render.frames import words as labels
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.marks.overlays import Steps
from liqmap.render.marks.shapes import Boxes, Facts
from liqmap.render.marks.traded import traded
from liqmap.render.marks.view import View
from liqmap.schema import decimals

DAY = 86_400 * 10**9
"""ns of a UTC day, with which sums begin anew."""

REACH = 4
"""Pixels on either side of a line in which a readout tells of it."""

APART = 6
"""Least pixels along a line from one thing that is told of it to the next."""


class Lines(NamedTuple):
    """Several numbers at K times, each until the next; ``columns``: (K,) each."""

    time: np.ndarray
    columns: tuple[np.ndarray, ...]


def lines_in_view(time: np.ndarray, columns: Sequence[np.ndarray], view: View, pixels: int) -> Lines:
    """Numbers of a view, no more than its pixels show; of a play nothing after its time.

    Parameters
    ----------
    time : (K,) int64 ns, rising. columns : (K,) each, of those times. pixels : of the view's width.
    """
    end = view.end if view.until is None else min(view.end, view.until)
    if end <= view.begin:
        return Lines(time[:0], tuple(column[:0] for column in columns))
    seen = [Steps(time, column).between(view.begin, end, pixels) for column in columns]
    return Lines(seen[0].time, tuple(one.price for one in seen))


def day_begins(time: np.ndarray) -> np.ndarray:
    """(D,) int64 ns: the UTC days of trades, with which sums begin anew."""
    return np.unique(time // DAY * DAY)


def anchor_words(market: Market) -> str:
    """Since when sums count: ``since 14:30 UTC`` of trades of one day, else ``of the UTC day``."""
    time = traded(market).time
    if len(time) and len(day_begins(time)) > 1:
        return "of the UTC day"
    return f"since {labels.moment(int(time[0]))[11:16]} UTC" if len(time) else ""


def anchor_of(time: np.ndarray, at: np.ndarray) -> list[str]:
    """What a readout says of the same at each time: when the first trade of its day was."""
    begins = day_begins(time)
    first = time[np.searchsorted(time, begins)] if len(begins) else begins
    words = [labels.moment(int(t))[:19] + " UTC" for t in first]
    return [words[k] if 0 <= k < len(words) else "–" for k in np.searchsorted(begins, at, side="right") - 1]


def told_along(time: np.ndarray, y: np.ndarray, view: View, facts: Facts) -> Boxes:
    """What a readout says along a line: boxes about it that nobody sees.

    Parameters
    ----------
    time, y : (K + 1,), of which the last only ends the one before. facts : of K items.
    """
    reach = REACH * (view.prices[1] - view.prices[0]) / max(view.height, 1)
    known = np.flatnonzero(np.isfinite(y[:-1])) if len(y) else np.zeros(0, int)
    x0, x1, middle = time[:-1][known], time[1:][known], y[:-1][known]
    told = Facts(facts.names, [facts.words[k] for k in known.tolist()])
    return Boxes(
        x0, middle - reach, x1, middle + reach, np.zeros(len(known), int), ((0, 0, 0),), 0.0, told=told
    )


def mixed(colour: RGB, theme: Theme, share: float) -> RGB:
    """A colour over the theme's background, so much of it."""
    red, green, blue = (
        round(share * one + (1 - share) * ground) for one, ground in zip(colour, theme.background)
    )
    return red, green, blue


def price_words(values: np.ndarray, tick_size: float, more: int = 1) -> list[str]:
    """Prices in words, with so many digits more than the tick has; a dash where there is none."""
    places = decimals(tick_size) + more
    return ["–" if value != value else f"{value:,.{places}f}" for value in values.tolist()]
