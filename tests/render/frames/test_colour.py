"""Palettes, scale and shading, judged on pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.carry import DROP, HOLD, HalfLife
from liqmap.render.frames import palettes
from liqmap.render.frames.colour import SHADES, Look, Scale, scale_of, scale_of_session, shade, shades
from liqmap.render.frames.frame import Frame, screen
from liqmap.render.frames.front import count_lit
from liqmap.render.frames.scale import RANKS, SPREAD, Sizes, scale_between
from liqmap.schema import CARRIED, OBSERVED, GridError
from tests.render.market import ASK, CARRIED_BID, OBSERVED_BID, SMALL_BID, Market, lone_message

BACKGROUND = np.array(palettes.DARK.background)


def rgba(frame: Frame, look: Look = Look(), scale: Scale | None = None) -> np.ndarray:  # noqa: B008
    return (
        np.ascontiguousarray(shade(frame, look, scale).data).view(np.uint8).reshape(*frame.state.shape[1:], 4)
    )


def frame_of(market: Market, half_life: str | None = None, agg: str = "peak", rows: int = 100) -> Frame:
    return screen(
        market.spans(), market.time_range, market.price_range, 120, rows, HalfLife(half_life, None), agg
    )


def row(frame: Frame, tick: int) -> int:
    return int(np.searchsorted(frame.rows, tick, side="right") - 1)


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
    assert none[cell][3] == 0


def test_unknown_is_transparent_and_known_to_be_empty_is_not() -> None:
    frame = frame_of(Market())
    image = rgba(frame)
    assert image[row(frame, 972), 100, 3] == 0
    empty = image[row(frame, 1000), 100]
    assert tuple(empty) == (*palettes.DARK.empty, 255)


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
    scale = scale_of(frame, Look(cutoffs=(10, 90), scaling="linear"))
    assert (scale.low, scale.high) == pytest.approx(tuple(np.percentile(lit, [10, 90])))
    assert scale_of(frame, Look(limits=(2, 7))) == Scale(2.0, 7.0, "log")


def test_scale__does_not_follow_half_life() -> None:
    market = Market()
    scales = {scale_of(frame_of(market, h)) for h in ("1s", "30s", "1h", None)}
    assert len(scales) == 1


@given(st.floats(1e-3, 1e3), st.floats(1.01, 1e4), st.sampled_from(["log", "linear"]), st.floats(0, 1))
def test_scale__place_inverts_size(low: float, factor: float, scaling: str, place: float) -> None:
    scale = Scale(low, low * factor, scaling)
    assert float(scale.place(scale.size(place))) == pytest.approx(place, abs=1e-6)
    assert float(scale.place(0.0)) == 0.0


def test_log_and_linear__order_alike_and_differ_in_between() -> None:
    log, linear = Scale(1.0, 100.0, "log"), Scale(1.0, 100.0, "linear")
    sizes = np.geomspace(1, 100, 9)
    assert (np.diff(log.place(sizes)) > 0).all()
    assert (np.diff(linear.place(sizes)) > 0).all()
    assert float(log.place(10.0)) == pytest.approx(0.5)
    assert float(linear.place(10.0)) < 0.1


def test_mean__is_coloured_by_liquidity_a_tick() -> None:
    market = Market()
    coarse = screen(market.spans(), market.time_range, market.price_range, 60, 9, HOLD, "mean")
    assert coarse.ticks_a_row > 1
    assert np.nanmax(coarse.intensity) == pytest.approx(np.nanmax(coarse.liquidity) / coarse.ticks_a_row)
    peak = screen(market.spans(), market.time_range, market.price_range, 60, 9, HOLD, "peak")
    np.testing.assert_array_equal(peak.intensity, peak.liquidity)


@pytest.mark.parametrize(
    "wrong",
    [{"cutoffs": (90, 10)}, {"cutoffs": (-1, 50)}, {"carried": 1.5}, {"opacity": -0.1}, {"limits": (2, 1)},
     {"min_size": -1}, {"scaling": "cubic"}, {"carried_shown": "x"}, {"palette": "x"}, {"theme": "dusk"},
     {"cutoffs": (50, 50)}, {"cutoffs": (5, 50, 60)}, {"cutoffs": "ab"}, {"cutoffs": 40}, {"limits": (1, 1)},
     {"limits": (-5, 10)}, {"limits": (0.5, np.inf)}, {"min_size": np.inf},
     {"limits": (np.nan, 1)}, {"opacity": "x"}, {"min_size": None}],
)  # fmt: skip
def test_look__refuses_what_is_no_look(wrong: dict) -> None:
    with pytest.raises(GridError, match=next(iter(wrong))):
        Look(**wrong)


def test_look__takes_lists_as_tuples() -> None:
    assert Look(cutoffs=[10, 90], limits=[1, 2]) == Look(cutoffs=(10, 90), limits=(1, 2))  # type: ignore[arg-type]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_carried_shown__hidden_cells_look_unknown(theme: str) -> None:
    frame = frame_of(Market())
    image = rgba(frame, Look(carried_shown="hide", theme=theme))
    assert image[row(frame, CARRIED_BID), 100, 3] == 0
    assert image[row(frame, CARRIED_BID), 10, 3] == 255
    assert (image[row(frame, OBSERVED_BID)] == rgba(frame, Look(theme=theme))[row(frame, OBSERVED_BID)]).all()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_carried_shown__outlined_cells_have_one_tone_a_side(theme: str) -> None:
    look = Look(carried_shown="outline", theme=theme)
    table = shades(look).view(np.uint8).reshape(2, 2, -1, 4)[..., :3].astype(int)
    for side in (0, 1):
        background, tones = np.array(look.colours.background), table[side, 1]
        away = np.abs(tones - background).sum(axis=1)
        assert away.min() > 30
        assert np.abs(tones[-1] - background).sum() > 1.5 * away.min()
        assert away.max() < 0.7 * np.abs(table[side, 0, -1] - background).sum()
    frame = frame_of(Market())
    faded, outlined = (rgba(frame, Look(carried_shown=c, theme=theme)) for c in ("fade", "outline"))
    changed = (faded != outlined).any(axis=2)
    assert changed[row(frame, CARRIED_BID), 100]
    assert not changed[:, :30].any()  # nothing is carried yet


@pytest.mark.parametrize(("drawn", "left"), [({"bids": False}, 1), ({"asks": False}, 0)])
def test_sides__are_left_out_on_demand(drawn: dict, left: int) -> None:
    frame = frame_of(Market())
    image = rgba(frame, Look(**drawn), Scale(0.5, 20.0))
    for side, tick in ((0, OBSERVED_BID), (1, ASK)):
        lit = tuple(image[row(frame, tick), 10, :3]) not in (palettes.DARK.empty, (0, 0, 0))
        assert lit == (side == left)


def test_min_size__leaves_out_what_is_smaller_and_keeps_the_window() -> None:
    frame = frame_of(Market())
    scale = Scale(0.1, 20.0)
    all_, large = (rgba(frame, Look(min_size=m), scale) for m in (0.0, 10.0))
    small = row(frame, SMALL_BID), 50
    assert tuple(all_[small][:3]) != palettes.DARK.empty
    assert tuple(large[small][:3]) == palettes.DARK.empty
    wall = row(frame, OBSERVED_BID)
    assert (large[wall] == all_[wall]).all()  # as large as the least


def test_min_size__is_of_what_is_coloured_so_that_zoom_keeps_it() -> None:
    market = Market()
    frame = screen(market.spans(), market.time_range, market.price_range, 60, 9, HOLD, "mean")
    assert frame.ticks_a_row > 1
    at = row(frame, OBSERVED_BID)
    held = float(frame.intensity[0, at, 10])
    for least, lit in ((0.99 * held, True), (1.01 * held, False)):
        image = rgba(frame, Look(min_size=least), Scale(1e-3, 20.0))
        assert (tuple(image[at, 10, :3]) != palettes.DARK.empty) == lit


sizes = st.lists(st.floats(0.01, 1e4), min_size=200, max_size=400)


@given(sizes, st.floats(0, 1))
@settings(deadline=None)
def test_equalised__rises_with_size_and_inverts(lit: list[float], place: float) -> None:
    rising = np.sort(np.array(lit))
    scale = scale_between(Sizes.of(rising), Look(cutoffs=(5, 95), scaling="equalised"))
    places = scale.place(np.geomspace(scale.low, scale.high, 300))
    assert (np.diff(places) > 0).all()
    assert (places[0], places[-1]) == pytest.approx((0, 1))
    assert float(scale.place(scale.size(place))) == pytest.approx(place, abs=1e-6)


def test_equalised__gives_every_colour_as_many_cells() -> None:
    rng = np.random.default_rng(1)
    lit = np.sort(np.concatenate([rng.lognormal(0, 0.1, 5000), rng.lognormal(3, 1.0, 5000)]))
    look = {"cutoffs": (1, 99)}
    scales = [scale_between(Sizes.of(lit), Look(scaling=s, **look)) for s in ("log", "equalised")]
    counts = [np.histogram(scale.place(lit), np.linspace(1e-9, 1, 11))[0] for scale in scales]
    assert counts[0].min() < 0.25 * counts[0].mean()
    assert counts[1].min() > 0.5 * counts[1].mean()


def test_equalised__image_is_placed_as_the_scale_says() -> None:
    frame = frame_of(Market())
    scale = scale_between(Sizes.of(np.sort(frame.observed_lit)), Look(cutoffs=(0, 100), scaling="equalised"))
    look = Look(scaling="equalised")
    image = rgba(frame, look, scale)
    place = float(scale.place(3.0))
    expected = palettes.ramp(1, count=SHADES)[round(place * (SHADES - 1))]
    assert np.abs(image[row(frame, ASK), 110, :3].astype(int) - expected.astype(int)).max() <= 3


def test_session_scale__is_the_same_for_every_view_and_cut_from_observed_sizes() -> None:
    market = Market()
    ranges = (market.time_range, market.price_range)
    scale = scale_of_session(market.spans(), ranges, "peak", Look(cutoffs=(10, 90)))
    whole = screen(market.spans(), market.time_range, market.price_range, 1200, 1000, DROP)
    assert whole.ticks_a_row == 1
    lit = whole.observed_lit
    assert (scale.low, scale.high) == pytest.approx(tuple(np.percentile(lit, [10, 90])), rel=0.01)
    again = scale_of_session(market.spans(), ranges, "peak", Look(cutoffs=(10, 90)))
    assert again == scale


def test_session_scale__does_not_follow_the_view() -> None:
    """One computation a session and aggregate, whatever is drawn, and in whichever rows."""
    market = Market()
    ranges = (market.time_range, market.price_range)
    for agg in ("peak", "mean", "last"):
        scale = scale_of_session(market.spans(), ranges, agg)
        assert scale == scale_of_session(Market().spans(), ranges, agg)


@given(st.integers(0, 10**6), st.integers(0, 980))
@settings(deadline=None)
def test_cutoffs__every_position_of_a_handle_acts(seed: int, tenths: int) -> None:
    """Chosen percentiles are taken as they are: no cap holds an end where it is."""
    sizes = Sizes.of(np.sort(np.random.default_rng(seed).pareto(0.8, 50_000) + 0.01))

    def ends(low: int, high: int) -> tuple[float, float]:
        scale = scale_between(sizes, Look(cutoffs=(low / 10, high / 10)))
        return scale.low, scale.high

    assert ends(tenths, 1000)[0] < ends(tenths + 2, 1000)[0]
    assert ends(0, tenths + 2)[1] <= ends(0, tenths + 4)[1]
    assert ends(0, 900 + tenths // 11)[1] < ends(0, 902 + tenths // 11)[1]


def test_sizes__are_percentiles_and_back() -> None:
    lit = np.sort(np.random.default_rng(3).lognormal(0, 2, 100_001))
    sizes = Sizes.of(lit)
    np.testing.assert_allclose(sizes.at, np.percentile(lit, RANKS), rtol=1e-6)
    for percent in (0.0, 12.5, 50.0, 99.95, 100.0):
        assert sizes.percent(sizes.size(percent)) == pytest.approx(percent, abs=1e-6)
    assert (sizes.percent(0.0), sizes.percent(1e9)) == (0.0, 100.0)
    assert len(Sizes.of(lit[:0]).at) == 0


def test_log_scale__neither_gives_way_to_one_wall_nor_drowns_in_dust() -> None:
    rng = np.random.default_rng(2)
    dust, walls = rng.lognormal(-3, 1.5, 60_000), rng.uniform(2, 10, 1000)
    plain = scale_between(Sizes.of(np.sort(np.concatenate([dust, walls]))), Look())
    assert plain.high == pytest.approx(10, rel=0.3)
    assert plain.high / plain.low == pytest.approx(SPREAD)
    giant = scale_between(Sizes.of(np.sort(np.concatenate([dust, walls, np.full(400, 1e6)]))), Look())
    assert giant.high < 100


def test_session_scale__of_a_lone_message_is_that_of_its_carried_book() -> None:
    spans = lone_message()
    ranges = ((spans.begin, spans.begin + 10**9), (490.0, 500.0))
    small = spans.to_arrow()
    sizes = small.set_column(small.column_names.index("size"), small.schema.field("size"), [[0.5, 0.5]])
    spans = lm.Spans.from_arrow(sizes, spans.window)
    scale = scale_of_session(spans, ranges, "peak")
    assert scale.low < 0.5 < scale.high
    assert count_lit(screen(spans, *ranges, 50, 20), Look(), scale).carried > 0


def test_session_scale__of_a_sum_is_not_that_of_another_sum() -> None:
    one, few, many = Market(), Market(), Market()
    table = many.spans().to_arrow()
    at = table.column_names.index("size")
    scaled = table.set_column(at, table.schema.field("size"), [table["size"].to_numpy() * 1000])
    large = lm.Spans.from_arrow(scaled, many.spans().window)
    ranges = (one.time_range, one.price_range)
    first = scale_of_session(one.spans(), ranges, "peak", others=[few.spans()])
    second = scale_of_session(one.spans(), ranges, "peak", others=[large])
    assert second.high > 100 * first.high


def test_session_scale__of_limits_asks_no_spans() -> None:
    assert scale_of_session(None, None, "peak", Look(limits=(2, 7))) == Scale(2.0, 7.0)  # type: ignore[arg-type]


def test_shade__composes_with_datashader() -> None:
    from datashader import transfer_functions as tf

    image = shade(frame_of(Market()))
    assert tf.set_background(image, "black").to_pil().size == image.shape[::-1]
