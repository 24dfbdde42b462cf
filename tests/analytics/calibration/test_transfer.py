"""The transfer table reads the surfaces of other markets; each number is what `calibrate` says of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import liqmap as lm
from liqmap.analytics import Calibration
from liqmap.analytics.calibration import held_out
from liqmap.schema import GridError


def market(seed: int, symbol: str = "SIMUSDT", start: str = "2026-01-05") -> lm.Capture:
    more = {"levels": 40, "volatility": 4.0, "keep_truth": False}
    return lm.simulate(minutes=3, seed=seed, symbol=symbol, start=f"{start}T00:00:00Z", **more)


@pytest.fixture(scope="module")
def found() -> dict[str, Calibration]:
    return {name: lm.calibrate(market(seed), 10) for name, seed in (("a", 3), ("b", 4), ("c", 5))}


@pytest.mark.parametrize("split", [False, True])
def test_each_cell__is_of_the_surface_where_it_is_used(found: dict[str, Calibration], split: bool) -> None:
    table = lm.transfer(found, split=split)
    assert table.columns.tolist() == ["a", "b", "c"]
    assert table.index.get_level_values("chosen").tolist() == ["a", "b", "c", "never decay", "drop"]
    for chosen, one in found.items():
        point = one.best.chosen_on_first if split else (one.best.half_life, one.best.prune)
        for used, other in found.items():
            rows = other.table[other.table["model"] == "half-life"].set_index(["half_life", "prune"])
            assert table.loc[(chosen, *point), used] == rows.loc[point, "out_of_sample" if split else "error"]
    assert (table.loc["drop"] == 1).all(axis=None)
    for used, one in found.items():
        hold = one.best.hold_out_of_sample if split else one.best.hold
        assert table.loc["never decay"][used].item() == hold
        own = one.best.out_of_sample if split else one.best.error
        assert table.loc[used][used].item() == own
    if not split:
        assert (table.to_numpy() >= np.diag(table.to_numpy()[:3])).all()


def test_a_cell__is_what_was_held_out(found: dict[str, Calibration]) -> None:
    """Said again by the rows themselves, which know of no surface."""
    rows = held_out(lm.replay(market(4), 10), lm.replay(market(4)))
    carry = lm.HalfLife(found["a"].best.half_life, found["a"].best.prune)
    carried = rows.size * carry.weight(np.nextafter(rows.age.astype(float), 0))
    error = np.abs(carried - rows.true).sum() / rows.true.sum()
    assert lm.transfer(found).loc["a"]["b"].item() == pytest.approx(error, rel=1e-9)


def test_relative__to_its_own(found: dict[str, Calibration]) -> None:
    table = lm.transfer(found, relative=True)
    assert np.diag(table.to_numpy()[:3]).tolist() == [1, 1, 1]
    plain = lm.transfer(found)
    assert table.loc["a"]["b"].item() == plain.loc["a"]["b"].item() / found["b"].best.error
    assert (table.to_numpy()[:3] >= 1).all()


def test_what_carries_nothing__errs_by_all(found: dict[str, Calibration]) -> None:
    nothing = replace(found["a"], best=replace(found["a"].best, half_life="none", prune="0s"))
    assert (lm.transfer({"a": nothing, "b": found["b"]}).loc["a"] == 1).all(axis=None)


def test_names__are_as_short_as_tells_them_apart(found: dict[str, Calibration]) -> None:
    a = found["a"]
    other = replace(a, meta=replace(a.meta, symbol="OTHER"))
    day = 86_400 * 10**9
    late = replace(a, time_range=(a.time_range[0] + day, a.time_range[1] + day))
    assert lm.transfer([a, other]).columns.tolist() == ["bybit SIMUSDT", "bybit OTHER"]
    names = ["bybit SIMUSDT 2026-01-05", "bybit SIMUSDT 2026-01-06"]
    assert lm.transfer([a, late]).columns.tolist() == names
    view = replace(a, view=20)
    assert lm.transfer([a, view]).columns.tolist() == ["bybit SIMUSDT view 10", "bybit SIMUSDT view 20"]


def test_sessions__are_calibrated() -> None:
    table = lm.transfer([market(3), market(3, "OTHER")], 10, half_lives=["30s"], prunes=[None])
    assert table.shape == (4, 2)
    assert len(set(table.iloc[0])) == 1


def test_refuses(found: dict[str, Calibration]) -> None:
    a = found["a"]
    with pytest.raises(GridError, match="markets: expected two or more, got 1"):
        lm.transfer([a])
    with pytest.raises(GridError, match="2 of which some are bybit SIMUSDT"):
        lm.transfer([a, a])
    for none in ("text", 3, None):
        with pytest.raises(GridError, match="markets: expected calibrations or sessions"):
            lm.transfer(none)  # type: ignore[arg-type]
    few = lm.calibrate(market(4), 10, half_lives=["7s"], prunes=["7s"])
    with pytest.raises(GridError, match=r"among those tried, got others\. Calibrate all with the same"):
        lm.transfer({"a": replace(a, best=replace(a.best, half_life="1h")), "few": few})
