"""What the page's scripts compute once more is what Python computes: both are fed the same vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.render.frames.colour import presence_shades, shade, shades
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.front import count_lit
from liqmap.render.frames.look import CARRIED_SHOWN, SCALINGS, Look
from liqmap.render.frames.readout import Cells
from liqmap.render.frames.scale import RANKS, Sizes, scale_between, sizes_of
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN
from tests.browser.engine import call, cells_of, look_of

PALETTES = ["default", "classic", "viridis", "magma", "fire", "bgy", "linear_kryw_5_100_c67"]


def heavy(seed: int, count: int, tail: float) -> np.ndarray:
    """Sizes with a Pareto tail, and some that are equal, as float32 has them; they rise."""
    random = np.random.default_rng(seed)
    sizes = 0.001 * (random.pareto(tail, count) + 1)
    sizes[random.random(count) < 0.2] = 0.25
    return np.sort(sizes.astype(np.float32))


sizes = st.builds(heavy, st.integers(0, 10**6), st.integers(1, 4000), st.sampled_from([0.4, 0.8, 1.5, 4.0]))
pairs = st.tuples(st.integers(0, 999), st.integers(0, 999)).map(
    lambda pair: (min(pair) / 10, (max(pair) + 1) / 10)
)
limits = st.tuples(st.sampled_from([0.0, 0.001, 0.5]), st.sampled_from([0.6, 30.0, 1e5]))


@st.composite
def looks(draw: Any) -> Look:
    return Look(
        cutoffs=draw(st.none() | pairs),
        limits=draw(st.none() | st.none() | limits),
        scaling=draw(st.sampled_from(SCALINGS)),
        carried=draw(st.sampled_from([0.0, 0.3, 0.72, 1.0])),
        carried_shown=draw(st.sampled_from(CARRIED_SHOWN)),
        opacity=draw(st.sampled_from([1.0, 0.4])),
        min_size=draw(st.sampled_from([0.0, 0.25, 3.0])),
        bids=draw(st.sampled_from([True, True, False])),
        asks=draw(st.sampled_from([True, True, False])),
        palette=draw(st.sampled_from(PALETTES)),
        theme=draw(st.sampled_from(["dark", "light"])),
    )


@st.composite
def frames(draw: Any) -> Frame:
    seed, rows, columns = draw(st.integers(0, 10**6)), draw(st.integers(1, 12)), draw(st.integers(1, 12))
    random, shape = np.random.default_rng(seed), (2, rows, columns)
    state = random.choice([UNKNOWN, OBSERVED, CARRIED], shape, p=[0.2, 0.5, 0.3]).astype(np.uint8)
    liquidity = 0.01 * (random.pareto(0.7, shape) + 1)
    liquidity[random.random(shape) < 0.2] = 0.0
    liquidity = np.where(state == UNKNOWN, np.nan, liquidity).astype(np.float32)
    ticks, agg = draw(st.sampled_from([1, 3, 10])), draw(st.sampled_from(["peak", "mean", "last"]))
    times, edges = np.arange(columns + 1, dtype=np.int64), np.arange(rows + 1, dtype=np.int64) * ticks
    return Frame(times, edges, 0.1, agg, liquidity, state)


@given(sizes, looks())
@settings(max_examples=60, deadline=None)
def test_scale__of_the_page_is_that_of_pictures(rising: np.ndarray, look: Look) -> None:
    known = Sizes.of(rising)
    scale = scale_between(known, look)
    told = call("(sizes, look) => told(scaleBetween(sizes, look), sizes)", known.at.tolist(), look_of(look))
    np.testing.assert_allclose([told["low"], told["high"]], [scale.low, scale.high], rtol=1e-12)
    np.testing.assert_allclose(told["curve"], scale.curve, rtol=1e-9, atol=1e-12)
    lit = known.at > scale.low
    np.testing.assert_allclose(np.array(told["places"])[lit], scale.place(known.at[lit]), atol=1e-9)
    np.testing.assert_allclose(told["ends"], scale.size([0, 0.25, 0.5, 1]), rtol=1e-9)


@given(sizes, st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_percentiles__of_the_page_are_those_of_python(rising: np.ndarray, tenths: int) -> None:
    known, percent = Sizes.of(rising), tenths / 10
    assert call("sizeAt", known.at.tolist(), percent) == pytest.approx(known.size(percent), rel=1e-12)
    for size in (known.size(percent), float(rising[0]), float(rising[-1]) * 2):
        assert call("percentOf", known.at.tolist(), size) == pytest.approx(known.percent(size), abs=1e-9)


@given(frames(), sizes, looks(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_picture__of_the_page_is_that_of_python(
    frame: Frame, rising: np.ndarray, look: Look, stable: bool
) -> None:
    """Sizes, scale, side, share and every pixel, whether the scale is the session's or follows the view."""
    known = Sizes.of(rising) if stable else sizes_of(frame)
    scale = scale_between(known, look)
    told = call("picture", cells_of(frame), known.at.tolist(), look_of(look, stable))
    np.testing.assert_allclose(told["sizes"], known.at, rtol=1e-7)
    np.testing.assert_allclose(
        [told["scale"]["low"], told["scale"]["high"]], [scale.low, scale.high], rtol=1e-7
    )
    sides = Cells(frame, look, scale).variables(("price", "time"))["side"].values.ravel()
    assert [("–", "bid", "ask")[k + 1] for k in told["fronts"]] == list(sides)
    lit = count_lit(frame, look, scale)
    assert told["lit"] == [lit.observed, lit.carried]
    assert told["share"] == pytest.approx(lit.carried_share, rel=1e-6)
    expected = shade(frame, look, scale).data
    pixels = np.array(told["pixels"], np.uint32).reshape(expected.shape)[::-1]
    seen, wanted = (np.ascontiguousarray(p).view(np.uint8).astype(int) for p in (pixels, expected))
    assert np.abs(seen - wanted).max() <= 1


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_ramp__of_the_page_is_that_of_python(palette: str, theme: str) -> None:
    for shown in ("fade", "outline"):
        look = Look(palette=palette, theme=theme, carried_shown=shown, carried=0.37, opacity=0.8)
        found = call("(look => (p => [0, 1].map(s => [p.sides[s], p.carried[s]].map(t => [...t])))"
                     "(choiceOf(look).palette))", look_of(look))  # fmt: skip
        seen, wanted = (np.array(t, np.uint32).view(np.uint8).astype(int) for t in (found, shades(look)))
        assert np.abs(seen - wanted).max() <= 1


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_colours_of_presence__are_those_of_python(palette: str, theme: str) -> None:
    look = Look(palette=palette, theme=theme, opacity=0.8)
    found = call("(look => [...coloursOfThere(choiceOf(look).palette)])", look_of(look))
    seen, wanted = np.array(found[2:], np.uint32), presence_shades(look)
    assert seen.size == wanted.size
    seen, wanted = (t.ravel().view(np.uint8).astype(int) for t in (seen, wanted))
    assert np.abs(seen - wanted).max() <= 1


def test_ranks__are_dense_where_tails_are_long() -> None:
    assert (RANKS[0], RANKS[-1]) == (0, 100)
    assert (np.diff(RANKS) > 0).all()
