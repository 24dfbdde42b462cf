"""The middle of the page: the picture, or what there is to read instead; and notices beside it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import panel as pn
import param

from liqmap.app.data.data import Data
from liqmap.app.internals.panel import explain
from liqmap.app.style import BUSY, BUTTONS, NOTICE, WARNINGS
from liqmap.app.views.heatmap import Heatmap


class Body(pn.viewable.Viewer):
    """Shows the heatmap of the session, what is being done, or why there is no picture."""

    data = param.ClassSelector(class_=Data)
    page = param.String("", doc="Which sliders the picture follows: those of the same name.")
    demo = param.Callable(None, allow_None=True, doc="Makes a sample session; offered in an empty store.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._instead = pn.Column(sizing_mode="stretch_both", margin=0, visible=False)
        self._warnings = pn.Column(sizing_mode="stretch_width", margin=0)
        self.heatmap = Heatmap(data=self.data, page=self.page)
        self.data.param.watch(self._build, ["session", "notice", "busy"])
        self.data.param.watch(self._warn, "warnings")
        self._build()
        self._warn()

    def _build(self, *_: Any) -> None:
        data = self.data
        if data.busy:
            self._show(_html(f'<div class="busy"><div class="wheel"></div>{escape(data.busy)} …</div>', BUSY))
        elif data.notice or data.session is None:
            parts: list[Any] = [_html(f'<div class="notice">{marked(data.notice)}</div>', NOTICE)]
            if self.demo is not None and not data.markets:
                button = _button("Make a sample session and open it", self.demo)
                explain(button, "Simulate half an hour of a market into this store.")
                parts.append(button)
            self._show(*parts)
        else:
            self.heatmap.build()
            self._show()

    def _show(self, *parts: Any) -> None:
        """Show these instead of the picture; without any the picture."""
        self._instead[:] = list(parts)
        self._instead.visible = bool(parts)
        self.heatmap.picture.visible = not parts

    def _warn(self, *_: Any) -> None:
        if not self.data.warnings:
            self._warnings[:] = []
            return
        lines = "".join(f'<div class="warning"><b>!</b> {marked(w)}</div>' for w in self.data.warnings)
        if len(self._warnings):
            self._warnings[0][0].object = lines
            return
        words = pn.pane.HTML(lines, sizing_mode="stretch_width", margin=0, stylesheets=[WARNINGS])
        close = _button("Close", lambda: self.data.param.update(warnings=[]), margin=(3, 12))
        explain(close, "Close these notices.")
        row = pn.Row(words, close, sizing_mode="stretch_width", margin=0, stylesheets=[WARNINGS],
                     css_classes=["liqmap-warnings"])  # fmt: skip
        self._warnings[:] = [row]

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._warnings, self._instead, self.heatmap, sizing_mode="stretch_both", margin=0)


def marked(words: str) -> str:
    """Words as HTML: an empty line parts them, what stands between backquotes is code."""
    safe = escape(words).replace("\n\n", "<br><br>")
    return "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(safe.split("`")))


def _html(words: str, sheet: str) -> pn.pane.HTML:
    return pn.pane.HTML(words, stylesheets=[sheet], sizing_mode="stretch_width", margin=0)


def _button(label: str, do: Callable[[], Any], margin: Any = (20, "auto")) -> pn.widgets.Button:
    styles = {"margin": "18px auto"} if margin == (20, "auto") else {}
    button = pn.widgets.Button(label=label, stylesheets=[BUTTONS], styles=styles)
    if not styles:
        button.margin = margin
    button.on_click(lambda _: do())
    return button
