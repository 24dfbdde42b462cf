"""The presets: liqmap's, and the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from liqmap.app.controls.control import Choices, Control, refuse
from liqmap.app.state.presets import NAMES, SAVED, choices_of, chosen, names, save
from liqmap.app.state.state import State
from liqmap.app.state.telling import telling
from liqmap.render.frames.presets import CUSTOM, is_own, remove_preset
from liqmap.schema import LiqmapError

PART = {
    "kind": "presets", "name": "presets", "label": "preset",
    "title": "How the picture looks, by name: liqmap's choices, and your own.",
    "save": "Keep how the picture looks under a name.",
    "remove": "Forget this preset; a second click does it.",
    "field": "The name under which the picture's choices are kept.",
}  # fmt: skip

FOLLOWED = [*(NAMES.get(name, name) for name in SAVED), "carry_by"]
"""Parameters of the state that a preset holds, or takes over."""


class Presets:
    """Choose a preset; keep how the picture looks under a name, or forget that name.

    keep : whether the user's own may be kept on this machine, and forgotten.
    """

    def __init__(self, state: State, keep: bool = True) -> None:
        self._state, self.keep, self._tell = state, keep, telling()
        self._last: str | None = None
        self._wrong = ""
        self._shown: dict[str, Any] | None = None
        state.param.watch(self._forget, FOLLOWED)
        self.controls = [
            Control("presets", PART, show=self.show, take=lambda got: refuse("presets", "preset", got)),
            Control("preset", None, show=lambda: None, take=self._doing(self._choose)),
            Control("preset_to_save", None, show=lambda: None, take=self._doing(self._save)),
            Control("preset_to_remove", None, show=lambda: None, take=self._doing(self._remove)),
        ]

    def show(self) -> dict[str, Any]:
        """Names of all, which is the one that the state has, which are the user's, what went wrong last."""
        if self._shown is None:
            known = names()
            name = chosen(self._state, self._last) or CUSTOM
            own = [one for one in known if is_own(one)]
            self._shown = {"names": known, "name": name, "own": own, "keep": self.keep}
        return self._shown | {"message": self._wrong}

    def _forget(self, *_: Any) -> None:
        """The state is another: which preset it is, is looked up anew, and what went wrong is past."""
        self._shown, self._wrong = None, ""

    def _doing(self, do: Callable[[str], Choices]) -> Callable[[Any], Choices]:
        """Do something with a name; what went wrong is said below it."""

        def take(name: Any) -> Choices:
            self._forget()
            if not isinstance(name, str):
                refuse("preset", "a name", name)
            try:
                return do(name)
            except LiqmapError as error:
                self._wrong = self._tell(error)
                return {}

        return take

    def _choose(self, name: str) -> Choices:
        choices = choices_of(name)
        self._last = name
        return choices

    def _save(self, name: str) -> Choices:
        if self.keep and name:
            save(self._state, name)
            self._last = name.strip()
        return {}

    def _remove(self, name: str) -> Choices:
        if self.keep:
            remove_preset(name)
        return {}
