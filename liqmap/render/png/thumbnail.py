"""`thumbnail`: a session's heatmap as a small PNG, for its card; no HoloViews, no matplotlib."""

from __future__ import annotations

from io import BytesIO

from liqmap.render.frames.colour import shade
from liqmap.render.frames.frame import screen, visible
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import DARK, css

SIZE = 880, 300
"""Pixels: twice what a card shows, for screens with two pixels to one."""

COLOURS = 96


def thumbnail(session: Market, size: tuple[int, int] = SIZE) -> bytes:
    """Draw all of a session at the default half-life and prune.

    Returns
    -------
    A PNG of ``size`` pixels, in few colours; nothing where the book is empty.
    """
    from datashader.transfer_functions import set_background

    spans = session.spans()
    if not len(spans):
        return b""
    frame = screen(spans, visible(session.time_range), session.price_range, *size)
    image = set_background(shade(frame), css(DARK.background)).to_pil().convert("RGB")
    image = image.resize(size).quantize(COLOURS)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
