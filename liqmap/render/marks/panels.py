"""The panels there are: what stands beside the heatmap, on its price axis, and below it, on its time axis.

To add one, a module that calls `register`; CONTRIBUTING has a whole one. App, notebook and PNG draw what it
gives.
"""

from __future__ import annotations

from dataclasses import dataclass

from liqmap.carry import CarryModel
from liqmap.render.frames.frame import CARRY
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import Theme
from liqmap.render.frames.palettes import theme as named
from liqmap.render.marks.registry import Drawn, function_of
from liqmap.render.marks.shapes import PanelShapes, Shape, check_panel
from liqmap.render.marks.view import View
from liqmap.schema import GridError

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
    """

    session: Market
    price_range: tuple[float, float]
    theme: str | Theme = "dark"
    carry: CarryModel = CARRY
    palette: str = "default"
    time_zone: str = "UTC"
    at: int | None = None

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


def beside() -> dict[str, int]:
    """Widths of those beside the heatmap, by name."""
    return {panel.name: panel.pixels for panel in PANELS.values() if panel.shares == "price"}


def below() -> dict[str, int]:
    """Heights of those below it, by name."""
    return {panel.name: panel.pixels for panel in PANELS.values() if panel.shares == "time"}
