"""joblib and dask, processes and threads, over twenty sessions: the bits of a loop over them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.simulation import write_bybit

SCRIPT = Path(__file__).with_name("notebook.py")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parallel")
    write_bybit(lm.simulate(minutes=1, seed=31, keep_truth=False), folder / "raw")
    assert lm.ingest(folder / "raw", store=folder / "store").exit_code == 0
    return folder / "store"


def _run(store: Path, *ways: str) -> dict[str, Any]:
    command = [
        sys.executable,
        str(SCRIPT),
        store.name,
        *ways,
    ]  # named from where it is: workers may be elsewhere
    done = subprocess.run(command, capture_output=True, text=True, cwd=store.parent)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _check(found: dict[str, Any], processes: set[str], threads: set[str]) -> None:
    serial = [row[:2] for row in found["serial"]]
    assert len({digest for _, digest in serial}) == len(serial) == 20
    for way in processes | threads:
        assert [row[:2] for row in found[way]] == serial, way
        pids = {row[2] for row in found[way]}
        assert (pids == {found["here"]}) == (way in threads), way
    assert max(found["pickles"]) < 10_000


@pytest.mark.parallel
def test_all_pools_give_the_bits_of_a_loop(store: Path) -> None:
    processes, threads = {"loky", "dask processes"}, {"joblib threads", "dask threads"}
    _check(_run(store, "serial", *sorted(processes | threads)), processes, threads)


@pytest.mark.parallel
def test_pools_that_open_a_new_store_at_once_give_the_bits_of_a_loop(store: Path, tmp_path: Path) -> None:
    """Nothing was replayed before: the workers race to keep the spans."""
    raw = next(store.parent.glob("raw"))
    for way, kind in (("loky", {"loky"}), ("dask threads", set())):
        new = tmp_path / way.replace(" ", "-") / "store"
        assert lm.ingest(raw, store=new).exit_code == 0
        _check(_run(new, way, "serial"), kind, {way} - kind)
