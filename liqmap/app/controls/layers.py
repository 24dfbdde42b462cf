"""What lies over, beside and below the heatmap."""

from __future__ import annotations

from typing import Any

from liqmap.app.controls.control import Maker, field, several, toggles
from liqmap.app.state.options import BOTH, layer_words
from liqmap.app.state.state import State


def panels_offered(state: State) -> dict[str, Any] | None:
    """Two pictures leave no room for panels: what is chosen of them stands again in the other views."""
    return {"disabled": True, "title": f"Not in the view {BOTH}"} if state.view == BOTH else None


LAYERS: list[Maker] = [
    toggles("sides", "bids", "asks"),
    several("layers", layer_words),
    field("min_trade", step=0.1),
    several("panels", look=panels_offered),
]
