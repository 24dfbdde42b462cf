"""Palettes, scale and shading, judged on pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.render import palettes
from liqmap.render.colour import Look, Scale, scale_of, shade
from liqmap.render.frame import Frame, screen
from liqmap.schema import CARRIED, OBSERVED, GridError

from .market import ASK, CARRIED_BID, OBSERVED_BID, Market

BACKGROUND = np.array(palettes.BACKGROUND)


def rgba(frame: Frame, look: Look = Look(), scale: Scale | None = None) -> np.ndarray:  # noqa: B008
    return (
        np.ascontiguousarray(shade(frame, look, scale).data).view(np.uint8).reshape(*frame.state.shape[1:], 4)
    )


def frame_of(market: Market, half_life: str | None = None, agg: str = "peak", rows: int = 100) -> Frame:
    return screen(market.spans(), market.time_range, market.price_range, 120, rows, half_life, None, agg)


def row(frame: Frame, tick: int) -> int:
    return int(np.searchsorted(frame.rows, tick, side="right") - 1)


@pytest.mark.parametrize("side", [0, 1])
def test_palette__runs_from_background_to_near_white_and_only_gets_brighter(side: int) -> None:
    colours = palettes.palette(side).astype(int)
    assert tuple(colours[0]) == palettes.BACKGROUND
    assert colours[-1].min() >= 200
    assert (np.diff(colours.sum(axis=1)) >= 0).all()


def test_palettes__sides_differ_at_first_sight() -> None:
    bids, asks = (palettes.palette(s)[150].astype(int) for s in (0, 1))
    assert bids[2] > bids[0] + 60  # blue over red
    assert asks[0] > asks[2] + 60  # red over blue


def test_carried__can_be_told_from_observed_of_the_same_size() -> None:
    frame = frame_of(Market())
    image = rgba(frame).astype(int)
    late = 100
    observed, carried = (image[row(frame, t), late, :3] for t in (OBSERVED_BID, CARRIED_BID))
    assert frame.state[0, row(frame, OBSERVED_BID), late] == OBSERVED
    assert frame.state[0, row(frame, CARRIED_BID), late] == CARRIED
    assert np.abs(observed - carried).max() > 40
    assert (carried - BACKGROUND).sum() == pytest.approx(0.72 * (observed - BACKGROUND).sum(), rel=0.02)
    before = image[row(frame, CARRIED_BID), 10, :3]
    assert (before == observed).all()  # while it was observed it looked like the other


def test_carried_strength__is_a_choice() -> None:
    frame = frame_of(Market())
    same, none = rgba(frame, Look(carried=1.0)), rgba(frame, Look(carried=0.0))
    cell = row(frame, CARRIED_BID), 100
    assert (same[cell] == same[row(frame, OBSERVED_BID), 100]).all()
    assert np.abs(none[cell][:3].astype(int) - BACKGROUND).max() <= 10


def test_unknown_is_transparent_and_known_to_be_empty_is_not() -> None:
    frame = frame_of(Market())
    image = rgba(frame)
    assert image[row(frame, 972), 100, 3] == 0
    empty = image[row(frame, 1000), 100]
    assert tuple(empty) == (*palettes.EMPTY, 255)


def test_opacity__reaches_every_known_cell() -> None:
    image = rgba(frame_of(Market()), Look(opacity=0.5))
    assert set(np.unique(image[..., 3])) == {0, 128}


def test_sides__keep_their_colours() -> None:
    frame = frame_of(Market())
    image = rgba(frame, scale=Scale(0.5, 20.0)).astype(int)
    bid, ask = image[row(frame, OBSERVED_BID), 50], image[row(frame, ASK), 10]
    assert bid[2] > bid[0]
    assert ask[0] > ask[2]


def test_cutoffs__are_percentiles_of_observed_cells() -> None:
    frame = frame_of(Market())
    lit = frame.observed_lit
    scale = scale_of(frame, Look(cutoffs=(10, 90), log=False))
    assert (scale.low, scale.high) == pytest.approx(tuple(np.percentile(lit, [10, 90])))
    assert scale_of(frame, Look(limits=(2, 7))) == Scale(2.0, 7.0, True)


def test_scale__does_not_follow_half_life() -> None:
    market = Market()
    scales = {scale_of(frame_of(market, h)) for h in ("1s", "30s", "1h", None)}
    assert len(scales) == 1


@given(st.floats(1e-3, 1e3), st.floats(1.01, 1e4), st.booleans(), st.floats(0, 1))
def test_scale__place_inverts_size(low: float, factor: float, log: bool, place: float) -> None:
    scale = Scale(low, low * factor, log)
    assert float(scale.place(scale.size(place))) == pytest.approx(place, abs=1e-6)
    assert float(scale.place(0.0)) == 0.0


def test_log_and_linear__order_alike_and_differ_in_between() -> None:
    log, linear = Scale(1.0, 100.0, True), Scale(1.0, 100.0, False)
    sizes = np.geomspace(1, 100, 9)
    assert (np.diff(log.place(sizes)) > 0).all()
    assert (np.diff(linear.place(sizes)) > 0).all()
    assert float(log.place(10.0)) == pytest.approx(0.5)
    assert float(linear.place(10.0)) < 0.1


def test_mean__is_coloured_by_liquidity_a_tick() -> None:
    market = Market()
    coarse = screen(market.spans(), market.time_range, market.price_range, 60, 9, None, None, "mean")
    assert coarse.ticks_a_row > 1
    assert np.nanmax(coarse.intensity) == pytest.approx(np.nanmax(coarse.liquidity) / coarse.ticks_a_row)
    peak = screen(market.spans(), market.time_range, market.price_range, 60, 9, None, None, "peak")
    assert peak.intensity is peak.liquidity


@pytest.mark.parametrize(
    "wrong", [{"cutoffs": (90, 10)}, {"cutoffs": (-1, 50)}, {"carried": 1.5}, {"opacity": -0.1}]
)
def test_look__refuses_what_is_no_look(wrong: dict) -> None:
    with pytest.raises(GridError, match=next(iter(wrong))):
        Look(**wrong)


def test_shade__composes_with_datashader() -> None:
    from datashader import transfer_functions as tf

    image = shade(frame_of(Market()))
    assert tf.set_background(image, "black").to_pil().size == image.shape[::-1]
