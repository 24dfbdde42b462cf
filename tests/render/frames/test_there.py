"""How likely it is still there, in colours and words: the less likely, the greyer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.carry import HOLD, HalfLife
from liqmap.render.frames.colour import SHADES, pixels_of, presence_shades, scale_of, shades
from liqmap.render.frames.frame import draw, price_rows, time_columns
from liqmap.render.frames.look import Look
from liqmap.render.frames.palettes import PALETTES, THEMES
from liqmap.render.frames.readout import Cells
from liqmap.render.frames.there import LEVELS, levels_of, presence_words
from liqmap.schema import CARRIED, OBSERVED, GridError

PRESENCE = lm.Presence(HalfLife("20s", None), HalfLife("10s", None), HalfLife("40s", None))


@pytest.fixture(scope="module")
def spans():
    return lm.replay(lm.simulate(minutes=1, seed=4, levels=20, volatility=4.0, keep_truth=False).depth)


def drawn(spans, agg="peak", presence=PRESENCE.likely, carry=HOLD):
    times = time_columns(spans.begin, spans.last, 120)
    low, high = (side.levels[k] * spans.tick_size for side, k in zip(spans.sides, (0, -1)))
    return draw(spans, times, price_rows(low, high, 80, spans.tick_size), carry, agg, presence=presence)


def channels(packed: np.ndarray) -> np.ndarray:
    return packed[..., None].view(np.uint8).astype(float)[..., :3]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("palette", [*PALETTES, "viridis"])
def test_colours_lose_their_tone_as_presence_falls(theme, palette):
    look = Look(theme=theme, palette=palette)
    table = presence_shades(look)
    assert table.shape == (2, LEVELS, SHADES)
    np.testing.assert_array_equal(table[:, -1], shades(look)[:, 0])  # surely there: as observed
    colours = channels(table)
    tone = np.ptp(colours, axis=-1)
    ground = np.ptp(np.array(look.colours.background))
    assert (tone[:, 0] <= ground + 1).all()
    assert (np.diff(tone[:, 2:, SHADES // 2], axis=1) >= -1).all()  # below, as grey as the background is not
    assert (tone[:, -1, SHADES // 2] > tone[:, 0, SHADES // 2] + 40).all()
    away = np.abs(colours - np.array(look.colours.background)).sum(axis=-1)
    assert (away[:, 0, SHADES // 4 :] > 10).all()  # what is gone can still be seen


@pytest.mark.parametrize("agg", ["peak", "mean", "last"])
def test_pixels_are_those_of_the_level_of_presence(spans, agg):
    frame, look = drawn(spans, agg), Look()
    scale = scale_of(frame, look)
    plain, shown = pixels_of(replace(frame, presence=None), look, scale), pixels_of(frame, look, scale)
    np.testing.assert_array_equal(plain == 0, shown == 0)  # the same cells are lit
    sure = np.where(np.isnan(frame.presence), 1, frame.presence).min(axis=0) == 1
    seen = sure & (frame.state != CARRIED).all(axis=0)
    np.testing.assert_array_equal(shown[seen], plain[seen])
    assert (shown != plain).any()
    for look in (Look(carried_shown="outline"), Look(carried_shown="hide")):  # which say something else of it
        plain = pixels_of(replace(frame, presence=None), look, scale)
        np.testing.assert_array_equal(pixels_of(frame, look, scale), plain)


def test_a_level_is_as_grey_as_it_is_likely(spans):
    frame, look = drawn(spans), Look(bids=False)
    scale = scale_of(frame, look)
    pixels, table = pixels_of(frame, look, scale), presence_shades(look)
    carried = np.argwhere((frame.state[1] == CARRIED) & (frame.intensity[1] > 1.1 * scale.low))[::7]
    assert len(carried) > 20
    levels = levels_of(frame.presence[1])
    for i, j in carried:
        assert pixels[i, j] in table[1, levels[i, j]], (i, j)


def test_the_tooltip_tells_the_presence_of_its_cell(spans):
    frame, look = drawn(spans, carry=HalfLife("30s", "5min")), Look()
    cells = Cells(frame, look, scale_of(frame, look), spans, HalfLife("30s", "5min"), presence=PRESENCE)
    told = cells.variables(("price", "time"))["there"]
    found = set()
    for i, j in np.argwhere(frame.state.max(axis=0) > 0)[::23]:
        side, words = cells._front(int(i), int(j)), str(told[int(i), int(j)].to_numpy())
        if side is None:
            assert words == "–"
            continue
        share = float(frame.presence[side, i, j])
        assert words.startswith(presence_words(share).removesuffix(" %")), (i, j)
        found.add(int(frame.state[side, i, j]))
        low = words.split("(")[1].split(" ")[0]
        assert (low == "100") == (share == 1)
    assert found == {OBSERVED, CARRIED}
    plain = Cells(frame, look, scale_of(frame, look), spans, HalfLife("30s", "5min"))
    assert plain._there(0, 0) == "–"


@given(share=st.floats(0, 1))
def test_words_never_claim_what_is_not_sure(share):
    words = presence_words(share)
    assert (words == "100 %") == (share == 1)
    assert (words == "0 %") == (share == 0)


def test_words():
    assert presence_words(0.62, 0.55, 0.7) == "62 % (55 to 70)"
    assert presence_words(0.999, 0.994, 1.0) == ">99 % (99 to 100)"
    assert presence_words(0.004) == "<1 %"


def test_presence_is_of_one_market(spans):
    times, rows = time_columns(spans.begin, spans.last, 10), price_rows(1, 2, 10, spans.tick_size)
    with pytest.raises(GridError, match="presence: expected one market, got 2"):
        draw(spans, times, rows, HOLD, "peak", [spans], presence=HOLD)
