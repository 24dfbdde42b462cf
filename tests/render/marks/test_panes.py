"""Panes of measures: values of a slow oracle, gaps, causality, what is kept, and names that are wrong."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import ColorBar, HoverTool, Plot
from hypothesis import given, settings

from liqmap.analytics.book.events.hits import prints_of
from liqmap.browser.wire import wire_panel
from liqmap.render import heatmap, picture
from liqmap.render.frames.palettes import DARK
from liqmap.render.marks import measured
from liqmap.render.marks.measured import series_in_view
from liqmap.render.marks.panels import PanelScene, below, check_panels, chosen, meant, panel_of
from liqmap.render.marks.shapes import Boxes, Line, PanelShapes
from liqmap.render.marks.view import View
from liqmap.schema import SPANS, WINDOW, GridError
from liqmap.session import sampling
from liqmap.spans import Spans
from tests.render.market import ASK, BEGIN, CARRIED_BID, OBSERVED_BID, SECOND, SMALL_BID, TICK, Market, _table
from tests.render.marks.made import sample, st_views, whole

hv.extension("bokeh", logo=False)

LEVELS = [
    ("bid", CARRIED_BID, 0, 200, 10.0), ("bid", OBSERVED_BID, 0, 600, 10.0), ("bid", SMALL_BID, 0, 600, 1.0),
    ("ask", ASK, 0, 300, 2.0), ("ask", ASK, 400, 600, 3.0), ("ask", ASK + 2, 0, 600, 5.0),
]  # fmt: skip
"""What `Market` observes: side, tick, from and to in seconds, size."""

NAMES = ("imbalance@1", "imbalance@5", "spread", "spread_bps", "bid_depth@2", "mid")


def at(name: str, time: int) -> float:
    """A measure in the moment before a time, level by level."""
    word, _, count = name.partition("@")
    book: dict[str, list[tuple[int, float]]] = {"bid": [], "ask": []}
    for side, tick, begin, end, size in LEVELS:
        if BEGIN + begin * SECOND <= time - 1 < BEGIN + end * SECOND:
            book[side].append((tick, size))
    bids, asks = sorted(book["bid"], reverse=True), sorted(book["ask"])
    if not bids or not asks:
        return math.nan
    bid, ask = bids[0][0] * TICK, asks[0][0] * TICK
    if word == "imbalance":
        b, a = (sum(size for _, size in side[: int(count)]) for side in (bids, asks))
        return (b - a) / (b + a)
    if word == "bid_depth":
        return sum(size for _, size in bids[: int(count)])
    return {"spread": ask - bid, "mid": (bid + ask) / 2, "spread_bps": (ask - bid) / ((bid + ask) / 2) * 1e4}[
        word
    ]


def shown(name: str, view: View, market: Any = None, **choices: Any) -> PanelShapes:
    market = market or Market()
    panel = panel_of(name)
    assert panel is not None
    return panel.on_engine(PanelScene(market, market.price_range, **choices), view)


@pytest.mark.parametrize("name", NAMES)
@given(view=st_views())
@settings(deadline=None, max_examples=25)
def test_series__is_what_the_book_said_in_the_moment_before(name: str, view: View) -> None:
    seen = view.within(Market.time_range, Market.price_range)
    found = series_in_view(Market(), name, seen)
    assert (found.time % found.step == 0).all()
    assert (np.diff(found.time) == found.step).all()
    last = seen.end if seen.until is None else min(seen.end, seen.until)
    assert not len(found.time) or (found.time[0] >= BEGIN and found.time[-1] <= last)
    expected = [at(name, time) for time in found.time.tolist()]
    np.testing.assert_allclose(found.value, expected, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_series__of_a_view_that_moves_has_the_same_values(name: str) -> None:
    market, view = Market(), whole(Market(), width=300)._replace(end=BEGIN + 400 * SECOND)
    moved = view._replace(begin=view.begin + 130 * SECOND, end=view.end + 130 * SECOND)
    one, other = (series_in_view(market, name, seen) for seen in (view, moved))
    assert one.step == other.step
    _, a, b = np.intersect1d(one.time, other.time, return_indices=True)
    assert len(a) > 50
    np.testing.assert_array_equal(one.value[a], other.value[b])


def test_series__is_kept_with_the_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    market, view = Market(), whole(Market())
    first = series_in_view(market, "imbalance@5", view)
    monkeypatch.setattr(measured, "sample", None)
    np.testing.assert_array_equal(series_in_view(market, "imbalance@5", view).value, first.value)


def test_series__of_a_play_says_nothing_of_later_and_the_same_of_before() -> None:
    view, until = whole(Market()), BEGIN + 345 * SECOND
    cut, full = (series_in_view(Market(), "imbalance@5", view._replace(until=u)) for u in (until, None))
    assert cut.time[-1] <= until < cut.time[-1] + cut.step
    np.testing.assert_array_equal(cut.value, full.value[: len(cut.value)])
    found = shown("imbalance@5", view._replace(until=until))
    assert found.told is not None
    assert found.told.low.max() <= until
    for shape in found.shapes:
        if isinstance(shape, Boxes):
            assert shape.x1.max() <= until


def gapped() -> Market:
    """A book that is lost from 100 s to 200 s."""
    meta = Market().meta
    ns = [BEGIN + s * SECOND for s in (0, 100, 200, 300)]
    spans = [
        (side, tick, a, b, b, 2.0)
        for a, b in ((ns[0], ns[1]), (ns[2], ns[3]))
        for side, tick in (("bid", 990), ("ask", 992))
    ]
    spans.sort(key=lambda one: (one[0] == "ask", one[1], one[2]))
    window = [(side, t, tick, tick is not None) for side, worst in (("bid", 980), ("ask", 1000))
              for t, tick in zip(ns, (worst, None, worst, None))]  # fmt: skip
    market = Market()
    market.__dict__["_spans"] = Spans.from_arrow(_table(SPANS, spans, meta), _table(WINDOW, window, meta))
    return market


def test_pane__has_a_gap_where_nothing_is_known() -> None:
    view = whole(Market())._replace(end=BEGIN + 300 * SECOND)
    found = shown("spread", view, gapped())
    (line,) = found.shapes
    assert isinstance(line, Line)
    lost = (line.x > BEGIN + 101 * SECOND) & (line.x < BEGIN + 200 * SECOND)
    assert np.isnan(line.y[lost]).all()
    assert np.isfinite(line.y[~lost]).mean() > 0.95
    assert found.told is not None
    assert {words[1] for words in found.told.words} == {"1.00", "not known"}
    assert (found.axis.low, found.axis.high) == (pytest.approx(0.94), pytest.approx(1.06))


def test_pane__of_two_signs_is_filled_from_zero_in_the_colours_of_both() -> None:
    fill, zero, line = shown("imbalance@1", whole(Market())).shapes
    assert isinstance(fill, Boxes)
    assert isinstance(zero, Line)
    assert isinstance(line, Line)
    assert fill.colours == (DARK.buy, DARK.sell)
    value = fill.y1 + fill.y0
    np.testing.assert_array_equal(fill.colour, (value < 0).astype(int))
    assert (np.minimum(np.abs(fill.y0), np.abs(fill.y1)) == 0).all()
    assert list(zero.y) == [0, 0]
    assert shown("imbalance@1", whole(Market())).axis[:2] == (-1.06, 1.06)


@pytest.mark.parametrize(
    ("name", "label", "words"),
    [
        ("spread", "spread, USDT", "5.00"), ("mid", "mid, USDT", "500.00"), ("depth@5", "depth@5, BTC", "28"),
        ("imbalance@1", "imbalance@1", "-0.333333"), ("spread_bps", "spread_bps", "100"),
    ],
)  # fmt: skip
def test_pane__names_its_unit_and_tells_time_and_value(name: str, label: str, words: str) -> None:
    found = shown(name, whole(Market()), time_zone="Asia/Tokyo")
    assert found.axis.label == label
    assert found.told is not None
    assert found.told.names == ("from", label)
    first = next(one for one in found.told.words if one[1] != "not known")
    assert first[1] == words
    assert first[0].startswith("21:00:0")  # nine hours after UTC


@pytest.mark.parametrize("name", ["ofi@1", "added@5", "bid_pulled@5"])
def test_pane__of_an_interval_has_a_bar_for_each_that_is_over(name: str) -> None:
    """The numbers of `Session.sample`, each from the instant before it; bars as wide as candles."""
    market, view = sample(), whole(sample(), width=600)
    view = view._replace(until=(view.begin + view.end) // 2)
    found, seen = shown(name, view, market), series_in_view(market, name, view)
    fill, _, line = found.shapes
    assert isinstance(fill, Boxes)
    assert isinstance(line, Line)
    assert len(line.x) == 0
    assert seen.step / (view.end - view.begin) * view.width >= 10
    known = np.isfinite(seen.value)
    assert known.sum() > 10
    np.testing.assert_array_equal(fill.y0 + fill.y1, seen.value[known])
    inset = seen.step // 20
    np.testing.assert_array_equal(fill.x1 + inset, seen.time[known])
    np.testing.assert_array_equal(fill.x0 - inset, seen.time[known] - seen.step)
    assert fill.x1.max() <= view.until
    spans = market.spans()
    prints = prints_of(market.trades(), spans)
    expected = sampling.sample(spans, seen.time, [name], prints, seen.step)[name].to_numpy()
    np.testing.assert_allclose(seen.value, expected, rtol=1e-9, atol=1e-9)  # sums of another order
    assert found.axis.label == f"{name}, SIM in {seen.step // SECOND} s"
    assert (found.axis.low < 0) == (name == "ofi@1")
    assert (fill.colours == (DARK.buy, DARK.sell)) == (name == "ofi@1")


def test_names__of_panels_and_measures_stand_in_their_order() -> None:
    names = ("spread_bps", "delta", "imbalance@5", "spread_bps", "ladder")
    assert check_panels("panels", names) == ("spread_bps", "delta", "imbalance@5", "ladder")
    assert [panel.name for panel in chosen(names)] == ["ladder", "delta", "spread_bps", "imbalance@5"]
    assert list(below(names)) == ["delta", "spread_bps", "imbalance@5"]


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("imbalanc@7", "imbalance@7"), ("spred_bps", "spread_bps"), ("imbalance", "imbalance@5"),
        ("Delta", "delta"), ("ladders", "ladder"), ("dept@10bps", "depth@10bps"),
    ],
)  # fmt: skip
def test_names__that_there_are_not_are_answered_with_the_nearest(wrong: str, nearest: str) -> None:
    assert meant(wrong) == f"Did you mean {nearest!r}?"
    with pytest.raises(GridError, match=f"panels: expected some of ladder.* Did you mean '{nearest}'"):
        heatmap(Market(), panels=["delta", wrong])
    with pytest.raises(GridError, match="panels"):
        check_panels("panels", "imbalance@5")  # a text is no list of names
    with pytest.raises(GridError, match="panels"):
        check_panels("panels", [3])


def test_panes__are_drawn_in_files(tmp_path: Path) -> None:
    from matplotlib.image import imread

    names = ["imbalance@1", "spread_bps", "delta"]
    pixels = imread(picture(Market(), tmp_path / "a.png", panels=names, overlays=()))[..., :3]
    foot = np.rint(255 * pixels[-330:]).astype(int)
    mixed = np.rint(0.5 * np.array(DARK.sell) + 0.5 * np.array(DARK.background))
    assert (np.abs(foot - mixed).max(axis=-1) <= 2).sum() > 500
    assert (np.abs(foot - np.array(DARK.delta)).max(axis=-1) <= 2).sum() > 300


@pytest.mark.parametrize("dynamic", [True, False])
def test_panes__are_drawn_in_notebooks(dynamic: bool) -> None:
    layout = heatmap(Market(), panels=["imbalance@1", "spread_bps"], overlays=(), dynamic=dynamic)
    found = hv.renderer("bokeh").get_plot(layout).state.select({"type": Plot})
    figures = [one for one in found if not any(isinstance(bar, ColorBar) for bar in one.left)]
    assert sorted(one.left[0].axis_label for one in figures) == ["imbalance@1", "spread_bps"]
    for figure in figures:
        (hover,) = (h for h in figure.select({"type": HoverTool}) if "told0" in str(h.tooltips))
        assert "from" in hover.tooltips
        assert all(renderer.glyph.fill_alpha == 0 for renderer in hover.renderers)


def test_panes__go_over_the_wire() -> None:
    sent = wire_panel(shown("imbalance@1", whole(Market())), "time", BEGIN)
    assert [shape["kind"] for shape in sent["shapes"]] == ["boxes", "line", "line"]
    assert sent["told"]["names"] == ["from", "imbalance@1"]


def test_panes__of_several_markets_as_one_are_refused() -> None:
    with pytest.raises(GridError, match="several sessions, got 'imbalance@5'"):
        heatmap([Market(), Market()], panels=["imbalance@5"], summed=True)
