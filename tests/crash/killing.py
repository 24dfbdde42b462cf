"""Kills a scenario's command at one point, and says what was wrong of the store afterwards."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from liqmap.schema import LiqmapError
from tests.crash.calls import Call, Point
from tests.crash.fsync_order import commits, unsafe, unsynced
from tests.crash.judging import Change, Rows, different, disagree, unordered, wrong
from tests.crash.layout import LAYOUT, moves
from tests.crash.reading import own, plain, told_as_partial
from tests.crash.scenarios import Scenario, ingest
from tests.crash.warm import Warm

NOTHING = Point("nothing", "", 1)
"""Where nothing is killed."""

AGAIN = 3
"""How often a run is tried that does not come by its point: threads may take other turns."""


@dataclass
class Verdict:
    """What was wrong after a kill; nothing, where all four are empty.

    own : liqmap's reading before the next write. plain : a plain reader's, which is promised nothing then.
    later : either, after the next write. done : either, after the command ran again. missed : the command
    ended without coming by the point.
    """

    point: Point
    own: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    missed: bool = False

    @property
    def broken(self) -> bool:
        """Whether what is promised does not hold."""
        return bool(self.own or self.later or self.done or self.missed)


class Prepared:
    """A scenario with its store, what the command does uninterrupted, and the points where it can be killed.

    What is expected is not written down anywhere: it is what the same steps do where nothing is killed.
    """

    def __init__(self, scenario: Scenario, folder: Path, warm: Warm) -> None:
        self.scenario, self.warm, self.folder = scenario, warm, folder
        self.raw, self.store = folder / "raw", folder / "before" / "store"
        self.raw.mkdir(parents=True)
        self.store.parent.mkdir()
        scenario.prepare(self.raw, self.store)
        before = own(self.store)
        done = self._copy("done")
        run = warm.run(scenario.name, self.raw, done)
        if run.status != 0:
            raise RuntimeError(f"{scenario.name} ended with {run.status}: {warm.log.read_text()[-2000:]}")
        self.calls: list[Call] = run.calls
        self.points: list[Point] = run.points
        self.unsafe = unsafe(run.calls)
        self.look = scenario.look(done) if scenario.look else None
        sources = self._sources() if scenario.sources else None
        self.now = Change(before, own(done), sources)
        if self.now.before.rows != self.now.after.rows and not commits(run.calls):
            self.unsafe.append(f"rows changed, and no file like {' or '.join(LAYOUT.commits)} appeared")
        skipped = self._copy("skipped")
        self._write_next(skipped)
        self._write_next(done)
        self.later = Change(own(skipped), own(done), sources)
        for stage in scenario.stages:
            store = self._copy("stage")
            stage(self.raw, store)
            self.now.between.append(own(store))
            self._write_next(store)
            self.later.between.append(own(store))
        self._run(done)
        self.done = own(done)
        readings = (before, self.now.after, self.later.before, self.later.after, self.done)
        problems = [f"cannot be read: {reading.problem}" for reading in readings if reading.problem]
        self.uninterrupted = Verdict(NOTHING, done=problems + disagree(plain(done), self.done))

    def _sources(self) -> Mapping[str, Rows]:
        """What each source holds: what a store has that it alone was taken into."""
        found = {}
        for name in self.scenario.sources:
            alone = self.folder / "alone" / name / "store"
            ingest(name)(self.raw, alone)
            found[name] = own(alone).rows
        return found

    def _copy(self, name: str) -> Path:
        to = self.folder / name / "store"
        if to.parent.exists():
            shutil.rmtree(to.parent)
        if self.store.exists():
            shutil.copytree(self.store, to)
        else:
            to.parent.mkdir()
        return to

    def kill(self, point: Point, power: bool = False) -> Verdict:
        """Kill the command at a point, and judge.

        Parameters
        ----------
        power : let the power fail at that moment: of every file whose bytes were not synced nothing is left.
            What stands in folders is taken to have reached the disk.
        """
        for _ in range(AGAIN):
            store = self._copy("killed")
            run = self.warm.run(self.scenario.name, self.raw, store, point)
            if run.killed_at is not None:
                break
        else:
            return Verdict(point, missed=True)
        if power:
            for path in unsynced(run.calls):
                if (store / path).is_file():
                    os.truncate(store / path, 0)
        seen, folder = own(store), plain(store)
        verdict = Verdict(point)
        verdict.own = wrong(seen, self.now, partial(told_as_partial, store, seen)) + self._looked(store)
        verdict.plain = wrong(unordered(folder), self._unordered(self.now), lambda name: [])
        try:
            refused = self._write_next(store)
            after = self.now if refused else self.later
            seen = own(store)
            verdict.later = wrong(seen, after, None) + ([] if refused else disagree(plain(store), seen))
            self._run(store)
            if refused:
                self._write_next(store)
            seen = own(store)
            verdict.done = different(seen, self.done) + disagree(plain(store), seen)
            if self.scenario.look and self.scenario.look(store) != self.look:
                verdict.done.append("what was looked at is not what it was")
        except Exception as error:  # a write that fails after a kill is what this looks for
            verdict.done.append(f"{type(error).__name__}: {error}")
        return verdict

    def _looked(self, store: Path) -> list[str]:
        """Whether what the scenario looks at is right, asked of a copy, for to look may mend."""
        if self.scenario.look is None:
            return []
        copy = self.folder / "looked"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(store, copy)
        try:
            same = self.scenario.look(copy) == self.look
        except Exception as error:
            return [f"{type(error).__name__}: {error}"]
        return [] if same else ["what was looked at is not what it was"]

    @staticmethod
    def _unordered(change: Change) -> Change:
        between = list(map(unordered, change.between))
        return Change(unordered(change.before), unordered(change.after), change.sources, between)

    def _write_next(self, store: Path) -> bool:
        """The next write; whether it was refused, which few scenarios allow."""
        try:
            _quietly(self.scenario.write_next, self.raw, store)
        except LiqmapError:
            if not self.scenario.then_may_refuse:
                raise
            return True
        return False

    def _run(self, store: Path) -> None:
        _quietly(self.scenario.run, self.raw, store)


def _quietly(step: Any, raw: Path, store: Path) -> None:
    """Do a step; it may warn of what a kill has left."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        step(raw, store)


def sample(points: list[Point], many: int) -> list[Point]:
    """Some of the points, the same each time, at even steps. Three quarters are `moves`, if
    there are so many."""
    matter = moves(points)
    others = [p for p in points if p not in set(matter)]
    chosen = _spread(matter, min(many, -(-3 * many // 4)))
    return [*chosen, *_spread(others, many - len(chosen))]


def _spread(points: list[Point], many: int) -> list[Point]:
    if len(points) <= many:
        return points
    return [points[(2 * n + 1) * len(points) // (2 * many)] for n in range(many)]
