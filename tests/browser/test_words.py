"""Numbers, durations and ages: the browser says what Python says of the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.app.state.options import DURATIONS as LABELS
from liqmap.carry import HalfLife, nanoseconds, spell
from liqmap.render.frames import words as labels
from liqmap.render.frames.readout import ago_words, round_age
from liqmap.render.frames.stops import DURATIONS, stop_words
from tests.browser.engine import call

SIZES = (
    0.0,
    1e-12,
    9.999e-5,
    0.0001,
    0.000012,
    0.0021,
    0.125,
    0.95,
    3.44,
    9.95,
    9.96,
    12.25,
    99.95,
    100.5,
    101.5,
    120.4,
    999.5,
    9999.4,
    9999.5,
    10_000.0,
    14_000.0,
    999_499.0,
    999_999.0,
    1e6,
    1_234_567.5,
    2.5e6,
    999_999_999.0,
    1e9,
    1.5e12,
    1e15,
    3e20,
)
sizes = st.sampled_from(SIZES) | st.floats(1e-15, 1e20) | st.integers(0, 10**7).map(lambda n: n / 1000)
times = st.integers(0, 2**53) | st.builds(
    lambda n, unit: n * unit,
    st.integers(0, 100),
    st.sampled_from([1, 10**3, 10**6, 10**9, 6 * 10**10, 864 * 10**11]),
)


@given(sizes)
def test_size__in_few_characters(size: float) -> None:
    assert call("short", size) == labels.short(size)


@given(sizes)
def test_size__of_a_tooltip(size: float) -> None:
    assert call("exact", size) == labels.exact(size)


@given(sizes)
def test_money__of_a_tooltip(amount: float) -> None:
    assert call("money", amount) == labels.money(amount)


def test_sizes__as_people_read_them() -> None:
    said = {
        0.0: "0",
        0.000012: "1.2e-5",
        100.5: "101",
        9.96: "10",
        14_000.0: "14k",
        999_999.0: "1000k",
        1.5e12: "1500G",
    }
    assert {size: labels.short(size) for size in said} == said
    told = {0.0: "0", 0.5: "0.5", 0.0123456789: "0.0123457", 1234.5: "1,234.5", 1_234_567.5: "1,234,568"}
    assert {size: labels.exact(size) for size in told} == told


@given(st.integers(-(10**9), 10**9), st.integers(0, 8))
def test_price__with_the_places_of_its_tick(ticks: int, places: int) -> None:
    price = ticks * 10.0**-places
    assert call("price", price, places) == f"{price:,.{places}f}"


@given(st.none() | st.integers(0, 2**53))
def test_duration__in_a_link_and_in_words(ns: int | None) -> None:
    assert call("spelled", ns) == spell(ns)
    assert call("duration", ns) == labels.duration(ns)
    assert call("durationOf", spell(ns)) == ns == nanoseconds(spell(ns))


@given(times)
def test_age__is_rounded_as_in_the_app(ns: int) -> None:
    assert call("roundAge", ns) == round_age(ns)


@given(times)
def test_ago__is_told_as_in_the_app(ns: int) -> None:
    assert call("agoWords", ns) == ago_words(ns)


def test_ago__as_people_read_it() -> None:
    said = {0: "0 s", 3.44e9: "3.4 s", 9.96e9: "10 s", 1.19e11: "119 s", 2.4e11: "4 min", 1e13: "3 h"}
    assert {ns: ago_words(int(ns)) for ns in said} == {ns: f"{words} ago" for ns, words in said.items()}


@given(st.sampled_from(DURATIONS) | times)
def test_stop__of_a_slider_has_one_label(ns: int | None) -> None:
    assert call("stopWords", ns) == stop_words(ns)


def test_stops__are_those_of_the_app() -> None:
    assert [call("stopWords", ns) for ns in DURATIONS] == list(LABELS)
    assert list(LABELS)[-4:] == ["12 h", "16 h", "24 h", "none"]


@given(st.none() | times.filter(bool), st.none() | times)
def test_carry__in_words(half_life: int | None, prune: int | None) -> None:
    model = HalfLife(spell(half_life), spell(prune))
    assert call("carryWords", half_life, prune) == labels.carry_words(model)


@given(st.sampled_from(DURATIONS[:-1]), st.sampled_from(DURATIONS[:-1]), st.booleans(), st.booleans())
def test_carry__by_view_in_words(half_life: int, prune: int, one: bool, other: bool) -> None:
    auto = [name for name, own in (("half_life", one), ("prune", other)) if own]
    model = HalfLife(spell(half_life), spell(prune))
    assert call("carryWords", half_life, prune, {"halfLife": one, "prune": other}) == (
        labels.carry_words(model, auto)
    )


@pytest.mark.parametrize(
    ("times", "prices", "said"),
    [
        ([0, 5e12], [100, 101.5],
         "1 h 23 min  ·  3 ticks = 1.5 USDT  ·  1.500 %  ·  0.5 USDT a tick and BTC"),
        ([5e9, 1e9], [200, 199], "4 s  ·  -2 ticks = -1.0 USDT  ·  -0.500 %  ·  0.5 USDT a tick and BTC"),
        ([0, 2.5e9], [1e6, 1e6 + 1000],
         "2 s 500 ms  ·  2,000 ticks = 1,000.0 USDT  ·  0.100 %  ·  0.5 USDT a tick and BTC"),
        ([0, 0], [100, 100], "0 s  ·  0 ticks = 0.0 USDT  ·  0.000 %  ·  0.5 USDT a tick and BTC"),
    ],
)  # fmt: skip
def test_measure__says_how_far_a_box_reaches(times: list[float], prices: list[float], said: str) -> None:
    market = {"tick": 0.5, "places": 1, "units": {"size": "BTC", "price": "USDT"}, "worth": "price"}
    assert call("measureWords", times, prices, market) == said


def test_measure__of_contracts_says_nothing_of_their_worth() -> None:
    market = {"tick": 0.5, "places": 1, "units": {"size": "contracts", "price": ""}, "worth": None}
    assert call("measureWords", [0, 1e9], [100, 101], market) == "1 s  ·  2 ticks = 1.0  ·  1.000 %"


@given(st.floats(0, 1) | st.integers(0, 2000).map(lambda n: n / 2000))
def test_share__in_words(share: float) -> None:
    assert call("shareWords", share) == labels.share_words(share)


@given(st.integers(0, 4 * 10**18))
def test_moment__of_a_tooltip(ns: int) -> None:
    base = ns // (86_400 * 10**9) * 86_400
    told = call("clock", base, float(ns - base * 10**9), 10**6)
    assert f"{told['date']} {told['time']}" == labels.moment(ns)


def test_between__is_numpys() -> None:
    xs, ys = [0.0, 1.0, 4.0, 10.0], [1.0, 5.0, 2.0, 2.5]
    for x in (-1.0, 0.0, 0.3, 1.0, 3.9, 4.0, 9.0, 10.0, 11.0):
        assert call("between", x, xs, ys) == pytest.approx(float(np.interp(x, xs, ys)), rel=1e-15)
