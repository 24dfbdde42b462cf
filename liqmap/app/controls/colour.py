"""How sizes become colours."""

from __future__ import annotations

from typing import Any

from bokeh.models import PrintfTickFormatter

from liqmap.app.controls.bound import Bound, Maker, choice, select, slider, switch, words
from liqmap.app.controls.cutoffs import cutoff_slider
from liqmap.app.data.data import opacity
from liqmap.app.state.options import OFFERED
from liqmap.app.state.state import State

PLAIN = "0[.]00"
"""How a slider writes its value where nothing else is said. Once it is shown, None is no format."""


def read_limits(text: str) -> tuple[float, float] | None:
    """Two sizes that rise, such as ``0.5 20``; None for no text.

    Raises
    ------
    ValueError : anything else.
    """
    if not text.strip():
        return None
    low, high = map(float, text.replace(",", " ").replace("–", " ").split())
    if not 0 <= low < high < float("inf"):
        raise ValueError(text)
    return low, high


def limits_text(limits: tuple[float, float] | None) -> str:
    """As `read_limits` reads it."""
    return "" if limits is None else " – ".join(f"{size:g}" for size in limits)


def opacity_slider(state: State) -> Bound:
    """A slider that says so where candles, not itself, decide how faint the heatmap is."""
    made = slider("opacity", step=0.05)(state)
    assert isinstance(made, Bound)

    def tell(*_: Any) -> None:
        drawn = opacity(state)
        own = drawn == state.opacity
        made.widget.format = PLAIN if own else PrintfTickFormatter(format=f"{drawn:g} under candles")

    state.param.watch(tell, ["opacity", "layers", "theme"])
    tell()
    return made


COLOUR: list[Maker] = [
    select("palette", {name: name for name in OFFERED}),
    choice("scaling"),
    cutoff_slider,
    words(
        "limits", "by percentile", read_limits, limits_text, "two sizes that rise, such as 0.5 20, or nothing"
    ),
    choice("carried_shown"),
    slider("carried", step=0.02),
    opacity_slider,
    switch("stable"),
]
