"""The bar over the picture: the time shown, what is compared with what, the key of the colours."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from liqmap.app.controls.control import Choices, Control, Part, one_of, refuse, title_of
from liqmap.app.controls.form import Form
from liqmap.app.data.data import Data, last_of
from liqmap.app.state.clock import range_words
from liqmap.app.state.options import VIEWS
from liqmap.app.style import BAR
from liqmap.app.views.legend import Legend
from liqmap.render.frames.words import duration

PARTS: list[Part] = [
    {"kind": "choice", "name": "view", "label": "view", "bare": True, "title": f"view: {title_of('view')}",
     "options": [[view, view] for view in VIEWS]},
    {"kind": "words", "name": "range", "label": "time in view", "title": "The time in view."},
]  # fmt: skip


class Bar(pn.viewable.Viewer):
    """Time range, radio of the view, legend."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        state = self.data.state
        controls = [
            Control("view", None, lambda: state.view, lambda value: {"view": one_of("view", value)}),
            Control("range", None, self._range, lambda value: refuse("view", "one of them", value)),
        ]
        self.form = Form(
            PARTS, controls, self._choose, self.data.warn, kind="row", height=48, margin=0,
            sizing_mode="stretch_width",
        )  # fmt: skip
        state.param.watch(self._follow, ["view", "start", "end", "last_s", "time_zone"])
        self.data.param.watch(self._follow, "session")

    def _choose(self, choices: Choices) -> None:
        self.data.state.param.update(**choices)

    def _follow(self, *_: Any) -> None:
        self.form.show()

    def _range(self) -> str:
        if self.data.session is None:
            return ""
        if self.data.is_following:
            return f"last {duration(round(last_of(self.data.state) * 1e9))}"
        begin, end = self.data.time_range
        return range_words(begin, end, self.data.state.time_zone)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Row(
            self.form, Legend(data=self.data),
            sizing_mode="stretch_width", height=48, margin=0, styles={"order": "-1"}, stylesheets=[BAR],
            visible=pn.bind(bool, self.data.param.markets),
        )  # fmt: skip
