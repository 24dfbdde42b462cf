"""What messages of Kraken are, as it documents them; and its capture, translated to version 2."""

from __future__ import annotations

import json
from zlib import crc32

import pytest

from liqmap.live.feeds import Heard, feed_of
from liqmap.live.market import Market
from liqmap.schema import LiveError
from tests.conftest import real_data_folder

MARKET = Market("kraken", "btc/usd", "ob10")
ACK = (
    b'{"method":"subscribe","result":{"channel":"book","depth":10,"snapshot":true,"symbol":"BTC/USD"},"success":true,'
    b'"time_in":"2023-10-06T17:35:55.219022Z","time_out":"2023-10-06T17:35:55.219067Z"}'
)
REFUSED = (
    b'{"error":"Currency pair not supported NO/NE","method":"subscribe","success":false,"symbol":"NO/NE",'
    b'"time_in":"2023-10-06T17:35:55.219022Z","time_out":"2023-10-06T17:35:55.219067Z"}'
)
PONG = (
    b'{"method":"pong","req_id":101,"time_in":"2023-09-24T14:10:23.799000Z",'
    b'"time_out":"2023-09-24T14:10:23.801000Z"}'
)
TRADE = (
    b'{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":0.5117,"qty":40.0,'
    b'"ord_type":"market","trade_id":4665906,"timestamp":"2023-09-25T07:49:37.708706Z"}]}'
)
BIDS = {"45283.5": "0.10000000", "45283.4": "1.54582015"}
ASKS = {"45285.2": "0.00100000", "45286.4": "1.54571953"}


def checksum(bids: dict[str, str], asks: dict[str, str]) -> int:
    """By the definition: asks from the lowest, bids from the highest, price then size, without the point and
    the zeros before the first digit."""
    best = sorted(asks.items(), key=lambda level: float(level[0])) + sorted(
        bids.items(), key=lambda level: -float(level[0])
    )
    return crc32("".join(part.replace(".", "").lstrip("0") for level in best for part in level).encode())


def book(kind: str, bids: dict[str, str], asks: dict[str, str], check: int, second: int = 0) -> bytes:
    """As Kraken writes it: numbers with all their decimals."""

    def levels(side: dict[str, str]) -> str:
        return ",".join(f'{{"price":{price},"qty":{qty}}}' for price, qty in side.items())

    return (
        f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"BTC/USD","bids":[{levels(bids)}],'
        f'"asks":[{levels(asks)}],"checksum":{check},"timestamp":"2023-10-06T17:35:{second:02}.440295Z"}}]}}'
    ).encode()


def heard(*messages: bytes) -> list[Heard]:
    listener = feed_of(MARKET).listener()
    return [listener.hear(message) for message in messages]


def test_feed__subscribes_to_book_and_trades() -> None:
    feed = feed_of(Market("kraken", "BTC/USD"))
    asked = [json.loads(text) for text in feed.subscribe()]
    assert (feed.url, feed.name) == ("wss://ws.kraken.com/v2", "ob1000")
    assert asked[0] == {
        "method": "subscribe",
        "params": {"channel": "book", "symbol": ["BTC/USD"], "depth": 1000, "snapshot": True},
    }
    assert asked[1]["params"] == {"channel": "trade", "symbol": ["BTC/USD"], "snapshot": True}
    with pytest.raises(LiveError, match="expected one of ob10"):
        feed_of(Market("kraken", "BTC/USD", "ob200"))


def test_messages__are_told_apart() -> None:
    status = b'{"channel":"status","type":"update","data":[{"system":"online","api_version":"v2"}]}'
    told = heard(status, ACK, b'{"channel":"heartbeat"}', PONG, TRADE, REFUSED)
    assert [one.kind for one in told] == ["control", "control", "control", "pong", "trades", "refused"]
    assert told[3].ts_ms == 1695564623800.0
    assert told[4].ts_ms == 1695628177708.706
    assert (told[5].why, told[5].lasting) == ("Currency pair not supported NO/NE", True)


def test_checksum__that_agrees_is_verified() -> None:
    after = BIDS | {"45283.5": "0.20000000"}
    told = heard(
        book("snapshot", BIDS, ASKS, checksum(BIDS, ASKS)),
        book("update", {"45283.5": "0.20000000"}, {}, checksum(after, ASKS), 1),
    )
    assert [(one.checked, one.asks) for one in told] == [(True, False)] * 2
    assert told[0].snapshot
    assert told[0].position != told[1].position
    assert told[1].ts_ms == 1696613701440.295


def test_checksum__that_the_book_contradicts_asks_for_a_snapshot() -> None:
    good = checksum(BIDS, ASKS)
    told = heard(
        book("snapshot", BIDS, ASKS, good),
        book("update", {"45283.5": "0.20000000"}, {}, good, 1),
        book("update", {"45283.5": "0.10000000"}, {}, good, 2),
        book("snapshot", BIDS, ASKS, good, 3),
    )
    assert [one.checked for one in told] == [True, False, None, True]
    assert [one.asks for one in told] == [False, True, True, False]
    assert told[1].broken


def test_refresh__takes_the_book_anew() -> None:
    asked = [json.loads(text) for text in feed_of(MARKET).listener().refresh()]
    assert [one["method"] for one in asked] == ["unsubscribe", "subscribe"]
    assert all(one["params"]["depth"] == 10 for one in asked)


@pytest.mark.parametrize(
    "message",
    [b"", b"[]", b"{}", b'{"channel":"book"}', b'{"channel":"book","type":"update","data":[{"bids":[7]}]}'],
)
def test_garbled__asks_for_a_snapshot(message: bytes) -> None:
    told = heard(book("snapshot", BIDS, ASKS, checksum(BIDS, ASKS)), message)
    assert (told[1].kind, told[1].asks, bool(told[1].broken)) == ("garbled", True, True)


def test_capture__of_one_pair_is_verified_whole() -> None:
    """Lines of version 1 as version 2 would have them: texts of numbers become numbers."""
    listener = feed_of(Market("kraken", "XMR/USD", "ob1000")).listener()
    told = []
    for line in (real_data_folder() / "kraken" / "KRAKEN.ws.50.0").read_text().splitlines():
        body = line.split(": ", 1)[1] if line[:10].isdigit() else ""
        if body.endswith('"book-1000","XMR/USD"]'):
            told.append(listener.hear(_second_version(json.loads(body)[1:-2])))
    checked = [one.checked for one in told]
    assert checked[0] is None  # no checksum came with snapshots of version 1
    assert len(checked) > 100
    assert all(checked[1:])


def _second_version(parts: list[dict[str, list[list[str]] | str]]) -> bytes:
    one: dict[str, object] = {"symbol": "XMR/USD", "bids": [], "asks": []}
    for part in parts:
        for key, value in part.items():
            if key == "c":
                one["checksum"] = int(str(value))
            else:
                side = {"b": "bids", "a": "asks"}[key[0]]
                one[side] = [{"price": f"#{level[0]}#", "qty": f"#{level[1]}#"} for level in value]
    kind = "snapshot" if "as" in parts[0] else "update"
    text = json.dumps({"channel": "book", "type": kind, "data": [one]})
    return text.replace('"#', "").replace('#"', "").encode()
