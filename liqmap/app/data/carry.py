"""The carry model that a state stands for: made here and nowhere else."""

from __future__ import annotations

import numpy as np

from liqmap.app.state.options import AS_TRANSMITTED, AUTO
from liqmap.app.state.state import State
from liqmap.carry import HalfLife
from liqmap.render.frames.auto_carry import auto_half_life, auto_prune


def carry_of(state: State, view: int = 0) -> HalfLife:
    """The model of the picture; where the book is shown as transmitted, nothing is carried.

    Parameters
    ----------
    view : ns that are in view, by which goes what is left to it.
    """
    half_life = auto_half_life(view) / 1e9 if state.half_life_s == AUTO else state.half_life_s
    prune = auto_prune(view) / 1e9 if state.prune_s == AUTO else state.prune_s
    return HalfLife(_duration(half_life), _duration(0.0 if state.view == AS_TRANSMITTED else prune))


def left_to_view(state: State) -> tuple[str, ...]:
    """Which of half-life and prune go by what is in view."""
    return tuple(name for name in ("half_life", "prune") if getattr(state, f"{name}_s") == AUTO)


def _duration(seconds: float | None) -> np.timedelta64 | None:
    """Seconds as a duration; None stays None."""
    return None if seconds is None else np.timedelta64(round(seconds * 1e9), "ns")
