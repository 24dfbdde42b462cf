"""The presets: liqmap's, and the user's own."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import panel as pn
import param

from liqmap.app.controls.bound import BARE, labelled
from liqmap.app.internals.panel import explain
from liqmap.app.state.presets import NAMES, SAVED, choose, chosen, names, save
from liqmap.app.state.state import State
from liqmap.app.state.wording import notice_of
from liqmap.app.style import BUTTONS, FIELD, LABEL, SELECT
from liqmap.render.frames.presets import CUSTOM, is_own, remove_preset
from liqmap.schema import LiqmapError

NARROW = 46
"""Pixels of the label: names are long."""

REMOVE, SURE = "remove", "sure?"


class Presets(pn.viewable.Viewer):
    """Choose a preset; keep how the picture looks under a name, or forget that name."""

    state = param.ClassSelector(class_=State)
    keep = param.Boolean(True, doc="Whether the user's own may be kept on this machine, and forgotten.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._setting = False
        self._last: str | None = None
        self.select = pn.widgets.Select(stylesheets=[SELECT], **BARE)
        self.select.param.watch(self._choose, "value")
        self.name_field = pn.widgets.TextInput(
            placeholder="name of your preset, then Enter", visible=False, stylesheets=[FIELD], margin=(2, 12),
            sizing_mode="stretch_width",
        )  # fmt: skip
        self.name_field.param.watch(self._save, "value")
        self.saver, self.remover = (
            pn.widgets.Button(label=label, stylesheets=[BUTTONS], margin=(0, 0, 0, 6))
            for label in ("save", REMOVE)
        )
        self.saver.on_click(lambda _: self.name_field.param.update(visible=not self.name_field.visible))
        self.remover.on_click(self._remove)
        for widget, words in (
            (self.select, "How the picture looks, by name: liqmap's choices, and your own."),
            (self.saver, "Keep how the picture looks under a name."),
            (self.remover, "Forget this preset; a second click does it."),
            (self.name_field, "The name under which the picture's choices are kept."),
        ):
            explain(widget, words)
        self.message = pn.pane.HTML("", visible=False, stylesheets=[LABEL], margin=(2, 12))
        self.state.param.watch(self._follow, [NAMES.get(name, name) for name in SAVED])
        self._follow()

    def _follow(self, *_: Any) -> None:
        """The select says which preset there is now."""
        name = chosen(self.state, self._last) or CUSTOM
        self._setting = True
        try:
            self.select.param.update(options=[*names(), CUSTOM], value=name)
        finally:
            self._setting = False
        self._offer(name)

    def _offer(self, name: str) -> None:
        """What can be done beside a preset: one's own is saved already, and can be removed."""
        own = is_own(name)
        self.saver.visible = self.keep and not own
        self.remover.param.update(visible=self.keep and own, label=REMOVE)
        self.message.visible = False
        if own:
            self.name_field.visible = False

    def _choose(self, event: Any) -> None:
        if self._setting:
            return
        if event.new == CUSTOM:
            self._offer(CUSTOM)
            return
        self._last = event.new
        self._do(lambda: choose(self.state, event.new))

    def _save(self, event: Any) -> None:
        if not event.new or not self.keep:
            return

        def keep() -> None:
            save(self.state, event.new)
            self._last = event.new.strip()

        self._do(keep)
        self.name_field.value = ""

    def _remove(self, _: Any) -> None:
        """At the second click: the preset may be that of others too."""
        if not self.keep:
            return
        if self.remover.label == REMOVE:
            self.remover.label = SURE
            return
        self._do(lambda: remove_preset(self.select.value))

    def _do(self, work: Callable[[], Any]) -> None:
        """Do it; then the select says which preset there is, and a line what went wrong."""
        wrong = ""
        try:
            work()
        except LiqmapError as error:
            wrong = notice_of(error)
        self._follow()
        self.message.param.update(object=escape(wrong), visible=bool(wrong))

    def __panel__(self) -> pn.viewable.Viewable:
        row = pn.Row(self.select, self.saver, self.remover, sizing_mode="stretch_width", margin=0)
        return pn.Column(
            labelled("preset", row, NARROW),
            self.name_field,
            self.message,
            sizing_mode="stretch_width",
            margin=0,
        )
