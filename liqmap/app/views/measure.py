"""The measure: drag a box over the chart, and read how much time and price it spans and what lies in it."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from typing import Any

from bokeh.events import SelectionGeometry, Tap
from bokeh.models import BoxAnnotation, BoxSelectTool, CustomJS, Label

from liqmap.app.data.data import Data
from liqmap.app.data.measured import measured, measured_words
from liqmap.render.frames import palettes
from liqmap.render.frames import words as labels
from liqmap.schema import Meta, decimals

RULER = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='#8a96ac' "
    "stroke-width='1.8'><path d='M3 16 16 3l5 5L8 21z M7 12l2 2 M10 9l2 2 M13 6l2 2'/></svg>"
)
ICON = "data:image/svg+xml;base64," + b64encode(RULER.encode()).decode()

MEASURE = """
const g = cb_obj.geometry
if (g.type != "rect" || !cb_obj.final) return
const dx = Math.abs(g.x1 - g.x0), dy = g.y1 - g.y0
const [x0, x1] = [Math.min(g.x0, g.x1), Math.max(g.x0, g.x1)]
const [y0, y1] = [Math.min(g.y0, g.y1), Math.max(g.y0, g.y1)]
const units = [[86400000, "d"], [3600000, "h"], [60000, "min"], [1000, "s"], [1, "ms"]]
let rest = Math.round(dx), words = []
for (const [length, name] of units) {
  const n = Math.floor(rest / length)
  if (n > 0 && words.length < 2 && (name != "ms" || dx < 10000)) words.push(`${n} ${name}`)
  rest -= n * length
}
const ticks = Math.round((y1 - y0) / tick), moved = ticks * tick
const percent = 100 * moved / y0
const number = v => v.toLocaleString("en-US", {minimumFractionDigits: places, maximumFractionDigits: places})
label.text = [words.join(" ") || "0 s", `${ticks.toLocaleString("en-US")} ticks = ${number(moved)} ${quote}`,
  `${percent.toFixed(3)} %`, worth].filter(w => w).join("  ·  ")
const right = (x0 - x_range.start) > 0.6 * (x_range.end - x_range.start)
label.x = right ? x1 : x0
label.text_align = right ? "right" : "left"
const top = y1 > y_range.start + 0.93 * (y_range.end - y_range.start)
label.y = top ? y0 : y1
label.y_offset = top ? -6 : 6
label.text_baseline = top ? "top" : "bottom"
label.visible = true
box.setv({left: x0, right: x1, bottom: y0, top: y1, visible: true})
"""

FOUND = """
const [words, ...place] = box.tags
const now = [box.left, box.right, box.bottom, box.top]
if (words && place.every((end, k) => Math.abs(end - now[k]) <= 1e-9 * Math.abs(end)))
  label.text = `${label.text.split("\\n")[0]}\\n${words}`
"""
"""What Python found in the box, if it still is the one that is shown."""

CLEAR = "label.visible = false; box.visible = false"


class Measure:
    """The tool. The browser says at once how far a box reaches, Python what was traded and rested in it."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def hook(self, plot: Any, element: Any) -> None:
        """A hook of a heatmap."""
        figure, state = plot.state, self._data.state
        if any(isinstance(tool, BoxSelectTool) for tool in figure.tools):
            return
        box = _add_tool(figure, self._data.session.spans().meta, state.theme)
        figure.on_event(SelectionGeometry, partial(self._selected, box))

    def _selected(self, box: BoxAnnotation, event: Any) -> None:
        place, data = event.geometry, self._data
        if place.get("type") != "rect" or not event.final or data.session is None:
            return
        ends = [sorted((float(place[f"{axis}0"]), float(place[f"{axis}1"]))) for axis in "xy"]
        begin, end = (round(ms * 1e6) for ms in ends[0])
        found = measured(data, (begin, end), (ends[1][0], ends[1][1]))
        words = measured_words(found, labels.size_unit(data.session.spans().meta))
        box.tags = [words, *ends[0], *ends[1]]


def _add_tool(figure: Any, meta: Meta, theme: str) -> BoxAnnotation:
    """The tool, its box and its words; the box."""
    colours = palettes.theme(theme)
    text, tick = palettes.css(colours.text), meta.tick_size or 1.0
    base, quote = labels.currencies(meta)
    places = decimals(tick)
    worth = (
        f"{tick:.{places}f} {quote} a tick and {base}" if base and quote and meta.size_unit == "coins" else ""
    )
    box = BoxAnnotation(
        fill_color=text, fill_alpha=0.10, line_color=text, line_alpha=0.7, line_dash="dashed",
        visible=False, level="overlay", name="measure",
    )  # fmt: skip
    label = Label(
        x=0, y=0, text="", text_color=text, text_font_size="12.5px", padding=5, border_radius=4,
        background_fill_color=palettes.css(colours.panel), background_fill_alpha=0.92,
        border_line_color=palettes.css(colours.grid), visible=False, level="overlay", name="measured",
    )  # fmt: skip
    figure.add_layout(box)
    figure.add_layout(label)
    tool = BoxSelectTool(description="Measure: drag a box; tap to remove it", icon=ICON, renderers=[])
    tool.overlay.update(fill_color=text, fill_alpha=0.06, line_color=text, line_alpha=0.4)
    figure.add_tools(tool)
    args = {
        "box": box, "label": label, "tick": tick, "places": places, "quote": quote or "", "worth": worth,
        "x_range": figure.x_range, "y_range": figure.y_range,
    }  # fmt: skip
    figure.js_on_event(SelectionGeometry, CustomJS(args=args, code=MEASURE))
    box.js_on_change("tags", CustomJS(args={"box": box, "label": label}, code=FOUND))
    figure.js_on_event(Tap, CustomJS(args={"box": box, "label": label}, code=CLEAR))

    return box
