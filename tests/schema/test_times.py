"""One reading of times: what means the same, what is told by its size, what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from liqmap.schema import GridError, SessionError
from liqmap.schema.ranges import price_range
from liqmap.schema.times import day_of, instant, instants, interval, spell, two

pytestmark = pytest.mark.pure

NS = 1_764_338_400_000_000_000
"""2025-11-28 14:00 UTC."""

DAY = 86_400 * 10**9
ONE_DAY = (NS - 3600 * 10**9, NS + 9 * 3600 * 10**9)


@pytest.mark.parametrize(
    "t",
    [
        "2025-11-28 14:00",
        " 2025-11-28T14:00:00Z ",
        "2025-11-28T15:00+01:00",
        "20251128T1400",
        "2025/11/28 14:00",
        "28 Nov 2025 14:00",
        "Nov 28, 2025 2pm",
        str(NS // 10**6),
        NS // 10**6,
        float(NS // 10**6),
        np.int64(NS // 10**6),
        pd.Timestamp(NS),
        pd.Timestamp(NS, tz="Asia/Tokyo"),
        datetime(2025, 11, 28, 14),
        datetime(2025, 11, 28, 14, tzinfo=UTC),
        datetime(2025, 11, 28, 9, tzinfo=timezone(timedelta(hours=-5))),
        np.datetime64("2025-11-28T14:00"),
        np.array(np.datetime64("2025-11-28T14:00")),
        pa.scalar(pd.Timestamp(NS, tz="UTC")),
        xr.DataArray(np.array(["2025-11-28T14:00"], "datetime64[ns]"), dims="time")[0],
    ],
    ids=lambda t: f"{type(t).__name__} {t!r:.40}",
)
def test_one_instant_as_users_write_it(t: object) -> None:
    assert instant(t, "start") == NS


def test_days() -> None:
    midnight = NS - 14 * 3600 * 10**9
    for t in ("2025-11-28", "20251128", date(2025, 11, 28), np.datetime64("2025-11-28")):
        assert instant(t, "start") == midnight
        assert day_of(t, "date") == "2025-11-28"
    assert instant("2025", "start") == pd.Timestamp("2025-01-01").value
    assert instant("2025-11", "start") == pd.Timestamp("2025-11-01").value
    assert instant(None, "start") is None


@pytest.mark.parametrize(
    ("t", "says"),
    [
        (NS // 10**9, "s since 1970 by its size"),
        (NS / 10**9 + 0.5, "s since 1970 by its size"),
        (str(NS // 10**9), "s since 1970 by its size"),
        (NS // 10**3, "us since 1970 by its size"),
        (NS, "ns since 1970 by its size"),
        (-NS, "ns since 1970 by its size"),
        (np.uint64(NS), "ns since 1970 by its size"),
        (1e30, "ms since 1970"),
        (float("nan"), "a time such as"),
        (1.5, "a time such as"),
        (True, "a time such as"),
        ("23:55", "a time of no day"),
        ("14:00 2025", "a time such as"),
        ("01/02/2025", "a time such as"),
        ("Nov 28", "a time such as"),
        ("10pm", "a time such as"),
        ("now", "a time such as"),
        ("today", "a time such as"),
        ("202511", "a time such as"),
        ("2025-11-28 14:00 EST", "a time such as"),
        ("2025Q4", "a time such as"),
        ("2025-13-01", "a time such as"),
        ("", "a time such as"),
        ("nan", "a time such as"),
        ("²" * 9, "a time such as"),
        ("2500-01-01", "a time such as"),
        (np.datetime64("2500-01-01"), "a time such as"),
        (np.datetime64("NaT"), "a time such as"),
        (pd.NaT, "a time such as"),
        (pd.Timedelta("1s"), "a time such as"),
        (b"2025-11-28", "a time such as"),
        (["2025-11-28"], "a time such as"),
        (pd.DatetimeIndex(["2025-11-28"]), "a time such as"),
        (..., "a time such as"),
    ],
    ids=lambda t: f"{t!r:.30}",
)
def test_what_is_no_certain_time_is_refused(t: object, says: str) -> None:
    with pytest.raises(SessionError, match=says) as error:
        instant(t, "start")
    assert error.value.argument == "start"
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_the_remedy_of_another_unit_is_right(unit: str) -> None:
    count = NS // {"s": 10**9, "us": 10**3, "ns": 1}[unit]
    with pytest.raises(SessionError) as error:
        instant(count, "start")
    call = error.value.remedy.removeprefix("Pass ")
    assert instant(eval(call, {"pd": pd}), "start") == NS


@given(st.datetimes(datetime(1971, 1, 1), datetime(2254, 1, 1)))
def test_every_spelling_of_a_time_is_the_same(t: datetime) -> None:
    t = t.replace(microsecond=t.microsecond // 1000 * 1000)
    ns = pd.Timestamp(t).as_unit("ns").value
    spelled = [t, str(t), t.isoformat(), ns // 10**6, pd.Timestamp(t, tz="UTC"), np.datetime64(t)]
    assert {instant(each, "t") for each in spelled} == {ns}
    if ns // 10**6 >= 10**11:
        as_ms, as_ns = np.array([ns // 10**6]), np.array([ns])
        np.testing.assert_array_equal(instants(as_ms, "t"), as_ns)
        if ns >= 10**17:
            np.testing.assert_array_equal(instants(as_ns, "t"), as_ns)


# ------------------------------------------------------------------ a time of day


def test_a_time_of_day_is_of_the_one_day_there_is() -> None:
    midnight = NS - 14 * 3600 * 10**9
    assert instant("23:55", "start", ONE_DAY) == midnight + (23 * 60 + 55) * 60 * 10**9
    assert instant("14:00:00.25", "start", ONE_DAY) == NS + 25 * 10**7
    assert instant("00:00", "start", ONE_DAY) == midnight
    assert instant("00:00", "end", ONE_DAY, ends=True) == midnight + DAY
    assert instant("24:00", "end", ONE_DAY, ends=True) == midnight + DAY


def test_a_time_of_day_is_the_one_that_is_there() -> None:
    """22:00 to 02:00: each time of day is there once."""
    night = (NS + 8 * 3600 * 10**9, NS + 12 * 3600 * 10**9)
    assert instant("23:55", "t", night) == NS + (9 * 60 + 55) * 60 * 10**9
    assert instant("01:00", "t", night) == NS + 11 * 3600 * 10**9
    assert instant("00:00", "end", night, ends=True) == NS + 10 * 3600 * 10**9


@pytest.mark.parametrize(
    ("clock", "within", "says"),
    [
        ("14:30", (NS, NS + 2 * DAY), "several days"),
        ("12:00", (NS + 8 * 3600 * 10**9, NS + 12 * 3600 * 10**9), "none of them"),
        ("24:00", ONE_DAY, "a time such as"),
        ("25:00", ONE_DAY, "a time such as"),
        ("14:61", ONE_DAY, "a time such as"),
    ],
)
def test_a_time_of_no_certain_day_is_refused(clock: str, within: tuple[int, int], says: str) -> None:
    with pytest.raises(SessionError, match=says):
        instant(clock, "start", within)


# ------------------------------------------------------------------ ranges


def test_a_range_that_meets_nothing_says_what_there_is() -> None:
    begin, end = ONE_DAY
    for asked in (("2025-11-27", "2025-11-28"), ("2025-11-29", "2025-11-30"), (0, 10)):
        with pytest.raises(GridError, match=f"within {spell(begin)} to {spell(end)}"):
            interval(asked, "time_range", ONE_DAY)
    known = begin - DAY, end
    assert interval(("2025-11-27 14:00", "2025-11-27 15:00"), "time_range", ONE_DAY, known) == (
        NS - DAY,
        NS - DAY + 3600 * 10**9,
    )


def test_a_range_as_users_write_it() -> None:
    want = NS, NS + 3600 * 10**9
    stamps = pd.DatetimeIndex(want)
    for given_range in (
        ("14:00", "15:00"),
        ["2025-11-28 14:00", "15:00"],
        stamps,
        stamps.to_numpy(),
        pd.Series(stamps, index=[7, 9]),
        tuple(stamps.tz_localize("UTC")),
        xr.DataArray(stamps.to_numpy(), dims="time"),
    ):
        assert interval(given_range, "time_range", ONE_DAY) == want
    assert interval((None, "14:00"), "time_range", ONE_DAY) == (ONE_DAY[0], NS)
    assert interval(("14:00", None), "time_range", ONE_DAY) == (NS, ONE_DAY[1])


@pytest.mark.parametrize(
    "wrong", ["ab", 5, (1,), (1, 2, 3), slice("14:00", "15:00"), {"a": 1, "b": 2}, ("15:00", "14:00"), {1, 2}]
)
def test_no_range(wrong: object) -> None:
    with pytest.raises(GridError, match="time_range: expected two times"):
        interval(wrong, "time_range", ONE_DAY)


def test_a_pair() -> None:
    assert two((1, 2)) == two([1, 2]) == (1, 2)
    assert two(np.array([1, 2])) == (1, 2)
    assert two("ab") is two(b"ab") is two({1: 2, 3: 4}) is two(3) is two((1, 2, 3)) is two(int) is None


@pytest.mark.parametrize(
    "wrong",
    [("1", "2"), (1, "2"), (2, 1), (1, 1), (1, np.nan), (1, np.inf), 5, "ab", (True, 2), (1,), (None, 2)],
)
def test_no_range_of_prices(wrong: object) -> None:
    with pytest.raises(GridError, match="price_range: expected two finite prices that rise"):
        price_range(wrong, "price_range")
    assert price_range(np.array([1, 2.5]), "price_range") == (1.0, 2.5)


# ------------------------------------------------------------------ many


MANY = np.array([NS, NS + 10**6, NS + DAY])


@pytest.mark.parametrize(
    "times",
    [
        MANY.view("datetime64[ns]"),
        MANY,
        MANY // 10**6,
        (MANY // 10**6).astype(float),
        (MANY // 10**6).tolist(),
        pd.DatetimeIndex(MANY),
        pd.DatetimeIndex(MANY, tz="UTC").tz_convert("Asia/Tokyo"),
        pd.Series(pd.DatetimeIndex(MANY, tz="UTC"), index=[3, 1, 2]),
        pd.DatetimeIndex(MANY, tz="UTC").as_unit("us"),
        [pd.Timestamp(t, tz="UTC") for t in MANY],
        [pd.Timestamp(t).to_pydatetime() for t in MANY],
        [str(pd.Timestamp(t)) for t in MANY],
        np.array([str(pd.Timestamp(t)) for t in MANY]),
        pa.array(MANY).view(pa.timestamp("ns", "UTC")),
        pa.chunked_array([pa.array(MANY).view(pa.timestamp("ns", "UTC"))]),
        xr.DataArray(MANY.view("datetime64[ns]"), dims="time"),
    ],
    ids=lambda t: f"{type(t).__name__} {getattr(t, 'dtype', None) or type(next(iter(t)))}",
)
def test_many_times_as_users_write_them(times: object) -> None:
    np.testing.assert_array_equal(instants(times, "time_edges"), MANY)


@pytest.mark.parametrize(
    ("times", "says"),
    [
        (MANY // 10**9, "s since 1970 by its size"),
        (MANY // 10**3, "us since 1970 by its size"),
        (np.array([NS, NS // 10**6]), "of integers ms"),
        (np.arange(3), "of integers ms"),
        (np.array([10**10, 2 * 10**10]), "of integers ms"),
        (MANY / 10**6 + 0.5, "of integers ms"),
        (np.array([np.nan]), "of integers ms"),
        (["14:00", "15:00"], "a time of no day"),
        ([pd.NaT], "a time such as"),
        ([None, "2025"], "expected times"),
        (pd.DatetimeIndex(["2025", None]), "NaT"),
        (pd.DatetimeIndex(["2025", None], tz="UTC"), "NaT"),
        (np.array(["2500"], "datetime64[D]"), "nanoseconds can hold"),
        ("2025-11-28", "expected times"),
        (None, "expected times"),
        ([[1, 2], [3]], "expected times"),
        ([True, False], "expected"),
        ({"a": 1}, "expected times"),
    ],
    ids=lambda t: f"{t!r:.30}",
)
def test_what_are_no_certain_times_is_refused(times: object, says: str) -> None:
    with pytest.raises(GridError, match=says) as error:
        instants(times, "time_edges")
    assert error.value.argument == "time_edges"
    assert "\n" not in str(error.value)
