"""The strip of numbers below the picture."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from liqmap.app.controls.carry import FITTED_WORDS
from liqmap.app.data.calibrations import doubt_of
from liqmap.app.data.carry import left_to_view
from liqmap.app.data.data import Data
from liqmap.app.data.traded import NO_TRADES
from liqmap.app.style import STATUS
from liqmap.carry import CarryModel, Mixture
from liqmap.render.frames import words as labels
from liqmap.render.frames.there import GREYER


class Strip(pn.viewable.Viewer):
    """What share of the liquidity drawn is carried, cells with and without it, size of a cell, carry."""

    data = param.ClassSelector(class_=Data)

    def words(self, shown: Any, *_: Any) -> str:
        """The strip, as HTML."""
        session = self.data.session
        if shown is None or session is None:
            return '<div class="strip">&nbsp;</div>'
        meta, counts = session.spans().meta, shown.counts
        carry = self._carry(shown.carry)
        row = escape(f"{shown.row:g} {labels.price_unit(meta)}".rstrip())
        column = labels.duration(round(shown.column_s * 1e9))
        more = f" ({counts.multiplier:.1f}x)" if counts.observed else ""
        parts = (
            "<b>{} %</b>{}".format(*labels.share_words(shown.share).split(" %", 1)),
            escape(carry),
            *([GREYER] if self.data.presence is not None and self.data.look.carried_shown == "fade" else []),
            *([] if self.data.has_trades else [NO_TRADES]),
            f"cell <b>{row}</b> × <b>{column}</b>",
            f"raw <b>{counts.observed:,}</b> lit cells → <b>{counts.observed + counts.carried:,}</b>{more}",
        )
        return '<div class="strip">' + "".join(f"<span>{p}</span>" for p in parts) + "</div>"

    def _carry(self, carry: CarryModel) -> str:
        """What carries, and whether that is what its market's calibration says to draw by."""
        data, words = self.data, labels.carry_words(carry, left_to_view(self.data.state))
        if isinstance(carry, Mixture):
            words = f"{FITTED_WORDS}: {words}"
            if data.calibration is not None and doubt_of(data.calibration):
                words += ", not recommended"
        return words + (", calibrated" if data.is_calibrated else "")

    def __panel__(self) -> pn.viewable.Viewable:
        state = self.data.state.param
        choices = state.carry_by, state.half_life_s, state.prune_s  # whether they are left to the view
        return pn.pane.HTML(
            pn.bind(self.words, self.data.param.shown, self.data.param.calibration, *choices),
            sizing_mode="stretch_width", height=34, margin=0, stylesheets=[STATUS],
        )  # fmt: skip
