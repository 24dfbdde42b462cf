"""Widgets bound to parameters of the state, both ways. A maker takes the state and gives a `Bound`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import panel as pn

from liqmap.app.controls.stops import StopSlider
from liqmap.app.internals.panel import set_attributes
from liqmap.app.state.options import AUTO
from liqmap.app.state.state import State
from liqmap.app.style import BUTTONS, FIELD, LABEL_WIDTH, SELECT, SLIDER, SWITCH, after_label

FULL: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (2, 12)}
BARE: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}


@dataclass
class Bound:
    """A parameter's widget.

    show : what is put on the page: the widget, or what it stands in; None: another shows it.
    to_widget, of_widget : a value of the state as the widget has it, and back.
    offer : called before the widget is given a value, which it may not have on offer.
    also : other choices that its own ones bring with them.
    """

    name: str
    widget: Any
    show: Any | None
    to_widget: Callable[[Any], Any] = lambda value: value
    of_widget: Callable[[Any], Any] = lambda value: value
    offer: Callable[[Any, Any], None] = lambda widget, value: None
    also: dict[str, Any] = field(default_factory=dict)

    @property
    def explained(self) -> Any:
        """What has the tooltip."""
        return self.widget.slider if isinstance(self.widget, StopSlider) else self.widget


Maker = Callable[[State], "Bound | list[Bound]"]


def stops(name: str, options: dict[str, float | None]) -> Maker:
    """A slider over named stops."""

    def make(state: State) -> Bound:
        value = getattr(state, name)
        value = State.param[name].default if value == AUTO else value  # until there is a picture
        slider = StopSlider(_label(name), options=dict(options), value=value)
        return Bound(name, slider, slider)

    return make


def slider(name: str, step: float, unset: Any = None) -> Maker:
    """A slider over the bounds of a number, or of both ends of a range; at ``unset`` where there is none."""

    def make(state: State) -> Bound:
        low, high = State.param[name].bounds
        value = unset if getattr(state, name) is None else getattr(state, name)
        kind = pn.widgets.RangeSlider if isinstance(value, tuple) else pn.widgets.FloatSlider
        widget = kind(
            label=_label(name), start=low, end=high, step=step, value=value, stylesheets=[SLIDER], **FULL
        )
        return Bound(name, widget, widget, of_widget=apart)

    def apart(value: Any) -> Any:
        """A range whose handles meet spans a step."""
        if not isinstance(value, tuple) or value[0] < value[1]:
            return value
        first = State.param[name].bounds[0]
        return (value[0] - step, value[1]) if value[0] - step >= first else (value[0], value[1] + step)

    return make


def choice(name: str) -> Maker:
    """One of a few, all in sight."""

    def make(state: State) -> Bound:
        widget = pn.widgets.RadioButtonGroup(
            options=list(State.param[name].objects), value=getattr(state, name), stylesheets=[BUTTONS], **BARE
        )
        return Bound(name, widget, labelled(_label(name), widget))

    return make


def several(name: str, words: Callable[[], str] | None = None) -> Maker:
    """Any of a few, all in sight; kept in the order of the state. Their tooltip says ``words()``."""

    def make(state: State) -> Bound:
        objects = list(State.param[name].objects)
        widget = pn.widgets.CheckButtonGroup(
            options=objects, value=list(getattr(state, name)), stylesheets=[BUTTONS],
            description=words and words(), **BARE,
        )  # fmt: skip
        return Bound(
            name, widget, labelled(_label(name), widget), of_widget=lambda v: [o for o in objects if o in v]
        )

    return make


def select(name: str, options: dict[str, Any], none: Any = None) -> Maker:
    """One of many; ``none`` stands for None. What code has chosen beside them is added."""

    def make(state: State) -> Bound:
        value = getattr(state, name)
        widget = pn.widgets.Select(options=dict(options), stylesheets=[SELECT], **BARE)
        offer(widget, none if value is None else value)
        widget.value = none if value is None else value
        return Bound(
            name, widget, labelled(_label(name), widget),
            to_widget=lambda v: none if v is None else v,
            of_widget=lambda v: None if v == none else v,
            offer=offer,
        )  # fmt: skip

    def offer(widget: Any, value: Any) -> None:
        if value not in widget.options.values():
            widget.options = widget.options | {f"{value} ticks" if name == "row_ticks" else f"{value}": value}

    return make


def switch(name: str) -> Maker:
    """On or off."""

    def make(state: State) -> Bound:
        widget = pn.widgets.Checkbox(
            label=_label(name), value=getattr(state, name), stylesheets=[SWITCH], **FULL
        )
        return Bound(name, widget, widget)

    return make


def toggles(label: str, *names: str) -> Maker:
    """Parameters that are on or off, beside each other."""

    def make(state: State) -> list[Bound]:
        bounds = []
        for name in names:
            widget = pn.widgets.Toggle(
                label=_label(name), value=getattr(state, name), stylesheets=[BUTTONS], **BARE
            )
            bounds.append(Bound(name, widget, None))
        row = pn.Row(*(b.widget for b in bounds), sizing_mode="stretch_width", margin=0)
        bounds[0].show = labelled(label, row)
        return bounds

    return make


def number(name: str, step: float) -> Maker:
    """A number typed in."""

    def make(state: State) -> Bound:
        low, high = State.param[name].bounds
        widget = pn.widgets.FloatInput(
            value=getattr(state, name), start=low, end=high, step=step, stylesheets=[FIELD], **BARE
        )
        return Bound(name, widget, labelled(_label(name), widget), of_widget=lambda v: v or 0.0)

    return make


def words(
    name: str,
    placeholder: str,
    of_text: Callable[[str], Any],
    to_text: Callable[[Any], str],
    expected: str,
) -> Maker:
    """A value typed in as words. What cannot be read is undone, and a ValueError says what was expected."""

    def make(state: State) -> Bound:
        widget = pn.widgets.TextInput(
            value=to_text(getattr(state, name)), placeholder=placeholder, stylesheets=[FIELD], **BARE
        )

        def read(text: str) -> Any:
            try:
                return of_text(text)
            except ValueError:
                widget.value = to_text(getattr(state, name))
                wrong = f"{_label(name)}: expected {expected}, got {text!r}"
                raise ValueError(wrong) from None

        return Bound(name, widget, labelled(_label(name), widget), to_widget=to_text, of_widget=read)

    return make


def _label(name: str) -> str:
    return str(State.param[name].label)


def labelled(label: str, part: Any, width: int = LABEL_WIDTH) -> Any:
    """A widget, or a row of some, after its label, which has so many pixels, on one line.

    A style sheet shows the label: a pane for it, and a row for both, would cost each visitor a fifth of what
    all the controls do.
    """
    set_attributes(part, {"aria-label": label})
    part.param.update(stylesheets=[*part.stylesheets, after_label(width)], margin=(2, 12))
    return part
