"""What tests of the views have in common."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np

from tests.render.market import BEGIN, SECOND


def t(seconds: float) -> np.datetime64:
    return np.datetime64(BEGIN + round(seconds * SECOND), "ns")


def figure_of(chart: Any) -> Any:
    return hv.renderer("bokeh").get_plot(chart).state


def kinds(figure: Any) -> list[str]:
    return [type(r.glyph).__name__ for r in figure.renderers]
