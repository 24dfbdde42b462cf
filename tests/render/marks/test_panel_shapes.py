"""Panels as shapes: the numbers, colours, axes and words of the charts' panels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from holoviews.streams import RangeXY, Stream
from hypothesis import event, given, settings
from hypothesis import strategies as st

from liqmap.carry import HalfLife
from liqmap.render import delta_panel, ladder_panel, profile_panel
from liqmap.render.frames.palettes import DARK, css
from liqmap.render.marks.panels import PANELS, Panel, PanelScene
from liqmap.render.marks.shapes import Boxes, Line, PanelShapes, SizeAxis, Told, Words
from liqmap.render.marks.view import View
from liqmap.schema import GridError
from tests.render.market import BEGIN, CARRIED_BID, SECOND, TICK, Market
from tests.render.marks.made import Traded, sample, st_trades, st_views, whole

hv.extension("bokeh", logo=False)


def shown(name: str, market: Any, view: View, **choices: Any) -> PanelShapes:
    return PANELS[name].on_engine(PanelScene(market, market.price_range, **choices), view)


def followed(panel: Any, view: View) -> Any:
    """A chart's panel of a view."""
    times = tuple(np.datetime64(t, "ns") for t in (view.begin, view.end))
    known = {"x_range": times, "y_range": view.prices, "width": view.width, "height": view.height}
    for stream in panel.streams:
        stream.update(**{name: known[name] for name in stream.contents if name in known})
    return panel[()]


def charted(name: str, market: Any, view: View, at: int | None = None, **choices: Any) -> Any:
    if name == "delta":
        return followed(delta_panel(market, until=lambda: view.until), view)
    if name == "profile":
        return followed(profile_panel(market, view=RangeXY()), view)
    cursor = Stream.define("Cursor", x=None)()
    panel = ladder_panel(market, at=cursor, view=RangeXY(), **choices)
    cursor.update(x=None if at is None else np.datetime64(at, "ns"))
    return followed(panel, view)


def elements(chart: Any, kind: type) -> list[Any]:
    return list(chart.traverse(lambda e: e, [kind]))


def same_boxes(boxes: Any, bars: Any) -> None:
    """One after the other, in the colours they have."""
    assert isinstance(boxes, Boxes)
    for k, column in enumerate((boxes.x0, boxes.y0, boxes.x1, boxes.y1)):
        values = bars.dimension_values(k)
        values = values.astype(np.int64) if values.dtype.kind == "M" else values
        np.testing.assert_array_equal(column, values)
    assert [css(boxes.colours[k]) for k in boxes.colour] == bars.dimension_values("colour").tolist()


st_sizes = st.sampled_from([(560, None), (560, 250), (90, 300), (40, 700)])


@pytest.mark.long
@given(st_views(), st_sizes, st.sampled_from(["default", "classic"]))
@settings(deadline=None, max_examples=40)
def test_ladder__is_that_of_the_chart(view: View, size: tuple[int, int | None], palette: str) -> None:
    market, carry = Market(), HalfLife("100s", "10min")
    at = None if size[1] is None else BEGIN + size[1] * SECOND
    seen = view._replace(height=size[0])
    found = shown("ladder", market, seen, carry=carry, palette=palette, at=at)
    chart = charted("ladder", market, seen, at, carry=carry, palette=palette)
    boxes, *lines, words = found.shapes
    (bars,), curves, (labels,) = (elements(chart, kind) for kind in (hv.Rectangles, hv.Curve, hv.Labels))
    same_boxes(boxes, bars)
    event(f"{min(len(bars), 1)} bars")
    longest = float(bars.dimension_values(2).max(initial=0.0)) or 1.0
    assert found.axis == SizeAxis(0.0, pytest.approx(1.06 * longest), "book, BTC")
    assert found.second is not None
    assert found.second.label == "depth (lines), BTC"
    for line, curve, colour in zip(lines, curves, (DARK.best_bid, DARK.best_ask), strict=True):
        assert isinstance(line, Line)
        assert (line.colour, line.width, line.second, line.steps) == (colour, 1.3, True, False)
        np.testing.assert_array_equal(line.x, curve.dimension_values("depth"))
        np.testing.assert_array_equal(line.y, curve.dimension_values("price"))
        place = line.x / found.second.high  # where it is on the panel: there on its own axis
        np.testing.assert_allclose(place, curve.dimension_values("resting") / found.axis.high, rtol=1e-12)
    assert isinstance(words, Words)
    assert list(words.text) == labels.dimension_values(2).tolist()
    np.testing.assert_array_equal(words.x, labels.dimension_values(0))
    np.testing.assert_array_equal(words.y, labels.dimension_values(1))
    assert (words.colour, words.align, words.ground) == (DARK.text, "right", DARK.background)
    told = {(f"{low:.9g}", words[1]) for low, words in zip(found.told.low, found.told.words)}
    sides = zip(bars.dimension_values("price"), bars.dimension_values("side"))
    assert told == {(f"{low:.9g}", side) for low, side in sides}
    said = set(found.told.words)
    assert said == set(zip(*(bars.dimension_values(d) for d in ("row", "side", "observed", "carried"))))


