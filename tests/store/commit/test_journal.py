"""A journal that is damaged, or made up, costs no row and no file elsewhere."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.store.commit import change as commit_change
from liqmap.store.commit.journal import Journal
from liqmap.store.commit.manifest import Manifest
from liqmap.store.commit.recovery import open_for_writing
from liqmap.store.commit.sealed import sealed
from liqmap.store.layout import manifest_path
from tests.store.commit.sources import MARKET, filled, own, plain


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A store whose compaction died when the first day had been exchanged, and the manifest was not saved."""
    store = filled(tmp_path)
    child = os.fork()
    if not child:
        commit_change.Manifest.save = lambda self, work: os._exit(9)  # type: ignore[method-assign]
        st.compact(store)
        os._exit(0)
    assert os.waitpid(child, 0)[1] != 0
    return store


def journal_of(store: Path) -> Path:
    (path,) = (store / ".staging").glob("*/journal.json")
    return path


def test_damaged__costs_no_row(killed: Path, tmp_path: Path) -> None:
    rows, chance = own(killed), random.Random(0)
    data = journal_of(killed).read_bytes()
    for number in range(25):
        store = tmp_path / f"{number}"
        shutil.copytree(killed, store)
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        journal_of(store).write_bytes(bytes(flipped))
        open_for_writing(store)
        assert own(store) == rows
        assert [f for f in st.check(store).findings if f.kind != "foreign"] == []


@pytest.mark.parametrize("lost", ["one", "all"])
def test_lost_manifest__takes_the_change_back(lost: str, killed: Path) -> None:
    rows = own(killed)
    path = manifest_path(killed, *MARKET)
    path.unlink() if lost == "one" else shutil.rmtree(killed / ".markets")
    st.check(killed, repair=True)
    assert own(killed) == rows
    assert plain(killed) == len(rows)


def test_damaged_manifest__takes_the_change_back(killed: Path) -> None:
    rows = own(killed)
    manifest_path(killed, *MARKET).write_bytes(b"{}")
    st.check(killed, repair=True)
    assert own(killed) == rows
    assert plain(killed) == len(rows)


@pytest.mark.parametrize(
    "kind", ["link in staging", "up", "absolute", "link in tables", "another market", "no table"]
)
def test_made_up__touches_nothing(kind: str, tmp_path: Path) -> None:
    store, outside = filled(tmp_path), tmp_path / "outside"
    outside.mkdir()
    secret = outside / "secret.parquet"
    secret.write_text("mine")
    rows = own(store)
    folder = "depth/venue=bybit/symbol=BTCUSDT/feed=ob50/date=2023-11-14"
    adds: dict[str, Any] = {}
    drops: list[str] = []
    market = list(MARKET)
    work = store / ".staging" / "1-a"
    work.mkdir(parents=True)
    (work / "alive").touch()
    if kind == "link in staging":
        (work / "x").symlink_to(outside, target_is_directory=True)
        adds = {f"{folder}/stolen.parquet": "x/secret.parquet"}
    elif kind == "up":
        drops = ["depth/venue=bybit/symbol=BTCUSDT/../../../../outside/secret.parquet"]
    elif kind == "absolute":
        adds = {f"{folder}/stolen.parquet": str(secret)}
    elif kind == "link in tables":
        (store / "depth" / "venue=bybit" / "symbol=BTCUSDT" / "lnk").symlink_to(outside)
        drops = ["depth/venue=bybit/symbol=BTCUSDT/lnk/secret.parquet"]
    elif kind == "another market":
        market = ["bybit", "NOSUCH"]
        drops = [Manifest.load(store, *MARKET).place(p) for p in st.list_parts(store, "depth")]  # type: ignore[union-attr]
    else:
        drops = [".sources/x.parquet"]
    said = {"venue": market[0], "symbol": market[1], "adds": adds, "drops": drops}
    (work / "journal.json").write_bytes(sealed("journal", said))
    if kind not in ("link in tables",):
        with pytest.raises(ValueError, match="elsewhere"):
            Journal.read(work)
    open_for_writing(store)
    assert secret.read_text() == "mine"
    if kind != "link in tables":
        assert own(store) == rows
        assert lm.ingest(sorted((tmp_path / "raw").iterdir()), store=store).errors == []
