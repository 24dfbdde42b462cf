"""Held-out depth by the plainest means: two books of dicts, message by message, asked before every instant.

It knows the rules of windows from `tests.oracle.replay`, and nothing of spans.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter

from tests.oracle.replay import Side

NAMES = ("bid", "ask")


class Book:
    """A feed's book as of the messages heard so far."""

    def __init__(self, messages: list, n: int, policy: str) -> None:
        self.sides = [Side(name, n, policy) for name in NAMES]
        self.policy, self.windowed, self.heard = policy, False, 0
        self.messages = _gaps_at_last_good(messages)
        self.touches: list = [[(-1, None)], [(-1, None)]]  # (ts, best tick after all messages of that time)

    def hear_before(self, t: int) -> None:
        """Apply the messages before an instant."""
        while self.heard < len(self.messages) and self.messages[self.heard][1] < t:
            self._hear(*self.messages[self.heard])
            self.heard += 1

    def _hear(self, event: str, ts: int, rows: list) -> None:
        replaces = event == "snapshot"
        self.windowed = (self.windowed or replaces) and event != "gap"
        for side in self.sides:
            if event == "gap":
                side.stop(ts)
            else:
                own = [(tick, size) for name, tick, size in rows if name == side.name]
                side.hear(ts, own, replaces=replaces, windowed=self.windowed)
        for side, steps in zip(self.sides, self.touches):
            best = (max if side.name == "bid" else min)(side.listed, default=None)
            steps.append((ts, best))

    def covers(self, s: int, tick: int) -> bool:
        if not self.sides[s].window:
            return False
        *_, worst, known = self.sides[s].window[-1]
        return known and (worst is None or (tick >= worst if s == 0 else tick <= worst))

    def distance(self, s: int, tick: int, seen: int) -> float | None:
        """From the touch before the messages of the time ``seen``, basis points."""
        _, best = self.touches[s][bisect_left(self.touches[s], seen, key=itemgetter(0)) - 1]
        return None if not best else abs(tick - best) / best * 1e4


def _gaps_at_last_good(messages: list) -> list:
    """Nothing is confirmed from the last good message on: a gap acts there, whenever it was noticed."""
    out, last_good = [], None
    for event, ts, rows in messages:
        if event != "gap":
            last_good = ts
            out.append((event, ts, rows))
        elif last_good is not None:
            out.append((event, last_good, rows))
    return out


def oracle_held_out(narrow: Book, wide: Book, step: int) -> list:
    """Rows ``(time, side, tick, size, age, distance, true)``, distance None without a touch."""
    ends = [max((ts for event, ts, _ in b.messages if event != "gap"), default=0) for b in (narrow, wide)]
    starts = [min((ts for _, ts, _ in b.messages), default=0) for b in (narrow, wide)]
    rows = []
    for t in range((max(starts) // step + 1) * step, min(ends) + 1, step):
        narrow.hear_before(t)
        wide.hear_before(t)
        for s in (0, 1):
            for tick, (_, seen, size) in sorted(narrow.sides[s].carried.items()):
                if wide.covers(s, tick):
                    true = wide.sides[s].listed.get(tick, (None, 0.0))[1]
                    rows.append((t, s, tick, size, t - seen, narrow.distance(s, tick, seen), true))
    return rows
