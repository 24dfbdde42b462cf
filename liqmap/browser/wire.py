"""Shapes as messages to the engine: what JSON can hold, and columns of numbers as little-endian bytes.

A shape is a dict with its ``kind`` and its columns: numbers as float64, places in ``colours`` as a byte each,
times in ns since a base, such as the start of the UTC day, so that float64 holds them exactly; colours as CSS
has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from liqmap.render.frames.palettes import RGB
from liqmap.render.marks.shapes import (
    PanelShapes,
    Pixels,
    Shape,
    SizeAxis,
    indices_of,
    places_of,
)


def wire(shapes: Sequence[Shape], base: int | None) -> list[dict[str, Any]]:
    """Shapes as dicts.

    Parameters
    ----------
    base : ns that times along x are counted from; None where x are sizes, as of panels beside the heatmap.
    """
    return [_shape(shape, base) for shape in shapes]


def wire_panel(content: PanelShapes, shares: str, base: int) -> dict[str, Any]:
    """A panel as a dict.

    Parameters
    ----------
    shares : the axis that it shares with the heatmap, ``price`` or ``time``: see `Panel.shares`.
    base : ns that times are counted from.
    """
    start = base if shares == "time" else None
    told = None
    if content.told is not None:
        bars = {"low": numbers(content.told.low, start), "high": numbers(content.told.high, start)}
        told = bars | _facts(content.told.names, content.told.words)
    return {
        "shapes": wire(content.shapes, start),
        "axis": _axis(content.axis),
        "second": None if content.second is None else _axis(content.second),
        "title": content.title,
        "told": told,
    }


def _shape(shape: Shape, base: int | None) -> dict[str, Any]:
    sent: dict[str, Any] = {"kind": type(shape).__name__.lower()}
    if isinstance(shape, Pixels):
        height, width = shape.image.shape[:2]
        bounds = [*since(np.array(shape.times), base).tolist(), *map(float, shape.prices)]
        return sent | {"image": shape.image.tobytes(), "width": width, "height": height, "bounds": bounds}
    for name in places_of(shape):
        sent[name] = numbers(getattr(shape, name), base if name.startswith("x") else None)
    for name in indices_of(shape):
        sent[name] = np.asarray(getattr(shape, name)).astype("<u1").tobytes()
    for name, value in shape._asdict().items():
        if name in sent:
            continue
        sent[name] = _value(name, value)
    return sent


def _value(name: str, value: Any) -> Any:
    """A field that is no column, as JSON has it."""
    if name in ("colour", "ground"):
        return None if value is None else css(value)
    if name == "colours":
        return [css(colour) for colour in value]
    if name == "text":
        return list(value)
    if name == "told":
        return None if value is None else _facts(value.names, value.words)
    return value if isinstance(value, bool | str) else float(value)


def numbers(values: Any, base: int | None = None) -> bytes:
    """A column as little-endian float64, times as ns since ``base``."""
    return since(np.asarray(values), base).astype("<f8").tobytes()


def since(values: np.ndarray, base: int | None) -> np.ndarray:
    """Times as ns since ``base``, float64; subtracted as whole numbers: float64 counts those of today in
    steps of 256 ns."""
    if base is None:
        return values.astype(np.float64)
    if values.dtype.kind == "M":
        ns = values.astype("datetime64[ns]")
        return np.where(np.isnat(ns), np.nan, ns.astype(np.int64) - base)
    return (values - base).astype(np.float64)


def css(colour: RGB) -> str:
    """A colour as CSS has it: ``rgb(1 2 3)``."""
    r, g, b = (int(channel) for channel in colour)
    return f"rgb({r} {g} {b})"


def _axis(axis: SizeAxis) -> dict[str, Any]:
    return {"low": float(axis.low), "high": float(axis.high), "label": axis.label}


def _facts(names: Sequence[str], words: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {"names": list(names), "words": [list(one) for one in words]}
