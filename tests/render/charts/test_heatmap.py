"""Element, operation and chart: dimensions, bounds, options."""

from __future__ import annotations

from pathlib import Path

import holoviews as hv
import numpy as np
import pyarrow as pa
import pytest
import xarray as xr
from bokeh.plotting import figure

from liqmap.carry import DROP, HOLD, HalfLife
from liqmap.grid import rasterize
from liqmap.render import (
    SpansElement,
    bubble_points,
    candle_bars,
    delta_panel,
    heatmap,
    liquidity,
    mid_line,
    picture,
    touch_lines,
)
from liqmap.render.frames import palettes
from liqmap.render.frames.frame import instant_ns, screen
from liqmap.render.frames.look import Look
from liqmap.render.frames.readout import COLUMNS
from liqmap.schema import GridError, SessionError
from tests.render.market import BEGIN, SECOND, TICK, Lone, Market

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
    assert [instant_ns(t) for t in (left, right)] == [frame.times[0], frame.times[-1]]
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
    assert view(element, 0, 600, 485, 507, carry=HalfLife(half_life)).dimension_values("A").max() == 255


def test_liquidity__prune_zero_shows_observed_only(element: SpansElement) -> None:
    data = view(element, 300, 400, 489, 491, carry=DROP).data
    assert "carried" not in np.unique(data.state.to_numpy())


def screen_size(element: SpansElement, cell: xr.Dataset) -> float:
    """What `rasterize` says of the cell whose middle a tooltip told of."""
    begin = np.datetime64(cell["at"].item(), "ns")
    end = begin + 2 * (cell.time.to_numpy() - begin)
    grid = rasterize(element.data, np.array([begin, end]), [490.0, 490.5], None, None, "peak")
    return float(grid["liquidity"].max())


def test_hover__reads_size_side_and_state(element: SpansElement) -> None:
    data = view(element, 300, 400, 489, 491, carry=HOLD).data
    cell = data.sel(time=np.datetime64(BEGIN + 350 * SECOND, "ns"), price=490.25, method="nearest")
    assert (cell.side.item(), cell.state.item()) == ("bid", "carried")
    assert (cell.notional.item(), cell.age.item()) == ("4,900", "150 s")
    assert cell.shown.item() == "10 seen 2 min ago, weighs 10"
    assert screen_size(element, cell) == 10
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
    assert [type(e).__name__ for e in chart] == ["RGB", "Curve", "Curve", "Curve", "RGB", "Points"]
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


@pytest.mark.parametrize("sides", [(True, True), (True, False), (False, True)])
def test_colour_bars__are_of_the_sides_that_are_drawn(sides: tuple[bool, bool]) -> None:
    chart = heatmap(Market(), look=Look(bids=sides[0], asks=sides[1]), dynamic=False)
    figure = hv.renderer("bokeh").get_plot(chart).state
    bars = [bar for bar in figure.right if type(bar).__name__ == "ColorBar"]
    assert tuple(bar.visible for bar in bars) == sides


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


def lines(chart: object) -> dict[str, np.ndarray]:
    return {c.label: c.dimension_values("price") for c in chart.traverse(lambda e: e, [hv.Curve])}  # type: ignore[attr-defined]


def test_touch__is_two_lines_where_the_spread_can_be_seen_and_one_where_not() -> None:
    market = Market()
    ranges = market.time_range, False, "dark"
    near, far = (lines(touch_lines(market.spans(), *ranges, prices)) for prices in ((480, 510), (0, 100_000)))
    assert np.isnan(near["best bid and ask"]).all()
    assert (near["best bid"] < near["best ask"]).any()
    assert np.isnan(far["best bid"]).all()
    assert np.isnan(far["best ask"]).all()
    assert np.nanmax(np.abs(far["best bid and ask"] - lines(mid_line(market.spans(), *ranges))["mid"])) < 1e-9


