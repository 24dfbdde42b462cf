"""The panels there are: what stands beside the heatmap, on its price axis, and below it, on its time axis.

To add one, a module that calls `register`; CONTRIBUTING has a whole one. App, notebook and PNG draw what it
gives.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from liqmap.analytics.alerts import Condition
from liqmap.carry import CarryModel
from liqmap.render.frames.frame import CARRY
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import Theme
from liqmap.render.frames.palettes import theme as named
from liqmap.render.marks.registry import Drawn, function_of
from liqmap.render.marks.shapes import PanelShapes, Shape, check_panel
from liqmap.render.marks.view import View
from liqmap.schema import GridError
from liqmap.schema.nearest import nearest

SHARED = ("price", "time")
"""Axes of a heatmap that a panel may share."""

PIXELS = (20, 2000)
"""Least and most that a panel may take."""


@dataclass(frozen=True)
class PanelScene:
    """What a panel is drawn of.

    price_range : what is shown of a view without prices, quote currency.
    carry, palette : of the ladder. time_zone : of words.
    at : the instant of a ladder, ns; None, and while it is out of view, the right edge of that.
    alerts : conditions, whose thresholds a pane of their measure shows.
    """

    session: Market
    price_range: tuple[float, float]
    theme: str | Theme = "dark"
    carry: CarryModel = CARRY
    palette: str = "default"
    time_zone: str = "UTC"
    at: int | None = None
    alerts: tuple[Condition, ...] = ()

    @property
    def colours(self) -> Theme:
        """The named colours of the theme."""
        return named(self.theme)


@dataclass(frozen=True)
class Panel:
    """One kind of panel.

    name : in ``panels=[...]``. label : for people.
    shares : the axis of the heatmap that it shares, ``price`` or ``time``.
    pixels : its extent along the other axis, of a picture of 1600 x 900.
    shapes : ``shapes(scene: PanelScene, view: View)`` gives `PanelShapes`; or where it is, as
        ``"module:function"``. Along ``price`` x of shapes is size and y price, along ``time`` x is time, ns.
    of_trades : whether it counts trades, and so has nothing to say of a market without any.
    """

    name: str
    label: str
    shares: str
    pixels: int
    shapes: Drawn
    of_trades: bool = False

    def on_engine(self, scene: PanelScene, view: View) -> PanelShapes:
        """The panel of a view; ``view.width`` and ``view.height`` are pixels of the panel.

        Raises
        ------
        GridError : there is no such function, or it gives what cannot be drawn.
        """
        where = f"panel {self.name!r}"
        return check_panel(function_of(self.shapes, where, "shapes")(scene, view), f"{where}: shapes")


PANELS = {
    panel.name: panel
    for panel in (
        Panel("ladder", "book", "price", 150, "liqmap.render.marks.panel_shapes:ladder_shapes"),
        Panel("profile", "volume", "price", 130, "liqmap.render.marks.panel_shapes:profile_shapes", True),
        Panel("delta", "delta", "time", 140, "liqmap.render.marks.panel_shapes:delta_shapes", True),
    )
}
"""By name, in the order in which they stand from the heatmap outward; last what was registered."""

OWN = tuple(PANELS)
"""Names of those that notebooks and files have drawings of their own for."""


def register(panel: Panel) -> Panel:
    """Make a panel known; one of the same name is replaced.

    Raises
    ------
    GridError : a name of liqmap's own, an axis that none can share, no such size.
    """
    where = f"panel {panel.name!r}"
    if panel.name in OWN:
        raise GridError(where=where, expected=f"another name than {', '.join(OWN)}", got=repr(panel.name))
    if panel.shares not in SHARED:
        raise GridError(where=where, expected=f"shares to be one of {SHARED}", got=repr(panel.shares))
    if not (isinstance(panel.pixels, int) and PIXELS[0] <= panel.pixels <= PIXELS[1]):
        expected = f"pixels from {PIXELS[0]} to {PIXELS[1]}"
        raise GridError(where=where, expected=expected, got=repr(panel.pixels))
    PANELS[panel.name] = panel
    return panel


def no_place_for(shape: Shape) -> GridError:
    """What is wrong with a shape that no panel draws."""
    expected = "lines, segments, boxes, discs and words in a panel"
    return GridError(expected=expected, got=type(shape).__name__)


def panel_of(name: Any) -> Panel | None:
    """The panel of a name, or the pane of a measure that is written so; None where there is neither."""
    if not isinstance(name, str):
        return None
    found: Panel | None = PANELS.get(name) or _panes().pane_of(name)
    return found


def chosen(names: Sequence[str]) -> list[Panel]:
    """The panels of names, in the order in which they stand: panes of measures last, as they were named."""
    known = [panel for name, panel in PANELS.items() if name in names]
    panes = [panel_of(name) for name in dict.fromkeys(names) if name not in PANELS]
    return [*known, *(pane for pane in panes if pane is not None)]


def check_panels(argument: str, wanted: Any) -> tuple[str, ...]:
    """Names of panels and measures as a tuple, each once.

    Raises
    ------
    GridError : a text instead of several names, or a name of neither; says which may be meant.
    """
    several = isinstance(wanted, Collection) and not isinstance(wanted, str)
    wrong = next((name for name in wanted if panel_of(name) is None), None) if several else wanted
    if several and wrong is None:
        return tuple(dict.fromkeys(wanted))
    expected = f"some of {', '.join(PANELS)} or a measure of the book, such as imbalance@5 or spread_bps"
    raise GridError(argument=argument, expected=expected, got=f"{wanted!r:.200}", remedy=meant(wrong))


def meant(name: Any) -> str:
    """What somebody may have meant by the name of a panel that there is not, as a question; else nothing."""
    if not isinstance(name, str):
        return ""
    forms, (_, at, band) = _panes().pane_names(), name.partition("@")
    banded = [f"{form.partition('@')[0]}@{band}" for form in forms] if at else []
    there = [one for one in (*PANELS, *banded, *forms) if panel_of(one) is not None]
    found = nearest(name, there)
    return f"Did you mean {found!r}?" if found else ""


def _panes() -> Any:
    """The panes of measures, which are made of panels: imported on use."""
    return import_module("liqmap.render.marks.panes")


def beside() -> dict[str, int]:
    """Widths of those beside the heatmap, by name."""
    return {panel.name: panel.pixels for panel in PANELS.values() if panel.shares == "price"}


def below(names: Sequence[str] = ()) -> dict[str, int]:
    """Heights of those below it, by name; of those of ``names`` alone, panes of measures too."""
    panels = chosen(names) if names else list(PANELS.values())
    return {panel.name: panel.pixels for panel in panels if panel.shares == "time"}
