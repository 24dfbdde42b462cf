"""A live chart follows hands at once: picture and tooltip are asked for as a hand moves, one at a time.

bokeh tells of new ranges half a second after the last turn of a wheel, and when a drag ends; HoloViews then
waits until nothing has come for a tenth of a second, but looks up a cell for every place that the pointer has
passed. Here the browser asks for a picture of ranges as they change, and for the cell of the last place; what
has changed while an answer was on its way is asked for after it, and only the last of it: nothing queues.
"""

from __future__ import annotations

from typing import Any

from bokeh.models import CustomJS

from liqmap.render.charts.internals import hear_ranges_at_once, hover_of, picture_source

NAME = "liqmap follows hands"

PICTURE_MS, CELL_MS = 1000, 250
"""After which an answer that has not come is no longer waited for: one that is as the last is not sent."""

IN_TURN = """
const next = () => {
  clearTimeout(kept.out)
  kept.out = 0
  if (!wanted()) return
  kept.out = setTimeout(next, patience)
  ask()
}
"""

PICTURE = f"""
const there = () => [figure.x_range, figure.y_range].flatMap(({{start, end}}) => [start, end]).join()
const wanted = () => kept.asked !== there()
const ask = () => {{
  kept.asked = there()
  cb_context.index.find_one(figure)?.trigger_ranges_update_event()
}}
{IN_TURN}
if (cb_obj === source) next()
else requestAnimationFrame(() => kept.out || next())  // both ends of both ranges have moved by then
"""
"""When ranges of ``figure`` have changed, and when a picture has come into ``source``."""

CELL = f"""
const wanted = () => kept.xy
const ask = () => {{
  position.xy = kept.xy
  kept.xy = null
}}
{IN_TURN}
if (cb_obj === position) next()
else {{
  kept.xy = [cb_data.geometry.x, cb_data.geometry.y]
  kept.out || next()
}}
"""
"""When the pointer has moved, and when the words of a cell have come into ``position``."""


def follow_hands(plot: Any) -> None:
    """Let a live heatmap, and what shares its ranges, be drawn anew while hands move them.

    Parameters
    ----------
    plot : of HoloViews, as a hook has it, however often.
    """
    figure, source, tool = plot.state, picture_source(plot, "Liquidity"), hover_of(plot)
    if tool is not None and tool.callback.name != NAME:
        position = tool.callback.args["position"]
        tool.callback = CustomJS(name=NAME, args={"position": position, **_kept(CELL_MS)}, code=CELL)
        position.js_on_change("data", tool.callback)
    if not hear_ranges_at_once(plot) or source is None:
        return
    if any(one.name == NAME for one in source.js_property_callbacks.get("change:data", [])):
        return
    args = {"figure": figure, "source": source, **_kept(PICTURE_MS)}
    ask = CustomJS(name=NAME, args=args, code=PICTURE)
    for one in (figure.x_range, figure.y_range):
        one.js_on_change("start", ask)
        one.js_on_change("end", ask)
    source.js_on_change("data", ask)


def _kept(patience: int) -> dict[str, Any]:
    return {"kept": {}, "patience": patience}
