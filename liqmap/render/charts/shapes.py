"""HoloViews elements as shapes: what an overlay draws that gives a chart alone.

Colours, widths, sizes and opacities are those of their bokeh options, of dimensions too; markers are drawn as
discs, lines solid, texts in one size. What is not opaque is mixed with the background of the theme where a
shape has no opacity of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import holoviews as hv
import numpy as np
from holoviews.core.spaces import get_nested_dmaps

from liqmap.render.charts.element_shapes import KINDS
from liqmap.render.charts.layers import follow
from liqmap.render.charts.styles import Style
from liqmap.render.frames.palettes import Theme
from liqmap.render.marks.registry import Scene
from liqmap.render.marks.shapes import Shape
from liqmap.render.marks.view import View
from liqmap.schema import GridError


def shapes_of_chart(
    chart: Callable[[Scene], Any], scene: Scene, where: str = ""
) -> Callable[[View], list[Shape]]:
    """What gives the shapes of each view, of an overlay's ``chart``, which is called once.

    Parameters
    ----------
    where : whose chart it is, for the words of an error.

    Raises
    ------
    GridError : when a view is asked for, what `shapes_of` raises.
    """
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)
    until: list[int | None] = [None]
    own = replace(scene, dynamic=True, until=lambda: until[0], make_chart=follow, view=None)
    found = chart(own)
    follows = set(found.traverse(lambda one: one, [hv.DynamicMap])) if hasattr(found, "traverse") else set()
    maps = {inner for outer in follows for inner in get_nested_dmaps(outer)}
    for one in maps:
        one.callback.memoize = False  # the play's time is no stream

    def draw(view: View) -> list[Shape]:
        until[0] = view.until
        _tell({stream for one in maps for stream in one.streams}, view)
        try:
            return shapes_of(found, view, scene.colours)
        except GridError as error:
            raise GridError.wrapping(error, where) from error

    return draw


def _tell(streams: set[Any], view: View) -> None:
    """Give streams the ranges and the size of a view."""
    times = tuple(np.datetime64(t, "ns") for t in (view.begin, view.end))
    sizes = {"width": view.width, "height": view.height, "scale": 1.0}
    known = {"x_range": times, "y_range": view.prices, **sizes}
    for stream in streams:
        stream.update(**{name: known[name] for name in stream.contents if name in known})


def shapes_of(found: Any, view: View, theme: Theme) -> list[Shape]:
    """A HoloViews object as shapes.

    Parameters
    ----------
    view : what lines without ends reach over. theme : whose background is seen through.

    Raises
    ------
    GridError : an element of another kind, times that are none; says which there are.
    """
    shapes: list[Shape] = []
    seen: Counter[type] = Counter()
    for element in _elements(found):
        kind = type(element)
        if kind not in KINDS:
            known = ", ".join(one.__name__ for one in KINDS)
            raise GridError(
                expected=f"{known}, or an Overlay or DynamicMap of them",
                got=kind.__name__,
                remedy="An overlay of something else gives its own shapes: Overlay(..., shapes=function)",
            )
        style = Style(element, seen[kind], theme)
        seen[kind] += 1
        if style.visible:
            shapes += KINDS[kind](element, style, view)
    return shapes


def _elements(found: Any) -> Iterator[Any]:
    """The elements of an object, from below to above."""
    if isinstance(found, hv.DynamicMap):
        if found.kdims:
            names = ", ".join(str(dim) for dim in found.kdims)
            raise GridError(expected="a DynamicMap that follows the view alone", got=f"one of {names}")
        yield from _elements(found[()])
    elif isinstance(found, hv.HoloMap) and not isinstance(found, hv.NdOverlay):
        yield from _elements(found.last)
    elif isinstance(found, hv.Overlay | hv.NdOverlay):
        for one in found.values() if isinstance(found, hv.NdOverlay) else found:
            yield from _elements(one)
    else:
        yield found
