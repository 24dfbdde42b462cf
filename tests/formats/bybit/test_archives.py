"""Bybit's daily archives as they are published: every depth, spot trades, and ranges of days at once."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store
from liqmap.simulation import write_bybit
from tests.formats.bybit.lines import depth_line, write_zip

REAL = {
    "derived-usdm-btc/2024-08-08_BTCUSDT_ob50.data.zip": 50,
    "derived-usdm-btc/2024-08-08_BTCUSDT_ob200.data.zip": 200,
    "derived-usdm-btc/2024-08-08_BTCUSDT_ob1000.data.zip": 1000,
    "bybit/2024-12-01_XRPUSDT_ob500.data.zip": 500,
    "derived-bitstamp/2015-05-01_BTCUSD_ob10.data.zip": 10,
}


@pytest.mark.parametrize("limit", [1, 50, 200, 500, 1000])
@pytest.mark.parametrize("market", ["linear", "inverse", "spot"])
def test_depth__any_limit_of_any_market(tmp_path: Path, limit: int, market: str) -> None:
    bids = [(str(1000 - n), "1") for n in range(limit)]
    asks = [(str(1001 + n), "2") for n in range(limit)]
    line = depth_line(7, bids, asks, kind="snapshot", limit=limit)
    folder = tmp_path / market
    folder.mkdir()
    path = write_zip(folder / f"2024-12-01_BTCUSDT_ob{limit}.data.zip", {"x.data": f"{line}\n".encode()})
    capture = lm.read(path)
    meta = capture.meta
    assert (meta.feed, meta.depth_limit, meta.window_policy) == (f"ob{limit}", limit, "top_n")
    assert meta.venue == ("bybit-spot" if market == "spot" else "bybit")
    assert capture.depth.num_rows == 2 * limit


@pytest.mark.parametrize("name", REAL)
def test_depth__real_archives_equal_plain_json(real_data: Path, name: str) -> None:
    messages = rows = 0
    with zipfile.ZipFile(real_data / name) as archive, archive.open(archive.namelist()[0]) as file:
        for line in file:
            data = json.loads(line)["data"]
            messages += 1
            rows += len(data["b"]) + len(data["a"]) or 1
    capture = lm.read(real_data / name)
    (row,) = capture.report.sources
    assert (row.messages, row.rows - row.gaps, row.rejected) == (messages, rows, 0)
    assert (row.format, row.feed, capture.meta.depth_limit) == ("bybit-depth", f"ob{REAL[name]}", REAL[name])


def test_spot_trades__with_rpi(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT_2025-06-01.csv.gz"
    lines = ["id,timestamp,price,volume,side,rpi"]
    lines += ["1,1748736000123,104000.5,0.1,buy,0", "2,1748736000124,104000.4,1e-05,sell,1"]
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    capture = lm.read(path)
    got = [
        (r["ts"].value, r["id"], r["aggressor"], r["price"], r["size"], r["flags"])
        for r in capture.trades.to_pylist()
    ]
    assert got == [
        (1748736000123 * 10**6, "1", "buy", 104000.5, 0.1, None),
        (1748736000124 * 10**6, "2", "sell", 104000.4, 1e-05, "rpi"),
    ]
    assert (capture.meta.venue, capture.meta.symbol, capture.meta.size_unit) == (
        "bybit-spot",
        "BTCUSDT",
        "coins",
    )


@pytest.mark.parametrize("as_folder", [True, False])
def test_days__given_at_once_are_one_market(tmp_path: Path, as_folder: bool) -> None:
    market = lm.simulate(minutes=1, seed=3, levels=50, start="2026-01-05T23:59:30Z", keep_truth=False)
    paths = write_bybit(market, tmp_path / "raw")
    assert len(paths) == 4
    given = tmp_path / "raw" if as_folder else paths[::-1]
    report = lm.ingest(given, store=tmp_path / "s", venue="bybit")
    assert (report.exit_code, set(report.table["feed"].dropna())) == (0, {"ob50"})
    depth = store.read_depth(tmp_path / "s", "bybit", "SIMUSDT", "ob50")
    for name in ("ts", "seq", "price", "size"):
        assert depth[name].to_pylist() == market.depth[name].to_pylist(), name
    trades = store.read_trades(tmp_path / "s", "bybit", "SIMUSDT")
    assert trades["price"].to_pylist() == market.trades["price"].to_pylist()
