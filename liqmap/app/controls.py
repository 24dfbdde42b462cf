"""The panel of choices beside the picture."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from liqmap.schema import AGGREGATES

from .state import DURATIONS, PRESETS, ROW_TICKS, State
from .stops import StopSlider
from .style import BUTTONS, CONTROLS, SELECT, SLIDER

CUSTOM = "custom"

DELAY_MS = 25
"""A drag sends many values; within this time only the last one counts, so that pictures do not queue up."""


class Controls(pn.viewable.Viewer):
    """Widgets over a `State`, both ways."""

    state = param.ClassSelector(class_=State)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._pending: dict[str, Any] = {}
        self._waiting = self._setting = False
        self._widgets = self._build()
        for name, widget in self._widgets.items():
            widget.param.watch(lambda event, name=name: self._later(name, event.new), "value")
        self._presets = pn.widgets.Select(
            label="preset",
            options=[*PRESETS, CUSTOM],
            value=self.state.preset or CUSTOM,
            stylesheets=[SELECT],
            **_FULL,
        )
        self._presets.param.watch(self._preset, "value")
        self.state.param.watch(self._show, list(self._widgets))

    def _build(self) -> dict[str, Any]:
        s, w = self.state, pn.widgets
        shown = {"bbo": "best bid and ask", "bubbles": "traded volume"}
        return {
            "half_life_s": StopSlider("half-life", options=dict(DURATIONS), value=s.half_life_s),
            "prune_s": StopSlider("prune", options={"0": 0.0, **DURATIONS}, value=s.prune_s),
            "agg": w.RadioButtonGroup(
                label="aggregate", options=list(AGGREGATES), value=s.agg, stylesheets=[BUTTONS], **_FULL
            ),
            "row_ticks": w.Select(
                label="row", options=dict(ROW_TICKS), value=s.row_ticks or 0, stylesheets=[SELECT], **_FULL
            ),
            "cutoffs": w.RangeSlider(
                label="cut-offs, percentile",
                start=0,
                end=100,
                step=0.1,
                value=s.cutoffs,
                stylesheets=[SLIDER],
                **_FULL,
            ),
            "carried": _share("strength of carried", s.carried, 0.02),
            "opacity": _share("opacity", s.opacity, 0.05),
            "log_scale": w.Checkbox(label="log scale of sizes", value=s.log_scale, **_FULL),
            **{
                name: w.Checkbox(label=label, value=getattr(s, name), **_FULL)
                for name, label in shown.items()
            },
        }

    def _later(self, name: str, value: Any) -> None:
        if self._setting:
            return
        self._pending[name] = None if name == "row_ticks" and value == 0 else value
        doc = pn.state.curdoc
        if doc is None or doc.session_context is None:
            self._apply()
        elif not self._waiting:
            self._waiting = True
            doc.add_timeout_callback(self._apply, DELAY_MS)

    def _apply(self) -> None:
        self._waiting = False
        pending, self._pending = self._pending, {}
        self.state.param.update(**pending)

    def _preset(self, event: Any) -> None:
        if event.new != CUSTOM and not self._setting:
            self.state.choose_preset(event.new)

    def _show(self, *events: Any) -> None:
        """The state has changed: the widgets follow, without telling it again."""
        self._setting = True
        try:
            for event in events:
                widget = self._widgets[event.name]
                value = event.new or 0 if event.name == "row_ticks" else event.new
                if event.name in self._pending or widget.value == value:
                    continue
                if event.name == "row_ticks" and value not in widget.options.values():
                    widget.options = widget.options | {f"{value} ticks": value}
                widget.value = value
            self._presets.value = self.state.preset or CUSTOM
        finally:
            self._setting = False

    def __panel__(self) -> pn.viewable.Viewable:
        w = self._widgets
        return pn.Column(
            _heading("Carry"), self._presets, w["half_life_s"], w["prune_s"],
            _heading("Grid"), w["agg"], w["row_ticks"],
            _heading("Colour"), w["cutoffs"], w["carried"], w["opacity"], w["log_scale"],
            _heading("Layers"), w["bbo"], w["bubbles"],
            width=256, sizing_mode="stretch_height", scroll="y-auto", css_classes=["liqmap-controls"],
            stylesheets=[CONTROLS],
        )  # fmt: skip


_FULL: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (3, 12)}


def _heading(words: str) -> pn.pane.HTML:
    return pn.pane.HTML(f"<b>{words}</b>", margin=(8, 12, 0, 12), css_classes=["liqmap-heading"])


def _share(label: str, value: float, step: float) -> pn.widgets.FloatSlider:
    return pn.widgets.FloatSlider(
        label=label, start=0, end=1, step=step, value=value, stylesheets=[SLIDER], **_FULL
    )
