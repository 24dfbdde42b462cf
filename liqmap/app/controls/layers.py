"""What lies over, beside and below the heatmap."""

from __future__ import annotations

from liqmap.app.controls.bound import Maker, number, several, toggles
from liqmap.app.state.options import layer_words

LAYERS: list[Maker] = [
    toggles("sides", "bids", "asks"),
    several("layers", layer_words),
    number("min_trade", step=0.1),
    several("panels"),
]
