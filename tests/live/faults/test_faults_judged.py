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

from liqmap.live.play.faults import KINDS
from tests.live.faults.judging import HARMLESS, Judged
from tests.live.faults.rehearsal import SILENCE_S, Script, rehearse_all
from tests.live.faults.scripts import NAMES, alone, drawn, served

pytestmark = pytest.mark.long

COUNT = int(os.environ.get("LIQMAP_FAULTS", "1"))
"""Random scripts of each venue; from ten on, every kind of fault is also served alone by every venue."""

SHORT_S = 1.2
"""A silence of 3 s is one that a recorder does not wait for, one of 0.3 s it does."""


def judged(
    rehearsals: Sequence[tuple[str, Script]], folder: Path, silence_s: float = SILENCE_S
) -> list[Judged]:
    """What came of each market and script; all that is wrong is told at once."""
    markets = [(served(name), script) for name, script in rehearsals]
    found = [Judged(one) for one in asyncio.run(rehearse_all(markets, folder, silence_s))]
    wrong = {f"{one.outcome.served.market} {' '.join(map(str, one.outcome.faults))}": said
             for one in found if (said := one.verdict())}  # fmt: skip
    assert not wrong, "\n".join(f"{one}: {said}" for one, said in wrong.items())
    return found


def test_each_kind_alone(tmp_path: Path) -> None:
    every = [(name, alone(name)) for name in ("bybit", "kraken, 10 levels", "binance")]
    some = [(name, scripts[k % 2 :: 2]) for k, (name, scripts) in enumerate(every)]
    rehearsals = [(name, one) for name, scripts in (every if COUNT >= 10 else some) for one in scripts]
    found = judged(rehearsals, tmp_path, SHORT_S)
    assert {one.outcome.faults[0].kind for one in found} == set(KINDS)
    for one in found:
        ((fault, _),) = one.outcome.struck
        assert len(one.unknown) == (fault.kind not in HARMLESS), fault
        assert len(one.outcome.opened) == len(one.needed), fault


@pytest.mark.timeout(3_600)
def test_random_scripts(tmp_path: Path) -> None:
    found = judged([(name, script) for name in NAMES for script in drawn(name, range(COUNT))], tmp_path)
    assert sum(len(one.unknown) for one in found) > len(found)
    assert all(len(one.outcome.struck) == 8 for one in found)
