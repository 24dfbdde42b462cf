"""Every market of a venue, recorded over its sockets: live equals batch, and sizes count what they should."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import pytest

import liqmap as lm
from liqmap.live.play import Exchange
from liqmap.live.play.venues import binance as as_binance
from liqmap.schema import LiqmapError, Meta
from liqmap.session import Session
from tests.live.play.client import COLUMNS
from tests.live.recorder.feeds import Heard, binance, bybit


class Case(NamedTuple):
    """A market, what it is served as, what its venue sends, and what its sizes count."""

    venue: str
    symbol: str
    served: str
    heard: Heard
    feed: str | None
    unit: str = "coins"
    value: float = 1.0


CASES = {
    "bybit spot": Case("bybit-spot", "BTCUSDT", "bybit-spot", bybit(60, seed=5), "ob50"),
    "bybit linear": Case("bybit", "BTCUSDT", "bybit", bybit(60, seed=6, snapshots=(0, 30)), "ob50"),
    "bybit inverse": Case(
        "bybit", "BTCUSD", "bybit", bybit(60, seed=7, symbol="BTCUSD"), "ob50", "contracts"
    ),
    "binance spot": Case("binance", "BTCUSDT", "binance", binance(60, seed=8, spot=True), None),
    "binance USD-M": Case("binance-futures", "BTCUSDT", "binance-futures", binance(60, seed=9), None),
    "binance COIN-M": Case(
        "binance-delivery", "BTCUSD_PERP", "binance-delivery", binance(60, seed=10, symbol="BTCUSD_PERP"),
        None, "contracts", 100.0,
    ),
    "binance COIN-M, ether": Case(
        "binance-delivery", "ETHUSD_PERP", "binance", binance(60, seed=11, symbol="ETHUSD_PERP"), None,
        "contracts", 10.0,
    ),
}  # fmt: skip


def source_of(case: Case, folder: Path) -> lm.Capture:
    path = folder / "heard.ndjson"
    path.write_bytes(b"".join(b"%d %b\n" % line for line in case.heard))
    return lm.read(path, venue=case.venue)


LONG = ("bybit linear", "binance USD-M", "binance COIN-M, ether")
"""Like the others, or tried elsewhere."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long) if name in LONG else name for name in CASES]
)
def test_recorded__is_the_batch_ingest_and_the_source(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_binance, "PATIENCE_S", 600.0)  # the clock waits for nobody who has asked
    case = CASES[name]
    source = source_of(case, tmp_path)
    end = source.depth["ts"][-1].value
    store = tmp_path / "store"
    with (
        Exchange(source, case.served, speed=float("inf"), wait_for=2).running() as exchange,
        lm.live(case.venue, case.symbol, store=store, feed=case.feed, url=exchange.url) as live,
    ):
        session = live.session(case.symbol)
        until = time.monotonic() + 30
        while session.last < end:
            assert time.monotonic() < until
            time.sleep(0.01)
        assert live.status["state"].tolist() == ["live"]
    (raw,) = store.rglob("*.ndjson.zst")
    lm.ingest(raw, store=tmp_path / "batch", venue=case.venue, progress=False)
    batch = lm.open_store(tmp_path / "batch").session(case.venue, case.symbol)
    stored = lm.open_store(store).session(case.venue, case.symbol)
    for other in (batch, stored):
        assert session.depth().to_pandas().equals(other.depth().to_pandas())
        trades = other.trades().to_pandas()
        trades = trades[trades["ts"].astype("int64") >= session.start]  # with the first message of depth
        assert session.trades().to_pandas().equals(trades.reset_index(drop=True))
        assert session.spans().to_arrow().equals(other.spans().to_arrow())
    for one in (session, batch, stored):
        assert sizes_of(one) == [(case.unit, case.value)] * 3
    assert batch.depth().select(COLUMNS).to_pylist() == source.depth.select(COLUMNS).to_pylist()
    told = ["ts", "aggressor", "price", "size"]
    assert batch.trades().select(told).to_pylist() == source.trades.select(told).to_pylist()
    assert source.trades.num_rows > 10


def sizes_of(session: Session) -> list[tuple[str, float]]:
    """What sizes count, as the depth, the trades and a grid say."""
    tables = (session.depth(), session.trades())
    metas = [Meta.from_metadata(table.schema.metadata) for table in tables]
    attrs = session.grid("1s", 1.0).attrs
    found = [(meta.size_unit, meta.contract_value) for meta in metas]
    return [*found, (attrs["size_unit"], attrs["contract_value"])]


@pytest.mark.parametrize(
    ("name", "served", "words"),
    [
        ("bybit linear", "binance-delivery", "one that counts coins"),
        ("bybit inverse", "bybit-spot", "bybit-spot, whose BTCUSD counts coins"),
        ("bybit inverse", "binance-delivery", "whose BTCUSD_PERP counts contracts worth 100"),
        ("bybit inverse", "kraken", "one that counts contracts, as the recording does"),
        ("binance COIN-M", "bybit", "one that counts contracts worth 100"),
    ],
)
def test_exchange__whose_sizes_count_something_else_is_refused(
    name: str, served: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(LiqmapError, match=words):
        Exchange(source_of(CASES[name], tmp_path), served)
