"""Escaped JSON is read as the same file without escapes, whatever is escaped."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.text.json_escapes import as_written, unescaped
from tests.formats.binance.test_stream import FEED
from tests.formats.bybit.lines import depth_line, feed, write_lines

pytestmark = pytest.mark.filterwarnings("error")

CHINESE = "币安人生USDT"
BEYOND = "𝔹TC/USDT"
"""Letters that JSON escapes in two parts, and a slash, which it may escape."""

TRADE = json.dumps(
    {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 1_700_000_000_500, "data": [
        {"T": 1_700_000_000_499, "s": "BTCUSDT", "S": "Buy", "v": "0.5", "p": "100.1", "i": "a-1", "BT":
        False}
    ]},
    separators=(",", ":"),
)  # fmt: skip
SPOT = '{"stream":"btcusdt@depth20","data":{"lastUpdateId":%d,"bids":[["99","1"]],"asks":[["101","2"]]}}'
FEEDS = {
    "binance": FEED,
    "binance-partial": [f"17000000000{k} {SPOT % k}" for k in range(10, 20)],
    "bybit": [*feed(5), TRADE, *feed(5, first=1_005)[1:]],
    "bybit-trades": [TRADE, TRADE.replace("a-1", "a-2")],
}


def named(line: str, symbol: str) -> str:
    return line.replace("BTCUSDT", symbol).replace("btcusdt", symbol.lower())


def escaped(line: str, chance: random.Random, share: float) -> str:
    """A line with some letters of its strings, keys too, escaped."""

    def one(letter: str) -> str:
        if ord(letter) < 128 and (letter == "\\" or chance.random() > share):
            return letter
        if letter == "/":
            return "\\/"
        units = letter.encode("utf-16-be")
        form = "\\u%04x" if chance.random() < 0.5 else "\\u%04X"
        return "".join(form % int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2))

    return re.sub(r'"([^"]*)"', lambda found: '"' + "".join(map(one, found[1])) + '"', line)


def result(path: Path, lines: list[str], **hints: str) -> tuple:  # type: ignore[type-arg]
    capture = lm.read(write_lines(path, lines), **hints)  # type: ignore[arg-type]
    tables = [None if t is None else t.to_pylist() for t in (capture.depth, capture.trades)]
    meta = (capture.meta.venue, capture.meta.symbol, capture.meta.feed, capture.meta.tick_size)
    return (*tables, meta, capture.report.rejected, sorted(capture.report.notes))


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("symbol", [CHINESE, BEYOND, "BTCUSDT"])
@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize("share", [0.0, 0.2])
def test_read__as_the_file_without_escapes(
    tmp_path: Path, name: str, symbol: str, asked: bool, share: float
) -> None:
    if symbol == BEYOND and "partial" in name:
        symbol = "A/BTC"  # upper case of what a stream says in lower case
    plain = [named(line, symbol) for line in FEEDS[name]]
    lines = [escaped(line, random.Random(f"{name}{k}"), share) for k, line in enumerate(plain)]
    hints = {"symbol": symbol} if asked else {}
    found = result(tmp_path / "a.txt", lines, **hints)
    assert found == result(tmp_path / "a.txt", plain, **hints)
    assert found[2][1] == symbol
    assert lines != plain or symbol == "BTCUSDT" or (share == 0 and symbol.isascii())


def test_read__polled_snapshots_of_a_symbol_in_escapes(tmp_path: Path) -> None:
    book = {"lastUpdateId": 1, "symbol": CHINESE, "T": 1_700_000_000_000, "bids": [["9", "1"]], "asks": []}
    books = [json.dumps(book | {"lastUpdateId": k}) for k in range(1, 5)]
    assert "\\u5e01" in books[0]
    assert lm.read(write_lines(tmp_path / "a.txt", books)).meta.symbol == CHINESE


def test_read__one_of_two_depths_of_an_escaped_symbol(tmp_path: Path) -> None:
    lines = [*feed(4, symbol=CHINESE), depth_line(9, [("1", "1")], symbol=CHINESE, limit=200)]
    assert "\\u5e01" in lines[0]
    capture = lm.read(write_lines(tmp_path / "a.txt", lines))
    assert (capture.meta.symbol, capture.report.sources[0].messages) == (CHINESE, 4)


@given(text=st.text(min_size=1, max_size=12), seed=st.integers(0, 99))
def test_unescaped__means_the_same(text: str, seed: int) -> None:
    chance = random.Random(seed)
    for written in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
        if "\ud800" <= max(text) <= "\udfff":
            continue
        again = unescaped(written.encode("utf-8", "surrogatepass"))
        assert json.loads(again) == text
        assert unescaped(again) == again
    if re.fullmatch(r"[^\"\\\x00-\x1f\x7f\ud800-\udfff]+", text):
        line = escaped(json.dumps(text, ensure_ascii=False), chance, 0.5)
        assert unescaped(line.encode()) == f'"{text}"'.encode()


def test_as_written__is_what_a_text_has() -> None:
    assert as_written(CHINESE, json.dumps([CHINESE]).encode()) == json.dumps(CHINESE)[1:-1].encode()
    assert as_written(CHINESE, f'"{CHINESE}"'.encode()) == CHINESE.encode()
