"""A point of some scenarios, the same each time; ``make crash`` takes all points of all."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.crash.killing import Prepared, sample
from tests.crash.scenarios import SCENARIOS
from tests.crash.suite import folder
from tests.crash.warm import Warm

POINTS = 1

AT_ONCE = ("ingest of 7 files", "compact", "rm of a market", "record, and record again")
"""A command of each kind that writes; the others begin after an accident, or are slower."""


@pytest.mark.parametrize("name", AT_ONCE)
def test_store__is_right_after_a_kill(name: str, warm: Warm) -> None:
    with tempfile.TemporaryDirectory(dir=folder()) as work:
        prepared = Prepared(SCENARIOS[name], Path(work, "scenario"), warm)
        verdicts = [prepared.kill(point) for point in sample(prepared.points, POINTS)]
    assert not prepared.uninterrupted.broken, prepared.uninterrupted
    assert len(verdicts) == POINTS
    assert [verdict for verdict in verdicts if verdict.broken] == []
    assert prepared.unsafe == []
