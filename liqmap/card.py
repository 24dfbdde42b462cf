"""How an object shows itself: facts as a card in a notebook, as lines in a terminal.

Nothing here knows the objects, and nothing heavy is loaded: a class brings its own facts, names that others
gave among them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape as _escape
from importlib import import_module
from typing import Any

from liqmap.printable import printable

Facts = Sequence[tuple[str, str]]
"""Labels and values, both as people read them."""

painter: str | None = None
"""``module:function`` that draws a session as a small PNG, loaded when a card first asks for it.

The root of the package names it, as it does all that is loaded on first use: sessions know no pictures.
"""

WIDTH = 440
"""Of a thumbnail on a card, CSS pixels."""

STYLE = """<style>
.liqmap-card { display: inline-block; max-width: 100%; box-sizing: border-box; padding: 10px 14px 12px;
  border: 1px solid rgba(128, 128, 128, .35); border-radius: 6px; font-size: 13px; line-height: 1.5;
  font-family: var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
  color: var(--jp-content-font-color1, var(--vscode-editor-foreground, inherit)); }
.liqmap-card header { display: flex; gap: 10px; align-items: baseline; margin-bottom: 6px; }
.liqmap-card header b { font-size: 14px; }
.liqmap-card .quiet, .liqmap-card dt, .liqmap-card th { opacity: .68; font-weight: 400; }
.liqmap-card dl { display: grid; grid-template-columns: max-content auto; gap: 1px 16px; margin: 0; }
.liqmap-card dt, .liqmap-card dd { margin: 0; padding: 0; float: none; width: auto; }
.liqmap-card dt { white-space: nowrap; }
.liqmap-card dd { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.liqmap-card figure { margin: 10px 0 0; }
.liqmap-card img { display: block; max-width: 100%; border-radius: 4px; }
.liqmap-card figcaption { font-size: 11.5px; opacity: .68; margin-top: 3px; }
.liqmap-card details { margin-top: 8px; }
.liqmap-card summary { cursor: pointer; }
.liqmap-card .wide { overflow-x: auto; max-height: 320px; }
.liqmap-card table { color: inherit; border-collapse: collapse; margin: 4px 0 0; font-size: 12px; border: 0; }
.liqmap-card :is(th, td) { padding: 2px 14px 2px 0; text-align: left; white-space: nowrap; border: 0;
  background: none; font-variant-numeric: tabular-nums; }
.liqmap-card :is(th, td).number { text-align: right; }
.liqmap-card ul { margin: 4px 0 0; padding-left: 18px; }
.liqmap-card .loss { color: var(--jp-error-color1, #d64545); }
</style>"""


def card(kind: str, name: str, facts: Facts, *more: str) -> str:
    """HTML of a card: what it is, its facts, and parts made by `folded`, `table` or `thumbnail`."""
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in facts)
    head = f'<header><b>{escape(name)}</b><span class="quiet">liqmap.{escape(kind)}</span></header>'
    return f'{STYLE}<div class="liqmap-card">{head}<dl>{rows}</dl>{"".join(more)}</div>'


def folded(summary: str, inside: str, is_open: bool = False, loss: bool = False) -> str:
    """A part that opens on a click; empty where there is nothing inside."""
    if not inside:
        return ""
    words = f'<span class="loss">{escape(summary)}</span>' if loss else escape(summary)
    return f"<details{' open' if is_open else ''}><summary>{words}</summary>{inside}</details>"


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows of numbers and words; numbers to the right, thousands separated."""
    rows = [list(row) for row in rows]
    if not rows:
        return ""
    numeric = [all(isinstance(row[k], (int, float)) for row in rows) for k in range(len(columns))]
    marks = [' class="number"' if right else "" for right in numeric]
    head = "".join(f"<th{m}>{escape(c)}</th>" for m, c in zip(marks, columns))
    body = "".join(
        "<tr>" + "".join(f"<td{m}>{escape(spelled(v))}</td>" for m, v in zip(marks, row)) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def listed(lines: Iterable[str]) -> str:
    """Lines one below the other; nothing where there are none."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def thumbnail(session: Any, caption: str) -> str:
    """The picture of a session; nothing where nobody can paint one."""
    if painter is None:
        return ""
    module, _, name = painter.partition(":")
    png = getattr(import_module(module), name)(session)
    if not png:
        return ""
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    words = escape(caption)
    return (
        f'<figure><img width="{WIDTH}" src="{source}" alt="{words}"><figcaption>{words}</figcaption></figure>'
    )


def lines(head: str, facts: Facts) -> str:
    """The facts below a headline, for a terminal."""
    width = max((len(label) for label, _ in facts), default=0)
    rows = (f"  {label:<{width}}  {value}" for label, value in facts)
    return "\n".join(map(printable, (head, *rows)))


def escape(text: str) -> str:
    """A text within HTML; what could steer a terminal, into which it may be copied, is written out."""
    return _escape(printable(text))


def spelled(value: Any) -> str:
    """A number with its thousands separated, a word as it is, nothing as a dash."""
    if value is None or value != value:
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    whole = isinstance(value, int) or value.is_integer() or abs(value) >= 1000
    return f"{value:,.0f}" if whole else f"{value:.3g}"


def size(count: float) -> str:
    """Bytes, in a unit that suits them."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def moments(begin: int, end: int) -> str:
    """A range of ns since the epoch, UTC: the date said once."""
    first, last = _moment(begin), _moment(end)
    return f"{first} to {last[11:] if last[:10] == first[:10] else last} UTC"


def _moment(ns: int) -> str:
    import datetime

    at = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=ns // 1000)
    return at.strftime("%Y-%m-%d %H:%M:%S")
