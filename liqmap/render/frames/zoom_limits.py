"""How near and how far a chart can be zoomed."""

from __future__ import annotations

from typing import Any

from liqmap.render.frames.frame import instant_ns

NEAREST_MS = 1.0
"""The shortest time in view: the axis counts ms since 1970, of which a double tells thousandths."""

FARTHEST = 4.0
"""The widest view, in times of what there is to see."""


def zoom_limits(figure: Any, tick_size: float) -> None:
    """Zoom of a bokeh figure ends where its axes can still tell one end from the other.

    A wheel that turns on would else bring both ends of a range together, and the axis to NaN. The farthest is
    counted from what is in view now.

    Parameters
    ----------
    tick_size : the least prices in view, quote currency.
    """
    for along, least in ((figure.x_range, NEAREST_MS), (figure.y_range, tick_size)):
        if along.max_interval is None:  # charts share ranges, and a chart may be drawn anew when zoomed out
            whole = abs(_number(along.end) - _number(along.start))
            along.update(min_interval=least, max_interval=max(FARTHEST * whole, least))


def _number(end: Any) -> float:
    """An end of a range as the browser counts it: before it is shown HoloViews has times in it."""
    return float(end) if isinstance(end, (int, float)) else instant_ns(end) / 1e6
