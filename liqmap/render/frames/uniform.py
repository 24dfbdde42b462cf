"""Perceptually uniform sequential maps by their names in matplotlib and colorcet: one ramp for both sides."""

from __future__ import annotations

from functools import cache

import numpy as np

OF_MATPLOTLIB = ("viridis", "plasma", "inferno", "magma", "cividis")
SHORT = ("fire", "bgy", "bgyw", "bmw", "bmy", "kbc", "kgy", "kbgyw", "gouldian", "blues", "gray")
"""Of colorcet, under their short names; its others are known as ``linear_...``."""

DEPTH = np.array([0.2126, 0.7152, 0.0722])
"""What red, green and blue count for in lightness (ITU-R BT.709)."""


@cache
def uniform_names() -> tuple[str, ...]:
    """All that are known: matplotlib's, colorcet's by short and by long names."""
    from colorcet import palette

    return (*OF_MATPLOTLIB, *SHORT, *sorted(name for name in palette if name.startswith("linear_")))


@cache
def uniform(name: str) -> np.ndarray:
    """Colours of a map from the darkest to the lightest, (256, 3) float64, 0 to 255; not to be written to."""
    if name in OF_MATPLOTLIB:
        from bokeh import palettes

        colours = getattr(palettes, f"{name.capitalize()}256")
    else:
        from colorcet import palette

        colours = palette[name]
    table = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in colours], float)
    table = table if table[0] @ DEPTH <= table[-1] @ DEPTH else table[::-1]
    table.flags.writeable = False
    return table
