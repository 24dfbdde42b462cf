"""The raw files, read back with nothing but json and csv."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile
from decimal import Decimal

import pyarrow as pa
import pytest

from liqmap.schema import Capture, SchemaError, int64
from liqmap.simulation import simulate, write_bybit


@pytest.fixture(scope="module")
def midnight() -> Capture:
    return simulate(minutes=1, seed=11, start="2026-01-05T23:59:30Z")


@pytest.fixture(scope="module")
def files(midnight, tmp_path_factory):
    return write_bybit(midnight, tmp_path_factory.mktemp("raw"))


def lines(path):
    with zipfile.ZipFile(path) as archive:
        (member,) = archive.namelist()
        assert path.name == member + ".zip"
        return archive.read(member).decode().splitlines()


def test_write_bybit__names_a_file_a_day(files):
    assert [path.name for path in files] == [
        "2026-01-05_SIMUSDT_ob200.data.zip",
        "2026-01-06_SIMUSDT_ob200.data.zip",
        "SIMUSDT2026-01-05.csv.gz",
        "SIMUSDT2026-01-06.csv.gz",
    ]


def test_write_bybit__depth_reads_back_exactly(midnight, files):
    rows = []
    for path in files[:2]:
        for i, line in enumerate(lines(path)):
            message = json.loads(line)
            assert message["topic"] == "orderbook.200.SIMUSDT"
            assert message["type"] == ("delta" if i else "snapshot")
            assert 0 < message["ts"] - message["cts"] < 5
            data = message["data"]
            assert data["s"] == "SIMUSDT"
            event = "snapshot" if message["type"] == "snapshot" else "update"
            for side, key in (("bid", "b"), ("ask", "a")):
                rows += [
                    (message["cts"] * 1_000_000, data["u"], event, side, float(price), float(size))
                    for price, size in data[key]
                ]
    depth = midnight.depth
    columns = [depth[name].to_pylist() for name in ("seq", "event", "side", "price", "size")]
    assert rows == list(zip(int64(depth["ts"]).tolist(), *columns))


def test_write_bybit__seq_rises_and_sizes_are_written_as_the_venue_does(files):
    last = 0
    for line in lines(files[0]):
        data = json.loads(line)["data"]
        assert data["seq"] > last
        last = data["seq"]
        for price, size in data["b"] + data["a"]:
            assert len(price.split(".")[1]) == 2
            assert size == "0" or (len(size.split(".")[1]) == 3 and float(size) > 0)


def test_write_bybit__trades_read_back_exactly(midnight, files):
    rows = []
    for path in files[2:]:
        with gzip.open(path, "rt") as file:
            table = list(csv.DictReader(file))
        last = float(table[0]["price"])
        for row in table:
            price, size = Decimal(row["price"]), Decimal(row["size"])
            assert row["symbol"] == "SIMUSDT"
            assert Decimal(row["foreignNotional"]) == price * size
            assert Decimal(row["grossValue"]) == price * size * 10**8
            assert Decimal(row["homeNotional"]) == size
            if float(price) != last:
                assert row["tickDirection"] == ("PlusTick" if float(price) > last else "MinusTick")
            else:
                assert row["tickDirection"].startswith("Zero")
            last = float(price)
            ns = int(Decimal(row["timestamp"]) * 10**9)
            rows.append((ns, row["trdMatchID"], row["side"].lower(), float(price), float(size)))
    trades = midnight.trades
    columns = [trades[name].to_pylist() for name in ("id", "aggressor", "price", "size")]
    assert rows == list(zip(int64(trades["ts"]).tolist(), *columns))


def test_write_bybit__same_bytes_twice(midnight, files, tmp_path):
    again = write_bybit(midnight, tmp_path)
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in files]
    assert not list(tmp_path.glob("*.part"))


def test_write_bybit__small_ticks_need_more_places(tmp_path):
    market = simulate(minutes=0.1, seed=1, price=0.5, tick_size=0.00001, symbol="DUSTUSDT", levels=50)
    path, _ = write_bybit(market, tmp_path)
    price = json.loads(lines(path)[0])["data"]["b"][0][0]
    assert len(price) == len("0.49999")
    assert float(price) == market.depth["price"][0].as_py()


@pytest.mark.parametrize("column", ["size", "price"])
def test_write_bybit__refuses_what_the_format_cannot_hold(midnight, tmp_path, column):
    depth = midnight.depth
    value = pa.array(depth[column].to_numpy() + 0.0001234)
    odd = depth.set_column(depth.schema.get_field_index(column), depth.schema.field(column), value)
    with pytest.raises(SchemaError, match=column):
        write_bybit(Capture(depth=odd), tmp_path)
    with pytest.raises(SchemaError, match="snapshot"):
        write_bybit(Capture(depth=depth.slice(400)), tmp_path)
    with pytest.raises(SchemaError, match="depth"):
        write_bybit(Capture(), tmp_path)
    assert not list(tmp_path.iterdir())
