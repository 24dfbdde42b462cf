"""A session goes on while the files that it listed are joined."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.schema import StoreError
from liqmap.simulation import write_bybit
from liqmap.store import parts, scan
from tests.session.depth_store import same

READS: dict[str, Callable[[lm.Store], object]] = {
    "depth": lambda store: store.session("bybit", "SIMUSDT").depth().to_pylist(),
    "trades": lambda store: store.session("bybit", "SIMUSDT").trades().to_pylist(),
    "sessions": lambda store: store.sessions().drop(columns=["rows", "bytes"]).to_dict("records"),
}


@pytest.fixture
def store(tmp_path: Path) -> lm.Store:
    """A day in two files of depth and two of trades."""
    for hour in ("01", "02"):
        market = lm.simulate(minutes=0.1, seed=1, keep_truth=False, start=f"2026-01-05 {hour}:00")
        raw = write_bybit(market, tmp_path / hour)
        assert lm.ingest(raw, store=tmp_path / "store", venue="bybit").exit_code == 0
    return lm.open_store(tmp_path / "store")


def compacting(step: Callable, before: bool, store: lm.Store, left: list[int]) -> Callable:
    """A step, before or after which the store is compacted as often as is left."""

    def done(*args: object, **more: object) -> object:
        came = None if before else step(*args, **more)
        if left[0]:
            left[0] -= 1
            assert st.compact(store.path).files == 4
        return step(*args, **more) if before else came

    return done


@pytest.mark.parametrize(
    ("what", "name"), [*((what, "list_parts") for what in READS), ("depth", "checked"), ("trades", "checked")]
)
def test_files_joined_while_they_are_listed_or_before_they_are_read(
    what: str, name: str, store: lm.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = READS[what](store)
    if name == "list_parts":
        monkeypatch.setattr(scan, name, compacting(scan.list_parts, False, store, [1]))
    else:
        monkeypatch.setattr(parts.Part, name, compacting(parts.Part.checked, True, store, [1]))
    assert READS[what](store) == expected
    assert len(list(store.path.rglob("*.parquet"))) == 2


def test_files_joined_before_they_are_replayed(store: lm.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = store.session("bybit", "SIMUSDT").spans()
    session = store.session("bybit", "SIMUSDT")
    monkeypatch.setattr(scan, "list_parts", compacting(scan.list_parts, False, store, [1]))
    assert same(session.spans(), expected)


def test_files_that_keep_going_are_told_of(store: lm.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    session = store.session("bybit", "SIMUSDT")
    listed = scan.list_parts(store.path, "depth", "bybit", "SIMUSDT", "ob200")
    os.unlink(listed[0].path)
    monkeypatch.setattr(scan, "list_parts", lambda *args: listed)
    for read in (session.depth, session.spans):
        with pytest.raises(StoreError, match="expected the files of the store to stay"):
            read()
