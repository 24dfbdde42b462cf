"""Views and wiring, as Panel objects."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from weakref import ref

import holoviews as hv
import numpy as np
import panel as pn
import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

import liqmap as lm
from liqmap.app import explore
from liqmap.app.data.data import Data
from liqmap.app.data.moves import show_whole
from liqmap.app.state.link import query_of
from liqmap.app.state.state import State
from liqmap.app.views import Body, Head, Heatmap, Strip, painter, ranges
from liqmap.app.views.legend import Legend
from liqmap.carry import DROP
from liqmap.render.frames.frame import instant_ns
from liqmap.schema import SessionError
from liqmap.simulation import write_bybit
from tests.render.market import BEGIN, CARRIED_BID, SECOND, Market


def t(seconds: float) -> np.datetime64:
    return np.datetime64(BEGIN + round(seconds * SECOND), "ns")


def figure_of(chart: Any) -> Any:
    return hv.renderer("bokeh").get_plot(chart).state


def kinds(figure: Any) -> list[str]:
    return [type(r.glyph).__name__ for r in figure.renderers]


def test_heatmap__layers_come_and_go(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)
    data.state.layers = []
    assert kinds(figure_of(view.chart())) == ["ImageRGBA"]
    for layer, glyphs in (("bbo", {"Line"}), ("mid", {"Line"}), ("bubbles", {"Scatter", "ImageRGBA"}),
                          ("candles", {"Segment", "Quad"})):  # fmt: skip
        data.state.layers = [layer]
        image, *others = kinds(figure_of(view.chart()))
        assert (image, set(others)) == ("ImageRGBA", glyphs)


def test_panels__share_the_ranges_of_the_heatmap(market: Market) -> None:
    data = Data(market, State(panels=["delta", "profile", "ladder"], start=t(100), end=t(200)))
    view = Heatmap(data=data)
    view.build()
    above, below = view._body
    main, ladder, profile = (figure_of(pane.object) for pane in above)
    delta = figure_of(below[0].object)
    assert main.x_range is delta.x_range
    assert main.y_range is ladder.y_range is profile.y_range
    assert main.x_range is not ladder.x_range
    assert (main.x_range.start, main.x_range.end) == (t(100), t(200))
    assert (delta.min_border_left, delta.min_border_right) == (main.min_border_left, main.min_border_right)
    assert below[1].width == above[1].width + above[2].width
    assert '<dt>trades</dt><dd class="">0</dd>' in below[1].object  # from 100 to 200 s nobody traded
    data.state.param.update(start=None, end=None)
    assert re.findall(r">([^<>]+)</dd>", below[1].object) == ["6.5", "4", "2", "+2", "500.77", "4"]
    data.state.panels = []
    assert len(view._body) == 1


def test_ladder__follows_half_life_and_prune(market: Market) -> None:
    data = Data(market, State(panels=["ladder"], half_life_s=None, prune_s=None))
    view = Heatmap(data=data)
    view.build()
    source = figure_of(view._body[0][1].object).renderers[0].data_source

    def longest(tick: int) -> float:
        rows = np.asarray(source.data["bottom"]) <= tick * 0.5
        rows &= np.asarray(source.data["top"]) > tick * 0.5
        return float(np.asarray(source.data["right"])[rows].max(initial=0.0))

    kept = longest(CARRIED_BID)
    assert kept > 0
    data.state.half_life_s = 200.0  # 400 s old
    assert longest(CARRIED_BID) == pytest.approx(kept / 4, rel=0.01)
    data.state.prune_s = 0.0
    assert longest(CARRIED_BID) == 0


def test_ladder__follows_the_palette(market: Market) -> None:
    data = Data(market, State(panels=["ladder"]))
    view = Heatmap(data=data)
    view.build()
    source = figure_of(view._body[0][1].object).renderers[0].data_source
    before = set(source.data["colour"])
    data.state.palette = "classic"
    assert before.isdisjoint(set(source.data["colour"]) - {"#ffffff"})


def test_ladder__stands_at_the_pointer_and_else_at_the_right_edge(market: Market) -> None:
    data = Data(market, State(panels=["ladder"]))
    view = Heatmap(data=data)
    view.build()
    main, ladder = (figure_of(pane.object) for pane in view._body[0])
    moved, left = (SimpleNamespace(x=(BEGIN + 150 * SECOND) / 1e6), SimpleNamespace(x=0.0))

    def happens(name: str, event: SimpleNamespace) -> str:
        for call in main._event_callbacks[name]:
            call(event)
        return str(ladder.title.text)[3:]

    assert happens("mousemove", moved) == "12:02:30.000"
    assert happens("mouseleave", left) == "12:10:00.000"
    assert happens("mousemove", moved) == "12:02:30.000"
    assert happens("mousemove", left) == "12:10:00.000"  # over the axis
    assert happens("mousemove", moved) == "12:02:30.000"
    data.state.param.update(start=t(200), end=t(400))
    assert ladder.title.text == "at 12:06:40.000"  # where the pointer was is out of view
    data.state.param.update(start=t(100), end=t(200))
    assert happens("mousemove", moved) == "12:02:30.000"
    data.state.param.update(at=t(200), playing=True)
    assert ladder.title.text == "at 12:03:20.000"
    assert happens("mousemove", moved) == "12:03:20.000"  # what is played goes on
    data.state.param.update(at=t(220), start=t(120), end=t(220))
    assert ladder.title.text == "at 12:03:40.000"


CHANGES = [{"half_life_s": 5.0}, {"prune_s": 0.0}, {"carried": 0.1}, {"scaling": "linear"}, {"opacity": 0.5},
           {"cutoffs": (0.0, 50.0)}, {"limits": (5.0, 50.0)}, {"carried_shown": "hide"}, {"min_size": 8.0},
           {"bids": False}, {"asks": False}, {"palette": "classic"}, {"view": "as transmitted"}]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_heatmap__is_painted_anew_for_a_choice(market: Market, change: dict) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None, layers=[]))
    plot = hv.renderer("bokeh").get_plot(Heatmap(data=data).chart())

    def pixels() -> np.ndarray:
        return plot.handles["source"].data["image"][0].copy()

    before = pixels()
    data.state.param.update(**change)
    assert pixels().shape == before.shape
    assert (pixels() != before).any()


def test_heatmap__shows_the_view_of_the_state(market: Market) -> None:
    data = Data(market, State(start=t(100), end=t(200), low=488.0, high=498.0))
    figure = figure_of(Heatmap(data=data).chart())
    assert (figure.x_range.start, figure.x_range.end) == (t(100), t(200))
    assert (figure.y_range.start, figure.y_range.end) == (488.0, 498.0)
    image = figure.renderers[0].data_source.data
    assert abs(float(image["dh"][0]) - 10.0) <= 1.0


def test_heatmap__follows_the_view_of_the_state(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)
    figure = figure_of(view.chart())
    whole = float(figure.renderers[0].data_source.data["dh"][0])
    data.state.param.update(start=t(100), end=t(200), low=488.0, high=492.0)
    assert (figure.x_range.start, figure.x_range.end) == (
        (BEGIN + 100 * SECOND) / 1e6,
        (BEGIN + 200 * SECOND) / 1e6,
    )
    assert float(figure.renderers[0].data_source.data["dh"][0]) < whole / 3
    data.state.at = t(200)
    assert figure.x_range.bounds == (None, (BEGIN + 200 * SECOND) / 1e6)


def test_pan__of_the_user_becomes_the_view_of_the_state(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)
    figure_of(view.chart())
    view.ranges._seen(x_range=(t(50.0000004), t(99)), y_range=(480.00234, 500.0))
    assert (data.state.start, data.state.end) == (t(50), t(99))
    assert (data.state.low, data.state.high) == (480.0, 500.0)
    low, high = market.price_range
    view.ranges._seen(x_range=(t(0.01), t(600)), y_range=(low, high))
    assert query_of(data.state) == query_of(State(market=data.state.market))


def test_pan__to_nowhere_is_not_taken(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)
    view.chart()
    whole = query_of(data.state)
    nat, nan = np.datetime64("NaT"), float("nan")
    time, price = (t(100), t(200)), (490.0, 510.0)
    for times, prices in (((nat, nat), price), (time, (nan, nan)), ((nan, nan), price),
                          (time, (490.0, float("inf")))):  # fmt: skip
        view._painters[0].view.event(x_range=times, y_range=prices)
        assert query_of(data.state) == whole


def test_play__sends_axes_with_what_is_drawn_on_them(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data(market, State(start=t(100), end=t(200), at=t(200), layers=["bbo"]))
    view = Heatmap(data=data)
    view.build()
    figure = figure_of(view._body[0].object)
    image = next(r.data_source for r in figure.renderers if hasattr(r.glyph, "image"))
    line = next(r.data_source for r in figure.renderers if type(r.glyph).__name__ == "Line")
    sent: list[tuple[float, ...]] = []
    inside = [0]

    @contextmanager
    def unlocked() -> Iterator[None]:
        inside[0] += 1
        yield
        inside[0] -= 1
        if not inside[0]:
            drawn = image.data["x"][0] + image.data["dw"][0], instant_ns(line.data["time"][-1]) / 1e6
            sent.append((figure.x_range.end, *drawn))

    for module in (ranges, painter):
        monkeypatch.setattr(module, "unlocked", unlocked)
    data.state.param.update(start=t(200), end=t(300), at=t(300))
    assert sent
    for axis, picture, last in sent:
        assert axis == instant_ns(t(300)) / 1e6 == pytest.approx(last, abs=1)
        assert picture >= axis


def test_whole__brings_back_charts_that_have_strayed(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)
    view.build()
    figure = figure_of(view._body[0].object)
    show_whole(data)
    begun = figure.x_range.start, figure.x_range.end
    figure.x_range.update(start=float("nan"), end=float("nan"))
    show_whole(data)
    assert (figure.x_range.start, figure.x_range.end) == begun


@pytest.mark.parametrize("layers", [[], ["bbo", "bubbles"]])
@pytest.mark.parametrize("row", [7, 10**6])
def test_row__of_many_ticks_is_no_choice_of_a_view(market: Market, row: int, layers: list[str]) -> None:
    data = Data(market, State(row_ticks=row, layers=layers))
    figure_of(Heatmap(data=data).chart())
    assert (data.state.low, data.state.high) == (None, None)


def test_jump__that_works_takes_the_notice_of_one_that_did_not(market: Market) -> None:
    head = Head(data=Data(market))
    head.jump.value = "nonsense"
    assert head.data.warnings
    head.jump.value = "12:05"
    assert head.data.warnings == []


def test_before_and_after__stand_side_by_side_on_one_range(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None, view="before and after", layers=[]))
    view = Heatmap(data=data)
    view.build()
    row = view._body[0]
    before, after = (figure_of(pane.object) for pane in row)
    assert (before.title.text, after.title.text) == ("as transmitted", "carried")
    assert before.x_range is after.x_range
    assert before.y_range is after.y_range
    left, right = (f.renderers[0].data_source.data["image"][0] for f in (before, after))
    assert (left != right).any()
    data.state.prune_s = 0.0
    left, right = (f.renderers[0].data_source.data["image"][0] for f in (before, after))
    assert (left == right).all()


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([], []),
        (["bbo"], ["best bid", "best ask", "both in a pixel"]),
        (["bbo", "mid", "candles"], ["best bid", "best ask", "mid"]),
        (["mid", "bubbles"], ["mid", "buys", "sells", "area by size"]),
    ],
)
def test_legend__tells_what_the_marks_are(market: Market, layers: list[str], words: list[str]) -> None:
    data = Data(market, State(layers=layers))
    figure_of(Heatmap(data=data).chart())
    text = Legend(data=data).words(data.shown).split('<div class="states">')[0]
    assert re.findall(r"([a-z][a-z ]+)</div>", text) == words


def test_strip__reports_cells_and_the_share_of_liquidity(market: Market) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None))
    strip = Strip(data=data)
    assert "carried" not in strip.words(None)
    figure_of(Heatmap(data=data).chart())
    words, counts = strip.words(data.shown), data.shown.counts
    assert f"<b>{100 * counts.carried_share:.1f} %</b> of liquidity shown is carried" in words
    assert (
        f"raw <b>{counts.observed:,}</b> lit cells → <b>{counts.observed + counts.carried:,}</b> (" in words
    )
    assert "no decay, no prune" in words
    assert "observed<br>carried" in Legend(data=data).words(data.shown)
    data.state.bids = False
    assert "bids" not in Legend(data=data).words(data.shown)


def test_notice__takes_the_place_of_the_picture() -> None:
    class Broken(Market):
        def spans(self, depth_limit: int | None = None):  # type: ignore[no-untyped-def]
            raise SessionError("expected <depth>, got `none`")

    body = Body(data=Data(Broken()))._body
    assert "expected &lt;depth&gt;, got <code>none</code>" in body[0].object


def test_warnings__stand_beside_the_picture(market: Market) -> None:
    data = Data(market, State(start=t(5000), end=t(6000)))
    body = Body(data=data)
    assert "from, to: expected a time from" in body._warnings[0][0].object
    assert data.state.start is None
    Head(data=data).jump.value = "noon"
    assert [w.split(":")[0] for w in data.warnings] == ["from, to", "jump to"]
    body._warnings[0][1].clicks += 1
    assert len(body._warnings) == 0


def test_explore__is_a_panel_object_that_shows_itself(market: Market) -> None:
    app = explore(market, half_life_s=120.0, agg="last")
    assert app.state.half_life_s == 120.0
    layout = app.__panel__()
    assert isinstance(layout, pn.Column)
    assert layout.height == 760
    assert app.servable() is not None
    with pytest.raises(TypeError):
        explore(market, wrong=1)


@pytest.mark.parametrize("read_only", [False, True])
def test_explore__an_empty_store_offers_a_sample_unless_read_only(tmp_path: Path, read_only: bool) -> None:
    app = explore(lm.open_store(tmp_path), read_only=read_only)
    buttons = [b.label for b in app.__panel__().select(pn.widgets.Button)]
    assert ("Make a sample session and open it" in buttons) != read_only
    assert (
        any(b.label == "save" and b.visible for b in app.__panel__().select(pn.widgets.Button)) != read_only
    )


def test_head__takes_days_that_are_not_there(market: Market) -> None:
    """The notice tells; the picker stays empty."""
    from datetime import date

    class Days(Data):
        days = (date(2026, 1, 5), date(2026, 1, 7))

    data = Days(market)
    head = Head(data=data)
    for dates, shown in (
        ((date(2026, 1, 5), date(2026, 1, 7)), True),
        ((date(2020, 1, 1), date(2020, 1, 1)), False),
        ((date(2026, 1, 7), date(2026, 1, 7)), True),
    ):
        data.state.dates = dates
        assert head.dates.value == (dates if shown else None)


def test_heatmap__choice_sends_pixels_alone(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data(market, State(half_life_s=None, prune_s=None, layers=["bbo", "bubbles"]))
    view = Heatmap(data=data)
    plot = hv.renderer("bokeh").get_plot(view.chart())
    image = next(p for p in plot.subplots.values() if "image" in p.handles["source"].data)
    before, words = image.handles["source"].data, image._hover_data
    refuse = lambda *_, **__: pytest.fail("the whole chart was made anew")  # noqa: E731
    monkeypatch.setattr(type(plot), "update_frame", refuse)
    data.state.half_life_s = 5.0
    after = image.handles["source"].data
    assert (after["image"][0] != before["image"][0]).any()
    places = [[float(np.float64(d[k][0])) for k in ("y", "dh")] for d in (before, after)]
    assert places[0] == places[1]
    assert image._hover_data is not words  # the tooltip tells of what is shown


def test_heatmap__picture_already_sent_is_not_sent_again(market: Market) -> None:
    data = Data(market, State(layers=["bbo"]))
    view = Heatmap(data=data)
    plot = hv.renderer("bokeh").get_plot(view.chart())
    image = next(p for p in plot.subplots.values() if "image" in p.handles["source"].data)
    data.state.half_life_s = 5.0
    sent = image.handles["source"].data["image"][0]
    plot.refresh()
    assert image.handles["source"].data["image"][0] is sent
    data.state.half_life_s = 50.0
    assert (image.handles["source"].data["image"][0] != sent).any()


def test_heatmap__made_anew_begins_at_the_size_it_had(market: Market) -> None:
    """Else each chart would be drawn twice: at a size guessed, and at its own when the page has told it."""
    data = Data(market)
    view = Heatmap(data=data)
    view.build()
    for stream in view._painters[0].chart.streams:
        if isinstance(stream, hv.streams.PlotSize):
            stream.update(width=300, height=20)
    data.state.theme = "light"
    pixels = view._painters[0].chart[()].data.attrs["pixels"]
    assert pixels.shape[0] <= 21
    assert pixels.shape[1] <= 301


def test_before__stays_as_it_is_while_the_half_life_moves(market: Market) -> None:
    data = Data(market, State(layers=["bbo"], prune_s=None))
    view = Heatmap(data=data)
    charts = [view.chart(carry=DROP), view.chart()]
    plots = [hv.renderer("bokeh").get_plot(chart) for chart in charts]
    images = [
        next(p for p in plot.subplots.values() if "image" in p.handles["source"].data) for plot in plots
    ]
    before = [i.handles["source"].data["image"][0] for i in images]
    data.state.half_life_s = 5.0
    after = [i.handles["source"].data["image"][0] for i in images]
    assert after[0] is before[0]
    assert (after[1] != before[1]).any()


@pytest.mark.parametrize("view", ["carried", "before and after"])
def test_page__is_forgotten_when_its_visitor_has_left(market: Market, view: str) -> None:
    """Else each visit would hold its memory for ever: HoloViews keeps what options refer to."""

    def visit() -> Any:
        doc = Document()
        with set_curdoc(doc):
            page = explore(market, panels=["delta", "profile", "ladder"], view=view)
            page.__panel__().server_doc(doc)
        left = SimpleNamespace(_document=doc, id="left", server_context=None)
        for forget in list(doc.callbacks.session_destroyed_callbacks):
            forget(left)
        doc.clear()
        return ref(page.data)

    page = visit()
    gc.collect()
    assert page() is None


def test_head__follows_to_a_market_of_other_days(tmp_path: Path) -> None:
    for symbol, day in (("NEW", "2026-01-05"), ("OLD", "2024-08-08")):
        capture = lm.simulate(minutes=0.2, seed=1, symbol=symbol, levels=5, start=day, keep_truth=False)
        lm.ingest(write_bybit(capture, tmp_path / symbol), store=tmp_path / "store")
    data = Data(lm.open_store(tmp_path / "store"))
    head = Head(data=data)
    for market, day in (("OLD", "2024-08-08"), ("NEW", "2026-01-05")):
        head.market.value = f"bybit/{market}/ob5"
        assert data.session.symbol == market
        assert head.dates.value == (date.fromisoformat(day),) * 2


@pytest.mark.parametrize(("at", "end"), [(300, t(300)), (-5, None), (900, None)])
def test_link__to_a_time_of_the_play_outside_of_the_session_is_not_taken(
    market: Market, at: float, end: Any
) -> None:
    data = Data(market, State(at=t(at)))
    assert (data.state.at, data.state.end) == (end, end)
    assert bool(data.warnings) == (end is None)


def test_link__to_prices_far_away_is_not_taken(market: Market) -> None:
    data = Data(market, State(low=0.0, high=1e300))
    assert (data.state.low, data.state.high) == (None, None)
