"""A store that visitors share."""

from __future__ import annotations

from pathlib import Path

import pytest

import liqmap as lm
from liqmap.simulation import write_bybit


@pytest.fixture
def path(tmp_path: Path) -> Path:
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=20), tmp_path / "raw")
    assert lm.ingest(raw, store=tmp_path / "store").exit_code == 0
    return tmp_path / "store"
