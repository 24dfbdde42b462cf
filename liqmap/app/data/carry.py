"""The carry model that choices stand for, of a state or of a page: made here and nowhere else."""

from __future__ import annotations

import json
from copy import copy
from functools import lru_cache
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import numpy as np

from liqmap.app.state.options import AS_TRANSMITTED, AUTO, FITTED
from liqmap.app.state.state import State
from liqmap.carry import HalfLife, Mixture, Presence
from liqmap.carry.saved import model_record
from liqmap.render.frames.auto_carry import auto_half_life, auto_prune

KEPT = 64
"""Models that are kept, a slider's prune each: a few kB."""


def carry_of(
    half_life: int | str | None, prune: int | str | None, view: int, fitted: Mixture | None = None
) -> HalfLife | Mixture:
    """The model of two choices, ns or None for none, of which ``auto`` leaves one to what is in view.

    Parameters
    ----------
    view : ns that are in view.
    fitted : takes the place of the half-life, not of the prune; where that is 0 nothing is carried by any.
    """
    half_life = auto_half_life(view) if half_life == AUTO else half_life
    prune = auto_prune(view) if prune == AUTO else prune
    if fitted is not None and prune != 0:
        return _pruned(same(fitted), None if prune is None else int(prune))
    return HalfLife(*(None if ns is None else np.timedelta64(ns, "ns") for ns in (half_life, prune)))


def state_carry(state: State, view: int = 0, fitted: Mixture | None = None) -> HalfLife | Mixture:
    """The model of the picture, with so many ns in view; where the book is shown as transmitted, nothing is
    carried.

    Parameters
    ----------
    fitted : the model of the market, if it has one; a state that goes by it goes by its half-life else.
    """
    prune = 0.0 if state.view == AS_TRANSMITTED else state.prune_s
    chosen = fitted if state.carry_by == FITTED else None
    return carry_of(_ns(state.half_life_s), _ns(prune), view, chosen)


def left_to_view(state: State) -> tuple[str, ...]:
    """Which of half-life and prune go by what is in view."""
    return tuple(name for name in ("half_life", "prune") if getattr(state, f"{name}_s") == AUTO)


_SAME: WeakValueDictionary[str, Any] = WeakValueDictionary()

Model = TypeVar("Model")


@lru_cache(maxsize=KEPT)
def same(model: Model) -> Model:
    """The one model in memory that weighs as this one: pictures that visitors share are found by it, though
    each has read it from the store for himself."""
    found: Model = _SAME.setdefault(json.dumps(model_record(model)), model)
    return found


@lru_cache(maxsize=KEPT)
def same_presence(presence: Presence) -> Presence:
    """The same of a presence, which then is equal to that of other visitors."""
    models: tuple[Any, ...] = presence.likely, presence.low, presence.high
    likely, low, high = (same(model) for model in models)
    return Presence(likely, low, high, presence.level)


@lru_cache(maxsize=KEPT)
def _pruned(model: Mixture, prune: int | None) -> Mixture:
    """The model with another prune, ns."""
    if prune == model.prune:
        return model
    other = copy(model)
    other.prune = prune
    return other


def _ns(seconds: float | str | None) -> int | str | None:
    """Seconds in ns; None and ``auto`` stay as they are."""
    return seconds if seconds is None or isinstance(seconds, str) else round(seconds * 1e9)
