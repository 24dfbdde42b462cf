"""The dark of the app: style sheets, all inline, so that nothing is fetched."""

from __future__ import annotations

from liqmap.render.palettes import BACKGROUND, GRID, MUTED, PANEL, TEXT, css

FONT = '"Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif'

PAGE = f"""
html, body {{ background: {css(BACKGROUND)}; color: {css(TEXT)}; margin: 0; height: 100%; overflow: hidden;
  font-family: {FONT}; color-scheme: dark; }}
"""

ROOT = f"""
:host {{ background: {css(BACKGROUND)}; color: {css(TEXT)}; font-family: {FONT}; color-scheme: dark;
  --panel-primary-color: #2b8fd9; --panel-surface-color: {css(PANEL)};
  --panel-on-surface-color: {css(TEXT)}; }}
"""

CONTROLS = f"""
:host {{ background: {css(PANEL)}; border-right: 1px solid {css(GRID)}; color: {css(TEXT)};
  scrollbar-width: thin; scrollbar-color: {css(GRID)} transparent; }}
"""

HEAD = f"""
:host {{ background: {css(PANEL)}; border-bottom: 1px solid {css(GRID)}; align-items: center; }}
"""

LEGEND = f"""
.legend {{ display: flex; gap: 20px; color: {css(MUTED)}; font-size: 11.5px; line-height: 1.25; }}
.states {{ text-align: right; padding-top: 14px; margin-right: -12px; font-size: 10px; line-height: 10px; }}
.bar {{ width: 138px; color: {css(TEXT)}; }}
.bar div {{ height: 9px; }}
.bar p {{ display: flex; justify-content: space-between; margin: 1px 0 0; color: {css(MUTED)}; }}
"""

SLIDER = f"""
.noUi-target {{ background: {css(GRID)}; border: none; box-shadow: none; }}
.noUi-connect {{ background: #2b8fd9 !important; }}
.noUi-handle {{ background: {css(TEXT)}; border: none; box-shadow: 0 0 4px rgba(0, 0, 0, .6); }}
.noUi-handle:before, .noUi-handle:after {{ display: none; }}
"""

SELECT = f"""
select.bk-input {{ background-color: {css(BACKGROUND)};
  color: {css(TEXT)}; border: 1px solid {css(GRID)}; }}
"""

BUTTONS = f"""
.bk-btn {{ background: {css(BACKGROUND)} !important; color: {css(MUTED)} !important;
  border: 1px solid {css(GRID)}; }}
.bk-btn.bk-active {{ background: #1d5f92 !important; color: white !important; box-shadow: none; }}
"""

STATUS = f"""
:host {{ background: {css(PANEL)}; border-top: 1px solid {css(GRID)}; color: {css(MUTED)}; font-size: 13px; }}
.strip {{ display: flex; gap: 28px; padding: 5px 16px; white-space: nowrap; overflow: hidden; }}
.strip b {{ color: {css(TEXT)}; font-weight: 600; }}
"""

NOTICE = f"""
.notice {{ max-width: 560px; margin: 12vh auto; padding: 24px 32px; background: {css(PANEL)};
  border: 1px solid {css(GRID)}; border-radius: 8px; color: {css(TEXT)}; font-size: 15px; line-height: 1.6; }}
.notice code {{ color: #7cc4ff; }}
"""
