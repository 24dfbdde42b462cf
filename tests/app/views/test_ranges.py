"""The view of the charts and the view of the state are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from liqmap.app.data.data import Data
from liqmap.app.data.moves import go_on, show_whole
from liqmap.app.state.link import query_of
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap, painter, ranges
from liqmap.render.frames.frame import instant_ns
from tests.app.views.figures import figure_of, t
from tests.render.market import BEGIN, SECOND, Market


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


def test_zoom__is_not_lost_to_a_move_of_the_play_that_comes_first(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Data(market, State(start=t(100), end=t(200), at=t(200), speed=1))
    view = Heatmap(data=data)
    view.build()
    figure = figure_of(view._body[0].object)
    data.state.playing = True
    waiting: list[Callable[[], None]] = []
    document = Document()
    monkeypatch.setattr(document, "add_next_tick_callback", waiting.append)
    with set_curdoc(document):
        figure.x_range.update(start=(BEGIN + 160 * SECOND) / 1e6, end=(BEGIN + 190 * SECOND) / 1e6)
        assert len(waiting) == 1
        go_on(data, 1.0)
        waiting[0]()
    assert data.state.end - data.state.start == np.timedelta64(30, "s")
    assert figure.x_range.end - figure.x_range.start == 30_000


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
