"""Whatever goes wrong on the way, a recording shows nothing as observed that was not so, tells each gap, and
goes on after one reconnect.

``LIQMAP_FAULTS=50`` runs fifty random scripts of each venue: some minutes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from liqmap.live.play import Fault
from tests.live.faults.judging import HARMLESS, Judged
from tests.live.faults.rehearsal import SILENCE_S, rehearse
from tests.live.faults.scripts import NAMES, alone, drawn, served

pytestmark = pytest.mark.long

COUNT = int(os.environ.get("LIQMAP_FAULTS", "2"))
"""Random scripts of each venue."""

SHORT_S = 1.2
"""A silence of 3 s is one that a recorder does not wait for, one of 0.3 s it does."""


def judged(
    name: str, scripts: Sequence[Sequence[Fault | str]], folder: Path, silence_s: float = SILENCE_S
) -> list[Judged]:
    """What came of each script; all that is wrong is told at once."""
    found = [Judged(one) for one in asyncio.run(rehearse(served(name), scripts, folder, silence_s))]
    wrong = {" ".join(map(str, one.outcome.faults)): said for one in found if (said := one.verdict())}
    assert not wrong
    return found


@pytest.mark.parametrize("name", ["bybit", "binance", "kraken, 10 levels"])
def test_each_kind_alone(name: str, tmp_path: Path) -> None:
    for one in judged(name, alone(name), tmp_path, SHORT_S):
        ((fault, _),) = one.outcome.struck
        assert len(one.unknown) == (fault.kind not in HARMLESS), fault
        assert len(one.outcome.opened) == len(one.needed), fault


@pytest.mark.parametrize("name", NAMES)
def test_random_scripts(name: str, tmp_path: Path) -> None:
    found = judged(name, drawn(name, range(COUNT)), tmp_path)
    assert sum(len(one.unknown) for one in found) >= COUNT
    assert all(len(one.outcome.struck) == 8 for one in found)
