"""Panes of measures, as a page has them: values at the instants of a few steps, as a measure is of the book.

A view shows the step that its pixels ask for, or the next longer one that is there; of one longer than it
asks for the pane says how long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from liqmap.analytics.book.registry import parsed
from liqmap.browser.columns import Columns
from liqmap.render.frames.frame import NICE_TIMES
from liqmap.render.frames.market import Market
from liqmap.render.marks.measured import is_over_interval, series_of
from liqmap.render.marks.panels import check_panels, panel_of
from liqmap.render.marks.panes import about_of
from liqmap.schema import GridError, LiqmapError

MOST, FEWEST = 4_000, 60
"""Instants of the shortest step, and at least of the longest."""

APART = 2
"""How many times as long each step is as the one before, at least."""

SHORTEST = 10**8
"""ns of a step, at least."""


def check_panes(wanted: Any) -> tuple[str, ...]:
    """Names of measures, as `standalone_html` takes them.

    Raises
    ------
    GridError : no such measure or panel; a panel that is none, which needs a Python behind it.
    """
    names = check_panels("panels", wanted)
    for name in names:
        if not is_in_page(name):
            raise GridError(
                argument="panels",
                expected="measures of the book in a page, such as imbalance@5",
                got=repr(name),
                remedy="The app, notebooks and pictures have that panel",
            )
    return names


def is_in_page(name: str) -> bool:
    """Whether a page has the panel of a name: that of a measure."""
    try:
        parsed(name)
    except LiqmapError:
        return False
    return True


def panes_of(
    session: Market, names: Sequence[str], columns: Columns, begin: int, end: int, base: int
) -> list[dict[str, Any]]:
    """What a page draws panes of; their values are put into columns.

    Parameters
    ----------
    begin, end, base : ns; of the page's time, and what it counts from.

    Returns
    -------
    For each measure its name, how it is drawn, and of each of its steps (ns), from the shortest on, the first
    instant (ns since ``base``).
    """
    found = []
    for name in names:
        measure, _ = parsed(name)
        panel = panel_of(name)
        assert panel is not None
        steps = []
        for step in _steps(begin, end):
            series = series_of(session, name, step, begin, end)
            if len(series.time):
                columns.single(f"{name} {step}", series.value)
                steps.append([step, int(series.time[0]) - base])
        about = about_of(name, measure, session.spans().meta)._asdict()
        bars = is_over_interval(measure)
        found.append({"measure": name, "pixels": panel.pixels, "bars": bars, "steps": steps} | about)
    return found


def _steps(begin: int, end: int) -> list[int]:
    """The steps that there are, from the shortest to the longest."""
    least = max((end - begin) / MOST, SHORTEST)
    steps = [step for step in NICE_TIMES if step >= least][:1]
    for step in NICE_TIMES:
        if steps and step >= APART * steps[-1] and (end - begin) // step >= FEWEST:
            steps.append(step)
    return steps
