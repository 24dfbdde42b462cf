"""What an older liqmap wrote is read: a store, its spans and checkpoints on disk, presets of a user.

``made_2026_11.zip`` was written by the last commit before packages were renamed: two days of a simulated
market with their raw files, spans of the whole and of a session that starts on the second day, and a
preset. Links of that time are in ``tests/app/state``. A file that cannot be read any more must be
migrated, or refused in one line.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

import liqmap as lm
from liqmap.cli import main
from liqmap.render.frames.presets import presets

MADE = Path(__file__).with_name("made_2026_11.zip")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with zipfile.ZipFile(MADE) as packed:
        packed.extractall(tmp_path)
    return tmp_path


@pytest.fixture
def expected(root: Path) -> dict[str, Any]:
    return json.loads((root / "expected.json").read_text())


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file with what changes when it is written anew."""
    found = {str(p.relative_to(folder)): p.stat() for p in sorted(folder.rglob("*")) if p.is_file()}
    return {name: (s.st_ino, s.st_mtime_ns) for name, s in found.items() if not name.endswith("lock")}


def check(session: lm.Session, expected: dict[str, Any]) -> None:
    table, trades = session.spans().to_arrow(), session.trades()
    assert session.depth().num_rows == expected["depth"]
    assert trades.num_rows == expected["trades"]
    assert trades["size"].to_numpy().sum() == pytest.approx(expected["volume"], rel=1e-12)
    assert len(session.spans()) == expected["spans"]
    assert table["size"].to_numpy().sum() == pytest.approx(expected["sizes"], rel=1e-12)
    assert int(table["tick"].to_numpy().astype(np.int64).sum()) == expected["ticks"]
    rested = table["seen"].cast("int64").to_numpy() - table["start"].cast("int64").to_numpy()
    assert int(rested.sum()) == expected["seen"]
    grid = session.grid("5s", 1.0)
    assert float(np.nansum(grid.liquidity.values.astype(np.float64))) == pytest.approx(expected["liquidity"])
    assert int((grid.state.values == 2).sum()) == expected["carried"]


def test_store__is_read_and_its_spans_are_those_on_disk(root: Path, expected: dict[str, Any]) -> None:
    before = files(root / "store" / ".spans")
    store = lm.open_store(root / "store")
    check(store.session("bybit", "SIMUSDT"), expected)
    second_day = store.session("bybit", "SIMUSDT", start="2026-01-06").spans()
    assert len(second_day) == expected["spans_of_the_second_day"]
    after = files(root / "store" / ".spans")
    assert {name: after[name] for name in before} == before, (
        "replayed anew: spans or checkpoints were not taken"
    )
    made = {Path(name).name for name in after.keys() - before.keys()}
    assert made == {"mipmaps-3.arrow", "mipmaps-3.arrow.xxh3"}  # they hold more than they did


def test_store__is_the_same_without_its_spans(root: Path, expected: dict[str, Any]) -> None:
    assert main(["store", "compact", "--store", str(root / "store")]) == 0
    check(lm.open_store(root / "store").session("bybit", "SIMUSDT"), expected)


def test_sources__are_known_again(root: Path) -> None:
    before = files(root / "store" / "depth")
    report = lm.ingest(sorted((root / "raw").iterdir()), store=root / "store")
    assert set(report.table["status"]) == {"ok"}
    assert report.exit_code == 0
    assert files(root / "store" / "depth") == before


def test_quality__quotes_what_the_ingest_counted(root: Path, expected: dict[str, Any]) -> None:
    sources = lm.open_store(root / "store").session("bybit", "SIMUSDT").quality().sources
    depth = sources[sources["kind"] == "depth"]
    assert int(depth["rows"].sum()) == expected["depth"]
    assert list(depth["name"]) == ["2026-01-05_SIMUSDT_ob10.data.zip", "2026-01-06_SIMUSDT_ob10.data.zip"]


def test_trust__of_a_store_that_kept_none_is_that_of_its_format(root: Path) -> None:
    """Bybit's ids chain, so the book can be trusted but in gaps; no checksums are made up."""
    session = lm.open_store(root / "store").session("bybit", "SIMUSDT")
    trust, gaps = session.trust(), session.gaps()
    begin, end = session.time_range
    assert (trust["start"].iloc[0].value, trust["end"].iloc[-1].value) == (begin.astype(int), end.astype(int))
    assert set(trust["state"]) == ({"chained", "gap"} if len(gaps) else {"chained"})
    assert main(["store", "compact", "--store", str(root / "store")]) == 0
    assert lm.open_store(root / "store").session("bybit", "SIMUSDT").trust().equals(trust)


def test_presets__are_taken(root: Path, monkeypatch: pytest.MonkeyPatch, expected: dict[str, Any]) -> None:
    monkeypatch.setenv("LIQMAP_CONFIG", str(root / "config"))
    saved = {name: choices for name, choices in presets().items() if name not in lm.PRESETS}
    assert saved == expected["presets"]
    session = lm.open_store(root / "store").session("bybit", "SIMUSDT")
    path = lm.picture(session, root / "p.png", preset="long memory", width=500, height=400)
    assert matplotlib.image.imread(path)[0, 0, :3].min() > 0.9  # the light theme
