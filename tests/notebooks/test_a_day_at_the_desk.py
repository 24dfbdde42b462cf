"""Every number of the notebook "a day at the desk", by its own cells, against plain loops (`slow_desk`)."""

from __future__ import annotations

import math
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pytest

from tests.notebooks import slow_desk as slow
from tests.notebooks.slow_desk import LAGS, SECOND, Desk

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_a_day_at_the_desk.ipynb"
WHOLE, HOUR = "MINUTES = 24 * 60\n", 'HOUR = ("12:00", "13:00")\n'
CHARTS = 'hv.extension("bokeh", logo=False)\n'
DRAWS = ("look", "draw-depth", "draw-resilience", "draw-retention")


def left_by_cells(minutes: int) -> SimpleNamespace:
    """What the cells of the notebook leave behind, of a shorter day if so many minutes are fewer."""
    found: dict[str, object] = {}
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        source = cell.source + "\n"
        if cell.cell_type != "code" or cell.id in DRAWS:
            continue
        if cell.id == "imports":
            for line in (WHOLE, HOUR, CHARTS):
                assert line in source
            source = source.replace(CHARTS, "").replace(WHOLE, f"MINUTES = {minutes}\n")
            if minutes < 24 * 60:
                source = source.replace(HOUR, f'HOUR = ("00:05", "00:{minutes - 5:02d}")\n')
        exec(compile(source, cell.id, "exec"), found)
    return SimpleNamespace(**{name: value for name, value in found.items() if not name.startswith("__")})


DAY = pytest.param(1440, id="the day", marks=[pytest.mark.notebook, pytest.mark.timeout(300)])


@pytest.fixture(scope="module", params=[pytest.param(40, id="forty minutes"), DAY])
def cells(request: pytest.FixtureRequest) -> Iterator[SimpleNamespace]:
    with redirect_stdout(StringIO()):
        found = left_by_cells(request.param)
    found.desk = Desk(found.session.depth(), found.session.trades(), shown=100)
    replay(found)
    yield found
    shutil.rmtree(found.FOLDER)


def replay(found: SimpleNamespace) -> None:
    """Run through the day once; keep what the feed showed at every whole second."""
    desk = found.desk
    begin, end = (int(pd.Timestamp(t).value) for t in found.session.time_range)
    found.rows, found.seconds_slow, found.stands_slow = {}, {}, defaultdict(list)
    found.hour_slow = {}
    pending: dict[int, list[tuple[slow.Eaten, int]]] = defaultdict(list)
    heard = 0
    for at, book in desk.books(list(range(slow.whole_second(begin), end + 1, SECOND))):
        for level in desk.eaten[heard:]:
            for lag in LAGS:
                pending[slow.whole_second(level.ts + lag * SECOND)].append((level, lag))
        heard = len(desk.eaten)
        for level, lag in pending.pop(at, []):
            if desk.in_sight(level.side, level.price):
                found.stands_slow[lag, level.place].append(level.price in book[level.side])
        if not book["bid"]:
            continue
        found.seconds_slow[at] = {side: slow.within_one_bp(book, side) for side in ("bid", "ask")}
        if at % (10 * SECOND) == 0:
            bid, ask = max(book["bid"]), min(book["ask"])
            depth = sum(found.seconds_slow[at].values())
            found.rows[at] = ((bid + ask) / 2, ask - bid, depth, slow.imbalance_of_five(book))


def test_sample__is_the_book_before_each_ten_seconds(cells: SimpleNamespace) -> None:
    assert cells.day["ts"].astype("int64").tolist() == list(cells.rows)
    ours = cells.day[["mid", "spread", "depth@1bps", "imbalance@5"]]
    np.testing.assert_allclose(ours, list(cells.rows.values()), rtol=1e-9, atol=1e-9)


def test_five_minutes__by_duckdb_and_by_cells_are_those_rows(cells: SimpleNamespace) -> None:
    expected = [row[2] for at, row in cells.rows.items() if at % (300 * SECOND) == 0]
    assert len(expected) == len(cells.neighbours) > 5
    for name in ("depth@1bps", "depth", "cells"):
        np.testing.assert_allclose(cells.neighbours[name], expected, rtol=1e-6)


