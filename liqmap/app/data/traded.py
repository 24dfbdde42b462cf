"""What was traded in a time: volume, its two sides, their difference, the volume-weighted price, the number."""

from __future__ import annotations

from typing import Any

from liqmap.analytics.flow.trades import Totals
from liqmap.app.data.data import Data
from liqmap.app.data.measured import signed
from liqmap.render.frames import words as labels
from liqmap.render.marks.traded import known_of, traded
from liqmap.schema import Meta, decimals

NO_TRADES = "no trades stored"
"""What stands where trades would be counted, of a market of which the store has none."""


def traded_rows(data: Data, times: tuple[int, int]) -> dict[str, Any]:
    """A title and rows of (colour of the theme or none, name, words) of the trades between two times, ns."""
    session = data.session
    if not data.has_trades:
        return {"title": NO_TRADES, "rows": []}
    begin, end = times
    totals = known_of(traded(session), end, data.played_to()).between(begin, end).totals
    meta = session.spans().meta
    return {"title": f"traded in view, {labels.size_unit(meta)}", "rows": rows_of(totals, meta)}


def rows_of(totals: Totals, meta: Meta) -> list[tuple[str, str, str]]:
    """Totals in words."""
    places = decimals(meta.tick_size or 1.0) + 1
    vwap = "–" if totals.vwap is None else f"{totals.vwap:,.{places}f}"
    return [
        ("", "volume", labels.short(totals.volume)),
        ("buy", "bought", labels.short(totals.bought)),
        ("sell", "sold", labels.short(totals.sold)),
        ("buy" if totals.delta >= 0 else "sell", "delta", signed(totals.delta)),
        ("", "VWAP", vwap),
        ("", "trades", f"{totals.count:,}"),
    ]
