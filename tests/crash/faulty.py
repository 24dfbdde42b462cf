"""A command that does wrong: what is said of it shows that a kill happens where it should, and is judged."""

from __future__ import annotations

import os
from pathlib import Path

from tests.crash.scenarios import Scenario, new_market


def away_for_a_moment(raw: Path, store: Path) -> None:
    """Move a file of the store out of its folder, and back."""
    for part in sorted(store.glob("depth/**/*.parquet")):
        os.rename(part, store / ".away")
        os.rename(store / ".away", part)


def replaced_unsynced(raw: Path, store: Path) -> None:
    """Put a copy of a file of the store in its place, which may not have reached the disk."""
    for part in sorted(store.glob("depth/**/*.parquet")):
        (store / ".copy").write_bytes(part.read_bytes())
        os.rename(store / ".copy", part)
    (store / ".done").mkdir(exist_ok=True)


_EVERY = (
    Scenario("away for a moment", new_market, away_for_a_moment),
    Scenario("replaced unsynced", new_market, replaced_unsynced),
)
FAULTY = {scenario.name: scenario for scenario in _EVERY}
