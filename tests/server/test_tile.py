"""A tile has the pixels of the heatmap, and nothing where nothing is lit."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

import liqmap as lm
from liqmap.carry import carry_model
from liqmap.render.frames.colour import scale_of_session, shade
from liqmap.render.frames.frame import screen
from tests.server.asking import Asker

HEATMAP = "/api/heatmap/bybit/depth"


def pixels(body: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(body)))


def test_tile__has_the_colours_of_the_heatmap(ask: Asker, session: lm.Session) -> None:
    begin = int(session.time_range[0].astype("datetime64[ms]").astype(np.int64))
    start, end, (low, high), size = begin + 20_000, begin + 95_000, session.price_range, (300, 200)
    asked = {
        "start_ts": start,
        "end_ts": end,
        "price_min": low,
        "price_max": high,
        "width": 300,
        "height": 200,
    }
    found = ask.get(HEATMAP, symbol="AAAUSDT", format="png", empty=True, **asked)
    assert found.headers["content-type"] == "image/png"
    got = pixels(found.body)
    assert got.shape == (200, 300, 4)
    spans = session.spans()
    times = np.datetime64(start, "ms"), np.datetime64(end, "ms")
    frame = screen(spans, times, (low, high), *size, carry_model("30s", "300s"), "peak")
    image = shade(frame, scale=scale_of_session(spans, (session.time_range, session.price_range), "peak"))
    shaded = image.values.view(np.uint8).reshape(*image.shape, 4)
    checked = 0
    for y in range(0, 200, 7):  # each pixel by itself, its middle looked up among the edges
        price = high - (y + 0.5) * (high - low) / 200
        row = max(k for k in range(len(frame.rows) - 1) if frame.rows[k] * frame.tick_size <= price + 1e-9)
        for x in range(0, 300, 7):
            time = start * 10**6 + (2 * x + 1) * (end - start) * 10**6 // 600
            column = max(k for k in range(len(frame.times) - 1) if frame.times[k] <= time)
            assert (got[y, x] == shaded[row, column]).all(), (y, x)
            checked += got[y, x, 3] > 0
    assert checked > 100


def test_tile__is_transparent_where_nothing_is_lit(ask: Asker) -> None:
    lit = pixels(ask.get(HEATMAP, symbol="AAAUSDT", format="png").body)
    whole = pixels(ask.get(HEATMAP, symbol="AAAUSDT", format="png", empty=True).body)
    assert lit.shape == (600, 1200, 4)
    assert 0 < (lit[..., 3] > 0).sum() < (whole[..., 3] > 0).sum()
    shown = lit[..., 3] > 0
    assert (lit[shown] == whole[shown]).all()


def test_tiles__that_adjoin_are_one_picture(ask: Asker, session: lm.Session) -> None:
    """Cells lie on a lattice, so a pixel of a part is that of the whole, where both show as much of time."""
    begin = int(session.time_range[0].astype("datetime64[ms]").astype(np.int64)) // 1000 * 1000 + 10_000
    low, high = (float(np.round(p)) for p in session.price_range)
    asked = {"symbol": "AAAUSDT", "format": "png", "price_min": low, "price_max": high, "height": 150}
    whole = pixels(ask.get(HEATMAP, start_ts=begin, end_ts=begin + 80_000, width=160, **asked).body)
    parts = [
        pixels(ask.get(HEATMAP, start_ts=begin + t, end_ts=begin + t + 40_000, width=80, **asked).body)
        for t in (0, 40_000)
    ]
    assert (np.concatenate(parts, axis=1) == whole).all()


def test_light__is_another_palette(ask: Asker) -> None:
    dark = ask.get(HEATMAP, symbol="AAAUSDT", format="png").body
    assert ask.get(HEATMAP, symbol="AAAUSDT", format="png", theme="light").body != dark
