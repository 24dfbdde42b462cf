"""`calibrate`: let a market say which half-life and prune fit it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from liqmap.analytics.calibration.calibration import Calibration
from liqmap.analytics.calibration.held_out import Judged
from liqmap.analytics.calibration.presence import fits_of, present
from liqmap.analytics.calibration.reentry import reentries
from liqmap.analytics.calibration.retention import retention
from liqmap.analytics.calibration.score import HALF_LIVES, PRUNES, Choices, Score, choices, score
from liqmap.analytics.calibration.sizes import sized
from liqmap.analytics.calibration.slices import by_age, row_of
from liqmap.carry import Duration
from liqmap.schema import Capture, GridError, Keyword, Sentence
from liqmap.schema.arguments import whole_number
from liqmap.schema.times import TimeRange
from liqmap.spans import Spans, replay
from liqmap.spans.spans import spans_of

SHARES = (8, 4, 2)
"""Views of a feed that is asked for itself: these parts of its depth."""


def calibrate(
    source: Any,
    view: int | None = None,
    *,
    truth: Any = None,
    every: Duration = "1s",
    half_lives: Sequence[Duration] = HALF_LIVES,
    prunes: Sequence[Duration] = PRUNES,
    time_range: TimeRange | None = None,
    block: Duration = None,
    split: float = 0.5,
    draws: int = 500,
    level: float = 0.9,
    seed: int = 0,
    target: str = "median",
) -> Calibration:
    """Which half-life and prune fit a market, and how well: held-out depth.

    The feed is replayed as if it had only ``view`` levels a side. What such a feed still carries is compared,
    every second, with what the deeper window shows of the same prices: error = sum \\|carried - true\\| / sum
    true, 1 where nothing is carried.

    Parameters
    ----------
    source : a `Session`, a `Capture`, or spans of the narrow feed with a ``truth``.
    view : levels a side that the narrow feed has. None: an eighth, a quarter and a half of the feed's depth,
        each judged by the whole of it (``.views``), of which the answer is the last; with a ``truth``, the
        feed as it is.
    truth : a deeper book of the same market to judge by, such as the one that orders sum to: a Session, a
        Capture or spans. None: the feed itself.
    every : distance of the instants judged.
    half_lives, prunes : what is tried; none is always among them.
    time_range : begin and end; default: the session's.
    block : time that the bootstrap draws at once; default: a minute, or a twentieth of a session shorter than
        20 minutes.
    split : share of the time (of its blocks with anything to judge) on which a half-life is chosen to be
        judged on the rest.
    draws, level, seed : of the bootstrap, its intervals, and all that is random.
    target : what the fitted model is fitted to and judged by: the ``median``, of the least ``error``, or the
        ``mean``, of the least ``l2``. ``.best`` is always of the least ``error``.

    Raises
    ------
    GridError : as many levels as the feed has or more, too few carried levels, too short a time, another
        market; or a duration or share out of range.

    Notes
    -----
    Beyond its own window a feed of N levels has no truth: ``.views`` has N/8, N/4 and N/2, and ``.beyond``
    says where they lead at N, with an interval as much wider as that is less sure. What fits is the past: the
    error quoted as out of sample is that of the second part of the time, with what was best on the first. A
    `Mixture` by size and distance is fitted beside the half-lives (``.fitted``), and ``.carry`` is that one
    where it surely wins on the second part.
    """
    chosen = choices(half_lives, prunes, block, split, draws, level, seed, target)
    if time_range is None and not isinstance(source, (Spans, Capture)):
        time_range = getattr(source, "time_range", None)
    if truth is not None:
        narrow = _spans(source, view, "source")
        return _calibration(Judged(narrow, _spans(truth, None, "truth"), every, time_range), chosen)
    if isinstance(source, Spans):
        remedy = Sentence("Pass a deeper book as ", Keyword("truth"))
        expected = "a Session or a Capture, of which a shallower feed can be made"
        raise GridError(argument="source", expected=expected, got="Spans", remedy=remedy)
    wide = _spans(source, None, "source")
    depth = depth_of(wide)
    if view is not None:
        if whole_number(view, "view") >= depth:
            expected = f"fewer levels than the feed's {depth}, to be judged by them"
            raise GridError(argument="view", expected=expected, got=str(view))
        return _calibration(Judged(_spans(source, view, "source"), wide, every, time_range), chosen)
    return _of_parts(source, wide, depth, every, time_range, chosen)


def _of_parts(
    source: Any, wide: Spans, depth: int, every: Duration, time_range: TimeRange | None, chosen: Choices
) -> Calibration:
    """Calibrations of parts of the depth; that of the largest, with a row for each that says anything."""
    import pandas as pd

    views = sorted({depth // part for part in SHARES} - {0})
    if not views:
        expected = "a feed of two levels a side or more, one of which judges the other"
        raise GridError(where=repr(source), expected=expected, got=f"{depth}")
    found, rows = None, []
    for view in views:
        judged = Judged(_spans(source, view, "source"), wide, every, time_range)
        try:
            found = _calibration(judged, chosen)
        except GridError as error:
            if view == views[-1]:
                raise
            rows.append(pd.DataFrame([{"view": view, "depth": depth, "refused": str(error)}]))
        else:
            rows.append(found.views)
    assert found is not None  # the last one was raised, or is it
    return replace(found, views=pd.concat(rows, ignore_index=True))


def _calibration(judged: Judged, chosen: Choices) -> Calibration:
    scored = score(judged, chosen)
    fits = fits_of(scored.counting, chosen.level)
    narrow, wide, blocks = judged.narrow, judged.wide, scored.blocks
    begin, end = int(judged.times[0]) - judged.step, int(judged.times[-1])
    span = np.array([begin, end + 1]).view("datetime64[ns]")
    within: TimeRange = (span[0], span[1])
    view, depth = narrow.meta.depth_limit, wide.meta.depth_limit
    split = begin + scored.cut * blocks.length
    return Calibration(
        best=scored.best,
        table=scored.table,
        measures=scored.measures,
        reliability=scored.reliability,
        reentries=reentries(narrow, within),
        retention=retention(
            narrow, time_range=within, block=blocks.length, level=chosen.level, seed=chosen.seed
        ),
        views=row_of(scored, chosen, view, depth),
        by_age=by_age(scored.sums, chosen, scored.best.half_life, scored.best.prune),
        meta=narrow.meta,
        view=view,
        depth=depth,
        levels=scored.levels,
        every=judged.step,
        time_range=(begin, end),
        block=blocks.length,
        level=chosen.level,
        split=split,
        target=chosen.target,
        **_fitted(scored, chosen),
        **present(scored.counting, fits),
        **sized(scored.counting, fits, chosen.level),
    )


def _fitted(scored: Score, chosen: Choices) -> dict[str, Any]:
    """What a calibration says of the fitted model."""
    if (fit := scored.fit) is None:
        return {}
    rival = ("none", "0s") if fit.gain.rival is None else chosen.words(*fit.gain.rival)
    return {
        "fitted": fit.mixture,
        "gain": fit.gain.gain,
        "gain_interval": fit.gain.interval,
        "recommended": fit.gain.recommended,
        "rival": rival,
        "learnt": fit.learnt,
    }


def _spans(source: Any, depth_limit: int | None, argument: str) -> Spans:
    """Spans of a source, as if its feed had so many levels."""
    if isinstance(source, Spans):
        if depth_limit is not None:
            raise GridError(argument="view", expected="None, as spans are of one depth", got=str(depth_limit))
        return source
    if isinstance(source, Capture):
        return replay(source, depth_limit)
    return spans_of(source, argument) if depth_limit is None else source.spans(depth_limit=depth_limit)


def depth_of(spans: Spans) -> int:
    """Levels a side that a feed shows: as its metadata says, else the fewest that a side has on average."""
    if spans.meta.depth_limit is not None:
        return int(spans.meta.depth_limit)
    at = np.linspace(spans.begin, spans.last, 9)[1:].astype(np.int64)
    counts = [[np.count_nonzero((s.start < t) & (s.seen >= t)) for t in at] for s in spans.sides]
    return int(np.median(counts, axis=1).min())
