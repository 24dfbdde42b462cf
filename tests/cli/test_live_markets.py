"""``--live``: what is listened to, and what is refused."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest

import liqmap as lm
from liqmap.cli.live_markets import add_live, listening, stored
from liqmap.schema import SessionError


def parsed(*argv: str, store: Any = "store") -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_live(parser)
    args = parser.parse_args(argv)
    args.store = store
    return args


class Listened:
    """In place of `lm.live`: notes what it was asked for."""

    made: ClassVar[list[tuple[Any, ...]]] = []

    def __init__(self, venue: str, symbols: list[str], store: Any, **how: Any) -> None:
        self.made.append((venue, symbols, store, how))
        self.open = False

    def __enter__(self) -> Listened:
        self.open = True
        return self

    def __exit__(self, *_: object) -> None:
        self.open = False

    def session(self, symbol: str, timeout: str) -> tuple[str, bool]:
        return symbol, self.open


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    monkeypatch.setattr(import_module("liqmap.live.follow"), "live", Listened)
    monkeypatch.setattr(Listened, "made", [])
    return Listened.made


def test_without_live__nothing_is_listened_to(made: list[tuple[Any, ...]]) -> None:
    with listening(parsed()) as sessions:
        assert sessions == {}
    assert made == []


def test_live_alone__follows_the_markets_of_the_store(
    made: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liqmap.cli.live_markets.stored", lambda store: {("bybit", None): ["AAA", "BBB"]})
    monkeypatch.setattr("liqmap.cli.live_markets.newest_day", lambda store: "2026-01-05")
    with listening(parsed("--live")) as sessions:
        assert list(sessions) == ["bybit/AAA/live", "bybit/BBB/live"]
        assert sessions["bybit/BBB/live"]() == ("BBB", True)
    assert sessions["bybit/BBB/live"]() == ("BBB", False)
    how = {"feed": None, "record": False, "start": "2026-01-05"}
    assert made == [("bybit", ["AAA", "BBB"], "store", how)]


def test_live_with_and_without_a_market__is_refused(made: list[tuple[Any, ...]]) -> None:
    with pytest.raises(SessionError, match="both"), listening(parsed("--live", "bybit:AAA", "--live")):
        pass
    assert made == []


def test_stored__of_a_store_without_markets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="liqmap record"):
        stored(tmp_path)


def test_stored__are_the_markets_with_depth(tmp_path: Path) -> None:
    from liqmap.simulation import write_bybit

    raw = write_bybit(lm.simulate(minutes=0.1, seed=0, symbol="AAAUSDT", levels=5), tmp_path / "raw")
    lm.ingest(raw, store=tmp_path / "store")
    assert stored(tmp_path / "store") == {("bybit", None): ["AAAUSDT"]}
