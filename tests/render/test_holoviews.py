"""Element, operation and chart: dimensions, bounds, options."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import pytest

from liqmap.render import SpansElement, heatmap, liquidity
from liqmap.render.frame import nanoseconds, screen
from liqmap.schema import GridError, SessionError

from .market import BEGIN, SECOND, TICK, Lone, Market

hv.extension("bokeh", logo=False)


@pytest.fixture
def element() -> SpansElement:
    market = Market()
    return SpansElement(market.spans(), time_range=market.time_range, price_range=market.price_range)


def view(
    element: SpansElement, begin: float, end: float, low: float, high: float, **params: object
) -> hv.RGB:
    times = tuple(np.datetime64(BEGIN + round(t * SECOND), "ns") for t in (begin, end))
    return liquidity(element, dynamic=False, x_range=times, y_range=(low, high), **params)


def test_element__has_the_dimensions_and_ranges_of_its_spans(element: SpansElement) -> None:
    assert [d.name for d in element.kdims] == ["time", "price"]
    assert element.range("price") == Market.price_range
    assert element.range("time") == Market.time_range
    assert len(element) == len(element.data) == len(element.dimension_values("price"))
    assert element.dimension_values("time").dtype.kind == "M"
    assert element.range("size") == (1.0, 10.0)
    assert element.clone().range("price") == Market.price_range
    alone = SpansElement(Market().spans())
    assert alone.range("price") == (980 * TICK, 1008 * TICK)


def test_liquidity__gives_an_rgb_with_the_exact_bounds_of_its_cells(element: SpansElement) -> None:
    image = view(element, 100, 160, 490, 500, width=200, height=150)
    assert isinstance(image, hv.RGB)
    assert [d.name for d in image.kdims] == ["time", "price"]
    left, bottom, right, top = image.bounds.lbrt()
    frame = screen(element.data, (BEGIN + 100 * SECOND, BEGIN + 160 * SECOND), (490, 500), 200, 150)
    assert [nanoseconds(t) for t in (left, right)] == [frame.times[0], frame.times[-1]]
    assert (bottom, top) == (frame.prices[0], frame.prices[-1])
    assert image.dimension_values("R", flat=False).shape == frame.state.shape[1:]


def test_liquidity__zoom_changes_resolution(element: SpansElement) -> None:
    def cell(image: hv.RGB) -> np.timedelta64:
        return np.diff(image.data.time.to_numpy())[0]

    assert cell(view(element, 0, 600, 485, 507)) > cell(view(element, 100, 110, 485, 507))


def test_liquidity__never_exceeds_the_element(element: SpansElement) -> None:
    image = view(element, -600, 1200, 0, 10_000, width=300, height=300)
    _, bottom, _, top = image.bounds.lbrt()
    assert bottom == pytest.approx(Market.price_range[0], abs=35)  # a row of this view
    assert top == pytest.approx(Market.price_range[1], abs=35)  # a row of this view
    nothing = view(element, 5000, 6000, 490, 500)
    assert nothing.dimension_values("A").max() == 0
    assert view(element, 100, 100, 490, 490.001).dimension_values("A").size > 0


@pytest.mark.parametrize("half_life", ["30s", None, np.timedelta64(30, "s")])
def test_liquidity__takes_half_lives_as_users_write_them(element: SpansElement, half_life: object) -> None:
    assert view(element, 0, 600, 485, 507, half_life=half_life).dimension_values("A").max() == 255


def test_liquidity__prune_zero_shows_observed_only(element: SpansElement) -> None:
    data = view(element, 300, 400, 489, 491, prune="0s").data
    assert not any("carried" in kind for kind in np.unique(data.kind.to_numpy()))


def test_hover__reads_size_side_and_state(element: SpansElement) -> None:
    data = view(element, 300, 400, 489, 491, half_life=None, prune=None).data
    cell = data.sel(time=np.datetime64(BEGIN + 350 * SECOND, "ns"), price=490.25, method="nearest")
    assert cell.kind.item() == "bid, carried"
    assert cell.shown.item() == 10.0
    assert cell.row.item() == "490.0"
    assert cell["at"].item().startswith("2026-01-05 12:05:5")
    assert cell.__getitem__("__index__").item() == 0
    assert not view(element, 300, 400, 489, 491, hover=False).data.attrs.get("selector_columns")


def test_liquidity__follows_the_plot(element: SpansElement) -> None:
    dynamic = liquidity(element, dynamic=True)
    assert isinstance(dynamic, hv.DynamicMap)
    streams = {type(s).__name__: s for s in dynamic.streams}
    assert {"RangeXY", "PlotSize"} <= set(streams)
    before = dynamic[()]
    streams["PlotSize"].event(width=100, height=50, scale=1.0)
    assert dynamic[()].dimension_values("R", flat=False).size < before.dimension_values("R", flat=False).size


def test_heatmap__layers_options_and_plot() -> None:
    chart = heatmap(Market(), "2min", None, dynamic=False, width=700, height=400)
    assert [type(e).__name__ for e in chart] == ["RGB", "Curve", "Curve", "Points"]
    options = hv.Store.lookup_options("bokeh", chart, "plot").kwargs
    assert options["title"] == "bybit BTCUSDT ob3  ·  half-life 2 min, no prune  ·  peak, BTC a level"
    assert options["ylabel"] == "price, USDT"
    figure = hv.renderer("bokeh").get_plot(chart).state
    assert (figure.width, figure.height) == (700, 400)
    assert (figure.y_range.start, figure.y_range.end) == Market.price_range
    assert [bar.title for bar in figure.right if bar.__class__.__name__ == "ColorBar"] == [
        "bids, BTC",
        "asks, BTC",
    ]


def test_heatmap__dynamic_and_bare() -> None:
    assert isinstance(heatmap(Market()), hv.DynamicMap)
    bare = heatmap(Market(), overlays=())
    figure = hv.renderer("bokeh").get_plot(bare).state
    assert len(figure.renderers) == 1


@pytest.mark.parametrize("dynamic", [False, True])
def test_heatmap__shows_the_book_of_a_lone_message(dynamic: bool) -> None:
    figure = hv.renderer("bokeh").get_plot(heatmap(Lone(), dynamic=dynamic)).state
    assert figure.x_range.end - figure.x_range.start == np.timedelta64(1, "s")
    image = next(r for r in figure.renderers if type(r.glyph).__name__ == "ImageRGBA").data_source.data
    assert np.asarray(image["image"][0]).max() > 0
    assert image["dw"][0] / np.timedelta64(1, "s") == pytest.approx(1, rel=0.05)


def test_heatmap__draws_the_best_bid_in_dashes_over_the_best_ask() -> None:
    figure = hv.renderer("bokeh").get_plot(heatmap(Market(), dynamic=False)).state
    lines = [r for r in figure.renderers if type(r.glyph).__name__ == "Line"]
    assert [bool(line.glyph.line_dash) for line in lines] == [False, True]
    ask, bid = (np.nanmean(line.data_source.data["price"]) for line in lines)
    assert bid < ask


@pytest.mark.parametrize(("choice", "name"), [({"prune": "x"}, "prune"), ({"half_life": "-1s"}, "half_life")])
def test_heatmap__names_the_choice_it_refuses(choice: dict, name: str) -> None:
    with pytest.raises(GridError, match=f"^{name}: "):
        heatmap(Market(), **choice)


@pytest.mark.parametrize("source", [None, "data/store", Market().spans()])
def test_heatmap__says_where_sessions_come_from(source: object) -> None:
    with pytest.raises(SessionError, match=rf"expected a Session, got {type(source).__name__}.*open_store"):
        heatmap(source)
