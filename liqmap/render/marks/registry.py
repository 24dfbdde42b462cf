"""The overlays there are, each known by one registration.

To add one: a module in ``liqmap/render/marks/overlays`` with a constant ``OVERLAY``, or one of your own that
calls `register`. Then `heatmap` and `picture` take its name, and the app has a button of that name:

    def shapes(scene, view):  # what is drawn of a view: see `liqmap.render.marks.shapes`
        return [Line(times, prices, scene.colours.buy)]

That is all it needs; where a notebook or a file is to draw it otherwise than by its shapes, there are also

    def chart(scene):  # a HoloViews object that follows the view
        def draw(begin, end, prices, width, height): ...
        return scene.follow(draw)

    def picture(canvas, scene):  # drawn by the canvas, or with matplotlib on canvas.axes
        return legend(canvas.theme)  # what the legend says of it

    def legend(theme):
        return [Entry("sweeps", theme.buy)]

    register(Overlay("sweeps", "sweeps", 50, legend=legend, shapes=shapes))

An overlay may also be a ``chart`` and a ``picture`` without shapes: the app then converts the chart.
CONTRIBUTING has a whole one. Drawing functions may be named, as ``"module:function"``, so that registering
loads no plotting library.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, NamedTuple

from liqmap.analytics.alerts import Condition
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.frames.palettes import theme as named
from liqmap.render.marks.shapes import Shape, check_shapes
from liqmap.render.marks.view import View
from liqmap.schema import GridError

if TYPE_CHECKING:
    from liqmap.render.marks.tracks import Running

Drawn = str | Callable[..., Any]
"""A function, or where it is: ``"module:function"``."""


class Entry(NamedTuple):
    """What a legend says of an overlay.

    word, colour : after a mark of the colour; without one the word alone.
    line : whether the mark is a line, else a disc.
    key : where several overlays draw the same line, all give its entry the same key, any word: the legend
        then shows it once, as the topmost of them says it. Empty: the word is the key.
    sizes : discs before the word, without a colour: radius in pixels at 1600 x 900, and what each says.
    """

    word: str
    colour: RGB | None = None
    line: bool = False
    key: str = ""
    sizes: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Scene:
    """What an overlay of a chart is drawn over.

    price_range : what is shown until the plot says its own, quote currency.
    dynamic : whether the chart follows zoom and pan.
    until : the time up to which a session is played, ns, whenever it is asked; None where it is not.
    make_chart : makes a HoloViews object of a function of the view; `follow` calls it. None for a picture.
    view : streams of the chart's ranges and size, which its overlays share; None: of their own.
    min_trade : the smallest trade that overlays of single trades draw, base units.
    time_zone : of words.
    alerts : conditions whose alerts the overlay of them shows.
    """

    session: Market
    price_range: tuple[float, float]
    dynamic: bool = True
    theme: str | Theme = "dark"
    until: Callable[[], int | None] | None = None
    make_chart: Callable[..., Any] | None = None
    view: Any = None
    min_trade: float = 0.0
    time_zone: str = "UTC"
    alerts: tuple[Condition, ...] = ()

    @property
    def colours(self) -> Theme:
        """The named colours of the theme."""
        return named(self.theme)

    def follow(self, draw: Callable[..., Any]) -> Any:
        """A HoloViews object that shows what ``draw`` makes of the view, again for each view.

        Parameters
        ----------
        draw : ``draw(begin, end, prices, width, height)`` gives a HoloViews element whose dimensions are
            named ``time`` and ``price``. It is given times in ns since the epoch (int), and the element takes
            them as datetime64[ns]; prices are a pair, low and high, in quote currency; sizes are pixels.
        """
        if self.make_chart is None:
            raise TypeError("expected a scene of a chart, got one of a picture")
        return self.make_chart(draw, self.session.time_range, self.price_range, self.dynamic, self.view)


@dataclass(frozen=True)
class Overlay:
    """One kind of mark over the heatmap.

    name : in ``overlays=[...]``, and on its button in the app.
    label : what that is, for people: the tooltip of the app's buttons.
    order : rising from below to above; candles are at 10, best bid and ask 20, mid 30, bubbles 40.
    chart : ``chart(scene: Scene)`` gives a HoloViews object; without it notebooks draw the shapes.
    picture : ``picture(canvas, scene: Scene)`` draws on the `Canvas` of a PNG; gives the entries of its
        legend. Without it files draw the shapes.
    legend : what the app's legend says of it, whatever is in view: ``legend(theme)`` gives entries. That of a
        PNG says what was drawn.
    offered : whether users are offered it by name; one that is not is drawn where what it shows is chosen
        otherwise, as alerts are.
    legend_in_view : what legends say of it in a view, instead: ``legend_in_view(scene, view)``.
    running : the lines that it is made of, which standalone pages draw from their numbers.
    menu_order : rising in the order in which users are offered them, such as the app's buttons.
    dims : whether the heatmap makes way for it by fading.
    in_page : whether the engine of standalone pages draws it as well.
    of_trades : whether it shows nothing but trades, and so nothing of a market without any.
    shapes : ``shapes(scene: Scene, view: View)`` gives a list of `liqmap.render.marks.shapes`, which the app
        draws. Without it the app draws what ``chart`` gives, as far as it knows its elements.
    """

    name: str
    label: str
    order: float
    chart: Drawn | None = None
    picture: Drawn | None = None
    legend: Callable[[Theme], Sequence[Entry]] | None = None
    menu_order: float = 100
    dims: bool = False
    in_page: bool = False
    of_trades: bool = False
    shapes: Drawn | None = None
    legend_in_view: Callable[[Scene, View], Sequence[Entry]] | None = None
    running: Running | None = None
    offered: bool = True

    def on_chart(self, scene: Scene) -> Any:
        """The overlay as a HoloViews object.

        Raises
        ------
        GridError : there is no such function, or it gives none.
        """
        if self.chart is None and self.shapes is not None:
            return import_module("liqmap.render.charts.shaped").shaped_chart(scene, self._function("shapes"))
        found = self._function("chart")(scene)
        if found is None:
            raise self._error("chart(scene) to return a HoloViews object", "None")
        return found

    def for_engine(self, scene: Scene) -> Callable[[View], list[Shape]]:
        """What gives the overlay of each view as shapes: its own, else those of its HoloViews object,
        which is made once.

        Raises
        ------
        GridError : there is no such function; and when a view is asked for, it gives what cannot be drawn.
        """
        where = f"overlay {self.name!r}"
        if self.shapes is not None:
            draw = partial(self._function("shapes"), scene)
        else:
            draw = import_module("liqmap.render.charts.shapes").shapes_of_chart(self.on_chart, scene, where)
        part = "chart" if self.shapes is None else "shapes"

        def drawn(view: View) -> list[Shape]:
            seen = view.within(scene.session.time_range, scene.price_range)
            return check_shapes(draw(seen), f"{where}: {part}")

        return drawn

    def on_engine(self, scene: Scene, view: View) -> list[Shape]:
        """The overlay of one view as shapes; of several `for_engine` spares what is the same for all.

        Raises
        ------
        GridError : see `for_engine`.
        """
        return self.for_engine(scene)(view)

    def entries(self, theme: Theme) -> list[Entry]:
        """What a legend says of it before anything is drawn.

        Raises
        ------
        GridError : something that is no `Entry`.
        """
        return self._entries("legend(theme)", self.legend(theme)) if self.legend else []

    def entries_in(self, scene: Scene, view: View) -> list[Entry]:
        """What a legend says of it in a view.

        Raises
        ------
        GridError : something that is no `Entry`.
        """
        if self.legend_in_view is None:
            return self.entries(scene.colours)
        return self._entries("legend_in_view(scene, view)", self.legend_in_view(scene, view))

    def on_picture(self, canvas: Any, scene: Scene) -> list[Entry]:
        """Draw the overlay on the canvas of a PNG; the entries of its legend.

        Raises
        ------
        GridError : there is no such function, or it gives something that is no `Entry`.
        """
        if self.picture is None and self.shapes is not None:
            draw = import_module("liqmap.render.png.shaped").shaped_picture
            view = draw(canvas, lambda seen: self.on_engine(scene, seen), self.order)
            return self.entries_in(scene, view)
        return self._entries("picture(canvas, scene)", self._function("picture")(canvas, scene))

    def _entries(self, verb: str, found: Any) -> list[Entry]:
        """A list of entries, which may be none."""
        entries = [] if found is None else found
        if not isinstance(entries, Sequence) or not all(isinstance(one, Entry) for one in entries):
            raise self._error(f"{verb} to return a list of Entry", repr(found))
        return list(entries)

    def _function(self, part: str) -> Callable[..., Any]:
        """What draws a chart or a picture, imported where it is only named."""
        return function_of(getattr(self, part), f"overlay {self.name!r}", part)

    def _error(self, expected: str, got: str) -> GridError:
        return GridError(where=f"overlay {self.name!r}", expected=expected, got=got)


def function_of(place: Drawn | None, where: str, part: str) -> Callable[..., Any]:
    """A function, imported where it is only named.

    Parameters
    ----------
    where, part : whose it is, and what of it, for the words of an error.

    Raises
    ------
    GridError : there is no such function.
    """
    if callable(place):
        return place
    module, _, name = place.partition(":") if isinstance(place, str) else ("", "", "")
    if not (module and name):
        expected = f"{part} to be a function, or where it is as 'module:function'"
        raise GridError(where=where, expected=expected, got=repr(place))
    try:
        found: Callable[..., Any] = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        got = f"{type(error).__name__}: {error}"
        raise GridError(where=where, expected=f"{part} at {place!r}", got=got) from error
    return found


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
    """The names of all overlays that are offered, in the order in which they are."""
    return [o.name for o in sorted(overlays().values(), key=lambda o: o.menu_order) if o.offered]


def shown(names: Sequence[str]) -> list[Overlay]:
    """The overlays of these names, from below to above."""
    return [overlay for name, overlay in overlays().items() if name in names]


def makes_way(names: Sequence[str], has_trades: Callable[[], bool]) -> bool:
    """Whether the heatmap fades for one of these overlays; not for one of trades where there are none."""
    return any(one.dims and (not one.of_trades or has_trades()) for one in shown(names))


@cache
def _built_in() -> None:
    """Find the overlays of liqmap itself."""
    package = import_module("liqmap.render.marks.overlays")
    for module in iter_modules(package.__path__):
        overlay = getattr(import_module(f"{package.__name__}.{module.name}"), "OVERLAY", None)
        if isinstance(overlay, Overlay):
            _KNOWN.setdefault(overlay.name, overlay)


def check_names(argument: str, wanted: Any, known: Sequence[str]) -> tuple[str, ...]:
    """Names of which there are some, as a tuple.

    Raises
    ------
    GridError : a text instead of several names, or one that there is not; says which there are.
    """
    several = isinstance(wanted, Collection) and not isinstance(wanted, str)
    if not several or any(one not in known for one in wanted):
        raise GridError(argument=argument, expected=f"some of {tuple(known)}", got=repr(wanted))
    return tuple(wanted)
