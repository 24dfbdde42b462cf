"""What messages of Binance are, as it documents and sends them."""

from __future__ import annotations

import gzip
import json

import pytest

from liqmap.live.feeds import Heard, feed_of
from liqmap.live.market import Market
from liqmap.schema import LiveError
from tests.conftest import real_data_folder

FUTURES = Market("binance-futures", "BTCUSDT")
TRADE = (
    b'{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":5266583935,'
    b'"p":"61800.30","q":"0.006","X":"MARKET","m":false}}'
)


def diff(u: int, follows: int, *, spot: bool = False) -> bytes:
    ids = {"U": follows + 1, "u": u} if spot else {"U": follows + 3, "u": u, "pu": follows}
    data = {
        "e": "depthUpdate",
        "E": 1723161256299,
        "s": "BTCUSDT",
        **ids,
        "b": [["58710.20", "0.014"]],
        "a": [],
    }
    return json.dumps({"stream": "btcusdt@depth@100ms", "data": data}).encode()


def book(last: int) -> bytes:
    return json.dumps(
        {"lastUpdateId": last, "E": 1723161256501, "bids": [["1.0", "2.0"]], "asks": []}
    ).encode()


def heard(*messages: bytes | int) -> list[Heard]:
    """Numbers are snapshots by REST with that ``lastUpdateId``."""
    listener = feed_of(FUTURES).listener()
    return [listener.snapshot(book(m)) if isinstance(m, int) else listener.hear(m) for m in messages]


@pytest.mark.parametrize(
    ("venue", "symbol", "url", "depth"),
    [
        (
            "binance",
            "btcusdt",
            "wss://stream.binance.com:9443/stream",
            "https://api.binance.com/api/v3/depth",
        ),
        (
            "binance-futures",
            "BTCUSDT",
            "wss://fstream.binance.com/public/stream",
            "https://fapi.binance.com/fapi/v1/depth",
        ),
        (
            "binance-delivery",
            "BTCUSD_PERP",
            "wss://dstream.binance.com/stream",
            "https://dapi.binance.com/dapi/v1/depth",
        ),
    ],
)
def test_feed__of_each_market(venue: str, symbol: str, url: str, depth: str) -> None:
    feed, lower, upper = feed_of(Market(venue, symbol)), symbol.lower(), symbol.upper()
    assert feed.url == f"{url}?streams={lower}@depth@100ms/{lower}@trade"
    assert feed.snapshot_url == f"{depth}?symbol={upper}&limit=1000"
    assert feed.name == "full"
    assert feed.subscribe() == ()
    assert feed.lifetime_s < 24 * 3600


def test_feed__may_name_a_speed() -> None:
    feed = feed_of(Market("binance-futures", "BTCUSDT", "depth@0ms"))
    assert (feed.streams[0], feed.name) == ("btcusdt@depth@0ms", "depth@0ms")
    with pytest.raises(LiveError, match="expected full"):
        feed_of(Market("binance", "BTCUSDT", "ob200"))


def test_messages__are_told_apart() -> None:
    shutdown = b'{"e":"serverShutdown","E":1723161256322}'
    told = heard(b'{"result":null,"id":1}', TRADE, diff(9, 5), shutdown)
    assert [one.kind for one in told] == ["control", "trades", "depth", "control"]
    assert [one.ends_soon for one in told] == [False, False, False, True]
    assert (told[1].ts_ms, told[2].ts_ms, told[2].position) == (1723161256322, 1723161256299, 9)


@pytest.mark.parametrize("spot", [False, True])
def test_book__is_known_from_a_snapshot_among_the_diffs(spot: bool) -> None:
    told = heard(diff(9, 5, spot=spot), diff(12, 9, spot=spot), 10, diff(15, 12, spot=spot))
    assert [one.asks for one in told] == [True, True, False, False]
    assert not any(one.broken for one in told)


def test_snapshot__before_the_first_diff_is_of_no_use() -> None:
    told = heard(diff(9, 5), 4, diff(12, 9), 5, diff(13, 12))
    assert [one.asks for one in told] == [True, True, True, False, False]


def test_snapshot__of_a_quiet_market_comes_before_any_diff() -> None:
    assert [one.asks for one in heard(10, diff(12, 7), diff(13, 12))] == [False, False, False]
    late = heard(10, diff(15, 12), diff(16, 15), 14)
    assert [one.asks for one in late] == [False, True, True, False]


def test_sequence__lost_diff_asks_for_a_snapshot_that_is_newer() -> None:
    told = heard(diff(9, 5), 9, diff(12, 9), diff(20, 15), 14, diff(22, 20), 16, diff(25, 22))
    assert [one.asks for one in told] == [True, False, False, True, True, True, False, False]
    assert [bool(one.broken) for one in told] == [False] * 3 + [True] + [False] * 4


def test_sequence__repeats_change_nothing() -> None:
    told = heard(diff(9, 5), 9, diff(12, 9), diff(9, 5), diff(12, 9), diff(13, 12))
    assert not any(one.asks for one in told[1:])


@pytest.mark.parametrize(
    "message", [b"", b"[]", b'{"stream":"btcusdt@depth@100ms","data":{"e":"dep', b"{}", b"\xff"]
)
def test_garbled__asks_for_a_snapshot(message: bytes) -> None:
    told = heard(diff(9, 5), 9, message, diff(12, 9), 11, diff(13, 12))
    assert [one.asks for one in told[1:]] == [False, True, True, False, False]
    assert (told[2].kind, bool(told[2].broken)) == ("garbled", True)


def test_refusal__of_a_symbol_is_for_good_and_of_a_burst_is_not() -> None:
    feed = feed_of(FUTURES)
    assert feed.refusal(400, b'{"code":-1121,"msg":"Invalid symbol."}') == "400 Invalid symbol."
    assert feed.refusal(451, b"<html>") == "451 without a reason"
    assert feed.refusal(429, b'{"code":-1003,"msg":"Too many requests."}') == ""
    assert feed.refusal(503, b"") == ""


def test_clock__has_the_time_of_the_answer() -> None:
    assert feed_of(FUTURES).time_ms(b'{"serverTime":1499827319559}') == 1499827319559.0
    assert feed_of(FUTURES).time_ms(b"[]") is None


def test_capture__is_one_known_book() -> None:
    path = real_data_folder() / "binance" / "usdm_btcusdt_20240808.gz"
    listener, told = feed_of(FUTURES).listener(), []
    with gzip.open(path) as file:
        for number, line in enumerate(file):
            body = line.split(b" ", 1)[1]
            told.append(
                listener.snapshot(body) if body.startswith(b'{"lastUpdateId"') else listener.hear(body)
            )
            if number == 2_000:
                break
    depth = [one for one in told if one.kind == "depth"]
    assert {one.kind for one in told} == {"depth", "trades", "control"}  # book tickers are no trades
    first = next(i for i, one in enumerate(depth) if one.snapshot)
    assert all(one.asks for one in depth[:first])
    assert not any(one.asks or one.broken for one in depth[first:])
