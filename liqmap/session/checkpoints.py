"""Days to spans, by way of checkpoints: the state of the replay at the end of each day it went through."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from liqmap.schema import ReplayError, StoreError, printable
from liqmap.session.replay_plan import ReplayPlan, between, by_day, digest, facts, variant
from liqmap.session.seals import SEAL, check_seal, place_sealed
from liqmap.spans import Replayer, Spans
from liqmap.store import Part, depth_groups, staged

ALL = ""
"""Before any day."""

BAR_AFTER_S = 1.0
"""A replay that takes longer shows a bar, on a terminal."""


class Checkpoints:
    """States at the ends of days, a file each.

    Parameters
    ----------
    root : the store.
    folder : of these files.
    parts : all files of the feed.
    may_write : False: those that are there serve, no other is kept, and none removed.
    """

    def __init__(self, root: Path, folder: Path, parts: Sequence[Part], may_write: bool = True) -> None:
        self.root, self.folder, self.parts, self._may_write = root, folder, parts, may_write

    def latest(self, plan: ReplayPlan, depth_limit: int | None) -> tuple[Replayer, str] | None:
        """The replay to go on with before the days of a plan, and the last day it has been through."""
        if not plan.back:
            return None
        begin, until = plan.back[0].date, plan.back[-1].date
        for name in sorted(self._names(), key=lambda n: n.day, reverse=True):
            enough = name.since <= begin and name.known <= plan.known
            if enough and name.day <= until and name == self._name(plan, name, depth_limit):
                try:
                    check_seal(self.folder / name.file)
                    return Replayer.load(self.folder / name.file, plan.meta), name.day
                except (ReplayError, StoreError, OSError):  # damaged: an earlier one will do
                    self._remove(name)
        return None

    def keep(
        self, replayer: Replayer, plan: ReplayPlan, day: str, own: bool, depth_limit: int | None
    ) -> None:
        """Keep the state at the end of a day, the plan's ``own`` or before, if the store can be written."""
        if not self._may_write:
            return
        known = plan.known if own and plan.back else ALL
        name = self._name(plan, _Name(day, (plan.back or plan.parts)[0].date, known), depth_limit)
        with suppress(OSError):
            if not (self.folder / name.file).exists():
                self.folder.mkdir(parents=True, exist_ok=True)
                with staged(self.root) as work:
                    replayer.save(work / name.file)
                    place_sealed(work / name.file, self.folder / name.file)

    def remove_stale(self) -> None:
        """Remove those that rest on files which are no longer what they were."""
        for name in self._names():
            if name.depth != self._depth(name):
                self._remove(name)

    def _remove(self, name: _Name) -> None:
        if not self._may_write:
            return
        with suppress(OSError):
            (self.folder / name.file).unlink()
            (self.folder / f"{name.file}{SEAL}").unlink()

    def _names(self) -> list[_Name]:
        stems = (path.stem.split("_") for path in self.folder.glob("*_*_*_*_*.arrow"))
        return [_Name(*stem) for stem in stems if len(stem) == len(_Name._fields)]

    def _name(self, plan: ReplayPlan, name: _Name, depth_limit: int | None) -> _Name:
        """The name as it must be today."""
        return name._replace(depth=self._depth(name), variant=digest(variant(plan.meta, depth_limit)))

    def _depth(self, name: _Name) -> str:
        return digest([facts(p, self.root) for p in between(self.parts, name.since, name.day)])


class _Name(NamedTuple):
    """What the name of a checkpoint says.

    day : it stands at the end of. since : the day in which the replay began, or later. known : the day from
    which on the levels carried are all there, or `ALL` of them since the replay began. depth : digest of the
    files since then. variant : digest of what else the replay depends on.
    """

    day: str
    since: str
    known: str
    depth: str = ""
    variant: str = ""

    @property
    def file(self) -> str:
        return "_".join(self) + ".arrow"


def replay_days(plan: ReplayPlan, depth_limit: int | None, checkpoints: Checkpoints) -> Spans:
    """The spans of a plan, from the latest checkpoint on; the states at the ends of its days are kept.

    Raises
    ------
    ReplayError : depth that cannot be replayed.
    """
    return replay_so_far(plan, depth_limit, checkpoints).finish()


def replay_so_far(
    plan: ReplayPlan, depth_limit: int | None, checkpoints: Checkpoints, last_day_is_over: bool = True
) -> Replayer:
    """The replay of a plan, to be gone on with; as `replay_days`.

    Parameters
    ----------
    last_day_is_over : otherwise only the states of the days looked back over are kept.
    """
    found = checkpoints.latest(plan, depth_limit)
    replayer, until = found if found is not None else (Replayer(plan.meta, depth_limit), "")
    before = next((p for p in reversed(plan.back) if p.date <= until), None)
    back = [p for p in plan.back if p.date > until]
    with _Bar(plan, back) as bar:
        for own, parts in ((False, back), (True, plan.parts)):
            if own and plan.back:
                replayer.begin(plan.horizon)
            for day, files in by_day(parts):
                for rows in depth_groups(files, before):
                    replayer.feed(rows)
                    if not own:
                        replayer.forget()
                    bar.update(rows.num_rows)
                before = files[-1]
                if own and not last_day_is_over:
                    continue
                replayer.settle()
                checkpoints.keep(replayer, plan, day, own, depth_limit)
    return replayer


class _Bar:
    """A progress bar over the rows of a replay that takes long, or silence."""

    def __init__(self, plan: ReplayPlan, back: Sequence[Part]) -> None:
        self._bar: Any = None
        if sys.stderr.isatty():
            from tqdm import tqdm

            total = sum(p.rows for p in (*back, *plan.parts))
            what = printable(f"replay {plan.meta.symbol} {plan.name}")
            self._bar = tqdm(total=total, unit="row", unit_scale=True, desc=what, delay=BAR_AFTER_S)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, rows: int) -> None:
        if self._bar is not None:
            self._bar.update(rows)