def test_correlations__by_hand(cells: SimpleNamespace) -> None:
    tens = defaultdict(list)
    for at, (mid, _, depth, _) in cells.rows.items():
        tens[at // (600 * SECOND)].append((mid, depth))
    deep = [slow.mean([depth for _, depth in rows]) for rows in tens.values() if len(rows) > 2]
    moves = [
        slow.deviation([b - a for (a, _), (b, _) in zip(rows, rows[1:])])
        for rows in tens.values()
        if len(rows) > 2
    ]
    assert cells.thin == pytest.approx(slow.pearson(slow.ranks(deep), slow.ranks(moves)))
    rows = list(cells.rows.values())
    ahead = [b[0] - a[0] for a, b in zip(rows, rows[1:])]
    assert cells.lean == pytest.approx(slow.pearson([row[3] for row in rows[:-1]], ahead), abs=1e-9)


def test_eaten__are_the_levels_that_trades_took_whole(cells: SimpleNamespace) -> None:
    ours = cells.eaten
    keys = zip(ours["end"].astype("int64"), ours["side"].astype(str), ours["price"], ours["place"])
    theirs = [(level.ts, level.side, level.price, level.place) for level in cells.desk.eaten]
    assert sorted(keys) == sorted(theirs)
    assert len(theirs) > 1_000


def test_refills__by_looking_at_each_level_again(cells: SimpleNamespace) -> None:
    assert len(cells.stands_slow) == cells.refills.size == 2 * len(LAGS)
    for (lag, place), stands in cells.stands_slow.items():
        assert cells.refills.loc[lag, place] == pytest.approx(slow.mean(stands), abs=1e-12)
    assert cells.looks["stands"].notna().sum() == sum(map(len, cells.stands_slow.values()))
    assert len(cells.inside) > 1_000


def test_resilience__sweep_by_sweep(cells: SimpleNamespace) -> None:
    reach: dict[tuple[int, str], list[float]] = defaultdict(list)
    for ts, aggressor, price, _ in cells.desk._trade_rows():
        reach[ts // SECOND * SECOND, aggressor].append(price)
    found = sorted((*key, max(prices) - min(prices)) for key, prices in reach.items())
    found = [sweep for sweep in found if sweep[2] > 2.95]
    known, kept = cells.seconds_slow, []
    for one, two in zip(found, found[1:]):
        if two[0] - one[0] >= 10 * SECOND and {two[0] - 10 * SECOND, two[0] + 60 * SECOND} <= known.keys():
            kept.append(two)
    assert [(at, aggressor) for at, aggressor, _ in kept] == list(
        zip(cells.sweeps["ts"].astype("int64"), cells.sweeps["aggressor"])
    )
    assert kept
    for lag in range(-10, 61):
        both = [(known[at + lag * SECOND], aggressor == "buy") for at, aggressor, _ in kept]
        hit = slow.mean([depth["ask" if bought else "bid"] for depth, bought in both])
        behind = slow.mean([depth["bid" if bought else "ask"] for depth, bought in both])
        np.testing.assert_allclose(cells.resilience.loc[lag], [hit, behind], rtol=1e-9)


def test_retention__level_by_level(cells: SimpleNamespace) -> None:
    away = cells.desk.away
    assert len(away) == len(cells.left)
    bins = defaultdict(list)
    for level in away:
        bins[max(low for low in cells.edges if low < level.age)].append(level)
    assert len(bins) == len(cells.retention)
    for low, (_, row) in zip(sorted(bins), cells.retention.iterrows()):
        assert row["levels"] == len(bins[low])
        assert row["age"] == pytest.approx(slow.mean([level.age for level in bins[low]]))
        assert row["same"] == pytest.approx(slow.mean([level.size == level.then for level in bins[low]]))
    assert (cells.left["next_size"] > 0).sum() == sum(level.then > 0 for level in away)


def test_half_life__is_where_the_error_is_least(cells: SimpleNamespace) -> None:
    rows = list(cells.retention.itertuples())

    def cost(half_life: float) -> float:
        return sum(row.levels * (0.5 ** (row.age / half_life) - row.same) ** 2 for row in rows)

    assert math.isclose(cells.half_life, slow.lowest(1, 100_000, cost), rel_tol=0.01)


@pytest.mark.parametrize("cells", [DAY], indirect=True)
def test_finding__has_the_numbers_of_the_day(cells: SimpleNamespace) -> None:
    said = " ".join(nbformat.read(NOTEBOOK, as_version=4).cells[-1].source.split())
    best, behind, same = cells.refills["best"], cells.resilience["left behind"], cells.retention["same"]
    far = cells.retention["age"].iloc[-1]
    for words in (
        f"{cells.day['depth@1bps'].mean():.1f} SIM rest within 1 bp",
        f"correlation {cells.thin:.2f}",
        f"next 10 s ({cells.lean:.2f})",
        f"{best[1]:.0%} stand again".replace("%", " %"),
        f"and {best[5]:.0%} after 5 s".replace("%", " %"),
        f"from {behind[0]:.1f} to {behind[2]:.1f} SIM within 2 s, and has {behind[10]:.1f} after 10 s",
        f"and {behind[60]:.1f}, or {behind[60] / behind[0]:.0%}, after a minute".replace("%", " %"),
        f"a half-life of {cells.half_life / 60:.0f} min fits best",
        f"({same.iloc[4]:.2f} kept after a minute, where it says "
        f"{2 ** (-cells.retention['age'].iloc[4] / cells.half_life):.2f})",
        f"({same.iloc[-1]:.2f} after {far / 3600:.0f} h",
    ):
        assert words in said, words
    assert best[60] == pytest.approx(best[5], abs=0.001)
