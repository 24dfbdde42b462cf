"""What the engine is sent of shapes comes back as what was drawn, to the nanosecond."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from liqmap.browser.wire import wire, wire_panel
from liqmap.render.marks.panels import PANELS, PanelScene
from liqmap.render.marks.registry import Scene, overlays
from liqmap.render.marks.shapes import (
    Boxes,
    Discs,
    Facts,
    Line,
    Pixels,
    Segments,
    Shape,
    Words,
    indices_of,
    places_of,
)
from liqmap.render.marks.view import View
from tests.render.market import BEGIN, Market
from tests.render.marks.made import Traded, st_trades, st_views, whole

DAY = 86_400 * 10**9
BASE = BEGIN // DAY * DAY


def plain(sent: Any) -> Any:
    """What is left when bytes are taken out: it must be JSON's own, without a NaN."""
    if isinstance(sent, dict):
        return {k: plain(v) for k, v in sent.items() if not isinstance(v, bytes)}
    return [plain(one) for one in sent] if isinstance(sent, list) else sent


def comes_back(shape: Shape, sent: dict[str, Any], base: int | None) -> None:
    assert sent["kind"] == type(shape).__name__.lower()
    if isinstance(shape, Pixels):
        image = np.frombuffer(sent["image"], np.uint8).reshape(sent["height"], sent["width"], 4)
        np.testing.assert_array_equal(image, shape.image)
        begin, end, *prices = sent["bounds"]
        assert (int(begin) + (base or 0), int(end) + (base or 0)) == shape.times
        assert tuple(prices) == shape.prices
        return
    for name in places_of(shape):
        column = np.frombuffer(sent[name], "<f8")
        if name.startswith("x") and base is not None:
            column = column.astype(np.int64) + base
        np.testing.assert_array_equal(column, getattr(shape, name))
    for name in indices_of(shape):
        np.testing.assert_array_equal(np.frombuffer(sent[name], "<u1"), getattr(shape, name))
    for name, value in shape._asdict().items():
        if name in ("colour", "ground") and isinstance(value, tuple):
            assert sent[name] == "rgb({} {} {})".format(*value)
        elif name == "colours":
            assert sent[name] == ["rgb({} {} {})".format(*colour) for colour in value]
        elif name == "told" and value is not None:
            assert sent[name] == {"names": list(value.names), "words": [list(w) for w in value.words]}
        elif name == "text":
            assert sent[name] == list(value)
        elif not isinstance(value, np.ndarray):
            assert sent[name] == value
            assert type(sent[name]) in (type(value), float)
    assert sent.keys() == {"kind", *shape._fields}


@pytest.mark.parametrize("name", ["bbo", "mid", "bubbles", "candles"])
@given(st_trades, st_views())
@settings(deadline=None, max_examples=20)
def test_overlays__come_back(name: str, trades: list, view: View) -> None:
    market = Traded(trades)
    shapes = overlays()[name].on_engine(Scene(market, market.price_range), view)
    sent = wire(shapes, BASE)
    json.dumps(plain(sent), allow_nan=False)
    for shape, one in zip(shapes, sent, strict=True):
        comes_back(shape, one, BASE)


@pytest.mark.parametrize("name", PANELS)
@given(st_trades, st_views())
@settings(deadline=None, max_examples=20)
def test_panels__come_back(name: str, trades: list, view: View) -> None:
    market, panel = Traded(trades), PANELS[name]
    content = panel.on_engine(PanelScene(market, market.price_range), view)
    sent = wire_panel(content, panel.shares, BASE)
    json.dumps(plain(sent), allow_nan=False)
    base = BASE if panel.shares == "time" else None
    for shape, one in zip(content.shapes, sent["shapes"], strict=True):
        comes_back(shape, one, base)
    assert sent["axis"] == content.axis._asdict()
    assert sent["second"] == (None if content.second is None else content.second._asdict())
    assert sent["title"] == content.title
    assert content.told is not None
    for end in ("low", "high"):
        column = np.frombuffer(sent["told"][end], "<f8")
        column = column if base is None else column.astype(np.int64) + base
        np.testing.assert_array_equal(column, getattr(content.told, end))
    assert sent["told"]["names"] == list(content.told.names)
    assert sent["told"]["words"] == [list(words) for words in content.told.words]


def test_every_kind__comes_back() -> None:
    times, prices = BASE + np.array([1, 2 * 10**9 + 1, DAY - 1]), np.array([1.5, np.nan, -2.0])
    ones, index, colours = np.ones(3), np.array([2, 0, 1]), ((1, 2, 3), (0, 0, 0), (255, 255, 255))
    facts = Facts(("a", "b"), [("1", "2"), ("3", "4"), ("5", "é")])
    shapes: list[Shape] = [
        Line(times, prices, (1, 2, 3), 2.5, steps=True, second=True),
        Segments(times, prices, times + 1, prices, index, colours, 3),
        Boxes(times, prices, times + 1, prices, index, colours, 0.5, 1.5, facts),
        Discs(times, prices, ones, index, index[::-1].copy(), colours, 0.25, 1.0, facts),
        Pixels(np.arange(24, dtype=np.uint8).reshape(2, 3, 4), (int(times[0]), int(times[2])), (1.0, 2.0)),
        Words(times, prices, ("a", "ü", "c"), (9, 8, 7), "centre", (1, 1, 1)),
        Words(times[:0], prices[:0], (), (9, 8, 7)),
    ]
    sent = wire(shapes, BASE)
    json.dumps(plain(sent), allow_nan=False)
    for shape, one in zip(shapes, sent, strict=True):
        comes_back(shape, one, BASE)
    assert np.frombuffer(sent[0]["x"], "<f8").tolist() == [1.0, 2e9 + 1, DAY - 1.0]


def test_sizes__along_x_are_no_times() -> None:
    (sent,) = wire([Line(np.array([0.25, 4.0]), np.array([1.0, 2.0]), (0, 0, 0))], None)
    assert np.frombuffer(sent["x"], "<f8").tolist() == [0.25, 4.0]


def test_times__of_datetimes_are_counted_too() -> None:
    times = np.array([BASE + 7, BASE + 8], "datetime64[ns]")
    (sent,) = wire([Line(np.append(times, np.datetime64("NaT")), np.zeros(3), (0, 0, 0))], BASE)
    assert np.frombuffer(sent["x"], "<f8").tolist() == [7.0, 8.0, pytest.approx(np.nan, nan_ok=True)]


def test_a_market_is_sent_in_few_bytes() -> None:
    """A line of a screen's width, not of a session's length."""
    shapes = overlays()["bbo"].on_engine(Scene(Market(), Market.price_range), whole(Market()))
    assert sum(len(v) for one in wire(shapes, BASE) for v in one.values() if isinstance(v, bytes)) < 10_000
