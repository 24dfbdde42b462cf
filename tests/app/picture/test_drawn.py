"""Pictures that Python makes for a page are those of every other face, to the bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liqmap.app.data.data import Data
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.drawn import DRAWN, cell_at, drawn
from liqmap.app.picture.scene import base_of, is_drawn_in_page
from liqmap.app.state.state import State
from liqmap.render.frames.colour import PLACES, pixels_of, scale_of, scale_of_session, shades
from liqmap.render.frames.frame import draw, price_rows, screen, time_columns
from liqmap.render.frames.readout import cell_of
from liqmap.render.frames.together import Together
from liqmap.schema import GridError, SessionError
from tests.app.asking import ask_of, asked_of, coloured
from tests.render.market import BEGIN, SECOND, TICK, Market

CHOICES: list[dict[str, Any]] = [
    {}, {"agg": "mean", "half_life_s": 5.0}, {"agg": "last", "stable": False}, {"row_ticks": 4},
    {"carried_shown": "outline"}, {"carried_shown": "hide"}, {"bids": False}, {"scaling": "equalised"},
    {"limits": (0.5, 4.0)}, {"min_size": 4.0}, {"view": "as transmitted"},
    {"palette": "classic", "theme": "light"},
]  # fmt: skip


@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_places__in_the_colours_are_the_pixels_of_the_frame(market: Market, choices: dict[str, Any]) -> None:
    data = Data(market, State(prune_s=None, **choices) if "view" not in choices else State(**choices))
    answer = Answers(data).answer("frame", ask_of(data))
    spans = market.spans()
    frame = screen(spans, market.time_range, market.price_range, 300, 200, data.carry, data.state.agg,
                   data.state.row_ticks)  # fmt: skip
    ranges = market.time_range, market.price_range
    scale = (scale_of_session(spans, ranges, frame.agg, data.look) if data.state.stable
             else scale_of(frame, data.look))  # fmt: skip
    expected = pixels_of(frame, data.look, scale)
    assert (expected != 0).any()
    np.testing.assert_array_equal(coloured(answer, data), expected)
    assert answer["steps"] == [int(frame.times[1] - frame.times[0]), frame.ticks_a_row]
    begin, end, low, high = answer["bounds"]
    assert (begin + base_of(market), end + base_of(market)) == (frame.times[0], frame.times[-1])
    assert (low, high) == (frame.prices[0], frame.prices[-1])
    assert answer["scale"]["sizes"] == [scale.size(place) for place in (0.0, 0.5, 1.0)]


def test_places__are_numbers_of_all_the_colours() -> None:
    assert PLACES.min() == 2
    assert np.unique(PLACES).size == shades(Data(Market()).look).size == PLACES.max() - 1


def test_picture__is_made_once_for_all_who_ask(market: Market) -> None:
    one, other = Answers(Data(market)), Answers(Data(market))
    for answers in (one, other):
        answers.answer("frame", ask_of(answers.data))
    assert one.last is other.last
    assert one.last.places is other.last.places
    one.answer("frame", ask_of(one.data, (100, 50)))
    assert one.last is not other.last


def test_cells_that_a_page_has__are_not_sent_again(market: Market) -> None:
    answers = Answers(Data(market))
    ask = ask_of(answers.data)
    first = answers.answer("frame", ask)
    assert first["places"]
    for have, sent in ((first["number"], False), (first["number"] + 1, True), (None, True), ([1], True)):
        again = answers.answer("frame", ask | {"have": have})
        assert again == first | {"places": first["places"] if sent else None}
    other = answers.answer("frame", ask_of(answers.data, (100, 50)) | {"have": first["number"]})
    assert other["places"]
    assert other["number"] != first["number"]


def test_views_of_the_same_cells__share_a_picture(market: Market) -> None:
    """A play goes on by less than a column; what is said of the picture is of the view that was asked for."""
    data = Data(market)
    asked = asked_of(data)
    one = drawn(market, asked)
    column = int(one.frame.times[1] - one.frame.times[0])
    inside = (int(one.frame.times[1]) - column // 2, int(one.frame.times[-2]) + column // 2)
    here = drawn(market, replace(asked, times=inside))
    again = drawn(market, replace(asked, times=(inside[0] + column // 4, inside[1] + column // 4)))
    assert again.places is here.places
    assert again.asked.times != here.asked.times
    spans = market.spans()
    columns = time_columns(*again.asked.times, asked.size[0])
    fresh = draw(spans, columns, here.frame.rows, asked.carry, asked.agg)
    np.testing.assert_array_equal(again.frame.times, columns)
    np.testing.assert_array_equal(again.frame.state, fresh.state)
    np.testing.assert_allclose(again.frame.liquidity, fresh.liquidity, rtol=1e-6)
    others = (
        {"times": (inside[0] + column, inside[1] + column)},
        {"agg": "mean"},
        {"stable": False},
        {"row_ticks": 7},
    )
    for other in others:
        assert drawn(market, replace(here.asked, **other)).places is not here.places


@pytest.mark.parametrize("choices", [{}, {"agg": "mean"}, {"agg": "last", "row_ticks": 3}], ids=str)
def test_cell__is_that_of_the_frame(market: Market, choices: dict[str, Any]) -> None:
    data = Data(market, State(prune_s=None, **choices))
    answers = Answers(data)
    assert answers.answer("cell", {"at": [1e9, 500.0]}) is None  # nothing is drawn yet
    answers.answer("frame", ask_of(data))
    frame, scale, base = answers.last.frame, answers.last.scale, base_of(market)
    found = 0
    for i in range(0, len(frame.rows) - 1):
        for j in range(0, len(frame.times) - 1, 41):
            time, price = (frame.times[j] + frame.times[j + 1]) // 2, (frame.rows[i] + 0.25) * TICK
            told = answers.answer("cell", {"at": [int(time) - base, float(price)]})
            assert told == cell_of(frame, scale, data.look, market.spans(), data.carry, j, i, base)
            found += told["side"] is not None
    assert found > 10


def test_cell__beside_the_picture_is_none(market: Market) -> None:
    found = drawn(market, asked_of(Data(market)))
    (first, *_, last), rows = found.frame.times, found.frame.rows
    assert cell_at(found, first, rows[0] * TICK) == (0, 0)
    assert cell_at(found, last - 1, rows[-1] * TICK - 1e-3) == (len(rows) - 2, len(found.frame.times) - 2)
    for time, price in ((first - 1, 500.0), (last, 500.0), (first, rows[0] * TICK - 0.01), (1e300, 500.0),
                        (first, rows[-1] * TICK), (first, 1e300)):  # fmt: skip
        assert cell_at(found, time, price) is None


# ------------------------------------------------------------------ several markets as one


class Both(Together):
    """As much again at every price, of another venue."""

    venue, symbol, feed = "several", "BTCUSDT", "ob3"

    def __init__(self, count: int = 2) -> None:
        super().__init__([Market() for _ in range(count)])


def test_others__are_drawn_by_python_and_added() -> None:
    both = Both()
    assert is_drawn_in_page(Market())
    assert not is_drawn_in_page(both)
    data = Data(both, State(half_life_s=None, prune_s=None))
    answers = Answers(data)
    answers.answer("frame", ask_of(data))
    answers.settle()
    spans = both.spans()
    columns = time_columns(BEGIN, BEGIN + 600 * SECOND, 300)
    rows = price_rows(*both.price_range, 200, TICK, None)
    frame = draw(spans, columns, rows, data.carry, "peak", both.others)
    np.testing.assert_array_equal(answers.last.frame.liquidity, frame.liquidity)
    alone = drawn(both.sessions[0], answers.last.asked)
    assert np.nansum(frame.liquidity) == pytest.approx(2 * np.nansum(alone.frame.liquidity))
    assert answers.last.scale.high == pytest.approx(2 * alone.scale.high)
    assert data.shown.sizes.at[-1] == 20.0
    cell = answers.answer("cell", {"at": [int(columns[250]) + 1 - base_of(both), 490.0]})
    assert cell["side"] == 0
    assert (cell["size"], cell["age"]) == (20.0, None)  # an age of the one is none of the other


def test_picture__of_several_is_not_that_of_their_first() -> None:
    """They have the same spans, with which pictures are kept."""
    first = Market()
    both, other = Together([first, Market()]), Together([first, Market(), Market()])
    asked = asked_of(Data(first))
    sums = [np.nansum(drawn(one, asked).frame.liquidity) for one in (first, both, other, first)]
    assert sums == pytest.approx([sums[0], 2 * sums[0], 3 * sums[0], sums[0]])
    assert len(DRAWN.of(first.spans()).values) == 3


# ------------------------------------------------------------------ what is asked for


def test_answer__to_no_question(market: Market, tmp_path: Path) -> None:
    answers = Answers(Data(market))
    for kind, ask in (("no such", {}), (None, {}), ("frame", None), ("frame", []), ({}, {}), ("answer", {})):
        with pytest.raises(GridError, match="kind: expected one of spans, frame, cell, shapes, measure"):
            answers.answer(kind, ask)
    answers.data.session = None
    with pytest.raises(SessionError, match="expected a session that is shown"):
        answers.answer("spans", {})


def test_last_picture__is_that_of_the_session_that_is_shown(market: Market) -> None:
    answers = Answers(Data(market))
    answers.answer("frame", ask_of(answers.data))
    answers.forget()
    assert answers.answer("cell", {"at": [1e9, 500.0]}) is None
    answers.settle()
    assert answers.data.shown is None


def test_before_and_after__have_a_picture_each(market: Market) -> None:
    """Else a readout of the one would be of the other, and so would legend and strip."""
    data = Data(market, State(half_life_s=None, prune_s=None, view="before and after"))
    answers = Answers(data)
    at = {"at": [BEGIN + 500 * SECOND - base_of(market), 490.0]}  # carried by then
    answers.answer("frame", ask_of(data))
    answers.answer("frame", ask_of(data, prune=0, before=True))
    answers.settle()
    assert data.shown.counts.carried > 0
    assert answers.answer("cell", at)["size"] == 10.0
    assert answers.answer("cell", at | {"before": True})["side"] is None
    answers.forget()
    assert answers.answer("cell", at | {"before": True}) is None
