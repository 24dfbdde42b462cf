"""What was traded in a time: volume, its two sides, their difference, the VWAP, the number of trades."""

from __future__ import annotations

from liqmap.analytics.flow.trades import Totals
from liqmap.app.data.data import Data
from liqmap.app.data.measured import signed
from liqmap.render.frames import words as labels
from liqmap.render.marks.traded import known_of, traded
from liqmap.schema import Meta, decimals

NO_TRADES = "no trades stored"
"""What stands where trades would be counted, of a market of which the store has none."""


def traded_rows(data: Data, times: tuple[int, int]) -> list[tuple[str, ...]] | str:
    """Rows of a name, words and perhaps a colour of the theme, of the trades between two times; or words."""
    session = data.session
    if not data.has_trades:
        return NO_TRADES
    begin, end = times
    totals = known_of(traded(session), data.played_to()).between(begin, end).totals
    return rows_of(totals, session.spans().meta)


def rows_of(totals: Totals, meta: Meta) -> list[tuple[str, ...]]:
    """Totals in words."""
    places = decimals(meta.tick_size or 1.0) + 1
    vwap = "–" if totals.vwap is None else f"{totals.vwap:,.{places}f}"
    return [
        (f"volume, {labels.size_unit(meta)}", labels.short(totals.volume)),
        ("bought", labels.short(totals.bought), "buy"),
        ("sold", labels.short(totals.sold), "sell"),
        ("delta", signed(totals.delta), "buy" if totals.delta >= 0 else "sell"),
        ("VWAP", vwap),
        ("trades", f"{totals.count:,}"),
    ]
