"""Best prices of Bybit's tickers: what deltas leave out, and what a lost line leaves unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import FormatError, int64
from tests.formats.bybit.lines import feed, write_lines
from tests.formats.bybit.samples import ticker

FULL = {"bid1Price": "98.5", "bid1Size": "2", "ask1Price": "101", "ask1Size": "3"}
T0 = 1_700_000_000_000


def read(tmp_path: Path, lines: list[str], **hints: Any) -> lm.Capture:
    return lm.read(write_lines(tmp_path / "linear.ndjson", lines), **hints)


def told(capture: lm.Capture) -> list[tuple[Any, ...]]:
    """Time from the first on in ms, and both sides."""
    table = capture.quotes
    sides = (table[n].to_pylist() for n in ("bid", "bid_size", "ask", "ask_size"))
    return list(zip((int64(table["ts"]) // 10**6 - T0).tolist(), *sides, strict=True))


def test_read__deltas_change_what_they_tell(tmp_path: Path) -> None:
    lines = [
        ticker(0, bid1Price="90"),
        ticker(1, "snapshot", **FULL, lastPrice="99"),
        ticker(2, lastPrice="98"),
        ticker(3, ask1Price="100.5"),
        ticker(4, bid1Size="7", ask1Size="1"),
        ticker(5, bid1Price="", bid1Size=""),
        ticker(6, "snapshot", lastPrice="97"),
        ticker(7, bid1Price="90", bid1Size="1"),
        ticker(8, ask1Price="95", ask1Size="1"),
    ]
    capture = read(tmp_path, lines)
    assert told(capture) == [
        (1, 98.5, 2, 101, 3), (3, 98.5, 2, 100.5, 3), (4, 98.5, 7, 100.5, 1), (5, None, None, 100.5, 1),
        (8, 90, 1, 95, 1),
    ]  # fmt: skip
    assert int64(capture.quotes["seq"]).tolist() == [5001, 5003, 5004, 5005, 5008]
    assert (capture.meta.venue, capture.meta.symbol, capture.meta.tick_size) == ("bybit", "BTCUSDT", 0.5)
    assert [note for note in capture.report.notes if "left out" in note] == [
        "linear.ndjson: 2 lines of best prices that changed in part, while the rest was not "
        "known (at the start or after a loss) were left out"
    ]


@pytest.mark.parametrize(
    "broken",
    [
        ticker(2, ask1Price="100.5")[:-9],
        ticker(2, ask1Price="x"),
        ticker(2, ask1Price="0"),
        ticker(2, "other", ask1Price="100.5"),
        ticker(2, symbol="BTCUSDT", ask1Price="100.5").replace('"symbol": "BTC', '"symbol": "ETH'),
        ticker(2, ask1Price="100.5").replace(str(T0 + 2), "17"),
        ticker(2, ask1Price="100.5").replace('"cs": 5002', '"cs": "a"'),
    ],
)
def test_read__after_a_lost_line_nothing_is_known(tmp_path: Path, broken: str) -> None:
    """The ask may have changed in it: only once it is told again there is a quote."""
    lines = [ticker(1, "snapshot", **FULL), broken, ticker(3, bid1Price="98"), ticker(4, "snapshot", **FULL)]
    capture = read(tmp_path, lines)
    assert [row[0] for row in told(capture)] == [1, 4]
    assert capture.report.table["rejected"].sum() == 1
    assert sum("1 lines of best prices that changed in part" in note for note in capture.report.notes) == 1


def test_read__beside_depth_nothing_of_depth_changes(tmp_path: Path) -> None:
    depth = feed(6)
    lines = [*depth[:3], ticker(1, "snapshot", **FULL), ticker(2, ask1Price="x"), *depth[3:]]
    capture = read(tmp_path, lines)
    assert capture.depth.equals(read(tmp_path, depth).depth)
    assert told(capture) == [(1, 98.5, 2, 101, 3)]


def test_read__of_other_symbols(tmp_path: Path) -> None:
    other = ticker(1, "snapshot", "ETHUSDT", **FULL)
    capture = read(tmp_path, [*feed(3), other])
    assert capture.quotes is None
    assert any("topic tickers.ETHUSDT" in note for note in capture.report.notes)
    mine = ticker(1, "snapshot", **FULL)
    assert read(tmp_path, [mine, mine, other]).report.table["rejected"].sum() == 1
    assert read(tmp_path, [mine, mine, other], symbol="ethusdt").meta.symbol == "ETHUSDT"


def test_read__spot_tickers_have_no_best_prices(tmp_path: Path) -> None:
    lines = [ticker(1, "snapshot", lastPrice="99"), ticker(2, "snapshot", lastPrice="98")]
    with pytest.raises(FormatError, match="Bybit's lines without a book or trades"):
        read(tmp_path, lines)
    capture = read(tmp_path, [*feed(3), *lines])
    assert capture.quotes is None
    assert any("2 lines of topic tickers.BTCUSDT were left out" in note for note in capture.report.notes)


FIELDS = st.sampled_from(["bid1Price", "bid1Size", "ask1Price", "ask1Size", "lastPrice"])


@given(
    st.lists(
        st.tuples(st.sampled_from(["delta"] * 4 + ["snapshot"]), st.dictionaries(FIELDS, st.integers(1, 99))),
        min_size=1,
        max_size=12,
    )
)
def test_read__is_a_dictionary_that_deltas_update(
    tmp_path_factory: pytest.TempPathFactory, messages: list[tuple[str, dict[str, int]]]
) -> None:
    lines, expected, book = [], [], {}
    for number, (kind, fields) in enumerate([("snapshot", dict.fromkeys(FULL, 50)), *messages]):
        lines.append(ticker(number, kind, **{name: str(value) for name, value in fields.items()}))
        message = json.loads(lines[-1])
        best = {name: float(value) for name, value in message["data"].items() if name in FULL}
        book = best if kind == "snapshot" else book | best
        if best and len(book) == 4:
            expected.append((number, *(book[name] for name in FULL)))
    assert told(read(tmp_path_factory.mktemp("a"), lines)) == expected
