"""The carry model that choices stand for, of a state or of a page: made here and nowhere else."""

from __future__ import annotations

import numpy as np

from liqmap.app.state.options import AS_TRANSMITTED, AUTO
from liqmap.app.state.state import State
from liqmap.carry import HalfLife
from liqmap.render.frames.auto_carry import auto_half_life, auto_prune


def carry_of(half_life: int | str | None, prune: int | str | None, view: int) -> HalfLife:
    """The model of two choices, ns or None for none, of which ``auto`` leaves one to what is in view.

    Parameters
    ----------
    view : ns that are in view.
    """
    half_life = auto_half_life(view) if half_life == AUTO else half_life
    prune = auto_prune(view) if prune == AUTO else prune
    return HalfLife(*(None if ns is None else np.timedelta64(ns, "ns") for ns in (half_life, prune)))


def state_carry(state: State, view: int = 0) -> HalfLife:
    """The model of the picture, with so many ns in view; where the book is shown as transmitted, nothing is
    carried."""
    prune = 0.0 if state.view == AS_TRANSMITTED else state.prune_s
    return carry_of(_ns(state.half_life_s), _ns(prune), view)


def left_to_view(state: State) -> tuple[str, ...]:
    """Which of half-life and prune go by what is in view."""
    return tuple(name for name in ("half_life", "prune") if getattr(state, f"{name}_s") == AUTO)


def _ns(seconds: float | str | None) -> int | str | None:
    """Seconds in ns; None and ``auto`` stay as they are."""
    return seconds if seconds is None or isinstance(seconds, str) else round(seconds * 1e9)
