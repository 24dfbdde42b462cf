"""How far what left the window is remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from liqmap.app.controls.control import Choices, Control, Part, bool_of, one_of, part_of, refuse
from liqmap.app.data.calibrations import carried_of, doubt_of
from liqmap.app.data.carry import left_to_view
from liqmap.app.data.shown import Shown
from liqmap.app.picture.asked import duration_of
from liqmap.app.state.options import AUTO, DEFAULT, FITTED, HALF_LIFE
from liqmap.app.state.state import State
from liqmap.carry import HalfLife, Mixture, nanoseconds

LEAST = {"half_life_s": 1, "prune_s": 0}
"""The shortest that each may be, ns."""

OF_ENGINE = {"half_life_s": "halfLife", "prune_s": "prune"}
"""What the engine calls them, and draws in the page while they are slid."""

BY_VIEW = "by what is in view (auto)"

FITTED_WORDS = "fitted model"
"""What the model is called that a calibration has fitted."""

INSTEAD = "The fitted model decides instead, by size and distance; move this to go back to a half-life."


CALIBRATION: Part = {
    "kind": "actions", "name": "calibration", "label": "calibration", "beside": True, "of": [
        {"name": "calibrate", "label": "Calibrate …",
         "title": "Calibrate: which half-life fits this market?"},
        {"name": "calibrated", "label": "calibrated",
         "title": "What fits this market, as its calibration found it."},
        {"name": "default", "label": DEFAULT,
         "title": "liqmap's own half-life and prune: 30 s, 5 min."},
    ],
}  # fmt: skip
"""Beside the heading: to the calibration, and what it found beside the default."""


class Carry:
    """What carries, two sliders over durations, and whether they go by what is in view. One that is moved
    stays where it is put; the handles of what goes by the view stand where a picture has it.

    The fitted model is offered where ``calibration`` gives one that has it. It takes the place of the
    half-life, whose slider says so, and which takes over again once it is moved.
    """

    def __init__(self, state: State, calibration: Callable[[], Any] = lambda: None) -> None:
        self._state, self._calibration = state, calibration
        self._at: dict[str, float | None] = {name: State.param[name].default for name in LEAST}
        self._before: tuple[float | str | None] | None = None  # the prune, once a hand has left it
        self.controls = [self._by(), self._doubt(), *map(self._slider, LEAST), self._auto()]

    def follow(self, shown: Shown) -> None:
        """A picture has been drawn."""
        carry = shown.carry
        for name in left_to_view(self._state):
            if isinstance(carry, HalfLife):
                ns = nanoseconds(getattr(carry, name))
            elif isinstance(carry, Mixture) and name == "prune":
                ns = carry.prune
            else:
                continue
            if not (name == "prune" and ns == 0):  # as transmitted
                self._at[f"{name}_s"] = None if ns is None else ns / 1e9

    def _stands(self, name: str) -> float | None:
        """Seconds at which a handle stands, None for none."""
        value = getattr(self._state, name)
        if value != AUTO:
            self._at[name] = value
        return self._at[name]

    @property
    def _offered(self) -> Any:
        """The calibration that has a fitted model; None of none."""
        found = self._calibration()
        return None if found is None or found.fitted is None else found

    def _by(self) -> Control:
        options = [[HALF_LIFE, HALF_LIFE], [FITTED_WORDS, FITTED]]
        return Control(
            "carry_by", part_of("carry_by", "choice", options=options), show=lambda: self._state.carry_by,
            take=self._take_by, look=lambda: None if self._offered is not None else {"hidden": True},
        )  # fmt: skip

    def _take_by(self, value: Any) -> Choices:
        """The model with its own prune, by which it was judged; the half-life with the prune of before, or
        the best where a page has opened with the model."""
        by, found, prune = one_of("carry_by", value), self._offered, self._state.prune_s
        if by == self._state.carry_by:
            return {}
        if found is None:
            refuse("carry by", f"{HALF_LIFE}, as no fitted model of this market is known", value)
        own = carried_of(found, FITTED).prune_s
        if by == FITTED:
            self._before = (prune,)
            return {"carry_by": by, "prune_s": own}
        (before,) = self._before or (carried_of(found, HALF_LIFE).prune_s,)
        return {"carry_by": by, "prune_s": before if prune == own else prune}

    def _doubt(self) -> Control:
        """Words where the fitted model is not recommended."""
        part: Part = {"kind": "note", "name": "carry_doubt", "label": "of the fitted model",
                      "title": "Whether the fitted model surely is better than a half-life."}  # fmt: skip

        def show() -> str:
            return "" if self._offered is None else doubt_of(self._offered)

        return Control("carry_doubt", part, show, lambda value: refuse("carry by", "one of them", value))

    def _instead(self) -> dict[str, Any] | None:
        """What the slider of the half-life says where that does not count."""
        by_model = self._state.carry_by == FITTED and self._offered is not None
        return {"words": FITTED_WORDS, "title": INSTEAD} if by_model else None

    def _slider(self, name: str) -> Control:
        first = [0] if LEAST[name] == 0 else []
        return Control(
            name, part_of(name, "stops", first=first, follows=OF_ENGINE[name]),
            show=lambda: _ns(self._stands(name)),
            take=self._taking(name),
            look=self._instead if name == "half_life_s" else lambda: None,
        )  # fmt: skip

    def _taking(self, name: str) -> Callable[[Any], Choices]:
        def take(value: Any) -> Choices:
            ns = duration_of(name.removesuffix("_s"), value, LEAST[name])
            return {name: None if ns is None else ns / 1e9} | _taken_over(name)

        return take

    def _auto(self) -> Control:
        part = {
            "kind": "box", "name": "carry_by_view", "label": BY_VIEW,
            "title": "Half-life of a twentieth of what is in view, prune of half of it: they follow zoom.",
        }  # fmt: skip

        def take(value: Any) -> Choices:
            on = bool_of(BY_VIEW, value)
            return {name: AUTO if on else self._stands(name) for name in LEAST} | _taken_over("half_life_s")

        return Control(
            "carry_by_view", part, show=lambda: len(left_to_view(self._state)) == len(LEAST), take=take
        )


def _taken_over(name: str) -> Choices:
    """A half-life that is chosen takes over from the fitted model."""
    return {"carry_by": HALF_LIFE} if name == "half_life_s" else {}


def _ns(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1e9)
