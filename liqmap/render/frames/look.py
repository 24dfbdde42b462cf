"""`Look`: how sizes become colours, as a user chooses it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal, TypeAlias

from liqmap.render.frames.palettes import Theme, ThemeName, check_palette
from liqmap.render.frames.palettes import theme as named
from liqmap.schema import GridError

Scaling: TypeAlias = Literal["log", "linear", "equalised"]
Shown: TypeAlias = Literal["fade", "outline", "hide"]

SCALINGS: tuple[Scaling, ...] = ("log", "linear", "equalised")
CARRIED_SHOWN: tuple[Shown, ...] = ("fade", "outline", "hide")


@dataclass(frozen=True)
class Look:
    """How sizes become colours.

    Parameters
    ----------
    cutoffs : percentiles of the sizes lit in the session at which colour begins and saturates. None: by
        themselves, such that neither dust nor one giant wall decides what is seen (`frames.scale`).
    limits : the two sizes themselves, instead of percentiles: of a level (``peak``) or per tick (``mean``,
        ``last``), base units.
    scaling : ``log``, ``linear``, or ``equalised``: every colour gets about as many of the lit cells.
    carried : strength of carried liquidity beside observed, 0 to 1.
    carried_shown : ``fade`` in the colours of its size, at that strength; ``outline`` in one dim tone a side,
        which tells where something is carried but not how much; ``hide`` leaves it out.
    opacity : of all that is known, 0 to 1.
    min_size : what is smaller is not drawn; of a level or per tick, as ``limits``.
    bids, asks : whether the side is drawn.
    palette : ``default`` tells the sides apart, ``classic`` has one ramp for both, and so has any
        perceptually uniform sequential map of matplotlib or colorcet by its name: ``viridis``, ``fire``.
    theme : ``dark`` or ``light``.

    Raises
    ------
    GridError : a choice that is none.
    """

    cutoffs: tuple[float, float] | None = None
    limits: tuple[float, float] | None = None
    scaling: Scaling = "log"
    carried: float = 0.72
    carried_shown: Shown = "fade"
    opacity: float = 1.0
    min_size: float = 0.0
    bids: bool = True
    asks: bool = True
    palette: str = "default"
    theme: ThemeName | Theme = "dark"

    def __post_init__(self) -> None:
        cutoffs = self.cutoffs
        if cutoffs is not None and not (_rises(cutoffs) and cutoffs[0] >= 0 and cutoffs[1] <= 100):
            expected = "percentiles with 0 <= low < high <= 100, or None"
            raise GridError(argument="cutoffs", expected=expected, got=str(cutoffs))
        limits = self.limits
        if limits is not None and not (_rises(limits) and limits[0] >= 0 and limits[1] < math.inf):
            raise GridError(argument="limits", expected="two sizes that rise from 0 or more", got=str(limits))
        for name in ("cutoffs", "limits"):
            if isinstance(pair := getattr(self, name), list):
                object.__setattr__(self, name, tuple(pair))
        for name in ("carried", "opacity"):
            if not (isinstance(getattr(self, name), Real) and 0 <= getattr(self, name) <= 1):
                got = repr(getattr(self, name))
                raise GridError(argument=name, expected="a strength from 0 to 1", got=got)
        if not (isinstance(self.min_size, Real) and 0 <= self.min_size < math.inf):
            raise GridError(argument="min_size", expected="a size of 0 or more", got=repr(self.min_size))
        for name, known in (("scaling", SCALINGS), ("carried_shown", CARRIED_SHOWN)):
            if not (isinstance(given := getattr(self, name), str) and given in known):
                raise GridError(argument=name, expected=f"one of {known}", got=f"{given!r:.60}")
        check_palette(self.palette)
        named(self.theme)

    @property
    def colours(self) -> Theme:
        """The theme's colours."""
        return named(self.theme)

    @property
    def sides(self) -> tuple[int, ...]:
        """The sides that are drawn, 0 bids and 1 asks: a legend has a bar for each."""
        return tuple(side for side, drawn in enumerate((self.bids, self.asks)) if drawn)

    @property
    def states(self) -> tuple[str, ...]:
        """The states that are drawn: a bar has a strip for each."""
        return ("observed",) if self.carried_shown == "hide" else ("observed", "carried")

    @property
    def strength(self) -> float:
        """What a carried place on the scale weighs beside an observed one, 0 to 1."""
        return 0.0 if self.carried_shown == "hide" else self.carried


def _rises(pair: Any) -> bool:
    """Whether these are two numbers, the second above the first."""
    numbers = isinstance(pair, (tuple, list)) and len(pair) == 2 and all(isinstance(n, Real) for n in pair)
    return numbers and bool(pair[0] < pair[1])


DEFAULT = Look()

UNDER_CANDLES = {"dark": 0.4, "light": 0.65}
"""Opacity of the heatmap under candles: on white, pale colours carry less than on black."""


def chosen(look: Look, theme: str | Theme | None, palette: str | None, makes_way: bool) -> Look:
    """The look with a theme and a palette where they are given; if it is opaque and ``makes_way`` for what is
    drawn over it, fainter.

    Raises
    ------
    GridError : no look, no such theme or palette.
    """
    if not isinstance(look, Look):
        expected = "a Look, such as Look(opacity=0.5)"
        raise GridError(argument="look", expected=expected, got=repr(look))
    changes: dict[str, Any] = {}
    if theme is not None:
        changes["theme"] = theme
    if palette is not None:
        changes["palette"] = palette
    if makes_way and look.opacity == 1.0:
        changes["opacity"] = UNDER_CANDLES[named(look.theme if theme is None else theme).kind]
    return replace(look, **changes)
