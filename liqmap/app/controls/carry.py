"""How far what left the window is remembered."""

from __future__ import annotations

from ..state import DURATIONS
from .bound import Maker, stops

CARRY: list[Maker] = [
    stops("half_life_s", DURATIONS),
    stops("prune_s", {"0": 0.0, **DURATIONS}),
]
