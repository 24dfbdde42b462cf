"""Tooltips in the colours of a theme: bokeh's own box is white, whatever lies below it."""

from __future__ import annotations

from html import escape
from typing import Any

from bokeh.models import HoverTool
from bokeh.models.dom import Div, Span

from liqmap.render.frames.palettes import Theme, css


def dress(figure: Any, theme: Theme) -> None:
    """Every tooltip of a bokeh figure in the colours of a theme, whichever way its rows are content."""
    for tool in figure.tools:
        if not isinstance(tool, HoverTool):
            continue
        tool.update(
            show_arrow=False, limit=1
        )  # the arrow is white, and what lies on one another says the same
        content = tool.tooltips
        if isinstance(content, list):
            tool.tooltips = _table(content, theme)
        elif isinstance(content, Div):
            content.style.update(**_box(theme))
            for label in content.children[::2]:
                if isinstance(label, Span):
                    label.style = {"color": css(theme.muted), "text_align": "right"}


def _box(theme: Theme) -> dict[str, str]:
    """What covers bokeh's box with its padding of 5 pixels; what reaches further is cut off."""
    colours = {"background_color": css(theme.panel), "color": css(theme.text)}
    return colours | {"margin": "-5px", "padding": "5px 9px"}


def _table(rows: list[tuple[str, str]], theme: Theme) -> str:
    """Rows of a label and a value, such as ``@price``, as HTML."""
    box = _box(theme) | {"display": "grid", "grid_template_columns": "auto auto", "column_gap": "10px"}
    style = "; ".join(f"{name.replace('_', '-')}: {value}" for name, value in box.items())
    label = f"color: {css(theme.muted)}; text-align: right"
    content = "".join(
        f'<span style="{label}">{escape(name)}:</span><span>{value}</span>' for name, value in rows
    )
    return f'<div style="{style}">{content}</div>'
