"""Where colour begins and saturates: handles over percentiles that say the sizes, or by themselves."""

from __future__ import annotations

import panel as pn
from bokeh.models import CustomJSTickFormatter

from liqmap.app.controls.bound import FULL, Bound, slider
from liqmap.app.data.shown import Shown
from liqmap.app.internals.panel import explain
from liqmap.app.state.state import State
from liqmap.app.style import SWITCH
from liqmap.render.frames.scale import AUTO, RANKS
from liqmap.render.frames.words import numbers_script

SIZE = """
if (!at.length) return `${tick} %`
const said = ends.find(([percent]) => Math.abs(percent - tick) < 1e-6)
return `${short(said ? said[1] : between(tick, ranks, at))} ${unit}`
"""
"""The size at a percentile, said by the browser: the words follow the handle, and at ``ends`` are those of
the picture. After the script of `words.numbers_script`."""

STEP = 0.1

UNSEEN = 1e-9
"""A move of a handle at which the browser writes the words anew: for another format alone it does not."""


def cutoff_slider(state: State) -> Bound:
    """Two handles over percentiles, and whether they are where the picture has them by itself.

    A handle that is moved takes over from that, and from sizes that were typed in.
    """
    bound = slider("cutoffs", step=STEP, unset=AUTO)(state)
    assert isinstance(bound, Bound)
    widget = bound.widget
    auto = pn.widgets.Checkbox(label="cut-offs by themselves", stylesheets=[SWITCH], **FULL)
    explain(auto, "Cut-offs such that neither dust nor one giant wall decides what is seen.")
    auto.param.watch(lambda event: choose(event.new), "value")
    state.param.watch(lambda *_: tell(), ["cutoffs", "limits"])

    def choose(by_itself: bool) -> None:
        if by_itself != is_auto():
            state.param.update(cutoffs=None if by_itself else widget.value, limits=None)

    def is_auto() -> bool:
        return state.cutoffs is None and state.limits is None

    def tell() -> None:
        auto.value = is_auto()

    tell()
    bound.show = pn.Column(widget, auto, margin=0, sizing_mode="stretch_width")
    bound.to_widget = lambda value: widget.value if value is None else value
    bound.also = {"limits": None}
    return bound


def follow_picture(bound: Bound, state: State, shown: Shown) -> None:
    """The handles stand at the cut-offs of a picture, where these are not chosen, and say its sizes."""
    sizes, scale = shown.sizes, shown.scale
    if state.cutoffs is not None and state.limits is None:
        low, high = state.cutoffs
    elif len(sizes.at):
        low, high = (round(sizes.percent(end), 1) for end in (scale.low, scale.high))
        low = min(low, 100 - STEP)
        high = max(high, round(low + STEP, 1))
    else:
        low, high = AUTO
    ends = [[low, scale.low], [high, scale.high]]
    said = {"ranks": RANKS.tolist(), "at": sizes.at.tolist(), "unit": shown.unit, "ends": ends}
    if bound.widget.format is None or bound.widget.format.args != said:
        bound.widget.format = CustomJSTickFormatter(args=said, code=numbers_script() + SIZE)
        if bound.widget.value == (low, high):
            low += UNSEEN
    bound.widget.value = (low, high)
