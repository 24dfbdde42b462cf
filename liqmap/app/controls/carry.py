"""How far what left the window is remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from liqmap.app.controls.control import Choices, Control, Part, bool_of, part_of
from liqmap.app.data.carry import left_to_view
from liqmap.app.data.shown import Shown
from liqmap.app.picture.asked import duration_of
from liqmap.app.state.options import AUTO, DEFAULT
from liqmap.app.state.state import State
from liqmap.carry import HalfLife, nanoseconds

LEAST = {"half_life_s": 1, "prune_s": 0}
"""The shortest that each may be, ns."""

OF_ENGINE = {"half_life_s": "halfLife", "prune_s": "prune"}
"""What the engine calls them, and draws in the page while they are slid."""

BY_VIEW = "by what is in view (auto)"


CALIBRATION: Part = {
    "kind": "actions", "name": "calibration", "label": "calibration", "beside": True, "of": [
        {"name": "calibrate", "label": "Calibrate …",
         "title": "Calibrate: which half-life fits this market?"},
        {"name": "calibrated", "label": "calibrated",
         "title": "Half-life and prune that fit this market, as its calibration found them."},
        {"name": "default", "label": DEFAULT,
         "title": "liqmap's own half-life and prune: 30 s, 5 min."},
    ],
}  # fmt: skip
"""Beside the heading: to the calibration, and what it found beside the default."""


class Carry:
    """Two sliders over durations, and whether they go by what is in view. One that is moved stays where it is
    put; the handles of what goes by the view stand where a picture has it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._at: dict[str, float | None] = {name: State.param[name].default for name in LEAST}
        self.controls = [*map(self._slider, LEAST), self._auto()]

    def follow(self, shown: Shown) -> None:
        """A picture has been drawn."""
        if not isinstance(shown.carry, HalfLife):
            return
        for name in left_to_view(self._state):
            ns = nanoseconds(getattr(shown.carry, name))
            if not (name == "prune" and ns == 0):  # as transmitted
                self._at[f"{name}_s"] = None if ns is None else ns / 1e9

    def _stands(self, name: str) -> float | None:
        """Seconds at which a handle stands, None for none."""
        value = getattr(self._state, name)
        if value != AUTO:
            self._at[name] = value
        return self._at[name]

    def _slider(self, name: str) -> Control:
        first = [0] if LEAST[name] == 0 else []
        return Control(
            name, part_of(name, "stops", first=first, follows=OF_ENGINE[name]),
            show=lambda: _ns(self._stands(name)),
            take=self._taking(name),
        )  # fmt: skip

    def _taking(self, name: str) -> Callable[[Any], Choices]:
        def take(value: Any) -> Choices:
            ns = duration_of(name.removesuffix("_s"), value, LEAST[name])
            return {name: None if ns is None else ns / 1e9}

        return take

    def _auto(self) -> Control:
        part = {
            "kind": "box", "name": "carry_by_view", "label": BY_VIEW,
            "title": "Half-life of a twentieth of what is in view, prune of half of it: they follow zoom.",
        }  # fmt: skip

        def take(value: Any) -> Choices:
            on = bool_of(BY_VIEW, value)
            return {name: AUTO if on else self._stands(name) for name in LEAST}

        return Control(
            "carry_by_view", part, show=lambda: len(left_to_view(self._state)) == len(LEAST), take=take
        )


def _ns(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1e9)
