"""Files of markets whose names others have chosen: safe names, and pages in which nothing of them runs."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.app.data import exports
from liqmap.app.data.data import Data
from liqmap.app.data.exports import View, file_name, market_name, write
from liqmap.app.state.state import State
from liqmap.spans import Spans
from tests.render.market import Market, make_spans

SYMBOLS = [
    "../../etc/passwd", "..", "C:\\Windows\\win.ini", "CON", "nul.txt", "-rf", ".hidden", "a\"b'c",
    "a\r\nX: y", "a\0b", "\u202egnp.exe", "\u200b", "\u4eba\u751f", "e\u0301", "x" * 300,
    "\U0001f4a3" * 80, "$\\frac{1}{0}$", "<script>alert(1)</script>",
    "</script><script>alert(1)</script>", "<!--<script>", "${alert(1)}",
]  # fmt: skip
SAFE = re.compile(r"[\w][\w.\-]*")


class Named(Market):
    """A market of another name."""

    def __init__(self, symbol: str) -> None:
        self.symbol, spans = symbol, make_spans()
        table, meta = spans.to_arrow(), replace(spans.meta, symbol=symbol)
        named = [t.replace_schema_metadata(meta.to_metadata()) for t in (table, spans.window)]
        self.__dict__["_spans"] = Spans.from_arrow(*named)


def view_of(symbol: str) -> View:
    return View(Data(Named(symbol), State()))


def check(name: str) -> None:
    assert SAFE.fullmatch(name), name
    assert len(name.encode()) <= 255
    assert not exports.DEVICE.match(name)
    assert name == Path(name).name


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda s: ascii(s)[:18])
def test_name__of_a_hostile_symbol_is_safe(symbol: str) -> None:
    name = file_name(view_of(symbol))
    check(f"{name}.parquet")
    assert "2026-01-05" in name


@given(st.text(max_size=400))
def test_market_name__of_any_text_is_safe(market: str) -> None:
    check(market_name(market))


def test_market_name__that_is_plain_stays() -> None:
    assert market_name("bybit-BTCUSDT-ob200") == "bybit-BTCUSDT-ob200"
    assert market_name("CON") == "_CON"
    assert market_name("console") == "console"


class Tags(HTMLParser):
    """Scripts and other tags of a page, and attributes that run something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.running: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.running += [name for name, _ in attributes if name.startswith("on")]


@pytest.fixture(scope="module")
def plain() -> Tags:
    return Tags(write(view_of("BTCUSDT"), "HTML")[1].decode())


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda s: ascii(s)[:18])
def test_page__of_a_hostile_symbol_has_no_script_more(symbol: str, plain: Tags) -> None:
    page = Tags(write(view_of(symbol), "HTML")[1].decode())
    assert page.tags == plain.tags
    assert page.running == plain.running


@pytest.mark.parametrize("symbol", SYMBOLS[:2] + SYMBOLS[-5:], ids=lambda s: ascii(s)[:18])
def test_png__of_a_hostile_symbol_is_a_picture(symbol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "WIDTH", 480)
    monkeypatch.setattr(exports, "HEIGHT", 270)
    assert write(view_of(symbol), "PNG")[1].startswith(b"\x89PNG")