def test_ladder__of_the_sample_cuts_walls_and_says_their_size() -> None:
    view = whole(sample())
    found = shown("ladder", sample(), view, carry=HalfLife(None, None))
    chart = charted("ladder", sample(), view, carry=HalfLife(None, None))
    same_boxes(found.shapes[0], elements(chart, hv.Rectangles)[0])
    words = found.shapes[-1]
    assert isinstance(words, Words)
    assert list(words.text) == elements(chart, hv.Labels)[0].dimension_values(2).tolist()


def test_ladder__says_both_sides_of_a_row_that_holds_both() -> None:
    view = whole(Market())._replace(height=4, prices=(400.0, 600.0))  # a row
    found = shown("ladder", Market(), view, carry=HalfLife(None, None), at=BEGIN + 500 * SECOND)
    assert found.told is not None
    rows = [words for words in found.told.words if "/" in words[1]]
    assert rows == [(rows[0][0], "bid / ask", "11 / 8", "10 / 0")]
    assert found.told.names == ("price", "side", "observed, BTC", "carried, BTC")


@pytest.mark.parametrize(("zone", "clock"), [("UTC", "12:05:00.000"), ("Asia/Tokyo", "21:05:00.000")])
def test_ladder__has_its_instant_as_its_title(zone: str, clock: str) -> None:
    view = whole(Market())
    assert shown("ladder", Market(), view, at=BEGIN + 300 * SECOND, time_zone=zone).title == f"at {clock}"


def test_ladder__of_an_instant_out_of_view_is_that_of_the_right_edge() -> None:
    view = whole(Market())._replace(end=BEGIN + 400 * SECOND)
    for at in (None, BEGIN + 500 * SECOND, BEGIN - SECOND):
        assert shown("ladder", Market(), view, at=at).title == "at 12:06:40.000"


def test_ladder__decays() -> None:
    def carried(seconds: int) -> float:
        at, carry = BEGIN + seconds * SECOND, HalfLife("100s", None)
        found = shown("ladder", Market(), whole(Market()), at=at, carry=carry)
        boxes = found.shapes[0]
        assert isinstance(boxes, Boxes)
        return float(boxes.x1[np.isclose(boxes.y0, CARRIED_BID * TICK)].max())

    assert (carried(300), carried(400)) == (pytest.approx(5.0, rel=1e-6), pytest.approx(2.5, rel=1e-6))


@pytest.mark.long
@given(st_trades, st_views())
@settings(deadline=None, max_examples=40)
def test_profile__is_that_of_the_chart(trades: list, view: View) -> None:
    market = Traded(trades)
    found, bars = shown("profile", market, view), charted("profile", market, view)
    (boxes,) = found.shapes
    same_boxes(boxes, bars)
    longest = float(bars.dimension_values(2).max(initial=0.0)) or 1.0
    assert found.axis == SizeAxis(0.0, pytest.approx(1.06 * longest), "volume, BTC")
    assert (found.second, found.title) == (None, "")
    assert found.told is not None
    assert found.told.names == ("price", "bought", "sold", "volume, BTC")
    said = set(zip(*(bars.dimension_values(d) for d in ("row", "bought", "sold", "all"))))
    assert set(found.told.words) == said
    rows = {(a, b) for a, b in zip(*(bars.dimension_values(k) for k in (1, 3)))}
    assert set(zip(found.told.low, found.told.high)) == rows
    assert len(found.told.low) == len(rows)  # once, however many parts a bar has


