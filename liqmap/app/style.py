"""The looks of the page: style sheets, all inline, so that nothing is fetched.

Colours stand once, as CSS variables of the root by theme; they reach into every widget below it.
"""

from __future__ import annotations

from urllib.parse import quote

from liqmap.render.frames.palettes import css, theme

FONT = '"Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif'

PAGE = f"""
html, body {{ background: {css(theme("dark").background)}; color: {css(theme("dark").text)}; margin: 0;
  height: 100%; overflow: hidden; font-family: {FONT}; }}
.bk-Tooltip {{ border-color: #76808f; }}
"""


def _arrow(colour: str) -> str:
    """The arrow of a select, as an image."""
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 6'>"
        f"<path d='M1 1l4 4 4-4' fill='none' stroke='{colour}' stroke-width='1.6'/></svg>"
    )
    return f'url("data:image/svg+xml,{quote(svg)}")'


def variables(name: str) -> str:
    """The colours of a theme as declarations."""
    t = theme(name)
    colours = {
        "bg": t.background, "panel": t.panel, "grid": t.grid, "text": t.text, "muted": t.muted,
        "accent": t.accent, "bid": t.best_bid, "ask": t.best_ask, "buy": t.buy, "sell": t.sell,
    }  # fmt: skip
    named = "".join(f"--lm-{key}: {css(value)}; " for key, value in colours.items())
    engine = {"background": "bg", "panel": "panel", "grid": "grid", "text": "text", "muted": "muted",
              "accent": "accent", "on": "on", "arrow": "arrow"}  # fmt: skip
    named += "".join(f"--{key}: var(--lm-{own}); " for key, own in engine.items())
    on = {"dark": "#1d5f92", "light": css(t.accent)}[name]
    return (
        f"{named} --lm-on: {on}; --lm-arrow: {_arrow(css(t.text))}; color-scheme: {name}; "
        f"--panel-primary-color: {css(t.accent)}; --panel-surface-color: {css(t.panel)}; "
        f"--panel-on-surface-color: {css(t.text)}; --panel-background-color: {css(t.background)}; "
        f"--panel-on-background-color: {css(t.text)}; --panel-border-color: {css(t.grid)}; "
        f"--tooltip-color: {css(t.panel)}; --tooltip-text: {css(t.text)}; --tooltip-border: {css(t.grid)}; "
    )


def root(name: str) -> str:
    """The sheet of the whole page in a theme."""
    return f"""
:host {{ {variables(name)} background: var(--lm-bg); color: var(--lm-text); font-family: {FONT};
  font-size: 13px; }}
"""


CONTROLS = """
:host { overflow: hidden auto; background: var(--lm-panel); border-right: 1px solid var(--lm-grid);
  scrollbar-width: thin; scrollbar-color: var(--lm-grid) transparent; }
"""

NARROW = """
@media (max-width: 1100px) { :host { flex: 0 0 auto !important; flex-wrap: wrap; height: auto !important; } }
"""
"""A page on which what does not fit in one line goes on in the next."""

HEAD = (
    NARROW
    + """
:host { background: var(--lm-panel); border-bottom: 1px solid var(--lm-grid); align-items: center; }
"""
)

BAR = (
    NARROW
    + """
:host { background: var(--lm-bg); align-items: center; }
"""
)

LOW = "@media (max-height: 860px)"
"""A screen on which the controls stand closer."""

HEADING = (
    f"""
{LOW} {{ :host {{ margin: 3px 12px 0 !important; }} }}
"""
    + """
:host { border-top: 1px solid var(--lm-grid); }
b { font-size: 11px; letter-spacing: .08em; text-transform: uppercase; color: var(--lm-muted); }
"""
)

LABEL = """
:host { color: var(--lm-muted); font-size: 12.5px; }
"""

LABEL_WIDTH = 84


def after_label(width: int = LABEL_WIDTH) -> str:
    """The sheet of what has its label, its ``aria-label``, before it on one line."""
    return f"""
{LOW} {{ :host {{ margin: 1px 12px !important; }} }}
:host {{ display: flex; align-items: flex-start; }}
:host::before {{ content: attr(aria-label); flex: 0 0 {width}px; padding-top: 6px; color: var(--lm-muted);
  font-size: 12.5px; line-height: normal; }}
:host > .bk-input-group, :host > .bk-btn-group {{ flex: 1 1 auto; width: auto; }}
"""


LEGEND = """
.legend { display: flex; gap: 18px; color: var(--lm-muted); font-size: 11.5px; line-height: 1.25; }
.states { text-align: right; padding-top: 14px; margin-right: -10px; font-size: 10px; line-height: 10px; }
.marks { font-size: 10.5px; line-height: 14px; padding-top: 1px; white-space: nowrap; }
.marks i { display: inline-block; margin-right: 5px; vertical-align: middle; }
.marks .line { width: 12px; height: 2px; }
.marks .disc { width: 8px; height: 8px; border-radius: 4px; }
.marks + .marks { margin-left: -6px; }
@media (max-width: 1180px) { .marks { display: none; } }
.bar { width: 132px; color: var(--lm-text); }
.bar div { height: 9px; }
.bar p { display: flex; justify-content: space-between; margin: 1px 0 0; color: var(--lm-muted); }
"""

