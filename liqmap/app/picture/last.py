"""What was traded last in a view, for the tag of a page that has no trades of its own."""

from __future__ import annotations

from math import isnan
from typing import Any

from liqmap.render.frames.market import Market
from liqmap.render.marks.overlays import Quotes
from liqmap.render.marks.traded import traded
from liqmap.render.marks.view import View


def last_price(session: Market, view: View) -> dict[str, Any] | None:
    """The price traded last in view and its aggressor, 0 unknown, 1 buy, 2 sell.

    Of a view without trades the mid at its right edge, without an aggressor; None where nothing is known. As
    ``engine/chart/tags.js`` has it.
    """
    stop = view.end if view.until is None else min(view.end, view.until)
    trades = traded(session).between(view.begin, stop)
    if len(trades):
        return {"price": float(trades.price[-1]), "aggressor": int(trades.aggressor[-1]) + 1}
    spans = session.spans()
    middle = Quotes.of(spans).mid.at(min(view.end, spans.last) - 1)
    return None if isnan(middle) else {"price": middle - spans.tick_size / 2, "aggressor": None}
