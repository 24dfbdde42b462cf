"""The times in view where nobody names any: the same in PNG, notebook and page as in the app."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pytest

from liqmap.app.data.data import Data
from liqmap.browser import standalone_html
from liqmap.render import delta_panel, heatmap
from liqmap.render.frames.frame import instant_ns
from liqmap.render.frames.quiet import times_in_view
from liqmap.render.marks.drawing import Drawing
from liqmap.render.png.canvas import days
from liqmap.render.png.picture import _drawn
from liqmap.schema import GridError
from tests.render.market import SECOND, Market
from tests.render.quiet import HOUR, Quiet

hv.extension("bokeh", logo=False)


class Opened(Quiet):
    """The same, opened with a start and an end."""

    start, end = Quiet.begin, Quiet.begin + 24 * HOUR


class Later(Quiet):
    """The same, opened with a start."""

    start, end = Quiet.begin, None


ASKED = (np.datetime64("2026-01-05T03:00", "ns"), np.datetime64("2026-01-05T05:00", "ns"))


def in_png(market: Any, **options: Any) -> list[float]:
    """The times of the axes, days."""
    return list(_drawn(market, Drawing(**options)).axes[0].get_xlim())


def in_chart(chart: Any) -> list[int]:
    """The times of the figure, ns."""
    x_range = hv.renderer("bokeh").get_plot(chart).state.x_range
    return [instant_ns(t) for t in (x_range.start, x_range.end)]


def in_page(path: Path) -> list[int]:
    """The times at which a page opens, ns."""
    meta = json.loads(re.search(r'<script[^>]*id="meta"[^>]*>(.*?)</script>', path.read_text(), re.S)[1])
    return [Quiet.begin + round(t) for t in meta["opened"][:2]]


def test_times__are_those_of_the_first_view_everywhere(tmp_path: Path) -> None:
    market = Quiet()
    begin, end = map(instant_ns, Data(market).first_times)
    assert market.opens - HOUR // 20 < begin < market.opens
    assert in_png(market) == [days(begin), days(end)]
    assert in_png(market, panels=("delta",)) == [days(begin), days(end)]
    for dynamic in (True, False):
        for overlays in ((), ("bbo", "candles")):
            found = in_chart(heatmap(market, dynamic=dynamic, overlays=overlays))
            assert found == pytest.approx([begin, end], abs=SECOND // 100)
    assert in_chart(delta_panel(market)) == pytest.approx([begin, end], abs=SECOND // 100)
    assert in_page(standalone_html(market, tmp_path / "page.html")) == [begin, end]


def test_times__of_a_chart_drawn_once_are_drawn_alone() -> None:
    begin, _ = map(instant_ns, times_in_view(Quiet()))
    image = heatmap(Quiet(), dynamic=False, overlays=())
    assert begin - HOUR // 10 < instant_ns(image.bounds.lbrt()[0]) <= begin
    live = heatmap(Quiet(), overlays=())[()]  # in which the hours before can be looked at
    assert instant_ns(live.bounds.lbrt()[0]) <= Quiet.begin


@pytest.mark.parametrize("market", [Opened(), Quiet()])
def test_times__that_are_named_are_shown(market: Any) -> None:
    asked = {} if isinstance(market, Opened) else {"time_range": market.time_range}
    whole = [market.begin, market.begin + 24 * HOUR]
    assert in_png(market, **asked) == [days(t) for t in whole]
    assert in_chart(heatmap(market, **asked)) == pytest.approx(whole, abs=SECOND // 100)
    part = [instant_ns(t) for t in ASKED]
    assert in_png(market, time_range=ASKED) == [days(t) for t in part]
    assert in_chart(heatmap(market, time_range=("03:00", "05:00"))) == pytest.approx(part, abs=SECOND // 100)


def test_times__of_which_one_end_is_named() -> None:
    assert times_in_view(Later())[0] == Later.time_range[0]
    assert times_in_view(Later())[1] == times_in_view(Quiet())[1]


def test_times__of_several_are_what_is_worth_looking_at_in_any() -> None:
    class Both(Market):
        sessions = (Quiet(), Opened())

    assert times_in_view(Both()) == Opened.time_range
    Both.sessions = (Quiet(), Quiet())
    assert times_in_view(Both()) == times_in_view(Quiet())


@pytest.mark.parametrize("wrong", [("05:00", "03:00"), ("2027-01-01", "2027-01-02"), 7])
def test_times__that_are_none_are_refused(wrong: Any, tmp_path: Path) -> None:
    for draw in (heatmap, lambda market, **asked: _drawn(market, Drawing(**asked))):
        with pytest.raises(GridError, match="time_range"):
            draw(Quiet(), time_range=wrong)
