"""Panels without a browser: ticks of sizes, and frames in line with a chart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.browser.rules import rules
from liqmap.render.marks.panels import PANELS
from tests.browser.engine import call

WORTH = {"k": 1e3, "M": 1e6, "G": 1e9}


def value(label: str) -> float:
    label = label.replace(",", "")
    return float(label[:-1]) * WORTH[label[-1]] if label[-1] in WORTH else float(label)


spans = st.tuples(st.floats(-1e9, 1e9), st.floats(1e-6, 1e10)).filter(lambda s: s[1] > 1e-9 * abs(s[0]))


@given(spans, st.sampled_from([2, 3, 4]))
def test_ticks__are_two_to_four_and_say_where_they_are(span: tuple[float, float], most: int) -> None:
    low, high = span[0], span[0] + span[1]
    ticks = call("sizeTicks", low, high, most)
    assert 2 <= len(ticks) <= 4
    at = [tick["at"] for tick in ticks]
    slack = 1e-6 * (high - low)
    assert low - slack <= at[0]
    assert at[-1] <= high + slack
    steps = [b - a for a, b in zip(at, at[1:])]
    assert min(steps) == pytest.approx(max(steps), rel=1e-6)
    assert f"{min(steps):.6e}"[:8].rstrip("0").rstrip(".") in {"1", "2", "2.5", "5"}
    for tick in ticks:
        assert abs(value(tick["label"]) - tick["at"]) <= min(steps) / 50
    assert len({tick["label"] for tick in ticks}) == len(ticks)


@given(st.floats(1e-6, 1e10))
def test_ticks__of_sizes_from_nothing_begin_there(high: float) -> None:
    assert call("sizeTicks", 0, high, 4)[0] == {"at": 0, "label": "0"}


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 2.1, ["0", "1", "2"]),
        (0, 3300, ["0", "1000", "2000", "3000"]),
        (0, 33_000, ["0", "10k", "20k", "30k"]),
        (0, 0.0033, ["0", "0.001", "0.002", "0.003"]),
        (-700, 640, ["-500", "0", "500"]),
        (12_340, 12_361, ["12,340", "12,350", "12,360"]),  # short words would be the same
        (101, 109, ["102", "104", "106", "108"]),
        (101, 110, ["102.5", "105.0", "107.5", "110.0"]),
        (5, 5, []),
        (5, 4, []),
    ],
)
def test_ticks__are_short_where_that_tells_them_apart(low: float, high: float, labels: list[str]) -> None:
    assert [tick["label"] for tick in call("sizeTicks", low, high, 4)] == labels


FRAME = """(shares, view, size, offset, own) => {
  const plot = plotOf(view, size), frame = panelFrame(shares, plot, offset, own)
  const at = atOf(shares, frame, plot, offset, {axis: {low: -1, high: 3}, second: {low: 0, high: 10}})
  const middle = shares == "price" ? at.y((view[2] + view[3]) / 2) : at.x((view[0] + view[1]) / 2)
  const isSize = at.size === (shares == "price" ? at.x : at.y)
  return [plot, frame, middle, [-1, 3].map(at.size), [0, 10].map(at.second), isSize]
}"""
views = st.tuples(
    st.integers(0, 10**13), st.integers(10**6, 10**13), st.floats(1, 1e5), st.floats(0.1, 1e4)
).map(lambda v: [v[0], v[0] + v[1], v[2], v[2] + v[3]])


@given(views, st.tuples(st.floats(-40, 40), st.floats(-40, 40)).map(list))
def test_frame__beside_is_in_line_with_prices(view: list[float], offset: list[float]) -> None:
    plot, frame, middle, sizes, second, is_size = call(FRAME, "price", view, [900, 600], offset, [150, 650])
    assert (frame["top"], frame["bottom"]) == (plot["top"] + offset[1], plot["bottom"] + offset[1])
    assert 0 < frame["left"] < frame["right"] < 150
    assert middle == pytest.approx((frame["top"] + frame["bottom"]) / 2, abs=1e-3)
    assert sizes == second == pytest.approx([frame["left"], frame["right"]])
    assert is_size


@given(views, st.tuples(st.floats(-40, 40), st.floats(-40, 40)).map(list))
def test_frame__below_is_in_line_with_times(view: list[float], offset: list[float]) -> None:
    plot, frame, middle, sizes, second, is_size = call(FRAME, "time", view, [900, 600], offset, [900, 140])
    assert (frame["left"], frame["right"]) == (plot["left"] + offset[0], plot["right"] + offset[0])
    assert 0 < frame["top"] < frame["bottom"] < 140
    assert middle == pytest.approx((frame["left"] + frame["right"]) / 2, abs=1e-3)
    assert sizes == second == pytest.approx([frame["bottom"], frame["top"]])
    assert is_size


BAR = "(low, high, value) => barAt({low: Float64Array.from(low), high: Float64Array.from(high)}, value)"


@pytest.mark.parametrize(("at", "bar"), [(0.99, -1), (1, 0), (1.99, 0), (2, 1), (3, -1), (5, 2), (6, -1)])
def test_bar__holds_its_lower_edge_and_not_its_upper(at: float, bar: int) -> None:
    assert call(BAR, [1, 2, 5], [2, 3, 6], at) == bar


def test_panels__stand_in_the_order_of_python() -> None:
    found: Any = rules()["PANELS"]
    assert list(found) == list(PANELS)
