"""Clocks of time zones: the engine shows what Python shows, over changes of the clock too."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.render.frames import words as labels
from tests.browser.engine import call

SECOND = 10**9
DAY = 86_400 * SECOND
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Tokyo"]
zones = st.sampled_from(ZONES)
# To 2037: V8 and Python have the rules of before from the same tables.
instants = st.integers(0, 2_100_000_000 * SECOND)


@given(instants, zones)
def test_clock__of_a_zone_is_that_of_python(ns: int, zone: str) -> None:
    base = ns // DAY * 86_400
    told = call("clock", base, ns - base * SECOND, 10**6, zone)
    assert f"{told['date']} {told['time']}" == labels.moment(ns, zone)


@pytest.mark.parametrize(
    ("zone", "change"),
    [("Europe/Berlin", "2025-03-30T01:00"), ("Europe/Berlin", "2025-10-26T01:00"),
     ("America/New_York", "2025-11-02T06:00"), ("Australia/Lord_Howe", "2025-10-04T15:30")],
)  # fmt: skip
@pytest.mark.parametrize("hours", [3, 30, 100])
def test_ticks__are_round_on_the_clock_over_a_change_of_it(zone: str, change: str, hours: int) -> None:
    middle = int(datetime.fromisoformat(change + "+00:00").timestamp())
    base = middle // 86_400 * 86_400
    ends = [(middle - base + sign * hours * 1800) * SECOND for sign in (-1, 1)]
    told = call("(market, plot, zone) => timeTicks(market, plot, zone)",
                {"baseSeconds": base}, {"times": ends, "width": 1200}, zone)  # fmt: skip
    at = [base * SECOND + int(tick["at"]) for tick in told]
    assert at == sorted(set(at))
    steps = {b - a for a, b in zip(at, at[1:])}
    usual = min(steps)
    assert len(at) > 6
    for ns, tick in zip(at, told):
        local = datetime.fromtimestamp(ns // SECOND, ZoneInfo(zone))
        assert tick["label"] == f"{local:%H:%M}"
        assert (local.hour * 3600 + local.minute * 60) * SECOND % min(usual, 3600 * SECOND) == 0
    # What clocks skip has no tick, what they show twice has one.
    assert max(steps) - usual <= max(3600 * SECOND, usual)
    days = [tick["date"] for tick in told if tick["date"]]
    assert days == sorted(set(days))
    assert len(days) == len({f"{datetime.fromtimestamp(ns // SECOND, ZoneInfo(zone)):%Y-%m-%d}" for ns in at})


def test_ticks__of_utc_are_whole_multiples() -> None:
    told = call("timeTicks", {"baseSeconds": 0}, {"times": [0, DAY], "width": 1200})
    assert [tick["at"] for tick in told] == [k * 7200 * SECOND for k in range(13)]
    assert told[0]["date"] == "1970-01-01"


def test_zones__that_there_are() -> None:
    assert [call("isZone", name) for name in (*ZONES, "Mars/Olympus", "", "+01:00", "UTC; x")] == (
        [True] * len(ZONES) + [False] * 4
    )
