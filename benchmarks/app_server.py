"""``python -m benchmarks.app_server STORE``: the app and its peer, a plain image, on one Panel server.

The peer, at ``/plain?width=W&height=H``: a HoloViews image of as many cells in a DynamicMap, moved by the
same kind of slider and by zoom and pan. It computes nothing: its pictures are made before.
"""

from __future__ import annotations

import os
import socket
import sys

import holoviews as hv
import numpy as np
import panel as pn
from holoviews.streams import RangeXY

import liqmap as lm
from liqmap.app import explore
from liqmap.app.data.opened import Opened

FRAME = 1200, 700
"""Pixels of the picture."""

PICTURES = 4


def plain() -> pn.viewable.Viewable:
    """A slider over a plain image."""
    asked = pn.state.session_args
    width, height = (int(asked.get(name, [b"1200"])[0]) for name in ("width", "height"))
    rng = np.random.default_rng(0)
    pictures = rng.random((PICTURES, height, width), np.float32)
    slider = pn.widgets.IntSlider(label="half-life", start=0, end=40, value=10)
    shown = [0]

    def image(value: int, x_range: tuple | None, y_range: tuple | None) -> hv.Image:
        shown[0] += 1
        (x0, x1), (y0, y1) = x_range or (0, width), y_range or (0, height)
        return hv.Image(pictures[shown[0] % PICTURES], bounds=(x0, y0, x1, y1))

    moved = hv.streams.Params(slider, ["value"])
    picture = hv.DynamicMap(image, streams=[moved, RangeXY()]).opts(
        frame_width=FRAME[0], frame_height=FRAME[1], active_tools=["pan", "wheel_zoom"], cmap="viridis",
        clim=(0, 1), framewise=False, backend="bokeh",
    )  # fmt: skip
    return pn.Row(slider, pn.pane.HoloViews(picture, linked_axes=False))


def main() -> None:
    """Serve until terminated; the first line on standard output is the port."""
    store, opened = lm.open_store(sys.argv[1]), Opened()
    hv.extension("bokeh", logo=False)
    pn.extension()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = pn.serve(
        {"liqmap": lambda: explore(store, height=None, opened=opened), "plain": plain},
        port=port, address="127.0.0.1", websocket_origin=f"127.0.0.1:{port}", show=False, start=False,
        verbose=False,
    )  # fmt: skip
    print(port, os.getpid(), flush=True)
    server.io_loop.add_callback(server.start)  # forgets who has left
    server.io_loop.start()


if __name__ == "__main__":
    main()
