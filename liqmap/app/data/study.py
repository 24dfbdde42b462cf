"""Which half-life fits the market that is shown: asked for by hand, answered by a calibration. No UI here."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from typing import Any
from weakref import ref

import numpy as np
import param

from liqmap.analytics.calibration import Calibration
from liqmap.app.data.calibrating import Calibrated, Job, job_of, levels_of, made_before
from liqmap.app.data.calibrations import Carried, carried_of
from liqmap.app.data.data import Data
from liqmap.app.data.watched import is_live
from liqmap.app.state.options import DEFAULT, FITTED, OVER, PAGES
from liqmap.app.state.presets import choices_of
from liqmap.render.frames.frame import visible
from liqmap.schema import LiqmapError, SessionError
from liqmap.session import Store

Times = tuple[np.datetime64, np.datetime64]


class Study(param.Parameterized):
    """A calibration of what a `Data` shows, from the button to the answer.

    What has been made of the same market over the same time, by any visitor, is there at once.
    """

    data = param.ClassSelector(class_=Data, constant=True)
    found = param.ClassSelector(class_=Calibrated, default=None, allow_None=True, doc="The answer.")
    busy = param.String("", doc="What is being done.")
    notice = param.String("", doc="Why there is no answer.")
    may_write = param.Boolean(False, doc="Whether an answer may be saved with the store.")

    def __init__(self, data: Data, **params: Any) -> None:
        self._job: Job | None = None
        self._of: tuple[Any, Times] | None = None
        self._saved: Calibrated | None = None
        self._kept: Calibration | None = None
        super().__init__(data=data, **params)
        data.param.watch(self._look, "session")
        data.state.param.watch(self._look, ["page", "over"])
        data.state.param.watch(self._look_at_view, ["start", "end"])
        self._look()

    # ------------------------------------------------------------------ what is asked

    @property
    def times(self) -> Times:
        """What is judged: all of the session, or what is in view."""
        data = self.data
        begin, end = visible(data.session.time_range)
        if data.state.over == OVER[0]:
            return begin, end
        start, stop = data.time_range
        return max(begin, start), min(end, stop)

    @property
    def offered(self) -> tuple[int, ...]:
        """Levels a side that the feed can be judged as if it had; none of a book without depth."""
        if self.data.session is None or is_live(self.data.session):
            return ()
        try:
            return levels_of(self.data.session.spans())
        except LiqmapError:
            return ()

    def _look_at_view(self, *_: Any) -> None:
        if self.data.state.over != OVER[0]:
            self._look()

    def _look(self, *_: Any) -> None:
        """Another market or time: what is known of it."""
        session = self.data.session
        if self.data.state.page != PAGES[1] or session is None:
            return
        about = ref(session), self.times
        if about == self._of:
            return
        self._of = about
        self.cancel()
        made = None if is_live(session) else made_before(session, self.times)
        self._kept = self.data.saved
        self._saved = None if made is not None else _as_made(self._kept)
        found = self._saved if made is None else _result(made)
        self.param.update(found=found, notice="")
        self._offer()

    def _offer(self) -> None:
        """What is known of a market of which nothing was: its fitted model may be drawn by from now on."""
        if self.data.calibration is None and self.chosen is not None:
            self.data.calibration = self.chosen

    # ------------------------------------------------------------------ the work

    def calibrate(self) -> None:
        """Have it made, unless it is, or is being made."""
        if self.busy or self.data.session is None or self.data.busy:
            return
        try:
            if is_live(self.data.session):
                raise SessionError(
                    where="calibration",
                    expected="a market that is stored",
                    got="one that is listened to",
                    remedy="Choose the same market of the store, once some of it has been recorded",
                )
            job = job_of(self.data.session, self.times, self.data.worker.submit_long)
        except LiqmapError as error:
            self.notice = self.data.tell(error)
            return
        self._job = job
        self.param.update(notice="", busy=self._progress(job))
        assert job.future is not None
        self.data.worker.hand_on(job.future, lambda future: self._take(job, future))

    def cancel(self) -> None:
        """No longer wait for it."""
        if self._job is not None:
            self._job.leave()
            self._job = None
            self.busy = ""

    def tick(self) -> None:
        """Say how far it is."""
        if self._job is not None:
            self.busy = self._progress(self._job)

    def _progress(self, job: Job) -> str:
        at = job.progress
        return f"{at.levels} of {at.depth} levels a side ({min(at.done + 1, at.of)} of {at.of})"

    def _take(self, job: Job, future: Future[Any]) -> None:
        """What came of it, unless it has been left meanwhile."""
        if job is not self._job:
            return
        self._job = None
        found, notice = None, ""
        try:
            found = future.result()
        except CancelledError:
            notice = "The calibration was given up, as the server stops."
        except Exception as error:
            notice = self.data.tell(error, "The market cannot be calibrated")
        self.param.update(found=found, notice=notice, busy="")
        self._offer()

    # ------------------------------------------------------------------ the answer, and what to do with it

    @property
    def chosen(self) -> Calibration | None:
        """The calibration of the levels chosen; of the most that say anything where none are."""
        if self.found is None:
            return None
        known = self.found.by_levels
        return known.get(self.data.state.levels, known[max(known)])

    @property
    def is_made(self) -> bool:
        """Whether all that is asked for has been made, here and now: a saved answer can be made anew."""
        return self.found is not None and self.found is not self._saved

    @property
    def is_kept(self) -> bool:
        """Whether the answer is what the store has."""
        return self.chosen is not None and self.chosen is self._kept

    @property
    def can_keep(self) -> bool:
        """Whether there is an answer, and a store that may be written to."""
        may = self.may_write and isinstance(self.data.source, Store)
        return self.chosen is not None and may

    def keep(self) -> None:
        """Save the answer with the store: its market opens with it."""
        if not self.can_keep or self.is_kept:
            return
        try:
            self.data.source.save_calibration(self.chosen)
        except (LiqmapError, OSError) as error:
            self.data.warn(self.data.tell(error, "The calibration cannot be kept with the store"))
            return
        self.data.changed()
        self._kept = self.data.saved = self.chosen
        self.data.calibration = self.chosen
        self.data.param.trigger("calibration")

    def use(self) -> None:
        """What the answer says to draw by, and back to the picture."""
        if self.chosen is not None:
            self.data.use(self.chosen)
            self.show_picture()

    @property
    def is_fitted(self) -> bool:
        """Whether the answer is to draw by the fitted model."""
        return self.chosen is not None and carried_of(self.chosen).carry_by == FITTED

    def use_own(self) -> None:
        """What the market's own calibration says to draw by."""
        if self.data.calibration is not None:
            self.data.use(self.data.calibration)

    def buttons(self) -> dict[str, Any]:
        """How the buttons beside the picture look."""
        data = self.data
        state, there = data.state, data.calibration is not None
        default = Carried.of(state)._asdict() == choices_of(DEFAULT)
        return {
            "calibrated": {"hidden": not there, "on": data.is_calibrated},
            "default": {"hidden": not there, "on": default and not data.is_calibrated},
        }

    def use_default(self) -> None:
        """Half-life and prune of liqmap's own."""
        self.data.state.param.update(**choices_of(DEFAULT))

    def show_picture(self) -> None:
        """Back to where one came from."""
        self.data.state.page = PAGES[0]

    def show(self) -> None:
        """Go to the calibration."""
        self.data.state.page = PAGES[1]


def _result(job: Job) -> Calibrated:
    assert job.future is not None
    found: Calibrated = job.future.result()
    return found


def _as_made(saved: Calibration | None) -> Calibrated | None:
    """A calibration that was saved, as one just made."""
    return None if saved is None or saved.view is None else Calibrated({saved.view: saved}, {})
