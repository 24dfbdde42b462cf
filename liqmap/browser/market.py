"""What the engine is told of a market beside its spans."""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.render.frames import words as labels
from liqmap.render.frames.market import Market
from liqmap.render.frames.scale import sizes_of_session
from liqmap.schema import AGGREGATES, decimals
from liqmap.spans import Spans


def market_of(spans: Spans) -> dict[str, Any]:
    """Tick, decimals, units, and what a unit of size is worth."""
    return {
        "tick": spans.tick_size,
        "places": decimals(spans.tick_size),
        "units": {"size": labels.size_unit(spans.meta), "price": labels.price_unit(spans.meta)},
        "worth": "price" if spans.meta.size_unit == "coins" else labels.contract_worth(spans.meta),
    }


def sizes_by_rank(session: Market) -> dict[str, list[float]]:
    """Sizes of a session at `scale.RANKS`, of which its scale is cut, by aggregate; as float32 has them."""
    ranges, spans = (session.time_range, session.price_range), session.spans()
    return {
        agg: [float(str(np.float32(size))) for size in sizes_of_session(spans, ranges, agg).at]
        for agg in AGGREGATES
    }
