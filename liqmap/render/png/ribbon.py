"""The ribbon of trust in a picture file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liqmap.render.frames.palettes import unit_rgb
from liqmap.render.marks.overlays.trust import Ribbon, legend_of
from liqmap.render.marks.registry import Entry, Scene
from liqmap.render.marks.ribbon import boxes
from liqmap.render.marks.view import View

if TYPE_CHECKING:
    from liqmap.render.png.canvas import Canvas


def trust_picture(canvas: Canvas, scene: Scene) -> list[Entry]:
    """The ribbon at the lower edge of the heatmap; the legend says what there is of it."""
    from matplotlib.collections import PolyCollection

    seen, layout = canvas.view, canvas.layout
    view = View(seen.begin, seen.end, (seen.low, seen.high), layout.width, layout.height)
    ribbon = Ribbon.of(scene.session).between(view.begin, view.end, view.width)
    if not len(ribbon.start):
        return []
    for shape in boxes(ribbon, view, canvas.theme, layout.unit):
        left, right = canvas.days(shape.x0), canvas.days(shape.x1)
        corners = ((left, shape.y0), (right, shape.y0), (right, shape.y1), (left, shape.y1))
        faces = [unit_rgb(shape.colours[k]) for k in shape.colour]
        bars = PolyCollection(
            list(np.stack([np.stack(corner, 1) for corner in corners], 1)),
            facecolors=faces, linewidths=0, antialiaseds=False, zorder=4.5,
        )  # fmt: skip
        canvas.axes.add_collection(bars, autolim=False)
    entries = legend_of(ribbon, canvas.theme)
    return [
        entry._replace(line=False) for entry in entries
    ]  # lines would share a column with best bid and ask
