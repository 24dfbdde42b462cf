"""The threat model names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
MODEL = HERE.parents[2] / "docs" / "threat_model.md"


def test_each_threat__names_tests_that_there_are() -> None:
    rows = [line for line in MODEL.read_text().splitlines() if line.startswith("| ") and "`" in line]
    threats = [row for row in rows if row.endswith("` |")]
    assert len(threats) > 20
    named = {name for row in threats for name in re.findall(r"`([\w/]+\.py)`", row)}
    assert sorted(name for name in named if not (HERE / name).exists()) == []
