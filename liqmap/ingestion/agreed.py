"""Runs of messages after which the book agreed with the venue's checksum, as a store keeps them of a source.

What the rows of a table cannot say: a checksum is compared once, while its source is read.
"""

from __future__ import annotations

import numpy as np

from liqmap.ingestion.judging import CHECKSUM, Verdicts
from liqmap.schema import AGREED, Messages
from liqmap.schema.trust import Run

MOST = 10_000
"""Runs, and contradictions, that are kept of a source. What comes after them is told as neither verified nor
chained."""


class Agreed:
    """Found in messages as they are judged, whatever the pieces that they come in.

    Attributes
    ----------
    runs : each as long as it can be: no message that is not verified lies in it, and no gap.
    doubted : (from, to), ns, before each checksum that its book contradicts: from the last snapshot to the
        last good message.
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.doubted: list[tuple[int, int]] = []
        self._goes_on = False

    def add(self, messages: Messages, verdicts: Verdicts) -> None:
        """Those of the next messages."""
        if messages.checked is None:
            self._goes_on &= not verdicts.keep.any() and not verdicts.gap.any()
            return
        for i in np.flatnonzero(verdicts.gap == CHECKSUM)[: MOST - len(self.doubted)]:
            self.doubted.append((int(verdicts.proven[i]), int(verdicts.last_ts[i])))
        count = len(verdicts.keep)
        is_agreed = verdicts.keep & (messages.checked[:count] == AGREED)
        breaks = (verdicts.keep & ~is_agreed) | (verdicts.gap > 0)
        before = np.cumsum(breaks)  # a gap comes before its message
        found = np.flatnonzero(is_agreed)
        cuts = np.flatnonzero(np.diff(before[found])) + 1
        for k, run in enumerate(np.split(found, cuts) if len(found) else []):
            first, last = run[0], run[-1]
            begin, end = ((int(verdicts.ts[i]), int(messages.seq[i])) for i in (first, last))
            self._add(Run(*begin, *end, len(run)), bool(k == 0 and self._goes_on and before[first] == 0))
        if len(found):
            self._goes_on = bool(before[found[-1]] == before[-1])
        elif count:
            self._goes_on &= before[-1] == 0

    def _add(self, run: Run, goes_on: bool) -> None:
        if goes_on and self.runs:
            before = self.runs[-1]
            run = Run(
                before.first_ts, before.first_seq, run.last_ts, run.last_seq, before.messages + run.messages
            )
            self.runs[-1] = run
        elif len(self.runs) < MOST:
            self.runs.append(run)
