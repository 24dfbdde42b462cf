"""What was traded in the time in view, in the corner between delta and profile."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from liqmap.analytics.flow.trades import Totals
from liqmap.app.data.data import Data
from liqmap.app.data.measured import signed
from liqmap.app.style import TRADED
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import instant_ns
from liqmap.render.marks.traded import traded
from liqmap.schema import Meta, decimals

NO_TRADES = "no trades stored"
"""What stands where trades would be counted, of a market of which the store has none."""

NONE = f'<div class="traded"><p>{NO_TRADES}</p></div>'


class Traded(pn.viewable.Viewer):
    """Volume, its two sides, their difference, the volume-weighted price, the number of trades."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._pane = pn.pane.HTML("", margin=0, stylesheets=[TRADED])
        self.data.state.param.watch(self._follow, ["start", "end", "panels"])

    def pane(self, width: int, height: int) -> pn.pane.HTML:
        """The numbers, at a size in pixels."""
        self._pane.param.update(width=width, height=height)
        self._follow()
        return self._pane

    def _follow(self, *_: Any) -> None:
        data, session = self.data, self.data.session
        if session is None or not self._asked:
            return
        begin, end = (instant_ns(t) for t in data.time_range)
        if not data.has_trades:
            self._pane.object = NONE
            return
        self._pane.object = words(traded(session).between(begin, end).totals, session.spans().meta)

    @property
    def _asked(self) -> bool:
        """Whether there is a corner."""
        panels = self.data.state.panels
        return "delta" in panels and len(panels) > 1

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane


def words(totals: Totals, meta: Meta) -> str:
    """Totals as HTML."""
    unit, places = labels.size_unit(meta), decimals(meta.tick_size or 1.0) + 1
    vwap = "–" if totals.vwap is None else f"{totals.vwap:,.{places}f}"
    sign = "buy" if totals.delta >= 0 else "sell"
    rows = (
        ("", "volume", labels.short(totals.volume)),
        ("buy", "bought", labels.short(totals.bought)),
        ("sell", "sold", labels.short(totals.sold)),
        (sign, "delta", signed(totals.delta)),
        ("", "VWAP", vwap),
        ("", "trades", f"{totals.count:,}"),
    )  # fmt: skip
    cells = "".join(f'<dt>{name}</dt><dd class="{kind}">{value}</dd>' for kind, name, value in rows)
    return f'<div class="traded"><p>traded in view, {escape(unit)}</p><dl>{cells}</dl></div>'
