"""What lies over, beside and below the heatmap."""

from __future__ import annotations

from liqmap.app.controls.bound import Maker, several, toggles
from liqmap.app.state.options import layer_words

LAYERS: list[Maker] = [
    toggles("sides", "bids", "asks"),
    several("layers", layer_words),
    several("panels"),
]
