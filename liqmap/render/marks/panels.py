"""The panels there are: what stands beside the heatmap, on its price axis, and below it, on its time axis."""

from __future__ import annotations

from dataclasses import dataclass

from liqmap.carry import CarryModel
from liqmap.render.frames.frame import CARRY
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import Theme
from liqmap.render.frames.palettes import theme as named
from liqmap.render.marks.registry import Drawn, function_of
from liqmap.render.marks.shapes import PanelShapes, check_panel
from liqmap.render.marks.view import View


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
"""By name, in the order in which they stand from the heatmap outward."""

BESIDE = {panel.name: panel.pixels for panel in PANELS.values() if panel.shares == "price"}
"""Widths of those beside the heatmap."""
