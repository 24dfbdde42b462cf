"""What lies over, beside and below the heatmap."""

from __future__ import annotations

from liqmap.app.controls.control import Maker, field, several, toggles
from liqmap.app.controls.panes import alerts, panels
from liqmap.app.state.options import layer_words

LAYERS: list[Maker] = [
    toggles("sides", "bids", "asks"),
    several("layers", layer_words),
    field("min_trade", step=0.1),
    panels,
    alerts,
]
