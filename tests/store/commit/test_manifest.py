"""What a market has, as a file: it comes back as it was, and damage of any byte is noticed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.cli import main
from liqmap.schema import StoreError, StoreWarning
from liqmap.store.commit.digests import digest_bytes
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import manifest_path
from tests.store.commit.sources import MARKET, filled, own


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return filled(tmp_path)


def test_load__what_was_saved(store: Path, tmp_path: Path) -> None:
    found = Manifest.load(store, *MARKET)
    assert found is not None
    assert sum(p.rows for p in found.parts) == len(own(store))
    assert len(found.readings) == 3
    found.save(tmp_path)
    assert Manifest.load(store, *MARKET) == found


def test_load__every_flipped_bit_is_noticed(store: Path) -> None:
    path = manifest_path(store, *MARKET)
    data, whole = path.read_bytes(), Manifest.load(store, *MARKET)
    chance = random.Random(0)
    for _ in range(300):
        at, bit = chance.randrange(len(data)), chance.randrange(8)
        flipped = bytearray(data)
        flipped[at] ^= 1 << bit
        refused = None
        try:
            found = Manifest.from_bytes(bytes(flipped), store, *MARKET)
        except StoreError as error:
            refused = str(error)
        else:  # a word that says nothing, such as that this is a manifest
            assert found == whole
        assert refused is None or (str(path) in refused and "store check --repair" in refused)


@pytest.mark.parametrize("cut", [0, 1, 40, 80, -1, -2])
def test_load__a_cut_file_is_noticed(cut: int, store: Path) -> None:
    path = manifest_path(store, *MARKET)
    path.write_bytes(path.read_bytes()[:cut])
    if cut == -1:  # the line end
        assert own(store)
        return
    with pytest.raises(StoreError, match="the manifest of a market"):
        own(store)


def test_damaged__costs_its_market_alone(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = (tmp_path / "raw" / "0_linear.ndjson").read_text().replace("BTCUSDT", "ETHUSDT")
    (tmp_path / "other_linear.ndjson").write_text(raw)
    lm.ingest(tmp_path / "other_linear.ndjson", store=store)
    path = manifest_path(store, *MARKET)
    path.write_bytes(b"{}")
    with pytest.warns(StoreWarning, match="the manifest of a market"):
        assert set(lm.open_store(store).sessions()["symbol"]) == {"ETHUSDT"}
    assert lm.open_store(store).session("bybit", "ETHUSDT").depth().num_rows
    assert main(["info", "--store", str(store)]) == 1
    said = capsys.readouterr()
    assert "ETHUSDT" in said.out
    assert str(path) in said.err


@pytest.mark.parametrize(
    "name",
    ["../../../../../x.parquet", "/x.parquet", "a/b.parquet", ".x.parquet", "x.txt", "x\n.parquet", ""],
)
def test_names__lead_nowhere(name: str, store: Path) -> None:
    path = manifest_path(store, *MARKET)
    said = json.loads(path.read_bytes().split(b"\n")[1])
    said["parts"][0]["name"] = name
    body = json.dumps(said).encode()
    head = json.dumps({"liqmap": "manifest", "xxh3_128": digest_bytes(body)}).encode()
    path.write_bytes(head + b"\n" + body + b"\n")
    with pytest.raises(StoreError, match="the manifest of a market"):
        st.select(store, *MARKET)


def test_newer__is_refused_in_words(store: Path) -> None:
    path = manifest_path(store, *MARKET)
    body = json.dumps({"version": 99}).encode()
    path.write_bytes(json.dumps({"xxh3_128": digest_bytes(body)}).encode() + b"\n" + body)
    with pytest.raises(StoreError, match="Upgrade liqmap"):
        own(store)


def test_another_market__is_not_taken(store: Path) -> None:
    other = manifest_path(store, "bybit", "ETHUSDT")
    other.parent.mkdir(parents=True)
    other.write_bytes(manifest_path(store, *MARKET).read_bytes())
    with pytest.raises(StoreError, match="that of bybit BTCUSDT"):
        st.list_parts(store, "depth", "bybit", "ETHUSDT")
