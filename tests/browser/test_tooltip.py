"""What the page's tooltip says of a cell is what the app's says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.browser.carry import wired
from liqmap.browser.market import market_of
from liqmap.carry import CarryModel, Mixture, Survival, nanoseconds
from liqmap.render.frames.frame import draw
from liqmap.render.frames.look import CARRIED_SHOWN, Look
from liqmap.render.frames.readout import Cells, cell_of
from liqmap.render.frames.scale import scale_between, sizes_of
from liqmap.schema import OPEN
from tests.browser.books import content_of
from tests.browser.engine import call, cells_of, look_of
from tests.strategies import MS, SECOND, START, st_messages, to_depth_table

EXACT = ("side", "state", "known", "left", "right", "low", "high")
"""Of a cell, what is no result of arithmetic."""

DAY = 86_400 * SECOND
BASE = START // DAY * DAY

TELL = """(cells, edges, sides, look, sizes, carrying) => {
  const frame = frameOf(cells), {count} = frame.columns
  const choice = choiceOf(look), scale = scaleBetween(sizes, choice)
  frame.columns.edges = edges
  const book = {sides: sides.map(({levels, quote, end, ...piece}) => ({
    levels, quote, piece: {...piece, stop: piece.first.slice(1), end: end.map(time => time ?? Infinity)},
  }))}
  return [...frame.cells[0].state.keys()].map(at => {
    const r = Math.floor(at / count), j = at % count
    return tellCell(book, frame, j, r, choice, scale, carryOf(carrying))
  })
}"""

LONG = pytest.mark.long

MODELS = [
    Mixture(["250ms", "30s"], [[0.6, 0.4], [0.0, 0.0], [0.1, 0.8]], [1.0, 2.0], prune="5min"),
    Mixture(["20ms", None], [[[0.5, 0.5], [0.9, 0.1]], [[0.0, 0.3], [0.2, 0.5]]], [2.0], [600.0]),
    Survival(["0s", "1s", "5s"], [[1.0, 0.5, 0.0], [1.0, 0.9, 0.2]], distances=[600.0]),
]


def pieces(spans: lm.Spans) -> list[dict[str, Any]]:
    """Carried pieces and the touch of both sides, as the page has them."""
    made = []
    for s, (start, tick) in zip(spans.sides, content_of(spans).quotes):
        some = s.end > s.seen
        first = np.searchsorted(s.tick[some], [*s.levels, 1 << 30]).tolist()
        end = [None if e == OPEN else int(e) - BASE for e in s.end[some]]
        made.append({"levels": s.levels.tolist(), "first": first, "end": end, "size": s.size[some].tolist()})
        made[-1]["quote"] = {"start": (start - BASE).tolist(), "tick": tick.tolist()}
        made[-1]["seen"] = (s.seen[some] - BASE).tolist()
    return made


looks = st.builds(
    Look, carried=st.sampled_from([0.0, 0.3, 0.72]), carried_shown=st.sampled_from(CARRIED_SHOWN),
    min_size=st.sampled_from([0.0, 0.0, 0.5]), bids=st.sampled_from([True, True, False]),
    asks=st.sampled_from([True, True, False]),
    limits=st.none() | st.just((0.01, 3.0)),
)  # fmt: skip
carries = st.tuples(
    st.sampled_from([None, "20ms", "250ms", "30s"]), st.sampled_from([None, None, "0s", "1s", "5min"])
)


@given(st_messages(), looks, carries, st.sampled_from(["peak", "mean", "last"]), st.integers(1, 3), st.data())
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("unit", ["coins", "contracts"])
def test_rows__are_those_of_the_app(
    unit: str, feed: Any, look: Look, carry: Any, agg: str, ticks: int, data: Any
) -> None:
    spans = lm.replay(to_depth_table(*feed))
    spans = lm.Spans.from_arrow(spans.to_arrow(), spans.window)
    spans.meta = replace(spans.meta, size_unit=unit, venue="bybit", contract_value=1.0)
    step = data.draw(st.integers(1, 2000))
    compare(spans, look, carry, agg, ticks, step)


@given(
    st_messages(), st.sampled_from(["20ms", "250ms", "30s"]), st.sampled_from([None, "5min"]),
    st.integers(1, 3), st.integers(1, 200),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("agg", ["peak", pytest.param("mean", marks=LONG), pytest.param("last", marks=LONG)])
def test_carried__is_told_as_it_was_seen(
    agg: str, feed: Any, half_life: str, prune: str | None, ticks: int, step: int
) -> None:
    """Whatever rests has a colour, so that most cells show what is carried."""
    spans = lm.replay(to_depth_table(*feed))
    compare(spans, Look(limits=(1e-9, 1.0)), (half_life, prune), agg, ticks, step)


@given(st_messages(), st.sampled_from(MODELS), st.integers(1, 3), st.integers(1, 200))
@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("agg", ["peak", "mean", "last"])
def test_carried__is_told_by_what_its_model_goes_by(
    agg: str, feed: Any, model: CarryModel, ticks: int, step: int
) -> None:
    spans = lm.replay(to_depth_table(*feed))
    compare(spans, Look(limits=(1e-9, 1.0)), model, agg, ticks, step)


def compare(spans: lm.Spans, look: Look, carry: Any, agg: str, ticks: int, least: int) -> None:
    """Cells and their words, of engine and Python, in columns of so many ms or more."""
    # Beyond the last message, too: there everything is carried.
    step = max((spans.last - START) // 3 // MS, least) * MS
    times = START + step * np.arange(6, dtype=np.int64)
    rows = np.arange(9, 31 + ticks, ticks, dtype=np.int64)
    model = lm.HalfLife(*carry) if isinstance(carry, tuple) else carry
    attrs = model.attrs()
    frame = draw(spans, times, rows, model, agg)
    sizes = sizes_of(frame)
    cells = Cells(frame, look, scale_between(sizes, look), spans, model)
    known = {name: v.values.ravel() for name, v in cells.variables(("price", "time")).items()}
    scale = scale_between(sizes, look)
    half_life, prune = (nanoseconds(attrs[name]) for name in ("half_life", "prune"))
    carrying = {"halfLife": half_life, "prune": prune, "carry": wired(model)}
    edges = (times - BASE).tolist()
    told = call(TELL, cells_of(frame), edges, pieces(spans), look_of(look), sizes.at.tolist(), carrying)
    for k, seen in enumerate(told):
        row, column = divmod(k, len(times) - 1)
        cell = cell_of(frame, scale, look, spans, model, column, row, BASE)
        assert {name: seen[name] for name in EXACT} == {name: cell[name] for name in EXACT}
        assert (seen["size"], seen["raw"]) == pytest.approx((cell["size"], cell["raw"]), rel=1e-6)
        assert (seen["age"] is None) == (cell["age"] is None)
        if cell["age"] is not None:
            assert abs(seen["age"] - cell["age"]) <= max(2, 1e-9 * cell["age"])
            event(f"carried: {cell['raw'] > cell['size']}")
    market = market_of(spans) | {"baseSeconds": BASE // SECOND}
    rows_of = "(cells, market, agg) => cells.map(cell => Object.fromEntries(cellRows(cell, market, agg)))"
    seen, units = call(rows_of, told, market, agg), market["units"]
    for k, said in enumerate(seen):
        assert (said["time"], said["price"], said["state"]) == (
            known["at"][k], known["row"][k], known["state"][k] if known["__index__"][k] == 0 else "unknown",
        )  # fmt: skip
        if known["__index__"][k] == 0:
            assert (said["side"], said["age"]) == (known["side"][k], known["age"][k])
            assert said["size"].replace(f" {units['size']}", "", 1) == known["shown"][k]
            assert said["notional"].replace(f" {units['price']}", "", 1) == known["notional"][k]


@pytest.mark.parametrize(("worth", "said"), [(None, "observed"), (10.0, "30 USDT  ·  observed")])
def test_lines__leave_out_what_cannot_be_told(worth: float | None, said: str) -> None:
    cell = {"left": 0, "right": 10**9, "low": 10, "high": 11, "side": 0, "state": 1, "size": 3.0, "raw": 3.0}
    market = {
        "baseSeconds": 0, "tick": 0.5, "places": 1, "worth": worth,
        "units": {"size": "contracts", "price": "USDT"},
    }  # fmt: skip
    lines = call(
        "(cell, market) => cellLines(cell, market, 'last', 'UTC', ['blue', 'gold'])",
        cell | {"age": 0, "known": True}, market,
    )  # fmt: skip
    assert [line["words"] for line in lines[1:]] == ["bid  3 contracts", said]