SLIDER = (
    f"""
{LOW} {{
  .bk-input-group {{ display: flex !important; flex-direction: row !important; align-items: center;
    gap: 12px; height: 22px; }}
  .bk-slider-title {{ flex: 0 0 132px; margin: 0 !important; white-space: nowrap; }}
  .noUi-target {{ flex: 1; }}
}}
"""
    + """
.bk-slider-title { font-size: 12.5px; color: var(--lm-muted); margin-bottom: 4px; }
.bk-slider-value { color: var(--lm-text); font-weight: 600; }
.noUi-target { background: var(--lm-grid); border: none; box-shadow: none; height: 5px; }
.noUi-connect { background: var(--lm-accent) !important; }
.noUi-horizontal .noUi-handle { background: var(--lm-text); border: none; width: 13px; height: 13px;
  right: -7px; top: -4px; border-radius: 7px; box-shadow: 0 0 4px rgba(0, 0, 0, .5); }
.noUi-handle:before, .noUi-handle:after { display: none; }
"""
)

SELECT = """
select.bk-input { background-color: var(--lm-bg); color: var(--lm-text); border: 1px solid var(--lm-grid);
  border-radius: 4px; padding: 2px 20px 2px 7px; height: 26px; min-height: 26px; font-size: 12.5px;
  appearance: none; background-image: var(--lm-arrow) !important; background-repeat: no-repeat;
  background-position: right 8px center; background-size: 10px 6px !important; }
select.bk-input option { background: var(--lm-bg); color: var(--lm-text); }
"""

FIELD = """
.bk-input { background-color: var(--lm-bg) !important; color: var(--lm-text) !important;
  border: 1px solid var(--lm-grid) !important; border-radius: 4px; padding: 2px 8px; height: 26px;
  min-height: 26px; font-size: 12.5px; }
.bk-input::placeholder { color: var(--lm-muted); opacity: .8; }
.flatpickr-calendar { color-scheme: light; }
"""

BUTTONS = """
.bk-btn { background: var(--lm-bg) !important; color: var(--lm-muted) !important; font-size: 12px;
  border: 1px solid var(--lm-grid) !important; padding: 2px 4px !important; min-height: 26px; height: 26px;
  line-height: 20px; border-radius: 4px; text-transform: none; box-shadow: none !important; }
.bk-btn-group .bk-btn { border-radius: 0; }
.bk-btn-group .bk-btn:first-child { border-radius: 4px 0 0 4px; }
.bk-btn-group .bk-btn:last-child { border-radius: 0 4px 4px 0; }
.bk-btn:hover { color: var(--lm-text) !important; border-color: var(--lm-muted) !important; }
.bk-btn.bk-active { background: var(--lm-on) !important; color: white !important; }
.bk-btn a { color: inherit !important; text-decoration: none; padding: 0 !important; line-height: 20px; }
"""

SWITCH = """
:host, label, span { color: var(--lm-text) !important; font-size: 12.5px; }
"""

WORDS = """
:host { color: var(--lm-text) !important; }
"""

STATUS = """
:host { background: var(--lm-panel); border-top: 1px solid var(--lm-grid); color: var(--lm-muted);
  font-size: 12.5px; }
.strip { display: flex; gap: 20px; padding: 0 14px; line-height: 33px; white-space: nowrap;
  overflow: hidden; height: 33px; }
.strip span:last-child { overflow: hidden; text-overflow: ellipsis; }
.strip b { color: var(--lm-text); font-weight: 600; }
"""

NOTICE = """
.notice { max-width: 560px; margin: 12vh auto 0; padding: 24px 32px; background: var(--lm-panel);
  border: 1px solid var(--lm-grid); border-radius: 8px; color: var(--lm-text); font-size: 15px;
  line-height: 1.6; overflow-wrap: anywhere; }
.notice code { color: var(--lm-accent); }
"""

WARNINGS = """
:host { background: var(--lm-panel); border-bottom: 1px solid var(--lm-ask); }
.warning { padding: 5px 16px; color: var(--lm-text); font-size: 12.5px; overflow-wrap: anywhere; }
.warning b { color: var(--lm-ask); }
"""

BUSY = """
.busy { display: flex; gap: 14px; align-items: center; justify-content: center; margin-top: 24vh;
  color: var(--lm-muted); font-size: 15px; }
.wheel { width: 22px; height: 22px; border-radius: 50%; border: 3px solid var(--lm-grid);
  border-top-color: var(--lm-accent); animation: turn .9s linear infinite; }
@keyframes turn { to { transform: rotate(360deg); } }
"""
