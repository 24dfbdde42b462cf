"""VWAP, point of control, footprint and stacking over the heatmap: their numbers by slow oracles, causality,
what a view has room for, and that every medium draws them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from liqmap.render import heatmap, picture
from liqmap.render.frames.palettes import DARK
from liqmap.render.marks.overlays import footprint, poc, stacking
from liqmap.render.marks.registry import Scene, overlays
from liqmap.render.marks.shapes import Boxes, Discs, Line, Words
from liqmap.render.marks.tracks import step_of
from liqmap.render.marks.view import View
from tests.render.market import BEGIN, SECOND, TICK
from tests.render.marks.made import Traded, sample, st_trades, st_views, whole

hv.extension("bokeh", logo=False)

NAMES = ("vwap", "poc", "footprint", "stacking")
Trade = tuple[int, int, float, str | None]


def drawn(name: str, market: Any, view: View) -> list[Any]:
    return overlays()[name].on_engine(Scene(market, market.price_range), view)


def at(trade: Trade) -> int:
    return BEGIN + trade[0] * 10**6


def known(trades: list[Trade], time: int) -> list[Trade]:
    return [trade for trade in trades if at(trade) <= time]


@given(st_trades, st_views())
@settings(deadline=None, max_examples=40)
def test_vwap__is_that_of_all_trades_so_far(trades: list[Trade], view: View) -> None:
    *bands, line, told = drawn("vwap", Traded(trades), view)
    assert all(isinstance(one, Line) and one.steps for one in (*bands, line))
    if view.until is not None:
        trades = [trade for trade in trades if at(trade) < view.until]
    for k in range(max(len(line.x) - 1, 0)):
        so_far = known(trades, int(line.x[k]))
        if not so_far:
            assert np.isnan(line.y[k])
            continue
        size = sum(trade[2] for trade in so_far)
        mean = sum(trade[1] * TICK * trade[2] for trade in so_far) / size
        spread = (sum(trade[2] * (trade[1] * TICK - mean) ** 2 for trade in so_far) / size) ** 0.5
        assert line.y[k] == pytest.approx(mean + TICK / 2, abs=1e-9)
        ends = sorted(float(band.y[k]) for band in bands)
        expected = [mean + TICK / 2 + times * spread for times in (-2, -1, 1, 2)]
        assert ends == pytest.approx(expected, abs=1e-6)
    assert told.alpha == 0
    assert told.told is not None
    assert told.told.names == ("VWAP, USDT", "deviation, USDT", "since")
    for time, words in zip(told.x0.tolist(), told.told.words):
        so_far = known(trades, time)
        mean = sum(trade[1] * TICK * trade[2] for trade in so_far) / sum(trade[2] for trade in so_far)
        assert float(words[0].replace(",", "")) == pytest.approx(mean, abs=0.006)
        assert words[2].startswith("2026-01-05 12:0")


@given(st_trades, st_views())
@settings(deadline=None, max_examples=40)
def test_poc__is_the_busiest_row_of_the_steps_that_have_ended(trades: list[Trade], view: View) -> None:
    market = Traded(trades)
    seen = view.within(market.time_range, market.price_range)
    step, rows = step_of(seen), poc.rows_of_market(market)
    assert rows.ticks == 1  # a quarter of a hundredth of a percent of 500 is less than a tick
    low, high, line, _ = drawn("poc", market, view)
    for k in range(max(len(line.x) - 1, 0)):
        until = int(line.x[k]) // step * step
        volume: dict[int, float] = defaultdict(float)
        for trade in trades:
            if at(trade) < until:
                volume[trade[1]] += trade[2]
        if not volume:
            assert np.isnan(line.y[k])
            continue
        most = max(volume.values())
        busiest = min(tick for tick, size in volume.items() if size == most)
        assert line.y[k] == pytest.approx(busiest * TICK + TICK / 2)
        assert low.y[k] < line.y[k] < high.y[k]
        inside = sum(s for tick, s in volume.items() if low.y[k] - 1e-9 <= tick * TICK < high.y[k] - 1e-9)
        assert inside >= 0.7 * sum(volume.values()) * (1 - 1e-9)


@pytest.mark.parametrize("name", ["vwap", "poc"])
@given(st_trades, st.integers(1, 599))
@settings(deadline=None, max_examples=25)
def test_lines__of_a_play_are_those_of_a_session_cut_there(
    name: str, trades: list[Trade], second: int
) -> None:
    until = BEGIN + second * SECOND
    view = whole(Traded([]), width=600)._replace(until=until)
    cut = [trade for trade in trades if at(trade) < until]  # the others are of the play's very time, or later
    assume(cut)
    played, alone = (drawn(name, Traded(some), view) for some in (trades, cut))
    assert len(played) == len(alone)
    for one, other in zip(played, alone):
        if isinstance(one, Line):
            np.testing.assert_array_equal(one.x, other.x)
            np.testing.assert_allclose(one.y, other.y, rtol=1e-12)
            assert one.x.max(initial=0) <= until


def cells_of(trades: list[Trade], view: View, room: footprint.Room) -> dict[tuple[int, int], list[float]]:
    """Bought and sold by beginning of the bar and first tick of the row, a trade at a time."""
    begin, end = view.begin // room.step * room.step, -(-view.end // room.step) * room.step
    cells: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for trade in trades:
        if begin <= at(trade) < end and (view.until is None or at(trade) < view.until):
            cell = cells[at(trade) // room.step * room.step, trade[1] // room.ticks * room.ticks]
            if trade[3] is not None:
                cell[trade[3] == "sell"] += trade[2]
    return cells


@given(st_trades, st_views())
@settings(deadline=None, max_examples=60)
def test_footprint__has_the_volume_of_each_cell(trades: list[Trade], view: View) -> None:
    market = Traded(trades)
    seen = view.within(market.time_range, market.price_range)
    room = footprint.room_of(seen, TICK)
    boxes, marks, rims, *words, hint = drawn("footprint", market, view)
    assert len(words) == 5
    if room is None:
        assert hint.text == ("zoom in for the footprint",)
        assert len(boxes.x0) == len(marks.x0) == len(rims.x0) == 0
        return
    assert hint.text == ()
    cells = cells_of(trades, seen, room)
    assert len(boxes.x0) == len(cells)
    where = sorted(cells)
    for k, (begin, tick) in enumerate(where):
        bought, sold = cells[begin, tick]
        assert begin <= boxes.x0[k] < boxes.x1[k] <= begin + room.step
        assert (boxes.y0[k], boxes.y1[k]) == (tick * TICK, pytest.approx((tick + room.ticks) * TICK))
        side = 0 if bought == sold else 1 if bought > sold else 1 + footprint.SHADES
        assert side <= boxes.colour[k] < side + (1 if side == 0 else footprint.SHADES)
        said = [float(word.replace(",", "")) for word in boxes.told.words[k][1:4]]
        assert said == pytest.approx([bought, sold, bought - sold], rel=1e-5, abs=1e-9)
    texts = [text for one in words for text in one.text]
    assert len(texts) == (3 * len(cells) if room.numbers else 0)
    bars = {begin for begin, _ in where}
    assert len(rims.x0) == (len(bars) if room.numbers else 0)


@given(st_trades)
@settings(deadline=None, max_examples=40)
def test_footprint__marks_buys_against_sells_a_row_below_and_sells_against_buys_a_row_above(
    trades: list[Trade],
) -> None:
    market = Traded(trades)
    view = whole(market, width=1200, height=700)
    room = footprint.room_of(view, TICK)
    assert room is not None
    assert room.numbers
    cells, marks = cells_of(trades, view, room), drawn("footprint", market, view)[1]
    expected = set()
    for begin in {begin for begin, _ in cells}:
        rows = [tick for b, tick in cells if b == begin]
        for tick in range(min(rows), max(rows) + 1, room.ticks):
            bought, sold = cells.get((begin, tick), (0.0, 0.0))
            below = cells.get((begin, tick - room.ticks), (0.0, 0.0))[1]
            above = cells.get((begin, tick + room.ticks), (0.0, 0.0))[0]
            if bought > 0 and tick > min(rows) and bought >= 3 * below * (1 - 1e-12):
                expected.add((begin, tick, 0))
            if sold > 0 and tick < max(rows) and sold >= 3 * above * (1 - 1e-12):
                expected.add((begin, tick, 1))
    found = {
        (int(x) // room.step * room.step, round(y / TICK), int(side))
        for x, y, side in zip(marks.x0, marks.y0, marks.colour)
    }
    assert found == expected
    assert marks.colours == (DARK.buy_rim, DARK.sell_rim)


def test_footprint__has_the_strongest_colour_of_each_side_last() -> None:
    none, *sides = footprint.tones(DARK)
    assert max(none) - min(none) < 20
    for side, tones in ((DARK.buy, sides[: footprint.SHADES]), (DARK.sell, sides[footprint.SHADES :])):
        far = [sum(abs(one - other) for one, other in zip(tone, side)) for tone in tones]
        assert far == sorted(far, reverse=True)


@given(st_views(), st.sampled_from([0.01, 0.1, 0.5]))
def test_footprint__has_numbers_only_where_they_fit(view: View, tick: float) -> None:
    room = footprint.room_of(view, tick)
    width, height = view.end - view.begin, view.prices[1] - view.prices[0]
    if room is None:  # a row as high as may be would be too low
        assert 2e-4 * sum(view.prices) / 2 / height * view.height < 2 * footprint.CELLS
        return
    row, bar = room.ticks * tick / height * view.height, room.step / width * view.width
    least = footprint.NUMBERS[1] if room.numbers else footprint.CELLS
    assert row >= least * (1 - 1e-9)
    assert bar >= (footprint.NUMBERS[0] if room.numbers else 10) * (1 - 1e-9) or room.step == 86_400 * SECOND
    assert room.ticks * tick <= max(2e-4 * sum(view.prices) / 2, tick) * (1 + 1e-9)


def test_footprint__says_what_there_is_and_what_a_zoom_would_show() -> None:
    market, overlay = sample(), overlays()["footprint"]
    scene, view = Scene(market, market.price_range), whole(market)
    middle = sum(market.price_range) / 2
    near = view._replace(prices=(middle - 5, middle + 5))
    far = view._replace(prices=(middle * 0.5, middle * 1.5))
    said = [[entry.word for entry in overlay.entries_in(scene, one)] for one in (near, far)]
    assert said[0][0].startswith("footprint, ")
    assert said[0][1] == "sold × bought"
    assert said[1] == ["zoom in for the footprint"]
    between = view._replace(prices=(middle * (1 - 5e-3), middle * (1 + 5e-3)))
    assert [entry.word for entry in overlay.entries_in(scene, between)][1] == "zoom in for numbers"


def test_readouts__tell_times_in_the_zone_of_the_axis() -> None:
    market, trade = Traded([(1000, 1000, 1.0, "buy")]), "12:00:00"
    view, said = whole(market, width=1200, height=700), []
    for zone in ("UTC", "Asia/Kolkata"):
        scene = Scene(market, market.price_range, time_zone=zone)
        boxes = overlays()["footprint"].on_engine(scene, view)[0]
        said.append(boxes.told.words[0][0][:8])
    assert said == [trade, "17:30:00"]


def test_stacking__shows_the_largest_of_each_cell_of_the_screen() -> None:
    market, view = sample(), whole(sample())
    found = stacking.markers_in(market, view)
    assert 20 < len(found.size) <= 60
    assert (np.diff(found.size) <= 0).all()
    step = int(found.end[0] - found.begin[0])
    assert step / (view.end - view.begin) * view.width >= stacking.CELL[0]
    cells = list(zip(found.begin.tolist(), found.low.tolist()))
    assert len(set(cells)) == len(cells)
    spans, every = market.spans(), defaultdict(float)
    time = np.unique(np.concatenate([found.begin, found.end]))
    rows = np.unique(np.concatenate([found.low, found.high]))
    edges = (
        np.arange(time[0], time[-1] + 1, step),
        np.arange(rows[0], rows[-1] + 1, found.high[0] - found.low[0]),
    )
    for side in (0, 1):
        one = stacking.stacking_of(spans, market.trades(), *edges, side)
        for what, sizes in enumerate((one.added, one.pulled)):
            for row, bin_, size in zip(one.row, one.bin, sizes):
                every[int(edges[0][bin_]), int(edges[1][row]), side, what] = size
    for what, side, begin, _, low, _, size in zip(*found):
        assert size == every[begin, low, side, what]
        assert size == max(every[begin, low, s, w] for s in (0, 1) for w in (0, 1))


def test_stacking__is_filled_pulling_hollow_in_the_colour_of_the_side() -> None:
    market, view = sample(), whole(sample())
    stacked, pulled = drawn("stacking", market, view)
    assert isinstance(stacked, Discs)
    assert isinstance(pulled, Discs)
    assert (stacked.alpha, pulled.alpha) == (stacking.FACE_ALPHA, 0.0)
    assert stacked.colours == pulled.colours == (DARK.best_bid, DARK.best_ask)
    for discs in (stacked, pulled):
        assert (discs.radius >= stacking.LEAST).all()
        assert (discs.radius <= stacking.LARGEST + 1e-9).all()
        assert discs.told is not None
        for side, words in zip(discs.face, discs.told.words):
            assert words[0].split()[0] == ("bid", "ask")[side]
    assert all(words[0].endswith("stacked") for words in stacked.told.words)
    assert all(words[0].endswith("pulled") for words in pulled.told.words)


def test_stacking__merges_by_zoom_and_says_nothing_of_later_in_a_play() -> None:
    market, view = sample(), whole(sample())
    until = (view.begin + view.end) // 2
    played = stacking.markers_in(market, view._replace(until=until))
    assert len(played.size)
    assert played.end.max() <= until
    near = view._replace(begin=until, end=until + 60 * SECOND)
    fine = stacking.markers_in(market, near)
    assert fine.end[0] - fine.begin[0] < played.end[0] - played.begin[0]
    assert len(stacking.markers_in(Traded([]), whole(Traded([]))).size) == 0  # nobody knows what traded


def test_stacking__is_not_told_of_times_whose_trades_are_not_known() -> None:
    """Of a market whose first trade is at its fourth minute."""

    class Late(type(sample())):  # type: ignore[misc]
        def trades(self) -> Any:
            table = super().trades()
            return table.filter(pa.array(table["ts"].to_numpy() > late))

    view = whole(sample())
    late = np.datetime64(view.begin + 240 * SECOND, "ns")
    found = stacking.markers_in(Late(), view)
    assert len(found.size)
    assert found.end.min() > int(late.astype(np.int64))  # in the bin of the first trade, or later
    assert stacking.markers_in(sample(), view).end.min() < int(late.astype(np.int64))


VIEWS = ((0.0, 1.0, 1.0), (0.4, 0.6, 0.02), (0.0, 0.1, 40.0))
"""From and to of the time, and how much of the prices; the last has no room for a footprint."""


@pytest.mark.parametrize("name", NAMES)
def test_shapes__are_as_many_of_the_same_kinds_in_every_view(name: str) -> None:
    """As HoloViews wants it of what moves."""
    market, view = sample(), whole(sample())
    kinds = set()
    middle = sum(view.prices) / 2
    for begin, end, share in VIEWS:
        length, reach = view.end - view.begin, (view.prices[1] - view.prices[0]) / 2 * share
        seen = view._replace(
            begin=view.begin + int(begin * length), end=view.begin + int(end * length),
            prices=(middle - reach, middle + reach),
        )  # fmt: skip
        for until in (None, seen.begin):
            kinds.add(tuple(type(shape) for shape in drawn(name, market, seen._replace(until=until))))
    assert len(kinds) == 1


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_layers__are_drawn_in_files_and_notebooks(name: str, tmp_path: Path) -> None:
    from matplotlib.image import imread

    market = sample()
    size: dict[str, Any] = {"width": 1200, "height": 500}
    plain, over = (
        imread(picture(market, tmp_path / f"{len(some)}.png", overlays=some, **size)) for some in ([], [name])
    )
    changed = np.abs(plain[..., :3] - over[..., :3]).max(axis=-1) > 0.05
    assert changed[75:, :1100].sum() > 300  # the marks
    assert changed[:70].sum() > 30  # their legend
    for dynamic in (True, False):
        chart = heatmap(market, overlays=[name], dynamic=dynamic)
        drawn_ = hv.renderer("bokeh").get_plot(chart).state
        assert len(drawn_.renderers) > 2


def test_kinds__are_those_that_tell() -> None:
    market, view = sample(), whole(sample())
    for name, kind in (("vwap", Boxes), ("poc", Boxes), ("footprint", Boxes), ("stacking", Discs)):
        assert any(isinstance(one, kind) and one.told is not None for one in drawn(name, market, view))
    assert all(isinstance(one, Words) for one in drawn("footprint", market, view)[3:])