@pytest.mark.long
@given(st_trades, st_views())
@settings(deadline=None, max_examples=40)
def test_delta__is_that_of_the_chart(trades: list, view: View) -> None:
    market = Traded(trades)
    found, chart = shown("delta", market, view), charted("delta", market, view)
    boxes, line = found.shapes
    (bars,), (curve,) = elements(chart, hv.Rectangles), elements(chart, hv.Curve)
    same_boxes(boxes, bars)
    assert isinstance(line, Line)
    np.testing.assert_array_equal(line.x, curve.dimension_values("time").astype(np.int64))
    np.testing.assert_array_equal(line.y, curve.dimension_values("cumulative"))
    assert (line.colour, line.width, line.second, line.steps) == (DARK.delta, 1.4, True, True)
    assert found.told is not None
    assert found.told.names == ("from", "delta, BTC", "bought", "sold")
    said = list(zip(*(bars.dimension_values(d) for d in ("at", "net", "bought", "sold"))))
    assert found.told.words == said
    middles = (boxes.x0 + boxes.x1) // 2  # type: ignore[union-attr]
    assert ((found.told.low <= middles) & (middles < found.told.high)).all()
    assert (found.told.low[1:] >= found.told.high[:-1]).all()


@pytest.mark.parametrize("part", [(0, 600), (300, 400), (0, 20)])
def test_delta__has_the_axes_of_the_chart(part: tuple[int, int]) -> None:
    begin, end = (BEGIN + t * SECOND for t in part)
    view = whole(Market())._replace(begin=begin, end=end)
    found = shown("delta", Market(), view)
    panel = delta_panel(Market())
    plot = hv.renderer("bokeh").get_plot(panel)
    stream = next(s for s in panel.streams if "x_range" in s.contents)
    stream.event(x_range=tuple(np.datetime64(t, "ns") for t in (begin, end)))
    (extra,) = plot.state.extra_y_ranges.values()
    own = plot.state.y_range
    assert found.axis == SizeAxis(pytest.approx(own.start), pytest.approx(own.end), "delta, BTC")
    assert found.second == SizeAxis(pytest.approx(extra.start), pytest.approx(extra.end), "cumulative")


@pytest.mark.parametrize(("name", "draw"), [("ladder", ladder_panel), ("profile", profile_panel)])
def test_panels_beside__have_the_axis_of_the_chart(name: str, draw: Any) -> None:
    figure = hv.renderer("bokeh").get_plot(draw(Market(), dynamic=False, height=600)).state
    found = shown(name, Market(), whole(Market()))
    assert (figure.x_range.start, figure.x_range.end) == (found.axis.low, pytest.approx(found.axis.high))
    assert figure.below[0].axis_label == found.axis.label
    if found.second is not None:
        above = figure.extra_x_ranges[figure.above[0].x_range_name]
        assert (above.start, above.end) == (found.second.low, pytest.approx(found.second.high))
        assert figure.above[0].axis_label == found.second.label


def test_panels__that_count_trades_say_so() -> None:
    assert {name: panel.of_trades for name, panel in PANELS.items()} == {
        "ladder": False, "profile": True, "delta": True,
    }  # fmt: skip


def test_panels__of_a_market_without_trades() -> None:
    for name in ("profile", "delta"):
        found = shown(name, Traded([]), whole(Market()))
        assert found.told is not None
        assert len(found.told.words) == 0
        assert found.axis.high > found.axis.low


AXIS = SizeAxis(0, 1, "x")
NONE: Any = ["x"]


def wrong(found: Any) -> Panel:
    return replace(PANELS["profile"], name="mine", shapes=lambda scene, view: found)


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        (wrong(None), "panel 'mine': shapes: expected PanelShapes, got NoneType None"),
        (
            wrong(PanelShapes(["x"], SizeAxis(0, 1, "x"))),
            r"expected a list of shapes \(Line, .*Pixels\), got",
        ),  # type: ignore[list-item]
        (
            wrong(
                PanelShapes([], SizeAxis(0, 1, "x"), told=Told(np.zeros(2), np.zeros(2), ("a",), [("b",)]))
            ),
            "panel 'mine': shapes: Told: expected columns of one length, got low 2, high 2, words 1",
        ),
        (replace(PANELS["profile"], shapes="no.such:thing"), "panel 'profile': expected shapes at 'no.such"),
    ],
)
def test_a_panel_that_is_wrong_is_named(panel: Panel, words: str) -> None:
    with pytest.raises(GridError, match=words):
        panel.on_engine(PanelScene(Market(), Market.price_range), whole(Market()))
