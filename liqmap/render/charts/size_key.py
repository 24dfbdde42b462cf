"""The key of bubbles in a notebook: discs with their sizes, in the upper left corner of the picture."""

from __future__ import annotations

from html import escape
from typing import Any

from bokeh.models import Div, Node, Panel

from liqmap.render.frames import words as labels
from liqmap.render.frames.palettes import Theme, css
from liqmap.render.marks.overlays import RIM_WIDTH

NAME = "liqmap sizes of bubbles"

SHEET = ":host { padding: 0; background: none; border: none; pointer-events: none }"
"""Of bokeh's panel, which is white, and would keep a hand from the picture."""


def show_size_key(figure: Any, key: list[tuple[float, float]], unit: str, theme: Theme) -> None:
    """Put a key into a bokeh figure, or what it says now into that which is there.

    Parameters
    ----------
    key : radius in pixels and size of each disc, as `size_key` has them; empty: there is none to show.
    """
    words = _html(key, unit, theme)
    there = next((panel for panel in figure.elements if panel.name == NAME), None)
    if there is not None:
        there.elements[0].text = words
    elif words:
        figure.elements.append(
            Panel(
                name=NAME,
                position=Node.frame.top_left,
                anchor="top_left",
                elements=[Div(text=words)],
                stylesheets=[SHEET],
            )
        )


def _html(key: list[tuple[float, float]], unit: str, theme: Theme) -> str:
    if not key:
        return ""
    muted, ground = css(theme.muted), css(theme.background)
    ring = f"box-sizing: border-box; border: {RIM_WIDTH}px solid {muted}; border-radius: 50%"
    discs = "".join(
        f'<i style="{ring}; width: {2 * radius:.1f}px; height: {2 * radius:.1f}px"></i>'
        f'<span style="margin: 0 8px 0 4px">{escape(labels.short(size))}</span>'
        for radius, size in key
    )
    box = (
        "display: flex; align-items: center; padding: 3px 6px; font: 12px sans-serif; white-space: nowrap;"
        f" opacity: 0.85; color: {muted}; background: {ground}"
    )
    return f'<div style="{box}">{discs}{escape(unit)}</div>'