@pytest.mark.parametrize("name", ["bbo", "mid", "bubbles", "candles"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_heatmap__draws_every_overlay_in_every_theme(name: str, theme: str) -> None:
    figure = hv.renderer("bokeh").get_plot(heatmap(Market(), overlays=[name], theme=theme)).state
    assert figure.background_fill_color == palettes.css(palettes.theme(theme).background)
    assert len(figure.renderers) > 1


def test_heatmap__is_fainter_under_candles_unless_the_look_says_so() -> None:
    def alpha(**choices: object) -> int:
        chart = heatmap(Market(), overlays=["candles"], dynamic=False, **choices)
        return int(chart.traverse(lambda e: e, ["RGB.Liquidity"])[0].dimension_values("A").max())

    assert alpha() == round(0.4 * 255)
    assert alpha(theme="light") == alpha(look=Look(theme="light")) == round(0.65 * 255)
    assert alpha(theme="light", look=Look(opacity=0.8)) == round(0.8 * 255)
    assert alpha(look=Look(opacity=0.8)) == round(0.8 * 255)


def test_heatmap__says_that_it_waits_before_the_server_has_told_of_a_cell() -> None:
    plot = hv.renderer("bokeh").get_plot(heatmap(Market()))
    told = plot.handles["hover"].callback.args["position"].data
    assert set(told) == {*COLUMNS, "__index__"}
    assert {told[name] for name in COLUMNS} == {"…"}
    assert told["__index__"] != -1


def test_heatmap__without_a_server_has_no_tooltip_to_wait_for() -> None:
    assert hv.renderer("bokeh").get_plot(heatmap(Market(), dynamic=False)).handles.get("hover") is None


WRONG = [
    ({"overlays": None}, "overlays"), ({"overlays": [["bbo"]]}, "overlays"), ({"panels": None}, "panels"),
    ({"overlays": ["nonsense"]}, "overlays"), ({"theme": []}, "theme"), ({"palette": []}, "palette"),
    ({"time_zone": "Mars"}, "time_zone"), ({"width": 0}, "width"), ({"width": 50.5}, "width"),
    ({"height": 0}, "height"), ({"height": None}, "height"), ({"row_ticks": 0}, "row_ticks"),
    ({"price_range": (500, 490)}, "price_range"), ({"price_range": (490, 490)}, "price_range"),
    ({"price_range": (np.nan, 490)}, "price_range"), ({"price_range": 490}, "price_range"),
    ({"look": "dark"}, "look"), ({"look": None}, "look"),
]  # fmt: skip


@pytest.mark.parametrize(("choices", "name"), WRONG)
def test_pictures__refuse_in_words_what_they_cannot_draw(choices: dict, name: str, tmp_path: Path) -> None:
    with pytest.raises(GridError, match=f"^{name}: expected"):
        heatmap(Market(), **choices)
    with pytest.raises(GridError, match=f"^{name}: expected"):
        picture(Market(), tmp_path / "p.png", **choices)


def test_heatmap__with_panels_is_wide_enough_for_itself() -> None:
    assert heatmap(Market(), width=50, overlays=()) is not None
    with pytest.raises(GridError, match=r"^width: expected a whole number of at least 320, got 50"):
        heatmap(Market(), width=50, panels=["ladder", "profile"])


def test_heatmap__zoom_ends_at_a_millisecond_and_a_tick() -> None:
    market = Market()
    for chart in (heatmap(market), heatmap(market, panels=["delta", "profile"])):
        figures = hv.renderer("bokeh").get_plot(chart).state.select({"type": figure})
        x, y = next((f.x_range, f.y_range) for f in figures if f.title.text)
        assert (x.min_interval, y.min_interval) == (1.0, TICK)
        assert (x.max_interval, y.max_interval) == (4 * 600_000, pytest.approx(4 * (y.end - y.start)))


class Twice(Market):
    """Every trade again at the same instant: two share a bubble, so specks are drawn too."""

    def trades(self) -> pa.Table:
        return pa.concat_tables([super().trades()] * 2)


@pytest.mark.parametrize("high", [0.0, float("inf"), float("nan")])
def test_bubbles__of_a_view_of_no_price_at_all(high: float) -> None:
    market = Twice()
    price = float(market.trades()["price"][0].as_py())
    drawn = bubble_points(market).callback.callable
    whole = drawn(y_range=market.price_range)
    for y_range in ((price, price + high), (price + high, price)):
        assert [len(layer) for layer in drawn(y_range=y_range)] == [len(layer) for layer in whole]


def test_candles__bin_again_on_zoom() -> None:
    chart = candle_bars(Market())
    range_stream = next(s for s in chart.streams if "x_range" in s.contents)

    def width() -> np.timedelta64:
        body = chart[()].traverse(lambda e: e, ["Rectangles"])[0]
        return (body.dimension_values("time1") - body.dimension_values("time"))[0]

    whole = width()
    range_stream.event(x_range=tuple(np.datetime64(BEGIN + t * SECOND, "ns") for t in (9, 11)))
    assert width() < whole


def test_candles__are_the_bars_of_the_trades() -> None:
    chart = candle_bars(Market(), dynamic=False, step=60 * SECOND)
    body, wick = (chart.traverse(lambda e: e, [kind])[0] for kind in ("Rectangles", "Segments"))
    half = TICK / 2
    assert body.dimension_values("price").tolist() == [995 * TICK + half, 1000 * TICK + half]
    assert body.dimension_values("price1").tolist() == [1005 * TICK + half, 1000 * TICK + half]
    assert wick.dimension_values("price1").tolist() == [1005 * TICK + half, 1000 * TICK + half]
    theme = palettes.DARK
    assert body.dimension_values("colour").tolist() == [palettes.css(theme.down), palettes.css(theme.neutral)]


def test_candles__of_a_session_that_is_played_know_nothing_later() -> None:
    """The bar that the play's time cuts is that of the trades so far."""
    now = BEGIN + 10 * SECOND + 150_000_000  # the sale at 995 comes 50 ms later

    def lowest(end: int, until: int | None) -> float:
        chart = candle_bars(Market(), step=60 * SECOND, until=lambda: until)
        stream = next(s for s in chart.streams if "x_range" in s.contents)
        stream.event(x_range=tuple(np.datetime64(t, "ns") for t in (BEGIN, end)))
        wick = chart[()].traverse(lambda e: e, ["Segments"])[0]
        return float(wick.dimension_values("price")[0]) - TICK / 2

    assert lowest(now, until=now) == 1005 * TICK
    assert lowest(now, until=None) == 995 * TICK
    assert lowest(now + 60 * SECOND, until=now) == 1005 * TICK  # nor where a view ends later


def test_delta__of_a_session_that_is_played_knows_nothing_later() -> None:
    now = BEGIN + 10 * SECOND + 150_000_000
    chart = delta_panel(Market(), until=lambda: now)
    stream = next(s for s in chart.streams if "x_range" in s.contents)
    stream.event(x_range=tuple(np.datetime64(t, "ns") for t in (BEGIN, now)))
    bars = chart[()].traverse(lambda e: e, ["Rectangles"])[0]
    assert bars.dimension_values("delta1").sum() == 4.0  # without the 2.0 sold


@pytest.mark.parametrize(
    "wrong",
    [{"overlays": ["x"]}, {"panels": ["x"]}, {"overlays": "bbo"}, {"theme": "x"}, {"palette": "x"},
     {"time_zone": "Mars/Olympus"}, {"preset": "x"}],
)  # fmt: skip
def test_heatmap__refuses_parts_there_are_not(wrong: dict) -> None:
    with pytest.raises(GridError, match=f"^{next(iter(wrong))}: expected"):
        heatmap(Market(), **wrong)


def test_scale__stays_while_panning_and_not_without_stable(element: SpansElement) -> None:
    def scale(begin: float, end: float, **choices: object) -> object:
        return view(element, begin, end, 485, 507, width=600, height=300, **choices).data.attrs["scale"]

    assert scale(0, 100) == scale(500, 600)
    assert scale(0, 100, stable=False) != scale(500, 600, stable=False)


@pytest.mark.parametrize(("choice", "name"), [({"prune": "x"}, "prune"), ({"half_life": "-1s"}, "half_life")])
def test_heatmap__names_the_choice_it_refuses(choice: dict, name: str) -> None:
    with pytest.raises(GridError, match=f"^{name}: "):
        heatmap(Market(), **choice)


@pytest.mark.parametrize("source", [None, "data/store", Market().spans()])
def test_heatmap__says_where_sessions_come_from(source: object) -> None:
    with pytest.raises(SessionError, match=rf"expected a Session, got {type(source).__name__}.*open_store"):
        heatmap(source)
