"""Diffs without the name of their stream: whether they are one chain of ids or several in turn.

In one chain a diff never begins before the last one ended: where one does (``pu`` below the last ``u``), it
is of another stream of the same market. One at another speed tells the same changes: it ends where one of
our diffs ends, and its sizes are those that ours have told since it begins. So it is left out for certain.
Any other may be a stream of the first levels, or with retail orders, and which diffs are of which then
nothing says.
"""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path

import numpy as np

from liqmap.schema import FormatError, Messages
from liqmap.schema.messages import join, picked

REMEMBERED = 2_000
"""Diffs that others are compared with: minutes of them at 100 ms."""

MOST_STRANGE = 100
"""One in so many may overlap others for another reason, such as a recorder that connects anew."""

MOST_WAITING = 64
"""Diffs that overlap the end of the chain and wait for its next ones; of another stream only one does."""

MOST_TOLD = 256
"""Of our diffs, those that one of a slower stream may tell together."""

Levels = dict[tuple[int, float], float]


class Chains:
    """The chain that is read, across batches. ``others`` counts diffs of another stream of the same changes;
    ``strange`` those that overlap the chain in another way. Both are left out. Those that repeat the chain or
    are older than what is remembered of it stay: ingestion ignores and counts them, as those of any feed."""

    def __init__(self) -> None:
        self.others = self.strange = self._count = 0
        self._last = -1
        self._first: tuple[int, int] | None = None
        self._recent: Messages | None = None
        self._waiting: Messages | None = None  # they end after the chain as it is now

    @property
    def waiting(self) -> int:
        """Diffs that end after the chain as it is now."""
        return 0 if self._waiting is None else len(self._waiting.seq)

    def keep(self, diffs: Messages) -> Messages | None:
        """Those of the chain, and those from before it, which repeat it."""
        self._count += len(diffs.seq)
        if self._first is None and len(diffs.seq):
            self._first = int(diffs.prev[0]), int(diffs.seq[0])
        last = np.maximum.accumulate(np.concatenate([[self._last], diffs.seq]))
        if self._waiting is not None or (diffs.prev < last[:-1]).any() or (diffs.seq <= last[:-1]).any():
            return self._part(diffs)
        self._last = int(last[-1])
        recent = diffs if self._recent is None else join([self._recent, diffs])
        assert recent is not None
        self._recent = picked(recent, np.arange(max(len(recent.seq) - REMEMBERED, 0), len(recent.seq)))
        return diffs

    def check(self, path: Path) -> None:
        """That what was left out was so for certain.

        Raises
        ------
        FormatError : the diffs are of several streams, and which is of which is not known.
        """
        if self.strange * MOST_STRANGE > self._count:
            raise FormatError(
                where=path,
                expected="diffs of one stream, or with the names of their streams",
                got=f"{self._count:,} diffs without names, of which {self.strange:,} overlap the others",
                remedy='Keep each stream in a file of its own, or the envelope {"stream": ..., "data": ...}',
            )

    def _part(self, diffs: Messages) -> Messages | None:
        """As `keep`, one after the other."""
        parts = [part for part in (self._recent, self._waiting, diffs) if part is not None]
        every = join(parts)
        assert every is not None
        known = 0 if self._recent is None else len(self._recent.seq)
        first = len(every.seq) - len(diffs.seq)
        chain, waiting, kept = list(range(known)), list(range(known, first)), []
        ends = every.seq[:known].tolist()
        for i in range(first, len(every.seq)):
            prev, seq = int(every.prev[i]), int(every.seq[i])
            if prev >= self._last:
                # where the chain breaks off, one that waits may be the beginning of the next
                begun = [w for w in waiting if prev > self._last and every.seq[w] == prev][:1]
                waiting = [w for w in waiting if w not in begun]
                for new in (*begun, i):
                    kept.append(new)
                    if every.seq[new] > self._last:
                        self._last = int(every.seq[new])
                        chain.append(new)
                        ends.append(self._last)
                ended = [w for w in waiting if every.seq[w] <= self._last]
                waiting = [w for w in waiting if every.seq[w] > self._last]
                kept += [w for w in ended if self._judge(every, w, chain, ends)]
            elif seq > self._last:
                self.strange += len(waiting) == MOST_WAITING
                waiting = [*waiting[-MOST_WAITING + 1 :], i]
            elif self._judge(every, i, chain, ends):
                kept.append(i)
        self._recent = picked(every, np.array(chain[-REMEMBERED:], np.int64))
        self._waiting = picked(every, np.array(waiting, np.int64)) if waiting else None
        return picked(every, np.array(kept, np.int64)) if kept else None

    def _judge(self, every: Messages, i: int, chain: list[int], ends: list[int]) -> bool:
        """Count a diff that ends within the chain; True where it repeats one, or is older than what is
        known."""
        prev, seq = every.prev[i], every.seq[i]
        known = max(len(chain) - REMEMBERED, 0)
        if not chain or prev < every.prev[chain[known]]:
            return True
        at = bisect_left(ends, seq, known)
        begin = at
        while begin > max(at - MOST_TOLD, known) and every.prev[chain[begin]] > prev:
            begin -= 1
        told: Levels = {}
        for k in range(begin, at + 1):
            told |= _levels(every, chain[k])
        own = _levels(every, i)
        same_ids = ends[at] == seq and every.prev[chain[begin]] == prev
        if same_ids and begin == at and own == told:
            return True
        first = self._first
        # ours of within the first, which begins the file, came before it: what they told is not known
        cut = first is not None and first[0] <= prev and seq <= first[1] and (prev, seq) != first
        again = same_ids and begin < at and all(told.get(level) == size for level, size in own.items())
        self.others += cut or again
        self.strange += not (cut or again)
        return False


def _levels(diffs: Messages, i: int) -> Levels:
    """The sizes that one diff tells."""
    rows = slice(diffs.rows[i], diffs.rows[i + 1])
    keys = zip(diffs.side[rows].tolist(), diffs.price[rows].tolist())
    return dict(zip(keys, diffs.size[rows].tolist()))
