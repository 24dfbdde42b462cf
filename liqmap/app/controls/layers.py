"""What lies over, beside and below the heatmap."""

from __future__ import annotations

from liqmap.app.controls.bound import Maker, several, toggles

LAYERS: list[Maker] = [
    toggles("sides", "bids", "asks"),
    several("layers"),
    several("panels"),
]
