"""The bar over the picture: the time shown, what is compared with what, the key of the colours."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from liqmap.app.data.data import Data
from liqmap.app.internals.panel import explain
from liqmap.app.state.clock import range_words
from liqmap.app.state.options import VIEWS
from liqmap.app.style import BAR, BUTTONS, WORDS
from liqmap.app.views.legend import Legend


class Bar(pn.viewable.Viewer):
    """Time range, radio of the view, legend."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        state = self.data.state
        self.view = pn.widgets.RadioButtonGroup(
            options=list(VIEWS), value=state.view, stylesheets=[BUTTONS], margin=(10, 8)
        )
        explain(self.view, str(state.param.view.doc), "view")
        self.view.param.watch(lambda event: state.param.update(view=event.new), "value")
        state.param.watch(lambda event: self.view.param.update(value=event.new), "view")
        self.words = pn.pane.HTML("", margin=(15, 12), stylesheets=[WORDS])
        state.param.watch(self._follow, ["start", "end", "time_zone"])
        self.data.param.watch(self._follow, "session")
        self._follow()

    def _follow(self, *_: Any) -> None:
        data = self.data
        if data.session is None:
            self.words.object = ""
            return
        begin, end = data.time_range
        words = range_words(begin, end, data.state.time_zone)
        self.words.object = f'<span class="range">{escape(words)}</span>'

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Row(
            self.view, self.words, pn.layout.HSpacer(), Legend(data=self.data),
            sizing_mode="stretch_width", height=48, margin=0, styles={"order": "-1"}, stylesheets=[BAR],
            visible=pn.bind(bool, self.data.param.markets),
        )  # fmt: skip
