"""The tooltip of the heatmap: never the words of another cell."""

from __future__ import annotations

from typing import Any

from bokeh.models import CustomJS

from liqmap.app.internals.holoviews import asking_tooltips
from liqmap.render.frames.readout import COLUMNS

ASK = """
export default ({position, source}, _, {geometry: {x, y}}) => {
  const data = source.data, image = data.image[0], [rows, columns] = image.shape
  const column = Math.floor((x - data.x[0]) / data.dw[0] * columns)
  const row = Math.floor((y - data.y[0]) / data.dh[0] * rows)
  const cell = `${row} ${column}`
  if (position.cell !== cell || position.image !== image) {
    position.cell = cell
    position.image = image
    const blank = {}
    for (const name in position.data) blank[name] = name == "__index__" ? position.data[name] : "…"
    position.setv({data: blank, xy: [Infinity, Infinity]})
  }
  position.xy = [x, y]
}
"""
"""The words of a cell come from Python. Until they are there the tooltip is blank, lest it tell of the cell
where the pointer was before. Python is told that there are none, and no place: it sends only what differs
from what it has, and answers only a place that differs from the last."""

SHOW = """
setTimeout(() => {
  const view = cb_context.index.find_one(figure)
  if (view) view.repainted.emit()
}, 0)
"""
"""A tooltip is a copy of what was known at its last inspection, and a pointer at rest asks for no other.
After a repaint Bokeh inspects anew; it need not repaint for it."""


def fresh_words(plot: Any, element: Any) -> None:
    """Hook: the tooltip is blank when the pointer comes to another cell, and shows its words as they come."""
    figure = plot.state
    image = next((r for r in figure.renderers if hasattr(r.glyph, "image")), None)
    for tool, position in asking_tooltips(figure):
        if image is not None:
            position.data = dict.fromkeys(COLUMNS, "…") | {"__index__": 0}
            args = {"position": position, "source": image.data_source}
            tool.callback = CustomJS(args=args, code=ASK)
            position.js_on_change("data", CustomJS(args={"figure": figure}, code=SHOW))
