"""A picture to lie over any chart: exactly a range of time and prices, transparent where nothing is lit."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from liqmap.carry import CarryModel
from liqmap.render.frames.colour import pack, places_of, scale_of_session, shades
from liqmap.render.frames.frame import Frame, even_columns, screen
from liqmap.render.frames.look import Look
from liqmap.session import Session


def tile(
    session: Session,
    times: tuple[int, int],
    prices: tuple[float, float],
    size: tuple[int, int],
    carry: CarryModel,
    agg: str,
    look: Look,
    shows_empty: bool = False,
) -> bytes:
    """A PNG of ``size`` pixels, width and height, of [begin, end) ns and [low, high) quote currency.

    Colours are cut from the sizes of the whole session, so that neighbouring tiles join.

    Parameters
    ----------
    shows_empty : whether what is known to be empty has the trace of colour that heatmaps give it.
    """
    from PIL import Image

    spans = session.spans()
    frame = screen(spans, tuple(np.datetime64(t, "ns") for t in times), prices, *size, carry, agg)  # type: ignore[arg-type]
    scale = scale_of_session(spans, (session.time_range, session.price_range), agg, look)
    empty = pack(np.array(look.colours.empty), look.opacity) if shows_empty else 0
    colours = np.concatenate([np.array([0, empty], np.uint32), shades(look).ravel()])
    pixels = np.ascontiguousarray(
        colours[stretched(frame, places_of(frame, look, scale), times, prices, size)]
    )
    image = Image.fromarray(pixels.view(np.uint8).reshape(*pixels.shape, 4), "RGBA")
    out = BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def stretched(
    frame: Frame,
    cells: np.ndarray,
    times: tuple[int, int],
    prices: tuple[float, float],
    size: tuple[int, int],
) -> np.ndarray:
    """Numbers of a frame's cells as those of pixels, (height, width), the highest price first.

    A pixel has the number of the cell in which its middle lies; 0 beyond the frame.
    """
    width, height = size
    edges = even_columns(*times, 2 * width)
    columns = np.searchsorted(frame.times, edges[1::2], side="right") - 1
    middles = prices[1] - (np.arange(height) + 0.5) * (prices[1] - prices[0]) / height
    rows = np.searchsorted(frame.rows, np.floor(middles / frame.tick_size + 1e-6), side="right") - 1
    inside = (columns >= 0) & (columns < cells.shape[1])
    seen = (rows >= 0) & (rows < cells.shape[0])
    out = cells[np.clip(rows, 0, cells.shape[0] - 1)][:, np.clip(columns, 0, cells.shape[1] - 1)]
    out[~seen] = 0
    out[:, ~inside] = 0
    return out
