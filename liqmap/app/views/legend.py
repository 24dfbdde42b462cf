"""The key of the colours: a bar a side with the sizes of the picture in view, and the marks over it."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from liqmap.app.data.data import Data
from liqmap.app.style import LEGEND
from liqmap.render.frames import palettes
from liqmap.render.frames import words as labels
from liqmap.render.frames.colour import css_gradient
from liqmap.render.frames.palettes import RGB, css


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
        marks = "".join(_column(entries) for entries in self._marks())
        return f'<div class="legend">{marks}<div class="states">observed<br>carried</div>{bars}</div>'

    def _marks(self) -> list[list[tuple[str, str, RGB | None]]]:
        """Columns of kind, word and colour, of the layers shown."""
        state, theme = self.data.state, palettes.theme(self.data.state.theme)
        lines: list[tuple[str, str, RGB | None]] = []
        if "bbo" in state.layers:
            lines += [("line", "best bid", theme.best_bid), ("line", "best ask", theme.best_ask)]
        if "mid" in state.layers or "bbo" in state.layers:
            word = "mid" if "mid" in state.layers else "both in a pixel"
            lines.append(("line", word, theme.mid))
        discs: list[tuple[str, str, RGB | None]] = []
        if "bubbles" in state.layers:
            discs = [("disc", "buys", theme.buy), ("disc", "sells", theme.sell), ("", "area by size", None)]
        return [column for column in (lines, discs) if column]

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.pane.HTML(
            pn.bind(self.words, self.data.param.shown), margin=(2, 16, 0, 8), stylesheets=[LEGEND], height=46
        )


def _column(entries: list[tuple[str, str, RGB | None]]) -> str:
    """Words, each after its mark."""
    lines = (
        f'<div><i class="{kind}" style="background: {css(colour)}"></i>{word}</div>'
        if colour
        else f"<div>{word}</div>"
        for kind, word, colour in entries
    )
    return f'<div class="marks">{"".join(lines)}</div>'
