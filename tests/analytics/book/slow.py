"""What happened to every level, by a walk over messages that keeps whole books: no code of the package."""

from __future__ import annotations

from typing import NamedTuple

from tests.oracle.replay import Side, oracle_replay

Book = dict[int, float]


class Event(NamedTuple):
    """One thing that happened to a level: ``change`` (of the size that rests), ``entered`` or ``left``.

    since : of a change, from when on trades may be why it came.
    listed : of a change, whether the level was there before it.
    """

    ts: int
    side: str
    tick: int
    what: str
    before: float
    after: float
    since: int
    listed: bool


class Moment(NamedTuple):
    """The book of a side from a time on, and what of it is known: ``worst`` tick (None: all of it)."""

    ts: int
    side: str
    book: Book
    known: bool
    worst: int | None


def walk(messages: list, n: int, policy: str = "top_n") -> tuple[list[Event], list[Moment]]:
    """Events and moments of a feed at rising times."""
    slow, steps = oracle_replay(messages, n, policy)
    changes = sorted({t for span in slow for t in span[2:5] if t is not None} | {step[1] for step in steps})
    sides = [Side(name, n, policy) for name in ("bid", "ask")]
    events: list[Event] = []
    moments: list[Moment] = []
    since: dict[tuple[str, int], int] = {}
    removed: set[tuple[str, int]] = set()  # by a feed that tells of every removal, under the window of now
    windowed, last = False, None
    for number, (event, ts, rows) in enumerate(messages):
        if event == "gap":
            if last is not None and last < changes[-1]:
                for side in sides:
                    events += [
                        Event(last, side.name, tick, "left", size, 0.0, 0, True)
                        for tick, (_, size) in side.listed.items()
                    ]
                    moments = [m for m in moments if (m.ts, m.side) != (last, side.name)]
                    moments.append(Moment(last, side.name, {}, False, None))
                    side.stop(last)
            elif last is not None:
                return events, moments  # nothing is heard any more: all stands
            windowed, removed = False, set()
            continue
        replaces = event == "snapshot" or (policy == "snapshots" and event == "update")
        following = messages[number + 1 :]
        closes = not following or following[0][0] == "gap"
        told = windowed or (replaces and not closes) or policy != "top_n"
        before_any = max((t for t in changes if t < ts), default=0)
        windowed = windowed or replaces
        for side in sides:
            before = {tick: size for tick, (_, size) in side.listed.items()}
            _, _, worst, known = side.window[-1] if side.window else (0, 0, None, False)
            own = [(tick, size) for name, tick, size in rows if name == side.name]
            side.hear(ts, own, replaces=replaces, windowed=windowed)
            after = {tick: size for tick, (_, size) in side.listed.items()}
            if side.window and side.window[-1][2:] != (worst, known):
                removed = {key for key in removed if key[0] != side.name}
            cut = {t: size for t, (start, seen, size) in side.carried.items() if start == seen == ts}
            for tick in sorted(before.keys() | after.keys() | cut.keys()):
                old, new = before.get(tick, 0.0), after.get(tick, cut.get(tick, 0.0))
                pushed = tick in side.carried and side.carried[tick][1] == ts
                if old == new and not pushed:
                    continue
                key = (side.name, tick)
                outside = not known or (worst is not None and side.beyond(tick, worst))
                outside = outside and key not in removed
                removed.discard(key)
                if policy == "full" and windowed and new == 0.0 and not pushed:
                    removed.add(key)
                if old == 0.0 and outside:
                    events.append(Event(ts, *key, "entered", 0.0, new, 0, False))
                elif old == 0.0:
                    events.append(Event(ts, *key, "change", 0.0, new, before_any, False))
                elif new == 0.0 and not pushed and not told:
                    events.append(Event(ts, *key, "left", old, 0.0, 0, True))
                elif (new > 0.0 or not pushed) and old != new:
                    events.append(Event(ts, *key, "change", old, new, since[key], True))
                if pushed:
                    events.append(Event(ts, *key, "left", new or old, 0.0, 0, True))
                since[key] = ts
            _, _, worst, known = side.window[-1] if side.window else (0, 0, None, False)
            moments.append(Moment(ts, side.name, after, known, worst))
        last = ts
    return events, moments


def traded(event: Event, trades: list) -> float:
    """Size of the trades (ts, tick, size, aggressor, flag) that may be why a change came."""
    if event.what != "change":
        return 0.0
    takers = ("sell" if event.side == "bid" else "buy", *([None] if event.listed else []))
    return sum(
        size
        for ts, tick, size, who, flag in trades
        if tick == event.tick and who in takers and flag not in ("rpi", "block")
        and event.since < ts <= event.ts
    )  # fmt: skip


def split(event: Event, volume: float) -> dict[str, float]:
    """What an event adds to the columns of a stacking table."""
    if event.what == "entered":
        return {"entered": event.after}
    if event.what == "left":
        return {"left": event.before}
    added = event.after - event.before + volume
    pulled = event.before - volume - event.after
    return {"added": max(0.0, added), "pulled": max(0.0, pulled), "traded": volume}


def standing(moments: list[Moment], side: str, before: int) -> Book:
    """The book of a side in the instant before a time."""
    mine = [m for m in moments if m.side == side and m.ts < before]
    return mine[-1].book if mine else {}


def at_or_before(moments: list[Moment], side: str, ts: int) -> Moment:
    """What was known of a side at a time."""
    mine = [m for m in moments if m.side == side and m.ts <= ts]
    return mine[-1] if mine else Moment(0, side, {}, False, None)


def best_first(moment: Moment) -> list[int]:
    return sorted(moment.book, reverse=moment.side == "bid")
