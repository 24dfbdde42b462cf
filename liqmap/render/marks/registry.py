"""The overlays there are, each known by one registration.

To add one: a module in ``liqmap/render/marks/overlays`` with a constant ``OVERLAY``, or one of your own that
calls `register`. Then `heatmap` and `picture` take its name, and the app offers it by its label:

    def chart(scene):  # a HoloViews object that follows the view
        def draw(begin, end, prices, width, height): ...
        return scene.follow(draw)

    def picture(canvas, scene):  # drawn with matplotlib on canvas.axes
        return [Entry("sweeps", RED)]  # what the legend says of it

    register(Overlay("sweeps", "sweeps", 50, chart, picture))

Drawing functions may be named, as ``"module:function"``, so that registering loads no plotting library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NamedTuple

from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.schema import GridError

Drawn = str | Callable[..., Any]
"""A function, or where it is: ``"module:function"``."""


class Entry(NamedTuple):
    """What a legend says of an overlay.

    word, colour : after a mark of the colour; without one the word alone.
    line : whether the mark is a line, else a disc.
    key : of entries with the same key one is shown, with the word of the topmost overlay.
    """

    word: str
    colour: RGB | None = None
    line: bool = False
    key: str = ""


@dataclass(frozen=True)
class Scene:
    """What an overlay of a chart is drawn over.

    price_range : what is shown until the plot says its own, quote currency.
    dynamic : whether the chart follows zoom and pan.
    until : the time up to which a session is played, ns, whenever it is asked; None where it is not.
    following : wires a function of the view to the chart, see `follow`.
    """

    session: Market
    price_range: tuple[float, float]
    dynamic: bool = True
    theme: str | Theme = "dark"
    until: Callable[[], int | None] | None = None
    following: Callable[..., Any] | None = None

    def follow(self, draw: Callable[..., Any]) -> Any:
        """What ``draw(begin, end, prices, width, height)`` makes of the view, again for each.

        Times are ns, prices a pair in quote currency, sizes pixels.
        """
        if self.following is None:
            raise TypeError("expected a scene of a chart, got one of a picture")
        return self.following(draw, self.session.time_range, self.price_range, self.dynamic)


@dataclass(frozen=True)
class Overlay:
    """One kind of mark over the heatmap.

    name : in ``overlays=[...]``. label : for people, as the app offers it.
    order : rising from below to above; candles are at 10, best bid and ask 20, mid 30, bubbles 40.
    chart : ``chart(scene: Scene)`` gives a HoloViews object.
    picture : ``picture(canvas, scene: Scene)`` draws on the axes of a PNG; gives the entries of its legend.
    legend : what the app's legend says of it, whatever is in view: ``legend(theme)`` gives entries. That of a
        PNG says what was drawn.
    place : rising in the order in which they are offered to users.
    dims : whether the heatmap makes way for it by fading.
    in_page : whether the engine of standalone pages draws it as well.
    """

    name: str
    label: str
    order: float
    chart: Drawn
    picture: Drawn
    legend: Callable[[Theme], Sequence[Entry]] | None = None
    place: float = 100
    dims: bool = False
    in_page: bool = False

    def on_chart(self, scene: Scene) -> Any:
        """The overlay as a HoloViews object."""
        return _function(self.chart)(scene)

    def entries(self, theme: Theme) -> list[Entry]:
        """What a legend says of it before anything is drawn."""
        return list(self.legend(theme)) if self.legend else []

    def on_picture(self, canvas: Any, scene: Scene) -> list[Entry]:
        """Draw the overlay on a canvas of matplotlib; the entries of its legend."""
        return list(_function(self.picture)(canvas, scene) or ())


_KNOWN: dict[str, Overlay] = {}


def register(overlay: Overlay) -> Overlay:
    """Make an overlay known; one of the same name is replaced."""
    _built_in()
    _KNOWN[overlay.name] = overlay
    return overlay


def overlays() -> dict[str, Overlay]:
    """All overlays by name, from below to above."""
    _built_in()
    return dict(sorted(_KNOWN.items(), key=lambda item: item[1].order))


def names() -> list[str]:
    """The names of all overlays, in the order in which they are offered."""
    return [overlay.name for overlay in sorted(overlays().values(), key=lambda o: o.place)]


def shown(names: Sequence[str]) -> list[Overlay]:
    """The overlays of these names, from below to above."""
    return [overlay for name, overlay in overlays().items() if name in names]


@cache
def _built_in() -> None:
    """Find the overlays of liqmap itself."""
    package = import_module("liqmap.render.marks.overlays")
    for module in iter_modules(package.__path__):
        overlay = getattr(import_module(f"{package.__name__}.{module.name}"), "OVERLAY", None)
        if isinstance(overlay, Overlay):
            _KNOWN.setdefault(overlay.name, overlay)


def _function(where: Drawn) -> Callable[..., Any]:
    if callable(where):
        return where
    module, _, name = where.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def check_names(argument: str, wanted: Any, known: Sequence[str]) -> tuple[str, ...]:
    """Names of which there are some, as a tuple.

    Raises
    ------
    GridError : a text instead of several names, or one that there is not; says which there are.
    """
    from collections.abc import Collection

    several = isinstance(wanted, Collection) and not isinstance(wanted, str)
    if not several or any(one not in known for one in wanted):
        raise GridError(argument=argument, expected=f"some of {tuple(known)}", got=repr(wanted))
    return tuple(wanted)
