"""Shapes: what overlays and panels show, as plain arrays, whoever draws them.

Coordinates are those of the axes: times int64 ns since the epoch, prices quote currency, sizes base units.
Colours are (red, green, blue), 0 to 255; where each item has its own, an index into a short list of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from liqmap.render.frames.palettes import RGB
from liqmap.schema import GridError

MOST_COLOURS = 256
"""As many colours as a shape may have: an index of one is a byte."""

ALIGNS = ("left", "right", "centre")
"""Which part of a text stands at its place."""


class Facts(NamedTuple):
    """What a readout says of each item of a shape.

    names : (K,), such as ``("side", "size, BTC")``.
    words : (N,) of K texts.
    """

    names: tuple[str, ...]
    words: Sequence[tuple[str, ...]]


class Line(NamedTuple):
    """A line through (N,) points; NaN in ``y`` breaks it.

    steps : ``y[i]`` holds from ``x[i]`` to ``x[i + 1]``.
    second : sizes are on the second axis of a panel.
    """

    x: np.ndarray
    y: np.ndarray
    colour: RGB
    width: float = 1.2
    steps: bool = False
    second: bool = False


class Segments(NamedTuple):
    """Straight lines between two points each (N,); ``colour`` is their place in ``colours``."""

    x0: np.ndarray
    y0: np.ndarray
    x1: np.ndarray
    y1: np.ndarray
    colour: np.ndarray
    colours: tuple[RGB, ...]
    width: float = 1.2


class Boxes(NamedTuple):
    """Filled rectangles (N,) between two corners each.

    rim : pixels of an outline of the same colour.
    """

    x0: np.ndarray
    y0: np.ndarray
    x1: np.ndarray
    y1: np.ndarray
    colour: np.ndarray
    colours: tuple[RGB, ...]
    alpha: float = 1.0
    rim: float = 0.0
    told: Facts | None = None


class Discs(NamedTuple):
    """Discs (N,) of a ``radius`` in pixels; the later ones lie over the earlier.

    face, rim : places in ``colours``. alpha : of the face. width : pixels of the rim.
    """

    x: np.ndarray
    y: np.ndarray
    radius: np.ndarray
    face: np.ndarray
    rim: np.ndarray
    colours: tuple[RGB, ...]
    alpha: float = 1.0
    width: float = 0.0
    told: Facts | None = None


class Pixels(NamedTuple):
    """An image, (H, W, 4) uint8, red, green, blue, opacity; the lowest price first."""

    image: np.ndarray
    times: tuple[int, int]
    prices: tuple[float, float]


class Words(NamedTuple):
    """Texts at (N,) places.

    align : the part of them that stands there, of `ALIGNS`; they are centred in height.
    ground : a colour behind them. small : in the size that words in panels have, 11 pixels.
    """

    x: np.ndarray
    y: np.ndarray
    text: tuple[str, ...]
    colour: RGB
    align: str = "left"
    ground: RGB | None = None
    small: bool = False


Shape = Line | Segments | Boxes | Discs | Pixels | Words


class SizeAxis(NamedTuple):
    """An axis of sizes: from, to, and what they are."""

    low: float
    high: float
    label: str


class Told(NamedTuple):
    """What a tooltip says of the bars of a panel.

    low, high : (N,), bars along the shared axis, [low, high): prices, or times in ns.
    names : (K,). words : (N,) of K texts.
    """

    low: np.ndarray
    high: np.ndarray
    names: tuple[str, ...]
    words: Sequence[tuple[str, ...]]


class PanelShapes(NamedTuple):
    """What a panel shows of a view.

    axis : of its sizes; second : of the lines that are ``second``.
    """

    shapes: list[Shape]
    axis: SizeAxis
    second: SizeAxis | None = None
    title: str = ""
    told: Told | None = None


_PLACES: dict[type, tuple[str, ...]] = {
    Line: ("x", "y"), Segments: ("x0", "y0", "x1", "y1"), Boxes: ("x0", "y0", "x1", "y1"),
    Discs: ("x", "y", "radius"), Words: ("x", "y"),
}  # fmt: skip
_INDICES: dict[type, tuple[str, ...]] = {Segments: ("colour",), Boxes: ("colour",), Discs: ("face", "rim")}


def places_of(shape: Shape) -> tuple[str, ...]:
    """Names of the columns of numbers of a shape: places, and radii."""
    return _PLACES.get(type(shape), ())


def indices_of(shape: Shape) -> tuple[str, ...]:
    """Names of the columns that are places in ``colours``."""
    return _INDICES.get(type(shape), ())


def check_shapes(found: Any, where: str) -> list[Shape]:
    """Shapes that can be drawn, as a list; one shape alone is a list of it.

    Raises
    ------
    GridError : something else, columns that are not of one length, colours that there are not.
    """
    if isinstance(found, Shape):
        found = [found]
    if not isinstance(found, Sequence) or not all(isinstance(one, Shape) for one in found):
        names = ", ".join(kind.__name__ for kind in (*_PLACES, Pixels))
        got = f"{type(found).__name__} {found!r:.60}"
        raise GridError(where=where, expected=f"a list of shapes ({names})", got=got)
    for shape in found:
        _check(shape, f"{where}: {type(shape).__name__}")
    return list(found)


def check_panel(found: Any, where: str) -> PanelShapes:
    """What a panel shows, if that can be drawn.

    Raises
    ------
    GridError : something else.
    """
    if not isinstance(found, PanelShapes):
        raise GridError(where=where, expected="PanelShapes", got=f"{type(found).__name__} {found!r:.60}")
    told = found.told
    if told is not None and len({len(told.low), len(told.high), len(told.words)}) > 1:
        got = f"low {len(told.low)}, high {len(told.high)}, words {len(told.words)}"
        raise GridError(where=f"{where}: Told", expected="columns of one length", got=got)
    return found._replace(shapes=check_shapes(found.shapes, where))


def _check(shape: Shape, where: str) -> None:
    if isinstance(shape, Pixels):
        image = np.asarray(shape.image)
        if image.ndim != 3 or image.shape[2] != 4 or image.dtype != np.uint8:
            got = f"{image.shape} {image.dtype}"
            raise GridError(where=where, expected="an image (height, width, 4) of uint8", got=got)
        return
    columns = {name: np.asarray(getattr(shape, name)) for name in (*places_of(shape), *indices_of(shape))}
    lengths = {name: len(column) if column.ndim == 1 else -1 for name, column in columns.items()}
    if isinstance(shape, Words):
        lengths["text"] = len(shape.text)
        if shape.align not in ALIGNS:
            raise GridError(where=where, expected=f"align to be one of {ALIGNS}", got=repr(shape.align))
    told = getattr(shape, "told", None)
    if told is not None:
        lengths["told"] = len(told.words)
    if min(lengths.values()) < 0 or len(set(lengths.values())) > 1:
        got = ", ".join(
            f"{name} {length if length >= 0 else 'of another shape'}" for name, length in lengths.items()
        )
        raise GridError(where=where, expected="columns of one length", got=got)
    if indices_of(shape):
        _check_colours(shape, columns, where)


def _check_colours(shape: Any, columns: dict[str, np.ndarray], where: str) -> None:
    there = len(shape.colours)
    if there > MOST_COLOURS:
        raise GridError(where=where, expected=f"at most {MOST_COLOURS} colours", got=str(there))
    for name in indices_of(shape):
        index = columns[name]
        whole = index.dtype.kind in "iu" or not len(index)
        if not whole or (len(index) and (index.min() < 0 or index.max() >= there)):
            expected = f"{name} to be whole numbers from 0 to below {there}, places in its colours"
            got = f"{index.min()} to {index.max()}" if whole else str(index.dtype)
            raise GridError(where=where, expected=expected, got=got)
