"""The tooltip of the heatmap: never the words of another cell."""

from __future__ import annotations

from typing import Any

from bokeh.models import CustomJS, HoverTool

from liqmap.render.hover import COLUMNS

ASK = """
export default ({position, source}, _, {geometry: {x, y}}) => {
  const data = source.data, [rows, columns] = data.image[0].shape
  const column = Math.floor((x - data.x[0]) / data.dw[0] * columns)
  const row = Math.floor((y - data.y[0]) / data.dh[0] * rows)
  const cell = `${row} ${column} ${data.x[0]} ${data.y[0]}`
  if (position.cell !== cell) {
    position.cell = cell
    const blank = {}
    for (const name in position.data) blank[name] = name == "__index__" ? position.data[name] : "…"
    position.setv({data: blank}, {sync: false})
  }
  position.xy = [x, y]
}
"""
"""The words of a cell come from Python. Until they are there the tooltip is blank, lest it tell of the cell
where the pointer was before."""


def fresh_words(plot: Any, element: Any) -> None:
    """Hook: blank the tooltip when the pointer comes to another cell."""
    figure = plot.state
    image = next((r for r in figure.renderers if hasattr(r.glyph, "image")), None)
    for tool in figure.tools:
        asks = isinstance(tool, HoverTool) and isinstance(tool.callback, CustomJS)
        if asks and image is not None and set(tool.callback.args) == {"position"}:
            position = tool.callback.args["position"]
            position.data = dict.fromkeys(COLUMNS, "…") | {"__index__": 0}
            args = {"position": position, "source": image.data_source}
            tool.callback = CustomJS(args=args, code=ASK)
