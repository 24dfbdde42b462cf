"""The options of a HoloViews element as its bokeh plot takes them: colours and numbers, an item each."""

from __future__ import annotations

import re
from typing import Any

import holoviews as hv
import numpy as np
from holoviews.plotting.util import process_cmap

from liqmap.render.frames.palettes import RGB, Theme
from liqmap.schema import GridError

HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
FUNCTION = re.compile(r"rgba?\(([^)]*)\)")


class Style:
    """The options of an element.

    Parameters
    ----------
    place : of the element among those of its kind in an overlay, by which colours of a cycle go.
    theme : whose background shows through a colour that is not opaque.
    """

    def __init__(self, element: Any, place: int, theme: Theme) -> None:
        self.element, self.theme = element, theme
        self._style: dict[str, Any] = hv.Store.lookup_options("bokeh", element, "style")[place]
        self._plot: dict[str, Any] = hv.Store.lookup_options("bokeh", element, "plot").kwargs

    @property
    def visible(self) -> bool:
        return bool(self._style.get("visible", True))

    def plot(self, name: str, default: Any = None) -> Any:
        """An option of the plot."""
        return self._plot.get(name, default)

    def text(self, name: str, default: str) -> str:
        """An option that is a word."""
        return str(self._style.get(name, default))

    def has(self, *names: str) -> bool:
        """Whether one of some options is said."""
        return any(name in self._style for name in names)

    def number(self, names: tuple[str, ...], default: float) -> np.ndarray:
        """The first of some options that there is, an item each (N,), or () where it is the same for all."""
        found = self._value(names, default)
        return np.asarray(default if found is None else found, float)

    def colours(
        self, names: tuple[str, ...], count: int, default: RGB | None, alphas: tuple[str, ...] = ()
    ) -> tuple[np.ndarray, np.ndarray]:
        """The first of some options that there is as colours (N, 3) uint8, and which items have one (N,).

        Parameters
        ----------
        alphas : options by which a colour lets the background through.
        """
        found = self._value(names, default)
        if found is None:
            return np.zeros((count, 3), np.uint8), np.zeros(count, bool)
        each = self._channels(found, names[0])
        channels = np.broadcast_to(each, (count, 4)).copy()
        if alphas:
            channels[:, 3] *= self.number(alphas, 1.0)
        shown = np.isfinite(channels).all(axis=1) & (channels[:, 3] > 0)
        ground, opacity = np.array(self.theme.background, float), channels[:, 3:]
        mixed = np.where(shown[:, None], ground + opacity * (channels[:, :3] - ground), 0.0)
        return np.rint(mixed).astype(np.uint8), shown

    def _value(self, names: tuple[str, ...], default: Any) -> Any:
        """The first of some options that there is; a dimension, or what is made of one, as its values."""
        value = next((self._style[name] for name in names if name in self._style), default)
        if isinstance(value, str) and colour_of(value) is None and value in self.element:
            value = hv.dim(value)
        return value.apply(self.element, flat=True) if isinstance(value, hv.dim) else value

    def _channels(self, found: Any, name: str) -> np.ndarray:
        """Red, green, blue from 0 to 255 and opacity from 0 to 1 of one colour (4,) or of many (N, 4); NaN of
        no colour."""
        one = colour_of(found)
        if one is not None:
            return np.array(one, float)
        values = np.asarray(found)
        if values.ndim == 1 and values.dtype.kind in "fiu":
            return self._mapped(values.astype(float), name)
        if values.ndim == 1:
            texts, place = np.unique(values.astype(str), return_inverse=True)
            each = [colour_of(text) for text in texts]
            if all(colour is not None for colour in each):
                return np.array(each, float).reshape(-1, 4)[place]
            return self._categories(values.astype(str))
        raise self._error(f"{name} to be a colour, or one of each item", repr(found)[:60])

    def _mapped(self, values: np.ndarray, name: str) -> np.ndarray:
        """Numbers by the colour map, between the ends that the options or the dimension say."""
        option = self._style.get(name, self._style.get("color"))
        known = np.isfinite(values)
        low, high = (values[known].min(), values[known].max()) if known.any() else (0.0, 1.0)
        if isinstance(option, str) and option in self.element:
            low, high = self.element.range(option)
        low, high = (own if own is not None and own == own else end
                     for own, end in zip(self.plot("clim", (None, None)), (low, high)))  # fmt: skip
        if self.plot("cnorm", "linear") == "log":
            values, low, high = (
                np.log(np.where(np.asarray(v, float) > 0, v, np.nan)) for v in (values, low, high)
            )
            known = np.isfinite(values)
        elif self.plot("cnorm", "linear") != "linear":
            raise self._error("cnorm to be 'linear' or 'log'", repr(self.plot("cnorm")))
        table = np.array([colour_of(c) for c in process_cmap(self._style.get("cmap", "viridis"))], float)
        share = (values - low) / (high - low) if high > low else np.zeros(len(values))
        place = np.clip(np.where(known, share, 0.0) * len(table), 0, len(table) - 1).astype(int)
        return np.where(known[:, None], table[place], np.nan)

    def _categories(self, texts: np.ndarray) -> np.ndarray:
        """A colour of the map for each text that is another, in the order in which they come."""
        names = list(dict.fromkeys(texts.tolist()))
        cmap = self._style.get("cmap", "viridis")
        palette = (
            [cmap.get(name) for name in names] if isinstance(cmap, dict)
            else process_cmap(cmap, len(names), categorical=True)
        )  # fmt: skip
        colours = {name: colour_of(colour) or (np.nan,) * 4 for name, colour in zip(names, palette)}
        return np.array([colours[text] for text in texts.tolist()], float).reshape(-1, 4)

    def _error(self, expected: str, got: str) -> GridError:
        return GridError(where=type(self.element).__name__, expected=expected, got=got)


def colour_of(value: Any) -> tuple[float, float, float, float] | None:
    """Red, green, blue from 0 to 255 and opacity from 0 to 1 of a colour as bokeh takes it; None of none."""
    if isinstance(value, tuple | list) and len(value) in (3, 4) and all(np.isscalar(v) for v in value):
        return _of_numbers(list(value))
    if not isinstance(value, str):
        return None
    text = value.strip()
    if HEX.fullmatch(text):
        digits = text[1:] if len(text) > 5 else "".join(2 * digit for digit in text[1:])
        red, green, blue, *rest = (int(digits[k : k + 2], 16) for k in range(0, len(digits), 2))
        return red, green, blue, rest[0] / 255 if rest else 1.0
    if found := FUNCTION.fullmatch(text):
        parts = [part for part in re.split(r"[\s,/]+", found[1].strip()) if part]
        try:
            return _of_numbers([float(part) for part in parts])
        except ValueError:
            return None
    if text.lower() == "transparent":
        return 0.0, 0.0, 0.0, 0.0
    from bokeh.colors import named

    known = getattr(named, text.lower(), None) if text.lower() in named.__all__ else None
    return None if known is None else (known.r, known.g, known.b, 1.0)


def _of_numbers(values: list[Any]) -> tuple[float, float, float, float] | None:
    """Three of 0 to 255, and perhaps an opacity."""
    if len(values) not in (3, 4) or not all(isinstance(v, int | float | np.number) for v in values):
        return None
    red, green, blue, *rest = (float(v) for v in values)
    return (red, green, blue, rest[0] if rest else 1.0) if max(red, green, blue) <= 255 else None
