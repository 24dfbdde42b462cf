"""Lines that run along with the trades, told once for all that draws them: shapes of a view, or a page's own.

A `Track` is numbers through time, and curves and words made of them by weights alone, so that whoever has the
numbers draws the same. To make an overlay of one:

    LINES = Running(track, tones, (Label("VWAP", "vwap", anchored=True),))
    OVERLAY = Overlay("vwap", "volume-weighted average price", 22, running=LINES, **LINES.drawn)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from liqmap.render.frames.frame import NICE_TIMES, nice_step
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.marks.registry import Entry, Scene
from liqmap.render.marks.running import (
    APART,
    anchor_of,
    anchor_words,
    lines_in_view,
    price_words,
    told_along,
)
from liqmap.render.marks.shapes import Facts, Line, Shape
from liqmap.render.marks.traded import traded
from liqmap.render.marks.view import View

STEP_PIXELS, SHORTEST = 4, 10**8
"""Least pixels, and ns, from one word of a track that is told in steps to the next."""

SINCE = "since"
"""What a readout calls when the sums began."""


class Sum(NamedTuple):
    """A price of a track: ``offset`` and its columns by ``weights``; in words with so many decimals more than
    the tick has."""

    weights: tuple[float, ...]
    offset: float = 0.0
    more: int = 0

    def of(self, columns: Sequence[np.ndarray]) -> np.ndarray:
        """(K,) prices; a column without weight does not count, even where it is not known."""
        total = np.full(len(columns[0]), self.offset)
        for weight, column in zip(self.weights, columns):
            if weight:
                total = total + weight * column
        return total


class Curve(NamedTuple):
    """A line of a track, as steps. tone : the name of its colour; width : pixels."""

    price: Sum
    tone: str
    width: float


class Fact(NamedTuple):
    """What a readout says along the last curve: a price, or several with a dash between."""

    name: str
    prices: tuple[Sum, ...]


class Track(NamedTuple):
    """Numbers through time: ``columns`` of (K,) float64 at ``time`` (K,) int64 ns, each until the next.

    every : ns of the steps at whose ends they are told, as of the trades before; 0: after the trades of each
        time.
    """

    time: np.ndarray
    columns: tuple[np.ndarray, ...]
    curves: tuple[Curve, ...]
    facts: tuple[Fact, ...]
    every: int = 0

    def before(self, until: int | None) -> Track:
        """What of it is known in a play: of trades before its time."""
        if until is None:
            return self
        known = int(np.searchsorted(self.time, until, side="right" if self.every else "left"))
        return self._replace(time=self.time[:known], columns=tuple(c[:known] for c in self.columns))


class Label(NamedTuple):
    """A line of the legend. anchored : whether it says since when the sums count."""

    word: str
    tone: str
    anchored: bool = False


@dataclass(frozen=True)
class Running:
    """An overlay of a track.

    track : ``track(market, step)`` of all of a market; of one that is told in steps, in such of ``step`` ns.
    tones : colours of a theme by their names; those of all tracks are one another's neighbours, so begin with
        the overlay's.
    labels : of its legend.
    """

    track: Callable[[Market, int], Track]
    tones: Callable[[Theme], dict[str, RGB]]
    labels: tuple[Label, ...]

    @property
    def drawn(self) -> dict[str, Any]:
        """What an `Overlay` takes."""
        return {"shapes": self.shapes, "legend": self.legend, "legend_in_view": self.legend_in_view}

    def shapes(self, scene: Scene, view: View) -> list[Shape]:
        """The curves of a view, and what a readout says along the last of them."""
        market, tones = scene.session, self.tones(scene.colours)
        found = self.track(market, step_of(view)).before(view.until)
        time, columns = lines_in_view(found.time, found.columns, view, view.width)
        lines = [
            Line(time, curve.price.of(columns), tones[curve.tone], curve.width, steps=True)
            for curve in found.curves
        ]
        at, columns = lines_in_view(found.time, found.columns, view, view.width // APART)
        tick_size = market.spans().tick_size
        words = [_words(fact, columns, tick_size) for fact in found.facts]
        since = anchor_of(traded(market).time, at)
        facts = Facts(
            (*(fact.name for fact in found.facts), SINCE), list(zip(*words, since))[: max(len(at) - 1, 0)]
        )
        return [*lines, told_along(at, found.curves[-1].price.of(columns), view, facts)]

    def legend(self, theme: Theme) -> list[Entry]:
        """What legends say of it, whatever is in view."""
        return self._entries(theme, "")

    def legend_in_view(self, scene: Scene, view: View) -> list[Entry]:
        """The same of a market: since when its sums count."""
        return self._entries(scene.colours, anchor_words(scene.session))

    def _entries(self, theme: Theme, since: str) -> list[Entry]:
        tones = self.tones(theme)
        return [
            Entry(f"{one.word} {since if one.anchored else ''}".rstrip(), tones[one.tone], True, one.word)
            for one in self.labels
        ]


def step_of(view: View) -> int:
    """How often a track of steps is told in a view, ns."""
    least = (view.end - view.begin) * STEP_PIXELS / max(view.width, 1)
    return nice_step(max(least, SHORTEST), NICE_TIMES)


def _words(fact: Fact, columns: Sequence[np.ndarray], tick_size: float) -> list[str]:
    """What a readout says of a fact at each time."""
    each = [price_words(one.of(columns), tick_size, one.more) for one in fact.prices]
    return [" – ".join(some) for some in zip(*each)]
