"""Lines that run along with the trades, as a page has them: numbers at so many times, and how they are drawn.

Of more times than a page takes there are the last ones of steps; how long those are the legend says where a
view would show finer ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.browser.columns import Columns, common_unit
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import NICE_TIMES
from liqmap.render.frames.market import Market
from liqmap.render.marks.registry import overlays
from liqmap.render.marks.running import anchor_of, anchor_words, day_begins
from liqmap.render.marks.tracks import SHORTEST, Label, Sum, Track
from liqmap.render.marks.traded import traded
from liqmap.schema import decimals

MOST = 8_000
"""Times of a track, about 8 bytes each."""

FINER = 4
"""Decimals that numbers have beyond those of the tick: two more than any word says."""


def tracks_of(session: Market, columns: Columns, begin: int, end: int, base: int) -> list[dict[str, Any]]:
    """What a page draws lines of, from below to above; their numbers are put into columns.

    Parameters
    ----------
    begin, end, base : ns; of the page's time, and what it counts from.

    Returns
    -------
    For each overlay of lines that has some between ``begin`` and ``end``: its name and order, how it is drawn
    and what is said of it.
    """
    found, step = [], _shortest(traded(session).time)
    for overlay in overlays().values():
        if overlay.running is None:
            continue
        track = _within(overlay.running.track(session, step), begin, end)
        if not len(track.time):
            continue
        track, thinned = _thinned(track)
        every = thinned or (track.every if track.every > SHORTEST else 0)
        unit = _put(columns, overlay.name, track, base, decimals(session.spans().tick_size))
        found.append(
            {"name": overlay.name, "order": overlay.order, "step": track.every, **unit}
            | _drawn(track, session.spans().tick_size)
            | _said(session, track, base, overlay.running.labels)
            | {"every": labels.duration(every) if every else "", "apart": every}
        )
    return found


def _shortest(time: np.ndarray) -> int:
    """The shortest step, ns, in so many of which at most something traded."""
    steps = [step for step in NICE_TIMES if step >= SHORTEST]
    return next((step for step in steps if np.count_nonzero(np.diff(time // step)) < MOST), steps[-1])


def _within(track: Track, begin: int, end: int) -> Track:
    """What of it holds between two times."""
    first = max(int(np.searchsorted(track.time, begin, side="right")) - 1, 0)
    cut = slice(first, int(np.searchsorted(track.time, end)))
    return track._replace(time=track.time[cut], columns=tuple(c[cut] for c in track.columns))


def _thinned(track: Track) -> tuple[Track, int]:
    """At most so many times, the last of each step; and how long that is, ns, 0 where all are there."""
    if len(track.time) <= MOST:
        return track, 0
    for step in NICE_TIMES:
        last = np.flatnonzero(np.diff(track.time // step, append=np.iinfo(np.int64).max))
        if len(last) <= MOST:
            return track._replace(time=track.time[last], columns=tuple(c[last] for c in track.columns)), step
    raise AssertionError("expected fewer days than a track has times")


def _put(columns: Columns, name: str, track: Track, base: int, places: int) -> dict[str, int]:
    """The numbers of a track, into columns; gives how its times are counted."""
    origin = int(track.time[0])
    unit = common_unit([track.time - origin])
    columns.rising(f"{name}.time", (track.time - origin) // unit)
    for k, column in enumerate(track.columns):
        columns.rounded(f"{name}.{k}", column, places + FINER)
    return {"origin": origin - base, "unit": unit, "columns": len(track.columns)}


def _drawn(track: Track, tick_size: float) -> dict[str, Any]:
    """Curves and facts, as the page has them."""
    curves = [{**_sum(curve.price), "tone": curve.tone, "width": curve.width} for curve in track.curves]
    places = decimals(tick_size)
    facts = [
        {"name": fact.name, "prices": [{**_sum(one), "places": places + one.more} for one in fact.prices]}
        for fact in track.facts
    ]
    return {"curves": curves, "facts": facts}


def _sum(price: Sum) -> dict[str, Any]:
    return {"weights": list(price.weights), "offset": price.offset}


def _said(session: Market, track: Track, base: int, lines: tuple[Label, ...]) -> dict[str, Any]:
    """Legend, and when sums began: from each day's beginning on, in words."""
    time = traded(session).time
    days = day_begins(time)
    since = anchor_words(session)
    entries = [
        {"word": f"{one.word} {since}".rstrip() if one.anchored else one.word, "colour": one.tone,
         "line": True, "key": one.word}
        for one in lines
    ]  # fmt: skip
    return {"legend": entries, "days": (days - base).tolist(), "since": anchor_of(time, days)}
