"""The presets: liqmap's, and the user's own."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from liqmap.schema import LiqmapError

from .. import presets
from ..state import State
from ..style import BUTTONS, FIELD, SELECT
from .bound import BARE, labelled


class Presets(pn.viewable.Viewer):
    """Choose a preset; keep how the picture looks under a name, or forget that."""

    state = param.ClassSelector(class_=State)
    keep = param.Boolean(True, doc="Whether the user's own may be kept on this machine.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._setting = False
        self.select = pn.widgets.Select(stylesheets=[SELECT], **BARE)
        self.select.param.watch(self._choose, "value")
        self.name_field = pn.widgets.TextInput(
            placeholder="name of your preset, then Enter", visible=False, stylesheets=[FIELD], margin=(2, 12),
            sizing_mode="stretch_width",
        )  # fmt: skip
        self.name_field.param.watch(self._save, "value")
        self.button = pn.widgets.Button(
            label="save", stylesheets=[BUTTONS], margin=(0, 0, 0, 6), visible=self.keep
        )
        self.button.on_click(lambda _: self.name_field.param.update(visible=not self.name_field.visible))
        self.remover = pn.widgets.Button(
            label="remove", stylesheets=[BUTTONS], margin=(0, 0, 0, 6), visible=False
        )
        self.remover.on_click(self._remove)
        self.state.param.watch(self._follow, [presets.NAMES.get(name, name) for name in presets.SAVED])
        self._follow()

    def _follow(self, *_: Any) -> None:
        """The select says which preset there is now."""
        self._setting = True
        try:
            name = presets.chosen(self.state) or presets.CUSTOM
            self.select.param.update(options=[*presets.names(), presets.CUSTOM], value=name)
            own = presets.is_own(name)
            self.remover.visible, self.button.visible = self.keep and own, self.keep and not own
        finally:
            self._setting = False

    def _choose(self, event: Any) -> None:
        if self._setting or event.new == presets.CUSTOM:
            return
        try:
            presets.choose(self.state, event.new)
        except LiqmapError as error:
            self._say(str(error))

    def _save(self, event: Any) -> None:
        if not event.new:
            return
        try:
            presets.save(self.state, event.new)
        except LiqmapError as error:
            self._say(str(error))
            return
        self.name_field.param.update(value="", visible=False, placeholder="name of your preset, then Enter")
        self._follow()

    def _remove(self, _: Any) -> None:
        try:
            presets.remove(self.select.value)
        except LiqmapError as error:
            self._say(str(error))
        self._follow()

    def _say(self, words: str) -> None:
        self.name_field.param.update(value="", visible=True, placeholder=words.split(", got")[0])

    def __panel__(self) -> pn.viewable.Viewable:
        row = pn.Row(self.select, self.button, self.remover, sizing_mode="stretch_width", margin=0)
        return pn.Column(labelled("preset", row), self.name_field, sizing_mode="stretch_width", margin=0)
