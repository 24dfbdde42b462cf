"""Presets as choices of a state: liqmap's, and those of the user (see `liqmap.render.frames.presets`)."""

from __future__ import annotations

from typing import Any

import param

from liqmap.app.state.nearest import nearest
from liqmap.app.state.options import AS_TRANSMITTED, AUTO, BY_VIEW, FITTED, HALF_LIFE, PRESET_CHOICES, PRESETS
from liqmap.app.state.state import Seconds, State, seconds_of
from liqmap.carry import spell
from liqmap.render.frames.presets import presets, save_preset
from liqmap.schema import LiqmapError

NAMES = {"half_life": "half_life_s", "prune": "prune_s", "overlays": "layers"}
"""Names of a preset's choices in the state, where they are not the same."""

OF_APP: dict[str, dict[str, Any]] = {BY_VIEW: {"half_life": AUTO, "prune": AUTO}}
"""A preset that the app alone has, as nothing else has a view that moves."""

SAVED = PRESET_CHOICES
"""What the user's own presets hold: all about the picture, and nothing about where it looks."""


def names() -> list[str]:
    """Names of all presets; liqmap's alone where the user's file cannot be read."""
    try:
        return [*OF_APP, *presets()]
    except LiqmapError:
        return [*OF_APP, *PRESETS]


def choose(state: State, name: str) -> None:
    """Take what a preset holds, in one update.

    Raises
    ------
    LiqmapError : no such preset, or it holds what the state does not take.
    """
    state.param.update(**choices_of(name))


def choices_of(name: str) -> dict[str, Any]:
    """What a preset holds, as parameters of the state.

    Raises
    ------
    LiqmapError : no such preset, or it holds what the state does not take.
    """
    known = OF_APP | PRESETS
    if name not in known:  # those of liqmap are there though the user's file may be damaged
        known = OF_APP | presets()
    if name not in known:
        near = nearest(name, known)
        raise LiqmapError(
            argument="preset",
            expected=f"one of {', '.join(known)}",
            got=repr(name),
            remedy=f"Did you mean {near}?" if near else "",
        )
    try:
        choices = _as_state(known[name])
        State(**choices)
    except ValueError as error:
        raise LiqmapError(where=f"preset {name}", expected="choices of the app", got=str(error)) from None
    return choices


def save(state: State, name: str) -> None:
    """Keep how the picture looks under a name.

    Raises
    ------
    LiqmapError : a name of liqmap's own or none, or no place to write to.
    """
    save_preset(name.strip(), **_to_preset(state))


def chosen(state: State, last: str | None = None) -> str | None:
    """The preset whose choices the state has now, the one that says most about it first.

    Parameters
    ----------
    last : the preset that was taken last; it is the one, where several are as the state.
    """
    try:
        known = presets()
    except LiqmapError:
        known = PRESETS
    own = [name for name in known if name not in PRESETS]
    known = OF_APP | known
    for name in (last, *own, BY_VIEW):
        if name in known and _has(state, known[name]):
            return name
    if state.prune_s == 0:
        return AS_TRANSMITTED
    return next((name for name, choices in PRESETS.items() if _has(state, choices)), None)


def _has(state: State, choices: dict[str, Any]) -> bool:
    """Whether the state has all choices of a preset."""
    wanted = _as_state(choices)
    return all(_plain(getattr(state, key, None)) == _plain(value) for key, value in wanted.items())


def _as_state(choices: dict[str, Any]) -> dict[str, Any]:
    """A preset's choices by the state's names, as the state takes them."""
    found = {}
    for key, value in choices.items():
        name = NAMES.get(key, key)
        if name not in State.param:
            continue
        spec = State.param[name]
        if isinstance(spec, Seconds):
            value = value if value == AUTO else seconds_of(value, key)
        elif isinstance(spec, param.Range) and value is not None:
            value = tuple(value)
        elif isinstance(spec, param.ListSelector):
            value = [o for o in spec.objects if o in value]
        found[name] = value
    if "half_life_s" in found:
        found["carry_by"] = HALF_LIFE
    return found


def _to_preset(state: State) -> dict[str, Any]:
    """What a preset holds; by the fitted model of one market no half-life and prune, which are for any."""
    made = {}
    for key in SAVED:
        if state.carry_by == FITTED and key in ("half_life", "prune"):
            continue
        name = NAMES.get(key, key)
        value = getattr(state, name)
        if isinstance(State.param[name], Seconds):
            value = value if value in (None, AUTO) else "0s" if value == 0 else spell(round(value * 1e9))
        made[key] = list(value) if isinstance(value, tuple) else value
    return made


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
