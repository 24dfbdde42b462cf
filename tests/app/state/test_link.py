"""A state as a link, and back."""

from __future__ import annotations

import math
from datetime import date
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.app.state.link import parameters, query_of, state_of
from liqmap.app.state.options import SCALINGS, SPEEDS, VIEWS, layer_names, panel_names
from liqmap.app.state.state import State

moments = st.integers(0, 4 * 10**18).map(lambda ns: np.datetime64(ns, "ns"))
sizes = st.floats(0, 1e12, allow_nan=False)
seconds = st.integers(1, 10**15).map(lambda ns: ns / 1e9)


def rising(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(values, values).filter(lambda p: p[0] < p[1])


def some(of: tuple[str, ...]) -> st.SearchStrategy:
    return st.sets(st.sampled_from(of)).map(lambda chosen: [o for o in of if o in chosen])


CHOICES = {
    "market": st.text("abcXYZ09/-_ &=?%+#é", min_size=1, max_size=20),
    "dates": st.tuples(st.dates(date(1970, 1, 1)), st.dates(date(1970, 1, 1))).map(
        lambda d: tuple(sorted(d))
    ),
    "view": st.sampled_from(VIEWS),
    "half_life_s": st.none() | st.just("auto") | seconds,
    "prune_s": st.none() | st.sampled_from([0.0, "auto"]) | seconds,
    "agg": st.sampled_from(["mean", "peak", "last"]),
    "row_ticks": st.none() | st.integers(1, 10**6),
    "min_size": sizes,
    "palette": st.sampled_from(["default", "classic"]),
    "scaling": st.sampled_from(SCALINGS),
    "cutoffs": rising(st.floats(0, 100)),
    "limits": st.none() | rising(sizes),
    "carried": st.floats(0, 1),
    "carried_shown": st.sampled_from(["fade", "outline", "hide"]),
    "opacity": st.floats(0, 1),
    "stable": st.booleans(),
    "bids": st.booleans(),
    "asks": st.booleans(),
    "layers": some(layer_names()),
    "min_trade": sizes,
    "panels": some(panel_names()),
    "alerts": some(["imbalance@5 > 0.6", "ofi@1 < -50.25 every 10s", "depth@2.5bps >= 1e+09"]),
    "theme": st.sampled_from(["dark", "light"]),
    "time_zone": st.sampled_from(["UTC", "Asia/Tokyo", "America/Argentina/Ushuaia"]),
    "at": st.none() | moments,
    "speed": st.sampled_from(SPEEDS),
}
VIEW = rising(moments).map(lambda p: {"start": p[0], "end": p[1]}) | st.just({})
PRICES = rising(st.floats(-1e6, 1e9)).map(lambda p: {"low": p[0], "high": p[1]}) | st.just({})


def values(state: State) -> dict:
    return {name: getattr(state, name) for name in parameters().values()}


def same(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-12)
    return a == b


@given(st.fixed_dictionaries({}, optional=CHOICES), VIEW, PRICES)
def test_query__reopens_the_same_state(choices: dict, view: dict, prices: dict) -> None:
    state = State(**choices, **view, **prices)
    again, notices = state_of(query_of(state))
    assert notices == []
    wanted, got = values(state), values(again)
    assert {name for name in wanted if not same(wanted[name], got[name])} == set()
    assert query_of(again) == query_of(state)


@given(st.fixed_dictionaries({}, optional=CHOICES))
def test_query__holds_only_what_differs(choices: dict) -> None:
    names = {name for name, value in choices.items() if value != State.param[name].default}
    short = {k: v for k, v in parameters().items() if v in names}
    assert dict(parse_qsl(query_of(State(**choices)))).keys() == short.keys()


@given(st.text() | st.text("abcdefgh_=&,:;0123456789nonefrmtohalflfepru-", max_size=40))
def test_any_text__is_a_state_and_notices(text: str) -> None:
    state, _ = state_of(text)
    assert state_of(query_of(state))[1] == []


@given(st.sampled_from(sorted(parameters())), st.text(max_size=12))
def test_any_value__is_taken_or_named_in_a_notice(name: str, text: str) -> None:
    from urllib.parse import quote

    state, notices = state_of(f"{name}={quote(text)}")
    assert all(n.startswith(f"{name}: expected ") and repr(text) in n for n in notices)
    if notices:
        assert query_of(state) == ""


def test_query__reads_as_people_write() -> None:
    state, notices = state_of(
        "?market=bybit/BTCUSDT/ob200&from=2025-11-28T14:30&half_life=2min&prune=none&panels=delta,ladder&bids=off"
    )
    assert notices == []
    assert (state.half_life_s, state.prune_s, state.bids) == (120.0, None, False)
    assert state.panels == ["delta", "ladder"]
    assert state.start == np.datetime64("2025-11-28T14:30")
    assert query_of(state) == (
        "market=bybit/BTCUSDT/ob200&from=2025-11-28T14:30:00&half_life=2min&prune=none&bids=off"
        "&panels=delta,ladder"
    )
    assert query_of(state_of("preset=extended market depth")[0]) == "half_life=none&prune=none"


WRONG = {
    "half_life=soon": "half_life: expected a duration such as 30s or 2min, auto or none, got 'soon'",
    "half_life=0s": "half_life: expected a duration such as 30s or 2min, auto or none, got '0s'",
    "prune=-5s": "prune: expected a duration such as 30s or 2min, auto or none, got '-5s'",
    "agg=sum": "agg: expected one of mean, peak, last, got 'sum'",
    "row=0": "row: expected a whole number from 1 to 1e+09 or none, got '0'",
    "row=99999999999999999999999": "row: expected a whole number from 1 to 1e+09 or none, got '9999",
    "min_size=1e300": "min_size: expected a number from 0 to 1e+18, got '1e300'",
    "half_life=1,2": "half_life: expected a duration such as 30s or 2min, auto or none, got '1,2'",
    "from=30000-01-01": "from: expected a time such as 2025-11-28T14:30 or none, got '30000-01-01'",
    "to=0001-01-01T12": "to: expected a time such as 2025-11-28T14:30 or none, got '0001-01-01T12'",
    "time_zone=localtime": "time_zone: expected a name of a time zone such as Asia/Tokyo, got ",
    "time_zone=right/UTC": "time_zone: expected a name of a time zone such as Asia/Tokyo, got ",
    "panels=delta,x": "panels: expected some of delta, profile, ladder and of measures such as imbalance@5",
    "cutoffs=nan,10": "cutoffs: expected two rising numbers with a comma between, from 0 to 100 or auto, ",
    "limits=0,inf": "limits: expected two rising numbers with a comma between, from 0 or none, got ",
    "bids=yes": "bids: expected on or off, got 'yes'",
    "dates=tomorrow": "dates: expected a day such as 2025-11-28, or a first and a last one",
    "time_zone=Mars/Olympus": "time_zone: expected a name of a time zone such as Asia/Tokyo, got ",
    "from=noon": "from: expected a time such as 2025-11-28T14:30 or none, got 'noon'",
    "from=2025-11-28T15&to=2025-11-28T14": "from: expected less than to (2025-11-28T14:00:00), got ",
    "low=5&high=4": "low: expected less than high (4), got 5",
    "preset=best": "preset: expected one of by view, default, extended market depth, as ",
    "colour=red": "colour: expected one of market, dates, from, to, ",
    "halflife=2min": "halflife: expected half_life, perhaps, got an unknown name; the others",
    "Palete=fire": "Palete: expected palette, perhaps, got an unknown name",
    "time-zone=Asia/Tokyo": "time-zone: expected time_zone, perhaps, got an unknown name",
    "agg=maen": "agg: expected one of mean, peak, last, got 'maen'. Did you mean mean?",
    "theme=Light": "theme: expected one of dark, light, got 'Light'. Did you mean light?",
    "layers=bbo,buble": "layers: expected some of bbo, mid, bubbles, candles, trust, vwap, poc, footprint, ",
}  # fmt: skip


@pytest.mark.parametrize("query", WRONG)
def test_wrong_value__is_reported_and_all_else_taken(query: str) -> None:
    state, notices = state_of(f"{query}&opacity=0.5")
    assert [n[: len(WRONG[query])] for n in notices] == [WRONG[query]]
    assert query_of(state) == "opacity=0.5"


@pytest.mark.parametrize(("query", "meant"), [("layers=bbo,buble", "bubbles"), ("preset=defualt", "default")])
def test_wrong_value__its_nearest_name_is_told(query: str, meant: str) -> None:
    assert state_of(query)[1][0].endswith(f". Did you mean {meant}?")
    assert "Did you mean" not in state_of("layers=bbo,xyzzy")[1][0]
