"""The sign that a choice is being drawn: shown where that takes longer than an eye waits."""

from __future__ import annotations

from typing import Any

import panel as pn

from liqmap.render.frames.palettes import css, theme

AFTER_MS = 300

SIGN = "liqmap-busy"
"""The id of the sign, which the browser makes itself: Python has no time to send one while it draws."""

ASK = f"""
setTimeout(() => {{
  asked.value = asked.value + 1
  const mine = asked.value
  setTimeout(() => {{
    if (answered.value >= mine || document.getElementById("{SIGN}")) return
    const sign = document.createElement("div")
    sign.id = "{SIGN}"
    sign.setAttribute("role", "status")
    sign.textContent = "drawing …"
    sign.style.cssText = `{{style}}`
    document.body.append(sign)
  }}, {AFTER_MS})
}}, 0)
"""
"""After the choice itself: messages come in their order, so Python answers when it has drawn."""

ANSWERED = f"""
if (answered.value >= asked.value)
  requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById("{SIGN}")?.remove()))
"""

STYLE = (
    "position: fixed; left: 50%; top: 58px; transform: translateX(-50%); z-index: 1000; padding: 5px 14px; "
    "border-radius: 14px; font: 13px sans-serif; pointer-events: none; "
    f"background: {css(theme('dark').accent)}; color: {css(theme('dark').background)};"
)

CHOICES = (
    pn.widgets.Select, pn.widgets.RadioButtonGroup, pn.widgets.CheckButtonGroup, pn.widgets.Toggle,
    pn.widgets.Checkbox,
)  # fmt: skip
"""Widgets whose choice is followed. Of a slider there would be a message more for each of its steps, and it
draws at once."""


class Busy(pn.viewable.Viewer):
    """Nothing of it is seen but the sign."""

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._asked, self._answered = (pn.widgets.IntInput(value=0, visible=False) for _ in range(2))
        self._asked.param.watch(lambda event: self._answered.param.update(value=event.new), "value")
        self._answered.jscallback(args={"asked": self._asked, "answered": self._answered}, value=ANSWERED)

    def follow(self, page: Any) -> None:
        """Show the sign when a choice made by a widget of this page takes long."""
        args = {"asked": self._asked, "answered": self._answered}
        for widget in page.select(lambda part: isinstance(part, CHOICES)):
            widget.jscallback(args=args, value=ASK.replace("{style}", STYLE))

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Row(self._asked, self._answered, margin=0, height=0)
