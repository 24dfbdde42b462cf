"""What is said to go wrong does, where it is said, and nothing else."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from liqmap.live.play import Exchange, Fault, random_faults
from liqmap.live.play import connection as connections
from liqmap.live.play.connection import TOO_SLOW, Connection, Label
from liqmap.schema import LiqmapError
from tests.live.play.client import heard, play
from tests.live.play.test_books import market

TOPIC = {"op": "subscribe", "args": ["orderbook.200.SIMUSDT"]}


def ids(*faults: Fault | str, speed: float = float("inf")) -> list[int | None]:
    """``u`` of each message of the book that a client hears, None for one that is no JSON."""
    exchange = Exchange(market(), "bybit", speed, faults=faults, wait_for=1, ending="close")
    (texts,) = play(exchange, lambda e: heard(e, "/v5/public/linear", TOPIC))
    found: list[int | None] = []
    for text in texts[1:]:
        try:
            found.append(json.loads(text)["data"]["u"])
        except json.JSONDecodeError:
            found.append(None)
    assert [str(fault) for fault, _, _ in exchange.struck] == [str(fault) for fault in faults]
    return found


def test_each_fault_of_messages() -> None:
    whole = ids()
    a, b, c, d = whole[9:13]
    at = whole.index(a)
    assert ids("lose@10..11") == [u for u in whole if u not in (a, b)]
    assert ids("double@10") == [*whole[:at], a, a, *whole[at + 1 :]]
    assert ids("malformed@10") == [*whole[:at], None, *whole[at + 1 :]]
    assert ids("reorder@10") == [*whole[:at], b, a, *whole[at + 2 :]]
    assert ids("reorder@10..13") == [*whole[:at], d, c, b, a, *whole[at + 4 :]]
    late = ids("late@10:0.5s")
    assert sorted(late) == whole
    assert late.index(a) > at
    assert ids("drip@10..12:0.001s") == whole


def test_bybit_begins_anew_with_and_without_rows() -> None:
    whole = ids()
    for fault in ("restart@10", "restart-empty@10"):
        found = ids(fault)
        assert found[:9] == whole[:9]
        assert found[9:] == list(range(1, len(whole) - 7))


def test_drop_and_silence_end_what_is_heard() -> None:
    whole = ids()
    assert ids("silence@10") == whole[:9]
    dropped = ids("drop@10")
    assert dropped == whole[: len(dropped)]
    assert len(dropped) <= 9


def test_others_close_all_connections_at_a_restart() -> None:
    exchange = Exchange(market(), "kraken", float("inf"), faults=["restart@10"], wait_for=1, ending="close")
    request = {"method": "subscribe", "params": {"channel": "book", "symbol": ["SIM/USDT"]}}
    (texts,) = play(exchange, lambda e: heard(e, "/v2", request))
    assert json.loads(texts[-1])["data"][0]["system"] == "maintenance"


def test_wrong_checksum() -> None:
    def sums(*faults: str) -> list[int]:
        exchange = Exchange(market(), "kraken", float("inf"), faults=faults, wait_for=1, ending="close")
        request = {"method": "subscribe", "params": {"channel": "book", "symbol": ["SIM/USDT"], "depth": 100}}
        (texts,) = play(exchange, lambda e: heard(e, "/v2", request))
        told = [json.loads(text) for text in texts if '"checksum"' in text]
        return [message["data"][0]["checksum"] for message in told]

    whole, wrong = sums(), sums("checksum@1")
    assert wrong[0] != whole[0]
    assert wrong[1:] == whole[1:]


@pytest.mark.parametrize("text", ["drop@100", "lose@200..203", "silence@12.5s:3s", "late@50:0.5s/BTCUSDT"])
def test_texts_of_faults_come_back(text: str) -> None:
    assert str(Fault.parse(text)) == text


@pytest.mark.parametrize("text", ["drop", "drop@0", "melt@3", "lose@5..4", "late@5:0s", "drop@-1"])
def test_what_is_no_fault(text: str) -> None:
    with pytest.raises(LiqmapError, match="faults: expected"):
        Fault.parse(text)


def test_random_faults_are_the_same_for_a_seed() -> None:
    assert random_faults(7, 1000) == random_faults(7, 1000) != random_faults(8, 1000)
    assert "checksum" not in {f.kind for seed in range(50) for f in random_faults(seed, 1000)}


def test_a_client_that_does_not_read_is_dropped_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_BYTES", 10_000)

    class Stuck:
        aborted = False

        async def send_str(self, text: str) -> None:
            await asyncio.Event().wait()

        def abort(self) -> None:
            self.aborted = True

    async def fill() -> tuple[Any, Connection, int]:
        socket = Stuck()
        one = Connection(1, "/", socket, socket, lambda sent: None)
        most = 0
        for _ in range(1_000):
            one.send("x" * 100, Label("A", "a", 1, 1))
            most = max(most, one.waiting_bytes)
        return socket, one, most

    socket, one, most = asyncio.run(fill())
    assert (one.ended, socket.aborted, one.waiting_bytes) == (TOO_SLOW, True, 0)
    assert most <= 10_000
