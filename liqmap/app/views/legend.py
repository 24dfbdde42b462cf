"""The key of the colours: a bar a side with the sizes of the picture in view."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from liqmap.render import labels
from liqmap.render.colour import css_gradient

from ..data import Data
from ..style import LEGEND


class Legend(pn.viewable.Viewer):
    """Colours of observed and carried liquidity, by side."""

    data = param.ClassSelector(class_=Data)

    def words(self, shown: Any) -> str:
        """The legend, as HTML."""
        if shown is None or self.data.session is None:
            return ""
        look, unit = self.data.look, labels.size_unit(self.data.session.spans().meta) + shown.per
        sizes = "".join(f"<span>{labels.short(s)}</span>" for s in shown.scale.size([0.0, 0.5, 1.0]))
        bars = "".join(
            f'<div class="bar">{name}, {escape(unit)}'
            + "".join(f'<div style="background: {css_gradient(look, side, c)}"></div>' for c in (False, True))
            + f"<p>{sizes}</p></div>"
            for side, name in enumerate(("bids", "asks"))
            if getattr(self.data.state, name)
        )
        return f'<div class="legend"><div class="states">observed<br>carried</div>{bars}</div>'

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.pane.HTML(
            pn.bind(self.words, self.data.param.shown), margin=(2, 16, 0, 8), stylesheets=[LEGEND], height=46
        )
