"""Bybit's stream lines: the fast scanner against the exact path, real captures, and bad input."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from math import gcd, lcm
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats import Hints
from liqmap.formats.bybit import depth_scan as _bybit_scan
from liqmap.formats.bybit.stream import BybitStream
from liqmap.formats.text import json_scan as _json_scan
from liqmap.formats.text.decimals import Tick
from liqmap.schema import FormatError
from tests.formats.bybit.lines import (
    START_MS,
    depth_line,
    feed,
    plain_rows,
    table_rows,
    write_lines,
    write_zip,
)

pytestmark = pytest.mark.filterwarnings("error")


class Text:
    """Stands for a raw file whose chunks are given."""

    path = Path("linear/capture.ndjson")
    damage = None
    position = 0

    def __init__(self, lines: list[bytes], cuts: list[int]) -> None:
        self._lines, self._cuts = lines, cuts

    def head(self) -> bytes:
        return b"\n".join(self._lines) + b"\n"

    def chunks(self) -> Iterator[tuple[bytes, int]]:
        for a, b in zip([0, *self._cuts], [*self._cuts, len(self._lines)]):
            if a < b:
                yield b"\n".join(self._lines[a:b]) + b"\n", 0


def local(line: str, unit: int = 1_000) -> str:
    """A line with the local time of its arrival: 5 ms after the message, in units of 1 / ``unit`` ms."""
    return f"{(json.loads(line)['cts'] + 5) * unit} {line}"


def outcome(lines: list[bytes], cuts: list[int]) -> tuple:
    """Everything a reader says of these lines, comparable."""
    reader = BybitStream(Text(lines, cuts), Hints())  # type: ignore[arg-type]
    messages, rejected = [], []
    for batch in reader.batches():
        rejected += batch.rejected
        if (m := batch.depth) is not None:
            for i in range(len(m.seq)):
                rows = slice(m.rows[i], m.rows[i + 1])
                head = [int(a[i]) for a in (m.ts, m.ts_recv, m.seq, m.prev, m.event, m.line)]
                levels = [a[rows].tolist() for a in (m.side, m.price, m.size)]
                messages.append((head, levels))
    return messages, rejected, reader.meta


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000])
def test_local_time__is_that_of_arrival(tmp_path: Path, unit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = feed(5)
    path = write_lines(tmp_path / "linear.ndjson", [local(line, unit) for line in lines])
    monkeypatch.setattr(BybitStream, "exact", lambda *args: pytest.fail("a line was not taken"))
    depth = lm.read(path).depth
    assert table_rows(depth) == plain_rows(lines)
    assert {(r["ts_recv"] - r["ts"]).value for r in depth.to_pylist()} == {5_000_000}
    assert lm.read(write_lines(path, lines)).depth["ts_recv"].null_count == depth.num_rows


def test_local_time__before_trades(tmp_path: Path) -> None:
    trade = {"T": START_MS, "s": "BTCUSDT", "S": "Buy", "v": "0.5", "p": "100.5", "i": "a", "BT": False}
    line = json.dumps({"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": START_MS, "data": [trade]})
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", [f"{START_MS + 3} {line}"]))
    assert capture.trades["price"].to_pylist() == [100.5]


def test_local_time__that_is_none_costs_its_line(tmp_path: Path) -> None:
    lines = [local(line) for line in feed(5)]
    lines[2] = "17" + lines[2]
    (_, number, reason), *more = lm.read(write_lines(tmp_path / "linear.ndjson", lines)).report.rejected
    assert (number, more) == (3, [])
    assert "expected a local time in ms, us or ns" in reason


# ------------------------------------------------------------------ the scanner against the exact path

PLAIN = ["0", "0.000", "65114.20", "65114.2", "00.5", "0.1", "9007199254740993", "123456789012.123456"]
ODD = ["99999999999.9", "60000.00000001", "214748364.7", "2147483647", "1e-30", "1e200"]  # too many ticks
STRANGE = [
    *ODD,
    "1e-3",
    "1E5",
    "12345678901234567890",
    "3.",
    ".5",
    "-1",
    "NaN",
    "inf",
    "+2",
    " 2",
    "1_000",
    "١",
    "",
]
SPELLINGS = st.sampled_from([*PLAIN, *STRANGE, "0.30000000000000004"])
NUMBERS = st.one_of(
    SPELLINGS,
    st.decimals(min_value=0, max_value=10**6, places=3, allow_nan=False).map(str),
    st.integers(0, 10**7).map(lambda n: f"{n / 100:.2f}"),
)
CLOCKS = [b""] * 6 + [
    b"1700000000005 ",
    b"1700000000000005\t",
    b" 1700000000000000005  ",
    b"17 ",
    b"0" * 16 + b" ",
]
SPACES = st.sampled_from(["", "", "", " ", "\t", "  ", "\r"])


@st.composite
def st_json(draw: st.DrawFn, value: object) -> str:
    """JSON text of a value: any key order, any blanks."""
    space = draw(SPACES)
    if isinstance(value, dict):
        items = draw(st.permutations(list(value.items())))
        body = f"{space},{space}".join(f'{space}"{k}"{space}:{space}{draw(st_json(v))}' for k, v in items)
        return "{" + body + space + "}"
    if isinstance(value, list):
        return "[" + space + f",{space}".join(draw(st_json(v)) for v in value) + space + "]"
    return json.dumps(value, ensure_ascii=False) + space


@st.composite
def st_line(draw: st.DrawFn) -> bytes:
    """A depth line, sometimes strange, sometimes broken in one byte."""
    pair = st.tuples(NUMBERS, NUMBERS).map(list)
    data = {"s": draw(st.sampled_from(["BTCUSDT"] * 6 + ["ETHUSDT", "BTCUSDTé"]))}
    for side in "ba":
        data[side] = draw(st.lists(pair, max_size=3))  # type: ignore[assignment]
    data["u"] = draw(st.sampled_from([1, 2, 3, 10**17, 10**19, 0, -4, True, "5"]))  # type: ignore[assignment]
    message = {
        "topic": draw(
            st.sampled_from(["orderbook.50.BTCUSDT"] * 6 + ["orderbook.1.BTCUSDT", "tickers.BTCUSDT"])
        ),
        "type": draw(st.sampled_from(["snapshot", "delta", "delta", "other"])),
        "ts": draw(st.sampled_from([START_MS, START_MS + 5, 0, 10**15, 1.5])),
        "data": data,
    }
    for key, values in {
        "cts": [START_MS, 1, -1, None],
        "id": ["x", "é", '"', 7, True, False, None, {}, 1.5],
    }.items():
        if draw(st.booleans()):
            message[key] = draw(st.sampled_from(values))
    text = draw(st.sampled_from(CLOCKS)) + draw(st_json(message)).encode()
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(text) - 1))
        junk = draw(st.sampled_from([b"", b'"', b"}", b",", b"\xff", b"\\", b"0", b"-", b" ", b"\x00", b"e"]))
        text = text[:at] + junk + text[at + draw(st.integers(0, 1)) :]
    return text.replace(b"\n", b" ")


@given(lines=st.lists(st_line(), min_size=1, max_size=6), cut=st.integers(0, 6))
def test_scan__means_what_the_exact_path_says(lines: list[bytes], cut: int) -> None:
    lines = [depth_line(7, [("1", "1")]).encode(), *lines]
    cuts = [min(cut, len(lines))]
    fast = outcome(lines, cuts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_bybit_scan, "scan", lambda text, i, *rest: i)
        slow = outcome(lines, cuts)
    assert fast == slow


@pytest.mark.pure
def test_scan__takes_every_line_of_a_plain_feed_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line.encode() for line in feed(20)]
    monkeypatch.setattr(BybitStream, "exact", lambda *a: pytest.fail("a plain line left the fast path"))
    messages, rejected, _ = outcome(lines, [])
    assert len(messages) == 20
    assert not rejected


@given(prices=st.lists(st.integers(1, 10**9), min_size=1, max_size=8), decimals=st.integers(0, 6))
def test_tick_size__is_the_greatest_common_divisor_as_written(prices: list[int], decimals: int) -> None:
    written = [f"{p // 10**decimals}.{p % 10**decimals:0{decimals}d}" if decimals else str(p) for p in prices]
    *_, meta = outcome([depth_line(2, [(p, "1") for p in written]).encode()], [])
    assert meta["depth"].tick_size == float(f"{np.gcd.reduce(prices)}e-{decimals}")


@pytest.mark.pure
def test_tick_size__trailing_zeros_do_not_count(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "linear.ndjson", [depth_line(2, [("65114.20", "1"), ("65113.90", "0")])])
    assert lm.read(path).meta.tick_size == 0.1


class Slowly:
    """The rule, over all prices taken so far."""

    def __init__(self) -> None:
        self.taken: list[Fraction] = []

    def add(self, price: Fraction) -> bool:
        every = [*self.taken, price]
        scale = lcm(*(p.denominator for p in every))
        fits = max(every) * scale < (2**31 - 1) * gcd(*(int(p * scale) for p in every))
        self.taken = every if fits else self.taken
        return fits


@given(
    prices=st.lists(
        st.one_of(
            st.decimals("0.1", 10**6, places=1).map("{:f}".format),
            st.decimals("0.00000001", 10**10 - 1, places=8).map("{:f}".format),
            st.sampled_from([o for o in ODD if "e" not in o]),
        ),
        max_size=12,
    )
)
def test_tick__takes_what_leaves_few_enough_ticks_in_the_kernel_and_exactly(prices: list[str]) -> None:
    slowly, exactly, kernel = Slowly(), Tick(), Tick()
    for text in prices:
        price = Fraction(text)
        fits = slowly.add(price)
        exactly.add([price])
        mantissa, places = int(text.replace(".", "")), len(text.partition(".")[2])
        assert _json_scan.divide(kernel.state, mantissa, places) <= fits, "may pass it on, not take it"
        if fits:
            kernel.add([price])
        assert kernel.size == exactly.size


@pytest.mark.pure
@pytest.mark.parametrize("odd", ["99999999999.9", "60000.00000001", "214748364.7"])
def test_read__price_of_too_many_ticks_costs_its_level_alone(tmp_path: Path, odd: str) -> None:
    lines = feed(6)
    lines[3] = depth_line(1003, [("99.9", "1"), (odd, "1")])
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", lines))
    (row,) = capture.report.sources
    assert (row.status, row.messages, row.gaps, row.rejected) == ("partial", 6, 0, 1)
    ((_, line, reason),) = capture.report.rejected
    assert line == 4
    assert f"got {float(odd)!r}" in reason
    assert capture.meta.tick_size == 0.1
    assert 99.9 in capture.depth["price"].to_pylist()
    lm.replay(capture.depth)


@pytest.mark.pure
def test_read__odd_first_price_spoils_no_line_after_it(tmp_path: Path) -> None:
    lines = [depth_line(999, [("99.90000001", "1")]), *feed(6)]
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", lines))
    (row,) = capture.report.sources
    assert (row.status, row.messages, row.rejected, capture.meta.tick_size) == ("partial", 7, 1, 0.1)
    assert [line for _, line, _ in capture.report.rejected] == [1]
    lm.replay(capture.depth)


# ------------------------------------------------------------------ a tick size that the user tells


@pytest.mark.pure
@pytest.mark.parametrize("wrong", [-1, 0, -0.0, float("nan"), float("inf"), "x"])
def test_tick_size__told_is_a_finite_number_above_0(tmp_path: Path, wrong: float) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(3))
    for verb in (lm.read, partial(lm.ingest, store=tmp_path / "store")):
        with pytest.raises(FormatError, match=r"tick_size: expected .*got .*\. Leave"):
            verb(path, tick_size=wrong)
    assert not (tmp_path / "store").exists()


@pytest.mark.pure
@pytest.mark.parametrize(("told", "divides"), [(7, 0.1), (0.03, 0.01), (0.2, 0.1), (1, 0.1)])
def test_tick_size__told_divides_the_prices(tmp_path: Path, told: float, divides: float) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(8))
    with pytest.raises(FormatError, match=f"expected .*tick_size={divides},") as caught:
        lm.read(path, tick_size=told)
    report = lm.ingest(path, store=tmp_path / "store", tick_size=told)
    assert (report.exit_code, report.errors) == (2, [str(caught.value)])
    assert not (tmp_path / "store").exists()


@given(told=st.sampled_from([0.1, 0.05, 0.02, 0.001, 1e-6]))
def test_tick_size__told_is_kept_if_it_divides(told: float) -> None:
    reader = BybitStream(Text([line.encode() for line in feed(8)], []), Hints(tick_size=told))  # type: ignore[arg-type]
    list(reader.batches())
    assert reader.meta["depth"].tick_size == told


@pytest.mark.pure
@pytest.mark.parametrize("name", ["venue", "symbol", "feed"])
def test_names__told_are_not_empty(tmp_path: Path, name: str) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(3))
    for wrong in ("", " "):
        with pytest.raises(FormatError, match=f"{name}: expected a name, got"):
            lm.ingest(path, store=tmp_path / "store", **{name: wrong})
    assert not (tmp_path / "store").exists()


# ------------------------------------------------------------------ real captures


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("bybit/linear_BTCUSDT_ob200.ndjson", 414),
        ("bybit/2024-12-01_XRPUSDT_ob500.data.zip", 50),
        ("derived-usdm-btc/2024-08-08_BTCUSDT_ob50.data.zip", 3413),
        ("derived-bitstamp/2015-05-01_BTCUSD_ob10.data.zip", 25553),
    ],
)
def test_read__real_capture_equals_plain_json(real_data: Path, name: str, messages: int) -> None:
    import zipfile

    path = real_data / name
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            lines = archive.read(archive.namelist()[0]).decode().splitlines()
    else:
        lines = path.read_text().splitlines()
    capture = lm.read(path, venue="bybit")
    (row,) = capture.report.sources
    assert (row.status, row.messages, row.gaps, row.rejected) == ("ok", messages, 0, 0)
    assert table_rows(capture.depth) == plain_rows(lines)


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        "bybit/linear_BTCUSDT_ob200.ndjson",
        "bybit/2024-12-01_XRPUSDT_ob500.data.zip",
        "derived-usdm-btc/2024-08-08_BTCUSDT_ob200.data.zip",
    ],
)
def test_read__each_side_holds_n_levels_after_every_message(real_data: Path, name: str) -> None:
    capture = lm.read(real_data / name, venue="bybit")
    limit = capture.meta.depth_limit
    book: dict[str, dict[float, float]] = {"bid": {}, "ask": {}}
    last = None
    for row in capture.depth.to_pylist():
        if row["seq"] != last:
            if last is not None:
                assert {s: len(b) for s, b in book.items()} == {"bid": limit, "ask": limit}, f"after {last}"
            if row["event"] == "snapshot":
                book = {"bid": {}, "ask": {}}
        last = row["seq"]
        if row["event"] == "heard":
            continue
        if row["size"] == 0:
            book[row["side"]].pop(row["price"], None)
        else:
            book[row["side"]][row["price"]] = row["size"]


def test_read__golden_losses(real_data: Path) -> None:
    lost = lm.read(real_data / "golden/lost_messages.ndjson")
    events = lost.depth["event"].to_pylist()
    assert (lost.report.sources[0].gaps, events.count("gap")) == (2, 2)
    headless = lm.read(real_data / "golden/no_snapshot.ndjson")
    assert (headless.report.sources[0].messages, headless.report.sources[0].gaps) == (413, 0)


# ------------------------------------------------------------------ what a feed may do


@pytest.mark.pure
def test_read__resync_without_rows_is_a_gap(tmp_path: Path) -> None:
    lines = [*feed(3), depth_line(1, [], kind="snapshot"), depth_line(2, [("99.9", "4")])]
    depth = lm.read(write_lines(tmp_path / "linear.ndjson", lines)).depth
    assert [(r["event"], r["seq"]) for r in depth.to_pylist()][-2:] == [("gap", 1002), ("update", 2)]


@pytest.mark.pure
def test_read__update_with_u_1_and_rows_replaces_the_book(tmp_path: Path) -> None:
    lines = [*feed(3), depth_line(1, [("99.9", "4")], ts=START_MS + 900_000)]
    depth = lm.read(write_lines(tmp_path / "linear.ndjson", lines)).depth
    assert depth["event"].to_pylist()[-2:] == ["gap", "snapshot"]


@pytest.mark.pure
def test_read__an_old_id_at_a_later_time_is_a_restart_that_is_lost(tmp_path: Path) -> None:
    """The same message again has the same time, and is left out."""
    known = feed(3)
    later = [depth_line(u, [("99.9", "4")], ts=START_MS + 900_000 + u) for u in (2, 3)]
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", [*known, known[1], *later]))
    told = [(r["event"], r["seq"]) for r in capture.depth.to_pylist()]
    assert [t for t in told if t[1] < 1_000 or t[0] == "gap"] == [("gap", 1002), ("update", 2), ("update", 3)]
    assert capture.report.gaps["reason"].tolist() == ["restart"]


@pytest.mark.pure
def test_read__no_cts_takes_the_push_time(tmp_path: Path) -> None:
    message = json.loads(depth_line(5, [("1", "1")], kind="snapshot"))
    del message["cts"]
    depth = lm.read(write_lines(tmp_path / "linear.ndjson", [json.dumps(message)])).depth
    assert depth["ts"][0].as_py().value == message["ts"] * 1_000_000
    assert depth["ts_recv"].null_count == len(depth)


@pytest.mark.pure
def test_read__capture_with_control_lines_and_trades_gives_both_tables(tmp_path: Path) -> None:
    trade = {
        "T": START_MS,
        "s": "BTCUSDT",
        "S": "Sell",
        "v": "0.004",
        "p": "100.1",
        "i": "a-1",
        "BT": True,
        "RPI": False,
    }
    lines = [
        '{"success":true,"ret_msg":"","conn_id":"x","req_id":"","op":"subscribe"}',
        *feed(2),
        json.dumps({"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": START_MS, "data": [trade]}),
        '{"success":true,"ret_msg":"pong","op":"ping"}',
        "",
        *feed(4)[2:],
    ]
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", lines))
    assert [(r.kind, r.status, r.messages) for r in capture.report.sources] == [
        ("depth", "ok", 4),
        ("trades", "ok", 1),
    ]
    (row,) = capture.trades.to_pylist()
    assert (row["id"], row["aggressor"], row["price"], row["size"], row["flags"]) == (
        "a-1",
        "sell",
        100.1,
        0.004,
        "block",
    )


@pytest.mark.pure
@pytest.mark.parametrize(
    ("path", "venue", "noted"),
    [("spot/x.ndjson", "bybit-spot", 0), ("x_linear.ndjson", "bybit", 0), ("spotted.ndjson", "bybit", 1)],
)
def test_read__venue_by_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, venue: str, noted: int
) -> None:
    write_lines(tmp_path / path, feed(2))
    monkeypatch.chdir(tmp_path)
    capture = lm.read(path)
    assert (capture.meta.venue, len(capture.report.notes)) == (venue, noted)
    assert lm.read(path, venue="bybit-spot").meta.venue == "bybit-spot"


@pytest.mark.pure
@pytest.mark.parametrize(
    ("symbol", "unit"),
    [("BTCUSDT", "coins"), ("BTCPERP", "coins"), ("BTCUSD", "contracts"), ("BTCUSDZ25", "contracts")],
)
def test_read__size_unit(tmp_path: Path, symbol: str, unit: str) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(2, symbol=symbol))
    assert lm.read(path).meta.size_unit == unit


@pytest.mark.pure
def test_read__several_feeds_in_one_capture_give_the_one_asked_for(tmp_path: Path) -> None:
    lines = [line for pair in zip(feed(4), feed(4, symbol="ETHUSDT")) for line in pair]
    path = write_lines(tmp_path / "linear.ndjson", lines)
    capture = lm.read(path, symbol="ETHUSDT")
    assert (capture.meta.symbol, capture.report.sources[0].messages, capture.report.sources[0].gaps) == (
        "ETHUSDT",
        4,
        0,
    )
    with pytest.raises(
        FormatError, match=r"feed ob200, got .*50\.BTCUSDT \(4 lines\).*Nothing could be used.*feed="
    ):
        lm.read(path, feed="ob200")
    with pytest.raises(FormatError, match=r"symbol SOLUSDT, got .*50\.ETHUSDT \(4 lines\).*symbol="):
        lm.read(path, symbol="SOLUSDT")


@pytest.mark.pure
def test_read__lines_of_another_symbol_are_no_gap(tmp_path: Path) -> None:
    """Even at every second line: nothing of ours is lost with them."""
    lines = [line for pair in zip(feed(9), feed(9, symbol="ETHUSDT")) for line in pair]
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", lines))
    (row,) = capture.report.sources
    assert (row.symbol, row.status, row.messages, row.gaps, row.rejected) == ("BTCUSDT", "partial", 9, 0, 9)
    assert table_rows(capture.depth) == plain_rows(feed(9))


# ------------------------------------------------------------------ bad lines: rejected one by one

GOOD = feed(6)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (GOOD[3][:40], "broken JSON"),
        (depth_line(1003, [("99.9", "-1")]), "size"),
        (depth_line(1003, [("99.9", "NaN")]), "size"),
        (depth_line(1003, [("inf", "1")]), "price"),
        (GOOD[3].replace('"a":', '"x":'), "`a`"),
        (GOOD[3].replace('"s":"BTCUSDT"', '"s":"ETHUSDT"'), "symbol"),
    ],
)
def test_read__bad_line_in_the_middle_costs_itself_and_is_one_gap(
    tmp_path: Path, bad: str, said: str
) -> None:
    lines = [*GOOD[:3], bad, *GOOD[4:]]
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", lines))
    (row,) = capture.report.sources
    assert (row.status, row.messages, row.gaps, row.rejected) == ("partial", 5, 1, 1)
    ((_, number, reason),) = capture.report.rejected
    assert number == 4
    assert said in reason
    assert table_rows(capture.depth) == plain_rows(GOOD[:3] + GOOD[4:])
    gap = next(r for r in capture.depth.to_pylist() if r["event"] == "gap")
    assert gap["seq"] == 1002


@pytest.mark.pure
def test_read__line_of_another_symbol_is_lost(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "linear.ndjson", [*GOOD[:3], feed(1, symbol="ETHUSDT")[0], *GOOD[3:]])
    (row,) = (capture := lm.read(path)).report.sources
    assert (row.status, row.messages, row.gaps, row.rejected) == ("partial", 6, 0, 1)
    assert capture.report.rejected[0][1] == 4
    (row,) = (capture := lm.read(path, symbol="btcusdt")).report.sources
    assert (row.status, row.messages, row.gaps, row.rejected) == ("ok", 6, 0, 0)
    assert any("1 lines of topic orderbook.50.ETHUSDT" in note for note in capture.report.notes)


@pytest.mark.pure
@pytest.mark.parametrize(
    "other", [depth_line(9, [("1", "1")], limit=200), '{"topic":"tickers.BTCUSDT","type":"delta","data":{}}']
)
def test_read__other_streams_of_the_symbol_are_left_out(tmp_path: Path, other: str) -> None:
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", [*GOOD[:3], other, *GOOD[3:]]))
    (row,) = capture.report.sources
    assert (row.status, row.messages, row.gaps, row.rejected) == ("ok", 6, 0, 0)
    assert any("were left out" in note for note in capture.report.notes)


@pytest.mark.pure
def test_read__file_cut_in_a_line_loses_that_line_only(tmp_path: Path) -> None:
    capture = lm.read(write_lines(tmp_path / "linear.ndjson", [*GOOD[:5], GOOD[5][:50]], end=""))
    (row,) = capture.report.sources
    assert (row.status, row.messages, row.gaps, row.rejected) == ("partial", 5, 1, 1)
    assert capture.report.rejected[0][1] == 6


@pytest.mark.parametrize("packing", ["gz", "zip"])
def test_read__damaged_archive_keeps_every_line_before_the_damage(tmp_path: Path, packing: str) -> None:
    text = ("\n".join(feed(20_000)) + "\n").encode()
    path = tmp_path / f"linear.{packing}"
    if packing == "gz":
        path.write_bytes(gzip.compress(text))
    else:
        write_zip(path, {"BTCUSDT.data": text})
    packed = bytearray(path.read_bytes())
    at = len(packed) // 2
    path.write_bytes(
        packed[:at] if packing == "gz" else bytes(packed[:at] + b"\xff" * 40 + packed[at + 40 :])
    )
    capture = lm.read(path)
    (row,) = capture.report.sources
    assert row.status == "partial"
    assert row.messages > 5_000
    assert capture.depth["seq"].to_pylist()[-1] - 1_000 < 20_000


def test_read__wrong_zip_checksum_keeps_all_lines_and_says_so(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "linear.zip", {"x.data": "\n".join(GOOD).encode()})
    packed = path.read_bytes()
    at = packed.rindex(b"PK\x01\x02") + 16
    path.write_bytes(packed[:at] + b"\0\0\0\0" + packed[at + 4 :])
    report = lm.read(path).report
    assert (report.sources[0].status, report.sources[0].messages) == ("partial", 5)
    assert "checksum" in report.rejected[0][2]


# ------------------------------------------------------------------ nothing usable


def bad_files(folder: Path) -> dict[str, Path]:
    """One file for each way of being no source at all."""
    whole = write_zip(folder / "whole.zip", {"x.data": "\n".join(GOOD).encode()}).read_bytes()
    paths = {
        name: folder / name
        for name in ("missing", "empty", "text.txt", "cut.zip", "two.zip", "folder", "junk")
    }
    paths["empty"].touch()
    paths["text.txt"].write_text("Dear reader,\nthis is not a feed.\n")
    paths["cut.zip"].write_bytes(whole[:-30])
    write_zip(paths["two.zip"], {"a.data": b"{}", "b.data": b"{}"})
    paths["folder"].mkdir()
    write_lines(paths["junk"], ['{"topic":"orderbook.50.BTCUSDT"}'])
    return paths


@pytest.mark.pure
@pytest.mark.parametrize("name", ["missing", "empty", "text.txt", "cut.zip", "two.zip", "folder", "junk"])
def test_read__nothing_usable_says_where_expected_and_got(tmp_path: Path, name: str) -> None:
    path = bad_files(tmp_path)[name]
    with pytest.raises(FormatError, match=r"expected .*got") as caught:
        lm.read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    if name == "text.txt":
        assert "bybit-depth" in str(caught.value)


RPI = json.dumps(
    {"topic": "orderbook.rpi.BTCUSDT", "type": "delta", "ts": START_MS, "data": {
        "s": "BTCUSDT", "b": [["99.9", "0.5", "7"]], "a": [], "u": 5, "seq": 9}},
    separators=(",", ":"),
)  # fmt: skip


@pytest.mark.parametrize("deep_first", [True, False])
def test_read__of_two_depths_the_deepest_or_the_one_named(tmp_path: Path, deep_first: bool) -> None:
    """However many messages the other has: each has a chain of ids of its own."""
    shallow = feed(40)
    deep = [line.replace("orderbook.50.", "orderbook.200.") for line in feed(8, first=7_000)]
    mixed = [*deep[:2], *shallow[:20], RPI, *deep[2:], *shallow[20:]]
    if not deep_first:
        mixed = [*shallow[:20], *deep[:2], RPI, *shallow[20:], *deep[2:]]
    path = write_lines(tmp_path / "linear.ndjson", mixed)
    for feed_asked, wanted, other in ((None, deep, 50), ("ob200", deep, 50), ("ob50", shallow, 200)):
        capture = lm.read(path, feed=feed_asked)
        (row,) = capture.report.sources
        assert (row.feed, row.gaps, row.rejected) == (feed_asked or "ob200", 0, 0)
        assert table_rows(capture.depth) == plain_rows(wanted)
        left = 48 - len(wanted)
        note = f"linear.ndjson: {left} lines of topic orderbook.{other}.BTCUSDT were left out"
        assert note in capture.report.notes
        assert any("1 lines of topic orderbook.rpi.BTCUSDT" in note for note in capture.report.notes)
