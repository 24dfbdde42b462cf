"""Several sessions: side by side on shared axes, and added."""

from __future__ import annotations

from functools import cached_property

import holoviews as hv
import numpy as np
import pytest

from liqmap.carry import HalfLife
from liqmap.render import heatmap
from liqmap.render.frames.frame import draw, screen
from liqmap.render.frames.together import Together
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN, GridError, SessionError
from liqmap.spans import Spans
from tests.render.market import BEGIN, SECOND, TICK, Market, make_spans

hv.extension("bokeh", logo=False)


class Fine(Market):
    """The same book on a fifth of the tick, five times as many ticks up."""

    venue, feed = "okex", "books"

    @cached_property
    def _spans(self) -> Spans:
        import dataclasses

        spans = make_spans()
        sides = tuple(dataclasses.replace(s, tick=s.tick * 5, levels=s.levels * 5) for s in spans.sides)
        windows = tuple(dataclasses.replace(w, worst=w.worst * 5) for w in spans.windows)
        meta = dataclasses.replace(spans.meta, venue="okex", feed="books", tick_size=TICK / 5)
        return Spans(sides, windows, meta)  # type: ignore[arg-type]


class Contracts(Market):
    @cached_property
    def _spans(self) -> Spans:
        import dataclasses

        spans = make_spans()
        return Spans(spans.sides, spans.windows, dataclasses.replace(spans.meta, size_unit="contracts"))


@pytest.mark.parametrize("agg", ["peak", "mean", "last"])
def test_added_frames__of_the_same_book_are_twice_the_book(agg: str) -> None:
    market = Market()
    one = screen(market.spans(), market.time_range, market.price_range, 60, 90, HalfLife("100s", None), agg)
    two = draw(market.spans(), one.times, one.rows, HalfLife("100s", None), agg, [Fine().spans()])
    assert np.nan_to_num(two.liquidity) == pytest.approx(2 * np.nan_to_num(one.liquidity), rel=1e-5)
    assert (two.state == one.state).all()
    assert (np.isnan(two.liquidity) == (two.state == UNKNOWN)).all()


def test_plus__takes_the_state_of_the_larger_and_knows_what_either_knows() -> None:
    market = Market()
    frame = screen(market.spans(), market.time_range, market.price_range, 2, 9)
    shape = frame.state.shape
    cases = [  # mine, its, sum
        ((1.0, OBSERVED), (3.0, CARRIED), (4.0, CARRIED)),
        ((5.0, OBSERVED), (3.0, CARRIED), (8.0, OBSERVED)),
        ((np.nan, UNKNOWN), (3.0, CARRIED), (3.0, CARRIED)),
        ((np.nan, UNKNOWN), (0.0, OBSERVED), (0.0, OBSERVED)),
        ((0.0, CARRIED), (0.0, OBSERVED), (0.0, OBSERVED)),
        ((np.nan, UNKNOWN), (np.nan, UNKNOWN), (np.nan, UNKNOWN)),
    ]  # fmt: skip
    for mine, its, expected in cases:
        from dataclasses import replace

        sizes, states = (np.full(shape, v, t) for v, t in zip(mine, (np.float32, np.uint8)))
        added = replace(frame, liquidity=sizes, state=states).plus(
            np.full(shape, its[0], np.float32), np.full(shape, its[1], np.uint8)
        )
        assert added.state.flat[0] == expected[1]
        assert added.liquidity.flat[0] == pytest.approx(expected[0], nan_ok=True)


def test_together__spans_the_ranges_of_all_and_holds_all_trades() -> None:
    late = Fine()
    late.time_range = (np.datetime64(BEGIN, "ns"), np.datetime64(BEGIN + 700 * SECOND, "ns"))
    both = Together([late, Market()])
    assert both.spans().tick_size == TICK
    assert [s.tick_size for s in both.others] == [TICK / 5]
    assert both.time_range == late.time_range
    assert both.trades().num_rows == 2 * Market().trades().num_rows


def test_heatmap__of_two_side_by_side_shares_both_axes() -> None:
    chart = heatmap([Market(), Fine()], dynamic=False)
    assert isinstance(chart, hv.Layout)
    left, right = (f for f, *_ in hv.renderer("bokeh").get_plot(chart).state.children)
    assert left.x_range is right.x_range
    assert left.y_range is right.y_range
    assert ("bybit" in left.title.text, "okex" in right.title.text) == (True, True)


@pytest.mark.parametrize("dynamic", [True, False])
def test_heatmap__of_two_summed_is_one_chart(dynamic: bool) -> None:
    chart = heatmap([Market(), Fine()], None, None, summed=True, dynamic=dynamic, panels=["delta"])
    figure = hv.renderer("bokeh").get_plot(chart).state.children[0][0]
    assert figure.title.text.startswith("bybit BTCUSDT ob3 + okex BTCUSDT books")
    alone = heatmap([Market(), Fine()], None, None, summed=True, dynamic=False)
    data = alone.traverse(lambda e: e, ["RGB.Liquidity"])[0].data
    cell = data.sel(time=np.datetime64(BEGIN + 300 * SECOND, "ns"), price=990 * TICK + 0.1, method="nearest")
    assert cell.shown.item() == "20"


@pytest.mark.parametrize(
    ("sessions", "choices", "error"),
    [([Market(), Contracts()], {"summed": True}, GridError), ([Market()], {"summed": True}, GridError),
     ([Market(), Fine()], {"panels": ["delta"]}, GridError), ([], {}, GridError),
     ([Market(), 3], {}, SessionError),
     ([Market(), Fine()], {"summed": True, "panels": ["ladder"]}, GridError)],
)  # fmt: skip
def test_heatmap__refuses_sessions_that_do_not_go_together(
    sessions: list, choices: dict, error: type
) -> None:
    with pytest.raises(error, match=r"expected "):
        heatmap(sessions, **choices)
