"""Delta, profile and ladder: what they hold, and that they share the heatmap's axes."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import Line as Curve
from bokeh.models import LinearAxis
from holoviews.streams import RangeXY, Stream

from liqmap.render import delta_panel, heatmap, ladder_panel, profile_panel, view_of
from liqmap.render.frames import palettes
from liqmap.render.marks.drawing import Drawing
from liqmap.render.png.picture import _drawn
from liqmap.schema import GridError
from tests.render.market import ASK, BEGIN, CARRIED_BID, OBSERVED_BID, SECOND, SMALL_BID, TICK, Market

hv.extension("bokeh", logo=False)

PANELS = ("ladder", "profile", "delta")


def at(seconds: float) -> np.datetime64:
    return np.datetime64(BEGIN + round(seconds * SECOND), "ns")


def rows(panel: object, size: str) -> dict[float, list[tuple[float, float, str]]]:
    """Bars by the price of their row: from, to, colour."""
    bars = panel.traverse(lambda e: e, [hv.Rectangles])[0]  # type: ignore[attr-defined]
    out: dict[float, list[tuple[float, float, str]]] = {}
    for price, *bar in zip(*(bars.dimension_values(d) for d in ("price", size, f"{size}1", "colour"))):
        out.setdefault(float(price), []).append(tuple(bar))
    return out


def fine(draw: object, **choices: object) -> object:
    return draw(Market(), dynamic=False, height=4 * 90, **choices)  # type: ignore[operator]


def test_delta__is_buys_less_sells_and_their_sum() -> None:
    chart = delta_panel(Market(), dynamic=False, width=600)
    bars, total = (chart.traverse(lambda e: e, [kind])[0] for kind in (hv.Rectangles, hv.Curve))
    low, high = bars.dimension_values("delta"), bars.dimension_values("delta1")
    assert (low + high).tolist() == [2.0, 0.0]  # 1 + 3 bought, 2 sold; then one that nobody is known to have
    assert total.dimension_values("cumulative").tolist() == [0.0, 2.0, 2.0, 2.0]
    assert total.dimension_values("time")[[0, -1]].tolist() == [at(0).tolist(), at(600).tolist()]


def test_delta__of_a_view_counts_from_the_session_begin() -> None:
    chart = delta_panel(Market())
    stream = next(s for s in chart.streams if "x_range" in s.contents)
    stream.event(x_range=(at(300), at(600)))
    assert chart[()].traverse(lambda e: e, [hv.Curve])[0].dimension_values("cumulative")[0] == 2.0


def test_delta__of_a_view_without_trades_keeps_its_sum() -> None:
    chart = delta_panel(Market())
    stream = next(s for s in chart.streams if "x_range" in s.contents)
    stream.event(x_range=(at(300), at(400)))
    total = chart[()].traverse(lambda e: e, [hv.Curve])[0]
    assert total.dimension_values("cumulative").tolist() == [2.0, 2.0]
    assert total.dimension_values("time").tolist() == [at(300).tolist(), at(400).tolist()]


def test_profile__stacks_buys_and_sells_by_price() -> None:
    found, theme = rows(fine(profile_panel), "traded"), palettes.DARK
    assert found == {
        ASK * TICK: [(0.0, 4.0, palettes.css(theme.buy))],
        SMALL_BID * TICK: [(0.0, 2.0, palettes.css(theme.sell))],
        1000 * TICK: [(0.0, 0.5, palettes.css(theme.unsigned))],
    }


def test_profile__tells_what_was_bought_and_sold_at_a_row() -> None:
    bars = fine(profile_panel).traverse(lambda e: e, [hv.Rectangles])[0]  # type: ignore[attr-defined]
    told = set(zip(*(bars.dimension_values(d) for d in ("row", "bought", "sold", "all"))))
    assert told == {("502.5", "4", "0", "4"), ("497.5", "0", "2", "2"), ("500.0", "0", "0", "0.5")}


def test_profile__is_of_the_time_in_view() -> None:
    view = RangeXY()
    panel = profile_panel(Market(), view=view, height=4 * 90)
    view.event(x_range=(at(300), at(600)), y_range=Market.price_range)
    assert list(rows(panel[()], "traded")) == [1000 * TICK]


def test_ladder__shows_observed_strong_and_carried_pale() -> None:
    found = rows(fine(ladder_panel, half_life=None, prune=None, at=at(500)), "resting")
    assert set(found) == {tick * TICK for tick in (CARRIED_BID, OBSERVED_BID, SMALL_BID, ASK, ASK + 2)}
    (_, most, strong), (_, same, pale) = found[OBSERVED_BID * TICK][0], found[CARRIED_BID * TICK][0]
    assert most == same
    background = np.array(palettes.DARK.background)

    def away(colour: str) -> int:
        return int(np.abs(np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) - background).sum())

    assert away(strong) > 2 * away(pale)
    assert found[SMALL_BID * TICK][0][1] == 1.0


def test_ladder__decays_and_goes_to_the_instant_asked_for() -> None:
    def carried(**choices: object) -> float:
        found = rows(fine(ladder_panel, prune=None, **choices), "resting")
        return found[CARRIED_BID * TICK][0][1]

    assert carried(half_life="100s", at=at(300)) == pytest.approx(5.0, rel=1e-6)
    assert carried(half_life="100s", at=at(400)) == pytest.approx(2.5, rel=1e-6)
    assert carried(half_life="100s") == pytest.approx(10 * 0.5**4, rel=1e-6)


def test_ladder__follows_a_cursor() -> None:
    cursor = Stream.define("Cursor", x=None)()
    panel = ladder_panel(Market(), "100s", None, at=cursor, height=4 * 90)
    panel[()]
    cursor.event(x=at(300))
    assert rows(panel[()], "resting")[CARRIED_BID * TICK][0][1] == pytest.approx(5.0, rel=1e-6)


def test_ladder__depth_runs_outward() -> None:
    panel = fine(ladder_panel, half_life=None, prune=None, at=at(500))
    lines = panel.traverse(lambda e: e, [hv.Curve])  # type: ignore[attr-defined]
    assert len(lines) == 2
    for line in lines:
        size = line.dimension_values("resting")
        outward = np.diff(size) if line.label == "ask depth" else -np.diff(size)
        assert (outward >= 0).all()
        assert size.max() > size.min() >= 0


def test_ladder__depth_is_read_on_the_axis_above() -> None:
    """21 bids and 8 asks, whatever the width; in a PNG as in a chart."""
    choices = {"half_life": None, "prune": None}
    figure = hv.renderer("bokeh").get_plot(fine(ladder_panel, **choices)).state
    (axis,) = (one for one in figure.above if isinstance(one, LinearAxis))
    assert axis.axis_label == "depth (lines), BTC"
    above = figure.extra_x_ranges[axis.x_range_name]
    lines = [one.data_source.data for one in figure.renderers if isinstance(one.glyph, Curve)]
    ends = [max(line["resting"]) for line in lines]
    assert sorted(end * above.end / figure.x_range.end for end in ends) == pytest.approx([8, 21])

    axes = _drawn(Market(), Drawing.of({**choices, "panels": ("ladder",), "overlays": ()})).axes
    (below, twin) = (one for one in axes if one.get_position().bounds == axes[1].get_position().bounds)
    ends = [line.get_xdata().max() for line in below.lines]
    ratio = twin.get_xlim()[1] / below.get_xlim()[1]
    assert sorted(end * ratio for end in ends) == pytest.approx([8, 21])
    assert twin.xaxis.get_ticks_position() == "top"


@pytest.mark.parametrize("dynamic", [True, False])
def test_heatmap__with_panels_is_a_layout_on_shared_axes(dynamic: bool) -> None:
    chart = heatmap(Market(), panels=PANELS, dynamic=dynamic)
    assert isinstance(chart, hv.Layout)
    ids = [one.id for one in chart if one.id is not None]
    assert len(set(ids)) == len(ids)  # no two have the same options
    plot = hv.renderer("bokeh").get_plot(chart)
    figures = [f for f, *_ in plot.state.children]
    assert len(figures) == 6
    main, ladder, profile, delta, *corner = figures
    assert [f.width for f in corner] == [ladder.width, profile.width]
    assert {f.height for f in corner} == {delta.height}
    ground = palettes.css(palettes.DARK.background)
    assert {f.styles["background-color"] for f in corner} == {ground}
    assert main.y_range is ladder.y_range
    assert main.y_range is profile.y_range
    assert main.x_range is delta.x_range
    assert ladder.x_range is not profile.x_range
    assert sum(f.width for f in figures[:3]) == 1200
    assert {f.background_fill_color for f in figures[:4]} == {ground}


@pytest.mark.parametrize(("panels", "order"), [((), ["bids", "asks"]), (PANELS, ["asks", "bids"])])
def test_heatmap__has_the_bar_of_the_bids_left_of_that_of_the_asks(panels: tuple, order: list[str]) -> None:
    """Bars stand outward in the order in which they were added."""
    figure = hv.renderer("bokeh").get_plot(heatmap(Market(), panels=panels, dynamic=False)).state
    figure = figure.children[0][0] if panels else figure
    added = [bar for bar in (figure.left if panels else figure.right) if type(bar).__name__ == "ColorBar"]
    assert [bar.title[:4] for bar in added] == order


@pytest.mark.parametrize("name", PANELS)
def test_heatmap__has_the_panels_asked_for(name: str) -> None:
    chart = heatmap(Market(), panels=[name], dynamic=False, theme="light", width=800)
    assert len(chart) == 2
    assert hv.renderer("bokeh").get_plot(chart) is not None


def test_panels__reach_as_far_as_what_is_in_view() -> None:
    plot = hv.renderer("bokeh").get_plot(heatmap(Market(), overlays=(), panels=PANELS))
    _, _, profile, delta, *_ = [f for f, *_ in plot.state.children]
    before = profile.x_range.end, delta.y_range.end
    streams = {s for d in plot.traverse(lambda p: p, [lambda p: hasattr(p, "streams")]) for s in d.streams}
    ranges = [s for s in streams if "x_range" in s.contents]
    for stream in ranges:
        stream.add_subscriber(lambda **_: None)
    assert ranges
    hv.streams.Stream.trigger([s for s in ranges if not s.update(x_range=(at(400), at(600)))])
    assert profile.x_range.end < before[0]
    assert delta.y_range.end < before[1]


def test_view_of__is_the_stream_the_heatmap_follows() -> None:
    assert isinstance(view_of(heatmap(Market(), overlays=())), RangeXY)
    assert view_of(heatmap(Market(), dynamic=False)) is None


def test_panels__without_trades() -> None:
    class Silent(Market):
        def trades(self):  # type: ignore[no-untyped-def]
            return super().trades().slice(0, 0)

    assert hv.renderer("bokeh").get_plot(heatmap(Silent(), overlays=["candles", "bubbles"], panels=PANELS))


def test_ladder__refuses_a_half_life_that_is_none() -> None:
    with pytest.raises(GridError, match=r"^half_life: "):
        ladder_panel(Market(), "x")


def title_of(panel: object) -> str:
    return str(hv.renderer("bokeh").get_plot(panel).state.title.text)


def test_ladder__tells_its_time() -> None:
    assert title_of(ladder_panel(Market(), at=at(61.5))) == "at 12:01:01.500"
    assert title_of(ladder_panel(Market(), dynamic=False, time_zone="Asia/Tokyo")) == "at 21:10:00.000"


def test_ladder__of_a_cursor_out_of_view_is_that_of_the_right_edge() -> None:
    cursor, view = Stream.define("Cursor", x=None)(), RangeXY()
    panel = ladder_panel(Market(), "100s", None, at=cursor, view=view, height=4 * 90)
    plot = hv.renderer("bokeh").get_plot(panel)
    for x, words in ((at(300), "12:05:00"), (at(500), "12:06:40"), (None, "12:06:40")):
        cursor.event(x=x)
        view.event(x_range=(at(200), at(400)), y_range=Market.price_range)
        assert plot.state.title.text == f"at {words}.000"


def test_ladder__tells_a_pointer_of_its_rows() -> None:
    panel = fine(ladder_panel, half_life=None, prune=None, at=at(500))
    bars = panel.traverse(lambda e: e, [hv.Rectangles])[0]  # type: ignore[attr-defined]
    told = list(zip(*(bars.dimension_values(d) for d in ("row", "side", "observed", "carried"))))
    assert ("490.0", "bid", "0", "10") in told
    assert ("495.0", "bid", "10", "0") in told
    assert ("503.5", "ask", "5", "0") in told
    figure = hv.renderer("bokeh").get_plot(panel).state
    assert [tool for tool in figure.tools if type(tool).__name__ == "HoverTool"]
