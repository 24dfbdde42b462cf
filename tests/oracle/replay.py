"""Messages -> spans and window under the four window policies, written to be read, not to be fast.

This file is the rules of the core in the plainest Python: a dict of listed and a dict of carried
levels a side, the worst level looked up anew after every message, every carried level asked after
every message whether the window covers it. It shares no code with the package.

The rules
---------
A *message* is ``(event, ts, rows)``; its rows ``(side, tick, size)`` apply together: only the book
before and the book after it are compared, so of two rows for one price the last one counts.

With a window (from a snapshot to the next gap), after each message, for each side:

1. A listed level whose size is unchanged continues its span, whether a row repeated it or not.
2. A listed level at a new size ends (``seen == end == ts``) and a new span starts at ``ts``.
3. The side is *full* if it lists N levels or more. Its window then ends at its worst listed level;
   a side that is not full has no bound.
4. A level no longer listed, beyond the bound: it left the window, carried with ``seen == ts``.
   Otherwise it is gone: ``seen == end == ts``. A snapshot removes what it does not list.
5. A carried level that is listed again (at whatever size) ends at ``ts``, and a new span starts.
   A carried level that the window covers without listing it ends at ``ts``.
   A carried level beyond the bound stays, even where a row removes it once more.
6. A removal of a price that is not listed says nothing beyond rule 5.

Without a window (before the first snapshot, from a gap to the next snapshot) a row speaks of its own
price only: a size lists it (it is observed until its next word, and rule 1 holds), 0 ends it. Either
way a carried level at that price ends at ``ts``. Nothing else ends.

A gap turns every listed level into a carried one as of the last good message, and the window closes
at that time too, whatever time the gap itself carries. A level heard between a gap and the next
snapshot is listed: if the snapshot repeats its size, it continues (no gap lies between).

Under ``full`` a feed tells of the whole book: the window is the range of the last snapshot (to its worst
level if it lists N or more) and no update moves it. Every removal is real, inside and beyond: updates speak
of their own prices only, as without a window. A level beyond the window is observed once heard of.

Under ``truncate`` a feed is silent of what leaves its window: with one, the client cuts each side to its best
N after every message. What it cuts off left the window, at the size last told and seen until that message;
every removal is real (it ends even a carried level), and so is every other word on a carried price.

Under ``snapshots`` each message with rows is a snapshot.

Past the last message (``heard`` is one, ``gap`` is not) all is carried from that message on, and the
window is closed. A span that would end when it starts is not emitted; one that starts when it was last
seen is (it was never observed for any length of time, yet it is carried). Messages of equal time apply
one after the other: sizes 5, 7, 5 at one instant leave two spans of 5 that touch.
"""

from __future__ import annotations

from dataclasses import dataclass, field

OPEN = None
"""``end`` of a span whose price the book has not spoken of again."""


@dataclass
class Side:
    name: str
    n: int
    policy: str = "top_n"
    listed: dict = field(default_factory=dict)  # tick -> (start, size)
    carried: dict = field(default_factory=dict)  # tick -> (start, seen, size)
    spans: list = field(default_factory=list)
    window: list = field(default_factory=list)  # (side, start, worst tick or None, known)

    def hear(self, ts: int, rows: list, *, replaces: bool, windowed: bool) -> None:
        """Apply one message, given as the (tick, size) rows of this side."""
        moves = replaces or not (self.policy == "full" and windowed)
        windowed = windowed and moves
        truncates = self.policy == "truncate" and windowed
        told = dict(rows)
        before = {} if replaces else {tick: size for tick, (_, size) in self.listed.items()}
        book = {tick: size for tick, size in (before | told).items() if size > 0}
        cut_off = self.cut(book) if truncates else {}
        worst = self.worst(book)

        for tick, (start, seen, size) in list(self.carried.items()):
            speaks_alone = not windowed or (truncates and not replaces)
            if (
                tick in book
                or tick in cut_off
                or (windowed and not self.beyond(tick, worst))
                or (speaks_alone and tick in told)
            ):
                del self.carried[tick]
                self.emit(tick, start, seen, ts, size)

        for tick, (start, size) in list(self.listed.items()):
            if book.get(tick) == size:
                continue
            del self.listed[tick]
            if tick in cut_off:
                left = cut_off[tick] == size
            else:
                left = tick not in book and windowed and self.beyond(tick, worst)
                left = left and (replaces or not truncates)
            if left:
                self.carried[tick] = (start, ts, size)
            else:
                self.emit(tick, start, ts, ts, size)

        for tick, size in cut_off.items():
            self.carried.setdefault(tick, (ts, ts, size))
        for tick, size in book.items():
            if tick not in self.listed:
                self.listed[tick] = (ts, size)
        if moves:
            self.step(ts, worst if windowed else None, windowed)

    def stop(self, last_good: int) -> None:
        """Nothing is confirmed after the last good message: carry everything, close the window."""
        for tick, (start, size) in self.listed.items():
            self.carried[tick] = (start, last_good, size)
        self.listed = {}
        self.step(last_good, None, False)

    def close(self) -> None:
        """Emit what is still carried, open-ended."""
        for tick, (start, seen, size) in self.carried.items():
            self.spans.append((self.name, tick, start, seen, OPEN, size))

    def cut(self, book: dict) -> dict:
        """Take all but the best N levels out of the book, and return them."""
        best_first = sorted(book, reverse=self.name == "bid")
        return {tick: book.pop(tick) for tick in best_first[self.n :]}

    def worst(self, book: dict) -> int | None:
        """The bound of the window; None where there is none."""
        if len(book) < self.n:
            return None
        return min(book) if self.name == "bid" else max(book)

    def beyond(self, tick: int, worst: int | None) -> bool:
        if worst is None:
            return False
        return tick < worst if self.name == "bid" else tick > worst

    def emit(self, tick: int, start: int, seen: int, end: int, size: float) -> None:
        if start < end:
            self.spans.append((self.name, tick, start, seen, end, size))

    def step(self, ts: int, worst: int | None, known: bool) -> None:
        """Let the window be this from ``ts`` on; of steps at one time the last one counts."""
        if self.window and self.window[-1][1] == ts:
            self.window.pop()
        if not self.window or self.window[-1][2:] != (worst, known):
            self.window.append((self.name, ts, worst, known))


def oracle_replay(messages: list, n: int, policy: str = "top_n") -> tuple[list, list]:
    """Spans ``(side, tick, start, seen, end, size)`` and window steps ``(side, start, worst, known)``.

    ``messages`` are ``(event, ts, [(side, tick, size), ...])`` in feed order, times in any integer unit.
    Both results are sorted by side (bids first), then tick and start, or start.
    """
    sides = [Side(name, n, policy) for name in ("bid", "ask")]
    windowed, last_good = False, None
    for event, ts, rows in messages:
        if event == "gap":
            windowed = False
            if last_good is not None:
                for side in sides:
                    side.stop(last_good)
            continue
        replaces = event == "snapshot" or (policy == "snapshots" and event == "update")
        windowed = windowed or replaces
        for side in sides:
            own = [(tick, size) for name, tick, size in rows if name == side.name]
            side.hear(ts, own, replaces=replaces, windowed=windowed)
        last_good = ts
    for side in sides:
        if last_good is not None:
            side.stop(last_good)
        side.close()
    spans = [span for side in sides for span in sorted(side.spans, key=lambda s: (s[1], s[2]))]
    return spans, [step for side in sides for step in side.window]
