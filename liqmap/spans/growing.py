"""`Growing`: the spans of a session that is fed and looked at in turn, many times a second."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pyarrow as pa

from liqmap.schema import Meta
from liqmap.spans.grown import GrownSpans, drop_ended, ended_by, last_end
from liqmap.spans.replayer import Replayer
from liqmap.spans.spans import Spans


@dataclass(frozen=True)
class Growth:
    """How many spans are gathered anew, and how often others are.

    young : of those that ended last, at least so many are gathered for each view, at most twice as many.
    settled : middle ones are put in order each time that young ones join them. When they are so many, they
        are left as they stand, and what is derived from them (mipmaps) with them.
    overlap : share of those that the next middle ones begin with, so that a column of a picture, however
        wide, is most often covered by one part alone.
    """

    young: int = 16_000
    settled: int = 500_000
    overlap: float = 0.125


class Growing:
    """A replay that is looked at while it goes on; for several threads.

    A view costs what is young, some milliseconds, however long the session; see `grown`.

    Parameters
    ----------
    replayer : with what it has taken so far. It belongs to this object from now on.
    """

    def __init__(self, replayer: Replayer, growth: Growth | None = None) -> None:
        self._replayer, self._growth = replayer, growth or Growth()
        self._lock = threading.Lock()
        self._settled: list[Spans] = []
        self._ended: list[int] = []  # of each part but the last, those that are not in the next
        self._middle: Spans | None = None
        self._view: Spans | None = None

    @property
    def meta(self) -> Meta:
        """Of the spans."""
        return self._replayer.meta

    def feed(self, depth: pa.Table) -> None:
        """Take the next rows, see `Replayer.feed`.

        Raises
        ------
        ReplayError : rows that cannot be replayed. Nothing of them has been taken then.
        """
        with self._lock:
            self._replayer.feed(depth)
            self._view = None

    def spans(self) -> Spans:
        """What `replay` finds in all that was fed; the same object until more is."""
        with self._lock:
            if self._view is None:
                young = self._replayer.spans()
                if len(young) > 2 * self._growth.young:
                    young = self._put_by(young)
                self._view = self._whole(young)
            return self._view

    def _whole(self, young: Spans) -> Spans:
        """All parts, the youngest the last."""
        if self._middle is None:
            return young
        return GrownSpans([*self._settled, self._middle, young], self._ended)

    def _put_by(self, young: Spans) -> Spans:
        """Join what is young to the middle spans; what ended last stays young."""
        since = self._replayer.forget_all_but(self._growth.young)
        if since is None:
            return young
        if self._middle is None:
            middle = young
        else:
            joined = GrownSpans([self._middle, young], self._ended[-1:])
            middle = Spans(joined.sides, joined.windows, joined.meta, self._middle.since)
            del self._ended[-1]
        if len(middle) > self._growth.settled:
            until = last_end(middle, int(len(middle) * self._growth.overlap))
            if until is not None and until <= since:
                self._settled.append(middle)
                self._ended.append(ended_by(middle, until))
                middle = drop_ended(middle, until)
        self._middle = middle
        self._ended.append(ended_by(middle, since))
        return drop_ended(young, since)
