"""The looks of the page: style sheets, all inline, so that nothing is fetched.

Colours stand once, as CSS variables of the root by theme; they reach into every widget below it.
"""

from __future__ import annotations

from urllib.parse import quote

from liqmap.render.frames.palettes import css, ramp, theme

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
        "ghost": t.ghost, "orange": ramp(1, theme=t)[217],
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
  font-size: 13px; container-type: inline-size; }}
"""


CONTROLS = """
:host { overflow: hidden auto; background: var(--lm-panel); border-right: 1px solid var(--lm-grid);
  scrollbar-width: thin; scrollbar-color: var(--lm-grid) transparent; }
"""

NARROW = """
@container (max-width: 1100px) {
  :host { flex: 0 0 auto !important; flex-wrap: wrap; height: auto !important; }
}
"""
"""An app, a page or a cell of a notebook, in which what does not fit in one line goes on in the next."""

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

LEGEND = """
.legend { display: flex; gap: 18px; color: var(--lm-muted); font-size: 11.5px; line-height: 1.25; }
.over { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0 12px; height: 44px;
  overflow: hidden; flex: 0 1 auto; min-width: 0; }
.states { text-align: right; padding-top: 14px; margin-right: -10px; font-size: 10px; line-height: 10px; }
.marks { font-size: 10.5px; line-height: 14px; padding-top: 1px; white-space: nowrap; height: 43px; }
.marks i { display: inline-block; margin-right: 5px; vertical-align: middle; }
.marks .line { width: 12px; height: 2px; }
.marks .disc { width: 8px; height: 8px; border-radius: 4px; }
@container (max-width: 1180px) { .over { display: none; } }
@container (min-width: 1180.1px) { .legend { max-width: calc(100cqw - 745px); } }
.bar { width: 132px; color: var(--lm-text); }
.bar div { height: 9px; }
.bar div.there { height: 3px; }
.bar p { display: flex; justify-content: space-between; margin: 1px 0 0; color: var(--lm-muted); }
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
.bk-btn:hover { color: var(--lm-text) !important; border-color: var(--lm-muted) !important; }
"""

STATUS = """
:host { background: var(--lm-panel); border-top: 1px solid var(--lm-grid); color: var(--lm-muted);
  font-size: 12.5px; }
.strip { display: flex; flex-wrap: wrap; gap: 0 20px; padding: 0 14px; line-height: 33px; white-space: nowrap;
  overflow: hidden; height: 33px; }
.strip b { color: var(--lm-text); font-weight: 600; }
"""

FEED = """
:host { background: var(--lm-panel); border-top: 1px solid var(--lm-grid); color: var(--lm-muted);
  font-size: 12.5px; }
.feed { display: flex; gap: 16px; padding: 0 14px; line-height: 33px; height: 33px; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.feed b { color: var(--lm-text); font-weight: 600; }
.feed .bad, .feed .bad b { color: var(--lm-ask); }
.feed span { max-width: 34ch; overflow: hidden; text-overflow: ellipsis; }
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

CALIBRATION = """
:host { color: var(--lm-text); font-size: 13px; line-height: 1.5; }
h1 { font-size: 22px; font-weight: 650; margin: 14px 0 2px; letter-spacing: .2px; }
h2 { font-size: 13.5px; font-weight: 650; margin: 18px 0 4px; }
p { margin: 6px 0; max-width: 96ch; overflow-wrap: anywhere; }
.market { color: var(--lm-text); font-size: 14px; }
.times { margin-left: 16px; color: var(--lm-muted); font-variant-numeric: tabular-nums; }
.answer { font-size: 15.5px; line-height: 1.5; margin: 10px 0 6px; }
.now { font-size: 13.5px; }
.quiet { color: var(--lm-muted); }
.asked { margin-top: 16px; font-size: 14px; }
.refused { margin-top: 16px; padding: 9px 14px; border-left: 3px solid var(--lm-ask);
  background: var(--lm-panel); font-size: 14px; }
.busy { display: flex; gap: 10px; align-items: center; margin-top: 16px; color: var(--lm-muted);
  font-size: 14px; }
.busy i { width: 14px; height: 14px; border-radius: 50%; border: 2px solid var(--lm-grid);
  border-top-color: var(--lm-accent); animation: turn .9s linear infinite; }
@keyframes turn { to { transform: rotate(360deg); } }
.key { display: flex; flex-wrap: wrap; gap: 2px 20px; color: var(--lm-muted); font-size: 12px;
  margin-bottom: 0; }
.key i, .now i { font-style: normal; display: inline-block; margin-right: 4px; }
.ring { width: 11px; height: 11px; border: 2px solid var(--lm-ghost); border-radius: 50%;
  vertical-align: -2px; }
.dot { width: 6px; height: 6px; background: var(--lm-ghost); border-radius: 50%; vertical-align: 1px; }
.cross { color: var(--lm-orange); font-weight: 700; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums; }
th { color: var(--lm-muted); font-weight: 400; text-align: right; padding: 2px 0 4px 18px;
  white-space: nowrap; }
td { padding: 2.5px 0 2.5px 18px; white-space: nowrap; border-top: 1px solid var(--lm-grid); }
:is(th, td):first-child { text-align: left; padding-left: 0; }
td.number { text-align: right; }
td[colspan] { white-space: normal; color: var(--lm-muted); }
.marked td { font-weight: 650; }
section { display: inline-block; vertical-align: top; margin-right: 48px; max-width: 100%; }
section > .quiet { font-size: 12px; max-width: 62ch; }
.both { position: relative; display: inline-block; width: 130px; height: 9px; background: var(--lm-panel);
  vertical-align: 0; }
.both i { position: absolute; inset: 0 auto 0 0; background: var(--lm-accent); }
.both b { position: absolute; top: -2px; width: 2px; height: 13px; background: var(--lm-orange); }
"""
