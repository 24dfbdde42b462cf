"""What is kept of calibrations appears whole or not at all, notices damage, and disturbs no reader."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.schema import StoreError
from liqmap.store.calibrations import copy_calibration
from liqmap.store.commit import durable
from tests.store.commit.sources import MARKET, filled, own

FEED = (*MARKET, "ob50")
RECORD = {"version": 1, "fields": {"half_life": "30s"}}

CHILD = """
import sys
from pathlib import Path
from liqmap.store import write_calibration

root, feed = Path(sys.argv[1]), tuple(sys.argv[2:])
print("ready", flush=True)
while True:
    for one in "ab":
        write_calibration(root, feed, {"all of it": one * 500_000})
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return filled(tmp_path)


def test_write_and_read(store: Path) -> None:
    assert st.read_calibration(store, FEED) is None
    assert st.calibrated_feeds(store) == []
    place = st.write_calibration(store, FEED, RECORD)
    assert place == "calibrations/venue=bybit/symbol=BTCUSDT/feed=ob50/calibration.json"
    assert st.read_calibration(store, FEED) == RECORD
    assert st.calibrated_feeds(store) == [FEED]
    st.write_calibration(store, FEED, RECORD | {"version": 2})
    assert st.read_calibration(store, FEED)["version"] == 2
    assert [p.name for p in (store / place).parent.iterdir()] == ["calibration.json"]


def test_names__are_escaped_as_those_of_tables(tmp_path: Path) -> None:
    feed = ("a/b", "X=1 ä", "..")
    place = st.write_calibration(tmp_path, feed, RECORD)
    assert place.startswith("calibrations/venue=a%2Fb/symbol=X%3D1%20%C3%A4/feed=")
    assert st.read_calibration(tmp_path, feed) == RECORD


def test_readers_of_tables__are_not_disturbed(store: Path) -> None:
    before, sessions = own(store), lm.open_store(store).sessions()
    spans = lm.open_store(store).session(*MARKET).spans().to_arrow()
    st.write_calibration(store, FEED, RECORD)
    assert own(store) == before
    assert lm.open_store(store).sessions().equals(sessions)
    assert lm.open_store(store).session(*MARKET).spans().to_arrow().equals(spans)
    for pattern in ("depth/**/*.parquet", "**/*.parquet"):
        found = duckdb.sql(f"select count(*) from read_parquet('{store}/{pattern}', hive_partitioning=true)")
        assert found.fetchall() == [(len(before),)]
    assert list(st.find(store)) == []
    assert st.compact(store) is not None
    assert st.read_calibration(store, FEED) == RECORD


def test_a_store_without_its_tables__is_one(store: Path) -> None:
    """All of it was removed: what was found out about the market stays."""
    st.write_calibration(store, FEED, RECORD)
    st.remove(store, st.select(store, *MARKET))
    assert len(lm.open_store(store).sessions()) == 0
    assert st.calibrated_feeds(store) == []


def test_a_damaged_market__is_told_by_others(store: Path) -> None:
    st.write_calibration(store, FEED, RECORD)
    (manifest,) = store.glob(".markets/*/*/manifest.json")
    manifest.write_bytes(b"{}")
    assert st.calibrated_feeds(store) == []
    assert st.read_calibration(store, FEED) == RECORD


@pytest.mark.parametrize("cut", [0, 1, 40, 100, -2])
def test_damage__is_told_in_one_line(store: Path, cut: int) -> None:
    path = store / st.write_calibration(store, FEED, RECORD)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(StoreError, match=r"that was saved, got .* Save another one") as error:
        st.read_calibration(store, FEED)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


def test_any_other_byte__is_damage(store: Path) -> None:
    path = store / st.write_calibration(store, FEED, RECORD)
    data = path.read_bytes()
    for k in range(data.index(b"\n") + 1, len(data) - 1):
        path.write_bytes(data[:k] + bytes([data[k] ^ 1]) + data[k + 1 :])
        with pytest.raises(StoreError):
            st.read_calibration(store, FEED)


def test_a_link__is_refused(store: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (store / "calibrations").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="a symbolic link"):
        st.write_calibration(store, FEED, RECORD)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_that_cannot_be_written__in_words(store: Path) -> None:
    store.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="expected a store that can be written"):
            st.write_calibration(store, FEED, RECORD)
    finally:
        store.chmod(0o700)


@pytest.mark.parametrize("call", ["open", "write", "replace"])
def test_a_full_disk__leaves_the_one_before(store: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    st.write_calibration(store, FEED, RECORD)

    def full(*args: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    where = {"open": (Path, "open"), "write": (durable.os, "fsync"), "replace": (durable.os, "replace")}[call]
    monkeypatch.setattr(durable, "SYNCS", True)
    monkeypatch.setattr(*where, full)
    with pytest.raises(StoreError, match="No space left"):
        st.write_calibration(store, FEED, RECORD | {"version": 2})
    monkeypatch.undo()
    assert st.read_calibration(store, FEED) == RECORD


def test_killed_while_writing__whole_or_not_at_all(tmp_path: Path) -> None:
    seen = set()
    for k in range(3):
        child = subprocess.Popen([sys.executable, "-c", CHILD, tmp_path, *FEED], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        end = time.monotonic() + 0.2 + 0.013 * k
        while time.monotonic() < end:
            if (found := st.read_calibration(tmp_path, FEED)) is not None:
                seen.add(found["all of it"])
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        found = st.read_calibration(tmp_path, FEED)
        assert found is None or found["all of it"] in ("a" * 500_000, "b" * 500_000)
    assert seen <= {"a" * 500_000, "b" * 500_000}
    assert seen
    st.write_calibration(tmp_path, FEED, RECORD)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["calibrations"]


def test_copy__where_there_is_none(store: Path, tmp_path: Path) -> None:
    assert not copy_calibration(store, tmp_path / "other", FEED)
    st.write_calibration(store, FEED, RECORD)
    (tmp_path / "other").mkdir()
    assert copy_calibration(store, tmp_path / "other", FEED)
    assert not copy_calibration(store, tmp_path / "other", FEED)
    assert st.read_calibration(tmp_path / "other", FEED) == RECORD
