"""What messages of Bybit are, as it documents and sends them."""

from __future__ import annotations

import json

import pytest

from liqmap.live.feeds import Heard, feed_of
from liqmap.live.market import Market
from liqmap.schema import LiveError

ACK = b'{"success":true,"ret_msg":"","conn_id":"3cd84cb1-4d06-4a05","req_id":"","op":"subscribe"}'
SPOT_ACK = (
    b'{"success":true,"ret_msg":"subscribe","conn_id":"2324d924-aa4d","req_id":"10001","op":"subscribe"}'
)
SPOT_PONG = b'{"success":true,"ret_msg":"pong","conn_id":"0970e817-426e-429a-a679-ff7f55e0b16a","op":"ping"}'
OPTION_PONG = b'{"args":["1672916271846"],"op":"pong"}'
TRADE = (
    b'{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1786310819681,"data":[{"T":1786310819680,"s":"BTCUSDT",'
    b'"S":"Sell","v":"0.004","p":"65114.20","L":"MinusTick","i":"a9188a0a-82bc-50de-be60-03eedbe3cdd7","BT":false,'
    b'"RPI":false,"seq":753843954913}]}'
)


def depth(
    u: int,
    kind: str = "delta",
    levels: str = '[["65114.20","6.054"]]',
    topic: str = "orderbook.200.BTCUSDT",
    cts: int = 1786310818127,
) -> bytes:
    return (
        f'{{"topic":"{topic}","type":"{kind}","ts":1786310818129,"data":{{"s":"BTCUSDT","b":{levels},"a":[],'
        f'"u":{u},"seq":753843912345}},"cts":{cts}}}'
    ).encode()


def heard(*messages: bytes, feed: str = "ob200") -> list[Heard]:
    listener = feed_of(Market("bybit", "BTCUSDT", feed)).listener()
    return [listener.hear(message) for message in messages]


@pytest.mark.parametrize(
    ("market", "url", "topic", "name"),
    [
        (Market("bybit", "btcusdt"), "linear", "orderbook.1000.BTCUSDT", "ob1000"),
        (Market("bybit", "BTCPERP", "ob50"), "linear", "orderbook.50.BTCPERP", "ob50"),
        (Market("bybit", "BTCUSD"), "inverse", "orderbook.1000.BTCUSD", "ob1000"),
        (Market("bybit", "BTCUSDZ26"), "inverse", "orderbook.1000.BTCUSDZ26", "ob1000"),
        (Market("bybit-spot", "BTCUSDC", "ob1"), "spot", "orderbook.1.BTCUSDC", "ob1"),
    ],
)
def test_feed__of_each_category(market: Market, url: str, topic: str, name: str) -> None:
    feed = feed_of(market)
    assert (feed.url, feed.name) == (f"wss://stream.bybit.com/v5/public/{url}", name)
    assert json.loads(feed.subscribe()[0])["args"] == [topic, f"publicTrade.{market.symbol.upper()}"]


def test_feed__unknown_depth_is_refused() -> None:
    with pytest.raises(
        LiveError, match=r"bybit:BTCUSDT:ob500: feed: expected one of ob1, ob50, ob200, ob1000"
    ):
        feed_of(Market("bybit", "BTCUSDT", "ob500"))


def test_messages__are_told_apart() -> None:
    kinds = [one.kind for one in heard(ACK, SPOT_ACK, SPOT_PONG, OPTION_PONG, TRADE, depth(5, "snapshot"))]
    assert kinds == ["control", "control", "pong", "pong", "trades", "depth"]


def test_times__are_those_of_the_push() -> None:
    assert [one.ts_ms for one in heard(TRADE, depth(5, "snapshot"))] == [1786310819681, 1786310818129]


@pytest.mark.parametrize(
    "why", ["error:handler not found,topic:orderbook.200.NONE", "Invalid symbol :[orderbook.200.NONE]"]
)
def test_unknown_topic__is_refused_for_good(why: str) -> None:
    told = heard(json.dumps({"success": False, "ret_msg": why, "op": "subscribe"}).encode())[0]
    assert (told.kind, told.why, told.lasting) == ("refused", why, True)


def test_too_many_requests__may_be_asked_again() -> None:
    told = heard(b'{"success":false,"ret_msg":"Too many visits!","op":"subscribe"}')[0]
    assert (told.kind, told.lasting) == ("refused", False)


def test_sequence__that_goes_on_is_known() -> None:
    told = heard(depth(5, "snapshot"), depth(6), depth(6), depth(3), depth(7))
    assert [one.asks for one in told] == [False] * 5
    assert not any(one.broken for one in told)
    assert [one.position for one in told] == [5, 6, 6, 3, 7]


def test_sequence__lost_message_asks_until_the_snapshot() -> None:
    told = heard(depth(5, "snapshot"), depth(7), depth(8), depth(20, "snapshot"), depth(21))
    assert [one.asks for one in told] == [False, True, True, False, False]
    assert [bool(one.broken) for one in told] == [False, True, False, False, False]


def test_restart__with_a_book_replaces_it_and_without_loses_it() -> None:
    told = heard(depth(5, "snapshot"), depth(1), depth(2), depth(1, levels="[]"), depth(2))
    assert [(one.snapshot, one.asks) for one in told[1:]] == [
        (True, False),
        (False, False),
        (False, True),
        (False, True),
    ]
    assert told[3].broken


def test_restart__that_was_not_heard_is_told_by_an_old_id_at_a_later_time() -> None:
    later = [depth(u, cts=1786310819000 + u) for u in (7, 8)]
    told = heard(depth(90, "snapshot"), depth(91), depth(7), *later, depth(9, "snapshot"))
    assert [one.asks for one in told] == [False, False, False, True, True, False]
    assert [bool(one.broken) for one in told] == [False, False, False, True, False, False]


def test_another_depth__is_not_ours() -> None:
    assert heard(depth(5, "snapshot", topic="orderbook.50.BTCUSDT"))[0].kind == "control"


@pytest.mark.parametrize(
    "message", [b"", b"[]", b"{", b"\xff\x00", b'{"a":1}', b'{"topic":"orderbook.200.BTCUSDT"}', b"7"]
)
def test_garbled__asks_for_a_snapshot(message: bytes) -> None:
    told = heard(depth(5, "snapshot"), message, depth(6))
    assert (told[1].kind, told[1].asks, bool(told[1].broken)) == ("garbled", True, True)
    assert told[2].asks


def test_clock__has_the_time_of_the_answer() -> None:
    body = b'{"retCode":0,"retMsg":"OK","result":{"timeNano":"1688639403423213947"},"time":1688639403423}'
    feed = feed_of(Market("bybit", "BTCUSDT"))
    assert feed.time_ms(body) == pytest.approx(1688639403423.213947)
    assert feed.time_ms(b"<html>") is None
    assert feed.time_ms(b'{"result":null}') is None
