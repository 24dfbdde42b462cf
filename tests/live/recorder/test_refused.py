"""Markets that a venue does not have, over its own protocol: one line, and nothing on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.cli import main
from liqmap.live.play import Exchange
from liqmap.live.recorder import record
from liqmap.store.layout import RAW


@pytest.fixture(scope="module")
def capture() -> lm.Capture:
    return lm.simulate(minutes=0.05, seed=3, levels=50, keep_truth=False)


def raw_files(store: Path) -> list[Path]:
    return list((store / RAW).rglob("*.ndjson.zst"))


@pytest.mark.parametrize(
    ("venue", "market", "words"),
    [
        ("bybit", "bybit:NOUSDT:ob50", "error:handler not found,topic:orderbook.50.NOUSDT"),
        ("kraken", "kraken:NO/NE:ob10", "Currency pair not supported"),
    ],
)
def test_refused__is_one_line_and_no_file(
    tmp_path: Path, capture: lm.Capture, venue: str, market: str, words: str
) -> None:
    store = tmp_path / "store"
    with Exchange(capture, venue, speed=float("inf")).running() as exchange:
        report = record(market, store, url=exchange.url)
    assert report.exit_code == 2
    (said,) = report.errors
    assert said.startswith(f"{market}: expected a market that the venue has")
    assert words in said
    assert report.notes == []
    assert raw_files(store) == []


def test_refused__beside_one_that_is_recorded(
    tmp_path: Path, capture: lm.Capture, capsys: pytest.CaptureFixture[str]
) -> None:
    store, markets = tmp_path / "store", ["bybit:NOUSDT:ob50", "bybit:SIMUSDT:ob50"]
    with Exchange(capture, "bybit", speed=float("inf")).running() as exchange:
        code = main(
            ["record", *markets, "--store", str(store), "--url", exchange.url, "--for", "1500ms", "--json"]
        )
    out, err = capsys.readouterr()
    assert code == 1
    (line,) = err.splitlines()
    assert line.startswith("liqmap record: bybit:NOUSDT:ob50: expected a market that the venue has")
    assert {source["symbol"] for source in json.loads(out)["sources"]} == {"SIMUSDT"}
    assert {path.parent.name for path in raw_files(store)} == {"SIMUSDT"}


def test_silent__is_told_beside_one_that_is_recorded(
    tmp_path: Path, capture: lm.Capture, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A venue that says neither yes nor no."""
    from liqmap.live.play.venues.bybit import Bybit

    channel = Bybit._channel

    def hears_not(self: Bybit, connection: object, topic: str) -> object:
        found = channel(self, connection, topic.replace("NOUSDT", "SIMUSDT"))  # type: ignore[arg-type]
        if "NOUSDT" in topic:
            connection.silent_until = float("inf")  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(Bybit, "_channel", hears_not)
    store, markets = tmp_path / "store", ["bybit:NOUSDT:ob50", "bybit:SIMUSDT:ob50"]
    with Exchange(capture, "bybit", speed=float("inf"), wait_for=1).running() as exchange:
        code = main(["record", *markets, "--store", str(store), "--url", exchange.url, "--for", "1s"])
    err = capsys.readouterr().err
    assert code == 0
    assert "liqmap record: bybit:NOUSDT:ob50: expected messages, got none: the time was too short" in err
    assert {path.parent.name for path in raw_files(store)} == {"SIMUSDT"}
