"""How far what left the window is remembered."""

from __future__ import annotations

from functools import partial
from typing import Any

import panel as pn

from liqmap.app.controls.bound import FULL, Bound, Maker, stops
from liqmap.app.data.carry import left_to_view
from liqmap.app.data.shown import Shown
from liqmap.app.internals.panel import explain
from liqmap.app.state.options import AUTO, DURATIONS
from liqmap.app.state.state import State
from liqmap.app.style import SWITCH
from liqmap.carry import HalfLife, nanoseconds

DURATION = {"half_life_s": DURATIONS, "prune_s": {"0": 0.0, **DURATIONS}}
"""Stops by parameter."""


def carry_sliders(state: State) -> list[Bound]:
    """Two sliders over durations, and whether they go by what is in view. One that is moved stays where it is
    put."""
    bounds = []
    for name, options in DURATION.items():
        bound = stops(name, options)(state)
        assert isinstance(bound, Bound)
        bound.to_widget = partial(_shown, bound.widget)
        bounds.append(bound)
    auto = pn.widgets.Checkbox(label="by what is in view (auto)", stylesheets=[SWITCH], **FULL)

    explain(auto, "Half-life of a twentieth of what is in view, prune of half of it: they follow zoom.")

    def choose(by_view: bool) -> None:
        if by_view != is_auto():
            state.param.update({b.name: AUTO if by_view else b.widget.value for b in bounds})

    def is_auto() -> bool:
        return len(left_to_view(state)) == len(bounds)

    def tell() -> None:
        auto.value = is_auto()

    auto.param.watch(lambda event: choose(event.new), "value")
    state.param.watch(lambda *_: tell(), list(DURATION))
    tell()
    bounds[-1].show = pn.Column(bounds[-1].widget, auto, margin=0, sizing_mode="stretch_width")
    return bounds


def _shown(slider: Any, value: Any) -> Any:
    """Where a slider stands for a choice: as it stood, where that is left to the view."""
    return slider.value if value == AUTO else value


def follow_carry(bounds: dict[str, Bound], state: State, shown: Shown) -> None:
    """The handles of what goes by the view stand where a picture has it."""
    if not isinstance(shown.carry, HalfLife):
        return
    for name in left_to_view(state):
        ns = nanoseconds(getattr(shown.carry, name))
        if not (name == "prune" and ns == 0):  # as transmitted
            bounds[f"{name}_s"].widget.value = None if ns is None else ns / 1e9


CARRY: list[Maker] = [carry_sliders]
