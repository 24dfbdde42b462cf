"""The points of scenarios killed one after the other, and the table of what was wrong."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.crash.killing import Prepared, Verdict, sample
from tests.crash.scenarios import SCENARIOS
from tests.crash.warm import Warm

COLUMNS = ("points", "ours", "plain", "after the next write", "after a rerun", "missed", "unsafe")

ROOM = 1 << 29


@dataclass
class Found:
    """What became of a scenario: uninterrupted, and killed at points."""

    scenario: str
    uninterrupted: Verdict
    verdicts: list[Verdict]
    unsafe: list[str]
    seconds: float

    @property
    def broken(self) -> bool:
        return bool(self.unsafe) or any(v.broken for v in (self.uninterrupted, *self.verdicts))

    def row(self) -> tuple[int, ...]:
        columns = [(v.own, v.plain, v.later, v.done, v.missed) for v in self.verdicts]
        return (len(columns), *(sum(map(bool, column)) for column in zip(*columns)), len(self.unsafe))


def folder() -> str | None:
    """Where the stores of a run stand: in memory if there is room, for they are copied thousands of times."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


def examine(name: str, points: int | None, listed: bool = False, power: bool = False) -> Found:
    """Kill one scenario at its points, or at some of them; ``power``: as if by a power failure."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=folder()) as work, Warm(Path(work, "log")) as warm:
        prepared = Prepared(SCENARIOS[name], Path(work, "scenario"), warm)
        if listed:
            print(*(f"{name}: {point}" for point in prepared.points), sep="\n", flush=True)
        chosen = prepared.points if points is None else sample(prepared.points, points)
        verdicts = [prepared.kill(point, power) for point in chosen]
        return Found(name, prepared.uninterrupted, verdicts, prepared.unsafe, time.perf_counter() - began)


def details(found: Found, shown: int) -> list[str]:
    """What was wrong, at the first points of each kind."""
    lines = [f"  not killed: {said}" for said in found.uninterrupted.done]
    for column in ("own", "plain", "later", "done"):
        bad = [v for v in found.verdicts if getattr(v, column)]
        for verdict in bad[:shown]:
            said = getattr(verdict, column)
            more = f" (and {len(said) - 1} more)" if len(said) > 1 else ""
            lines.append(f"  {column}, killed before {verdict.point}: {said[0]}{more}")
        if len(bad) > shown:
            lines.append(f"  {column}: at {len(bad) - shown} more points")
    lines += [f"  missed: {verdict.point}" for verdict in found.verdicts if verdict.missed]
    lines += [f"  unsafe: {said}" for said in found.unsafe[:shown]]
    if len(found.unsafe) > shown:
        lines.append(f"  unsafe: {len(found.unsafe) - shown} more")
    return [found.scenario, *lines] if lines else []


def table(every: Sequence[Found]) -> list[str]:
    return aligned([("killed in", *COLUMNS), *((one.scenario, *map(str, one.row())) for one in every)], 1)


def aligned(rows: Sequence[Sequence[str]], words: int) -> list[str]:
    """Rows as lines; the first columns hold words, the others numbers."""
    wide = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(v.ljust(w) if n < words else v.rjust(w) for n, (v, w) in enumerate(zip(row, wide)))
        for row in rows
    ]
