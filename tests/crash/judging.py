"""What is right of a store after a command was killed: laws on what readers saw, each broken one named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.crash.reading import Day, Reading, Row

Rows = Mapping[Day, tuple[Row, ...]]
"""Of each table and day."""


@dataclass(frozen=True)
class Change:
    """A command as it should be: the store before it and after it, and of an ingest what each source holds.

    Without sources each day of a table is as before or as after. With them each day holds what there was and
    some of the sources, wholly; a source that is there on some of its days only must be told as partial.
    between : what else it may be, of a command that becomes visible in several steps.
    """

    before: Reading
    after: Reading
    sources: Mapping[str, Rows] | None = None
    between: list[Reading] = field(default_factory=list)


def wrong(seen: Reading, change: Change, untold: Callable[[str], list[str]] | None) -> list[str]:
    """Every way in which a reading is neither before nor after.

    Parameters
    ----------
    untold : which readers keep silent of a source that is there in part; None: none may be there in part.
    """
    if seen.problem:
        return [f"cannot be read: {seen.problem}"]
    if change.sources is None:
        return _by_day(seen, change)
    return _by_source(seen, change, change.sources, untold)


def different(seen: Reading, expected: Reading, gaps: bool = True) -> list[str]:
    """Every way in which a reading differs from another, with the order of rows."""
    if seen.problem:
        return [f"cannot be read: {seen.problem}"]
    found = []
    for day in _days(seen.rows, expected.rows):
        if seen.rows.get(day, ()) != expected.rows.get(day, ()):
            found.append(f"{day}: {_compared(seen.counts(day), expected.counts(day))}")
        elif gaps and seen.gaps.get(day, ()) != expected.gaps.get(day, ()):
            found.append(f"{day}: gaps after rows {seen.gaps.get(day)}, not {expected.gaps.get(day)}")
    return found


def disagree(plain: Reading, own: Reading) -> list[str]:
    """Every way in which a plain reader sees other rows than liqmap; it has no order to keep."""
    if plain.problem:
        return [f"a plain reader fails: {plain.problem}"]
    return [
        f"{day}: a plain reader sees {_compared(plain.counts(day), own.counts(day))}"
        for day in _days(plain.rows, own.rows)
        if plain.counts(day) != own.counts(day)
    ]


def unordered(seen: Reading) -> Reading:
    """A reading of rows in no order, such as a plain reader's, that can be held against a change."""
    return Reading({day: tuple(sorted(rows, key=repr)) for day, rows in seen.rows.items()}, {}, seen.problem)


def _by_day(seen: Reading, change: Change) -> list[str]:
    found = []
    for day in _days(seen.rows, change.before.rows, change.after.rows):
        rows = seen.rows.get(day, ())
        fine = [r.rows.get(day, ()) for r in (change.before, change.after, *change.between)]
        if rows not in fine:
            nearest = min(fine, key=lambda r: _distance(Counter(rows), Counter(r)))
            found.append(f"{day}: {_compared(Counter(rows), Counter(nearest))}")
    return found


def _by_source(
    seen: Reading, change: Change, sources: Mapping[str, Rows], untold: Callable[[str], list[str]] | None
) -> list[str]:
    found = []
    there: dict[Day, set[str]] = {}
    for day in _days(seen.rows, change.before.rows, *sources.values()):
        have = seen.counts(day)
        there[day] = {n for n, rows in sources.items() if day in rows and Counter(rows[day]) <= have}
        expected = _union(change.before, sources, there[day], day)
        if have != expected:
            found.append(f"{day}: {_compared(have, expected)}")
        elif seen.rows.get(day, ()) != _ordered(seen, change, day):
            found.append(f"{day}: its rows are out of order")
    for name, rows in sources.items():
        on = [day for day in rows if name in there[day]]
        of_its_own = [
            day
            for day in on
            if not Counter(rows[day]) <= _union(change.before, sources, there[day] - {name}, day)
        ]
        if of_its_own and len(on) < len(rows):
            silent = ["this is after the next write"] if untold is None else untold(name)
            if silent:
                part = f"{len(on)} of {len(rows)} days"
                found.append(f"{name} is there in part ({part}), untold: {', '.join(silent)}")
    return found


def _union(before: Reading, sources: Mapping[str, Rows], names: set[str], day: Day) -> Counter[Row]:
    """What was there, with the rows of some sources: what several hold stands once."""
    rows = before.counts(day)
    for name in names:
        rows |= Counter(sources[name][day])
    return rows


def _ordered(seen: Reading, change: Change, day: Day) -> tuple[Row, ...]:
    """The rows of a day in the order that they have when the command is done."""
    order = {row: place for place, row in enumerate(change.after.rows.get(day, ()))}
    rows = seen.rows.get(day, ())
    return tuple(sorted(rows, key=lambda row: order.get(row, -1)))


def _days(*rows: Rows) -> list[Day]:
    return sorted({day for every in rows for day in every}, key=str)


def _distance(a: Counter[Row], b: Counter[Row]) -> int:
    return (a - b).total() + (b - a).total()


def _compared(seen: Counter[Row], expected: Counter[Row]) -> str:
    """How two sets of rows differ, in words."""
    more, less = seen - expected, expected - seen
    doubled = sum(n for row, n in more.items() if row in expected)
    words = [
        (doubled, "twice"),
        (more.total() - doubled, "that should not be there"),
        (less.total(), "missing"),
    ]
    said = ", ".join(f"{n} {what}" for n, what in words if n)
    return f"of {expected.total()} rows {said or 'the order is another'}"
