"""How far what left the window is remembered."""

from __future__ import annotations

from liqmap.app.controls.bound import Maker, stops
from liqmap.app.state.options import DURATIONS

CARRY: list[Maker] = [
    stops("half_life_s", DURATIONS),
    stops("prune_s", {"0": 0.0, **DURATIONS}),
]
