"""The judge: each way in which a store may be wrong after a kill is named, and nothing else is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.crash.judging import Change, different, disagree, unordered, wrong
from tests.crash.reading import Day, Reading, Row

ONE, TWO, THREE = (Day("depth", "bybit", "BTCUSDT", "ob50", f"2023-11-1{n}") for n in (5, 6, 7))
OTHER = Day("trades", "bybit", "ETHUSDT", None, "2023-11-15")


def reading(**days: str) -> Reading:
    """A row for each letter."""
    return Reading(rows(days))


def rows(days: Mapping[str, str]) -> dict[Day, tuple[Row, ...]]:
    names = {"one": ONE, "two": TWO, "three": THREE, "other": OTHER}
    return {
        names[name]: tuple((ord(letter), letter) for letter in said) for name, said in days.items() if said
    }


def silent(name: str) -> list[str]:
    return ["info"]


def loud(name: str) -> list[str]:
    return []


REMOVED = Change(reading(one="abc", two="def", other="x"), reading(two="def", other="x"))
TAKEN = Change(
    reading(one="ab"),
    reading(one="abc", two="defg", three="h"),
    {"long": rows({"one": "c", "two": "def", "three": "h"}), "short": rows({"two": "efg"})},
)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"one": "abc", "two": "def", "other": "x"}, []),
        ({"two": "def", "other": "x"}, []),
        ({"one": "abcabc", "two": "def", "other": "x"}, [f"{ONE}: of 3 rows 3 twice"]),
        ({"one": "ab", "two": "def", "other": "x"}, [f"{ONE}: of 3 rows 1 missing"]),
        ({"one": "acb", "two": "def", "other": "x"}, [f"{ONE}: of 3 rows the order is another"]),
        ({"two": "def"}, [f"{OTHER}: of 1 rows 1 missing"]),
        ({"two": "def", "other": "xz"}, [f"{OTHER}: of 1 rows 1 that should not be there"]),
        ({"two": "dez", "other": "x"}, [f"{TWO}: of 3 rows 1 that should not be there, 1 missing"]),
        ({"two": "def", "other": "x", "three": "z"}, [f"{THREE}: of 0 rows 1 that should not be there"]),
    ],
)
def test_wrong__each_day_is_as_before_or_as_after(days: dict[str, str], said: list[str]) -> None:
    assert wrong(reading(**days), REMOVED, None) == said


@pytest.mark.parametrize(
    ("days", "told", "said"),
    [
        ({"one": "ab"}, silent, []),
        ({"one": "abc", "two": "def", "three": "h"}, silent, []),
        ({"one": "abc", "two": "defg", "three": "h"}, silent, []),
        ({"one": "ab", "two": "efg"}, silent, []),
        ({"one": "abc", "two": "def"}, loud, []),
        ({"one": "abc", "two": "def"}, silent, ["long is there in part (2 of 3 days), untold: info"]),
        ({"one": "ab", "two": "defg"}, silent, ["long is there in part (1 of 3 days), untold: info"]),
        ({"one": "abc"}, None, ["long is there in part (1 of 3 days), untold: this is after the next write"]),
        ({"one": "ab", "two": "eg"}, loud, [f"{TWO}: of 0 rows 2 that should not be there"]),
        ({"one": "a"}, silent, [f"{ONE}: of 2 rows 1 missing"]),
        ({}, silent, [f"{ONE}: of 2 rows 2 missing"]),
        ({"one": "ab", "two": "eefgg"}, silent, [f"{TWO}: of 3 rows 2 twice"]),
        ({"one": "acb", "two": "def", "three": "h"}, silent, [f"{ONE}: its rows are out of order"]),
        ({"one": "ab", "other": "x"}, silent, [f"{OTHER}: of 0 rows 1 that should not be there"]),
    ],
)
def test_wrong__a_source_is_there_wholly_or_told(days: dict[str, str], told, said: list[str]) -> None:  # type: ignore[no-untyped-def]
    assert wrong(reading(**days), TAKEN, told) == said


def test_wrong__of_a_source_that_holds_what_was_there_only_the_new_counts() -> None:
    change = Change(reading(one="ab"), reading(one="ab", two="c"), {"again": rows({"one": "ab", "two": "c"})})
    assert wrong(reading(one="ab"), change, silent) == []
    assert wrong(reading(one="ab", two="c"), change, silent) == []


def test_wrong__a_store_that_cannot_be_read_is_wrong() -> None:
    assert wrong(Reading(problem="OSError"), REMOVED, None) == ["cannot be read: OSError"]


def test_wrong__a_plain_reader_has_no_order() -> None:
    change = Change(unordered(TAKEN.before), unordered(TAKEN.after), TAKEN.sources)
    assert wrong(unordered(reading(one="cba", two="fed", three="h")), change, loud) == []
    assert wrong(unordered(reading(one="cbaa")), change, loud) == [f"{ONE}: of 3 rows 1 twice"]


def test_different__rows_order_and_gaps() -> None:
    expected = Reading(rows({"one": "abc"}), {ONE: (1,)})
    assert different(Reading(rows({"one": "abc"}), {ONE: (1,)}), expected) == []
    assert different(Reading(rows({"one": "abc"}), {}), expected) == [
        f"{ONE}: gaps after rows None, not (1,)"
    ]
    assert different(reading(one="acb"), expected) == [f"{ONE}: of 3 rows the order is another"]
    assert different(reading(), expected) == [f"{ONE}: of 3 rows 3 missing"]
    assert different(Reading(problem="gone"), expected) == ["cannot be read: gone"]


def test_disagree__a_plain_reader_and_ours() -> None:
    assert disagree(reading(one="cba"), reading(one="abc")) == []
    assert disagree(reading(one="aabc"), reading(one="abc")) == [
        f"{ONE}: a plain reader sees of 3 rows 1 twice"
    ]
    assert disagree(reading(), reading(one="abc")) == [f"{ONE}: a plain reader sees of 3 rows 3 missing"]
    assert disagree(Reading(problem="IO"), reading()) == ["a plain reader fails: IO"]
