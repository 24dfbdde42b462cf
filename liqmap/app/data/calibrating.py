"""Calibrations that visitors share: of one market over one time made once, in a thread, and given up when
nobody waits for it any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

import numpy as np

from liqmap.analytics.calibration import Calibration, calibrate
from liqmap.analytics.calibration.calibrate import SHARES, depth_of
from liqmap.analytics.calibration.slices import Beyond, beyond_of
from liqmap.render.frames.frame import instant_ns
from liqmap.schema import GridError
from liqmap.spans import Derivation, Recent, Spans

if TYPE_CHECKING:
    import pandas as pd

KEPT = 4
"""Of a session, over as many times."""

Times = tuple[np.datetime64, np.datetime64]


class Progress(NamedTuple):
    """How many of how many calibrations are made, and of how many levels of the feed's the next one is."""

    done: int
    of: int
    levels: int
    depth: int


@dataclass(frozen=True)
class Calibrated:
    """A market judged as if its feed had fewer levels.

    by_levels : calibrations by levels a side, rising; those that say anything.
    refused : why the others do not.
    """

    by_levels: dict[int, Calibration]
    refused: dict[int, str]

    @property
    def beyond(self) -> Beyond | None:
        """Where the numbers of levels lead at the feed's own depth, beyond which nothing judges."""
        half_lives = next(iter(self.by_levels.values())).measures["half_life"].values.tolist()
        return beyond_of(self.views, half_lives)

    @property
    def views(self) -> pd.DataFrame:
        """A row per number of levels, of those refused with the reason."""
        import pandas as pd

        rows = [one.views for one in self.by_levels.values()]
        said = [{"view": levels, "refused": words} for levels, words in self.refused.items()]
        found = pd.concat([*rows, *([pd.DataFrame(said)] if said else [])], ignore_index=True)
        return found.sort_values("view", ignore_index=True)


def levels_of(spans: Spans) -> tuple[int, ...]:
    """Levels a side that a feed can be judged as if it had: an eighth, a quarter and a half of its depth.

    Raises
    ------
    GridError : it has not two.
    """
    depth = MADE.of(spans).depth
    levels = sorted({depth // part for part in SHARES} - {0})
    if not levels:
        raise GridError(
            where=f"{spans.meta.venue} {spans.meta.symbol}",
            expected="a feed of two levels a side or more, one of which judges the other",
            got=str(depth),
        )
    return tuple(levels)


class Job:
    """Calibrations of a session over one time: the fewest levels first.

    Attributes
    ----------
    progress : of the work, as it goes on. future : what comes of it, a `Calibrated`; the reason of the most
        levels where none says anything.
    """

    def __init__(self, session: Any, times: Times, levels: Sequence[int]) -> None:
        self._session, self._times, self._levels = session, times, levels
        self._lock, self._waiting, self._given_up = Lock(), 0, False
        self.progress = Progress(0, len(levels), levels[0], MADE.of(session.spans()).depth)
        self.future: Future[Calibrated] | None = None
        JOBS.add(self)

    def work(self) -> Calibrated:
        """Make them.

        Raises
        ------
        GridError : nothing can be said of any. CancelledError : nobody waits for it.
        """
        found: dict[int, Calibration] = {}
        errors: dict[int, GridError] = {}
        for done, levels in enumerate(self._levels):
            if self._given_up:
                raise CancelledError
            self.progress = self.progress._replace(done=done, levels=levels)
            try:
                found[levels] = calibrate(self._session, levels, time_range=self._times)
            except GridError as error:
                errors[levels] = error
        self.progress = self.progress._replace(done=len(self._levels))
        if not found:
            raise errors[self._levels[-1]]
        return Calibrated(found, {levels: str(error) for levels, error in errors.items()})

    def join(self) -> bool:
        """Wait for it; False where it has been given up."""
        with self._lock:
            self._waiting += not self._given_up
            return not self._given_up

    def leave(self) -> None:
        """No longer wait for it; after the last, what is being made is finished, and no more begun."""
        with self._lock:
            self._waiting -= 1
            self._given_up = self._given_up or self._waiting <= 0

    def give_up(self) -> None:
        """Whoever waits for it."""
        self._given_up = True


JOBS: WeakSet[Job] = WeakSet()
"""All that are alive."""


class _Jobs:
    """Of one session, and how deep its feed is."""

    def __init__(self, spans: Spans) -> None:
        self.depth = depth_of(spans)
        self.lock = Lock()
        self.by_times: Recent[tuple[int, int], Job] = Recent(KEPT)


MADE = Derivation("calibrations for pages", _Jobs)


def job_of(session: Any, times: Times, submit: Callable[[Callable[[], Any]], Future[Any]]) -> Job:
    """The calibrations of a session over a time, begun if nobody has asked for them yet; joined.

    Raises
    ------
    GridError : the feed is too shallow.
    """
    made, key = MADE.of(session.spans()), _key(times)
    with made.lock:
        job = made.by_times.get(key)
        if job is None or not job.join():
            job = Job(session, times, levels_of(session.spans()))
            job.join()
            made.by_times.put(key, job)
            job.future = submit(job.work)
    return job


def made_before(session: Any, times: Times) -> Job | None:
    """What somebody has had made of a session over a time, if it is done and says anything."""
    job = MADE.of(session.spans()).by_times.get(_key(times))
    done = job is not None and job.future is not None and job.future.done()
    return job if done and job is not None and _succeeded(job) else None


def _succeeded(job: Job) -> bool:
    future = job.future
    return future is not None and not future.cancelled() and future.exception() is None


def _key(times: Times) -> tuple[int, int]:
    return instant_ns(times[0]), instant_ns(times[1])
