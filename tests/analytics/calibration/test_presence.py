"""Presence: counts against a plain oracle, laws of its fit and its interval, and what known laws give."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.held_out import Judged, held_out
from liqmap.analytics.calibration.presence import Counting, fit_presence, judge_presence
from liqmap.analytics.calibration.presence.classes import AGES, GROUPS, quantiles
from liqmap.analytics.calibration.presence.counts import Counts
from liqmap.analytics.calibration.presence.judge import Reliability, present, reliability
from liqmap.analytics.calibration.presence.mixing import basis, fitted, moved
from liqmap.analytics.calibration.presence.shares import HALF_LIVES, PRIOR, errors, prior_of
from liqmap.carry.presence import Presence
from tests.strategies import SECOND

SECONDS = np.append(AGES[1:], AGES[-1] * 2) * 0.8e-9
"""An age within each bin, s."""

CLASSES = Classes(np.array([1.0]), np.array([5.0]), AGES[1:])
OLDEST = 18
"""Bins of age that are filled: to 5 min."""


@pytest.fixture(scope="module")
def market() -> tuple[lm.Spans, lm.Spans]:
    capture = lm.simulate(minutes=3, seed=3, levels=40, volatility=4.0)
    return lm.replay(capture, 10), lm.replay(capture)


def counts_of(rates: np.ndarray, levels: int, chance: np.random.Generator, wobble: float = 0.0) -> Counts:
    """Counts of blocks whose rates (B, 2, 2, OLDEST) wobble together by so much, as an angle."""
    counts = Counts.zeros(len(rates), CLASSES)
    angle = 2 * np.arcsin(np.sqrt(rates)) + chance.normal(0, wobble, rates.shape[:3])[..., None]
    known = np.sin(np.clip(angle, 0, np.pi) / 2) ** 2
    filled = slice(0, OLDEST)
    counts.levels[..., filled] = levels
    counts.there[..., filled] = chance.binomial(levels, known)
    counts.age[:] = counts.levels * SECONDS
    return counts


def law(blocks: int) -> np.ndarray:
    """Rates (blocks, 2, 2, OLDEST): small levels go within seconds, large ones stay, near ones go at once."""
    quick, slow = np.exp2(-SECONDS[:OLDEST] / 8), np.exp2(-SECONDS[:OLDEST] / 400)
    each = np.array([[0.7 * quick + 0.1, 0.8 * quick + 0.2], [0.9 * slow, 0.5 * slow + 0.5]])
    return np.repeat(each[None], blocks, axis=0)


def weights(presence: Presence, name: str) -> np.ndarray:
    """(2, 2, OLDEST) what a presence says of the classes at the ages of the bins."""
    age = np.broadcast_to(SECONDS[:OLDEST] * 1e9, (2, 2, OLDEST))
    size, distance, _ = np.meshgrid([0.5, 1.0], [2.0, 5.0], np.empty(OLDEST), indexing="ij")
    found = getattr(presence, name).weight(age.ravel(), distance.ravel(), size.ravel())
    return np.asarray(found).reshape(2, 2, OLDEST)


# ---------------------------------------------------------------------- counts
def test_counts__are_those_of_a_plain_oracle(market: tuple[lm.Spans, lm.Spans]) -> None:
    judged = Judged(*market)
    counting = Counting(judged)
    assert [r.time[0] for r in counting.counted(judged.portions(500))] == [
        r.time[0] for r in judged.portions(500)
    ]
    classes, blocks, expected = counting.classes, counting.blocks, Counter()
    rows = held_out(*market)
    for time, size, age, far, true in zip(rows.time, rows.size, rows.age, rows.distance, rows.true):
        distance = np.inf if np.isnan(far) else far
        s, d = bisect_right(classes.sizes.tolist(), size), bisect_right(classes.distances.tolist(), distance)
        b, a = int(time - 1 - blocks.begin) // blocks.length, bisect_right(classes.ages.tolist(), age)
        expected[b, s, d, a, "levels"] += 1
        expected[b, s, d, a, "there"] += int(true > 0)
        expected[b, s, d, a, "age"] += age * 1e-9
    for name, found in zip(Counts._fields, counting.counts):
        assert sum(v for (*_, n), v in expected.items() if n == name) == pytest.approx(found.sum())
        for place in zip(*np.nonzero(found)):
            assert expected[(*map(int, place), name)] == pytest.approx(found[place])
    assert counting.counts.levels.sum() == len(judged)


def test_groups_of_age__begin_at_round_seconds() -> None:
    assert (AGES[GROUPS] * 1e-9)[:6].round(2).tolist() == [0, 1, 3.16, 10, 31.62, 100]


@given(
    values=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=20),
    share=st.floats(0.05, 0.95),
)
def test_quantiles__have_the_share_of_the_weight_below(values: list, share: float) -> None:
    each, weight = (np.array(c, float) for c in zip(*values))
    (found,) = quantiles(each, weight, np.array([share]))
    assert weight[each <= found].sum() >= share * weight.sum() - 1e-9
    assert weight[each < found].sum() <= share * weight.sum() + 1e-9


# ---------------------------------------------------------------------- shares
st_shares = st.lists(st.floats(0.01, 1), min_size=len(HALF_LIVES) + 1, max_size=len(HALF_LIVES) + 1)


@settings(max_examples=30)
@given(share=st_shares, rates=st.lists(st.floats(0, 1), min_size=OLDEST, max_size=OLDEST), up=st.booleans())
def test_moved__is_on_one_side_at_every_age(share: list, rates: list, up: bool) -> None:
    """Whatever it is to be near to, also where that is on the other side, or rises with age."""
    given_shares = np.array([share]) / sum(share)
    base = basis(HALF_LIVES, SECONDS[None, :OLDEST])
    found = moved(given_shares, np.array([rates]), np.ones((1, OLDEST)), base, up)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    every = basis(HALF_LIVES, np.geomspace(1e-3, 1e6, 200))
    away = every @ (found - given_shares)[0]
    assert (away >= -1e-9).all() if up else (away <= 1e-9).all()


@settings(max_examples=20)
@given(share=st_shares, rates=st.lists(st.floats(0, 1), min_size=OLDEST, max_size=OLDEST))
def test_fitted__is_likelier_than_any_other(share: list, rates: list) -> None:
    base = basis(HALF_LIVES, SECONDS[None, :OLDEST])
    rate, none = np.array([rates]), np.full((1, len(HALF_LIVES) + 1), 1e-9)
    found = fitted(rate, np.ones((1, OLDEST)), base, none)

    def surprise(shares: np.ndarray) -> float:
        p = np.clip(base[0] @ shares, 1e-9, 1 - 1e-9)
        return float(-(rate[0] * np.log(p) + (1 - rate[0]) * np.log(1 - p)).sum())

    assert surprise(found[0]) <= surprise(np.array(share) / sum(share)) + 0.02


# ---------------------------------------------------------------------- presence
def test_presence__recovers_a_known_law() -> None:
    counts = counts_of(law(64), 400, np.random.default_rng(0))
    presence = fit_presence(counts, CLASSES, 10 * SECOND)
    assert presence is not None
    off = np.abs(weights(presence, "likely") - law(1)[0])
    assert off.mean() < 0.02
    assert off.max() < 0.07
    assert (weights(presence, "high") - weights(presence, "low")).mean() < 0.15


def test_presence__of_a_thin_class_is_that_of_its_like() -> None:
    """A class seen in one block, where all was gone, is believed little."""
    counts = counts_of(law(64), 400, np.random.default_rng(0), 0.8)
    counts.levels[1:, 0, 0] = counts.there[:, 0, 0] = counts.age[1:, 0, 0] = 0
    presence = fit_presence(counts, CLASSES, 10 * SECOND)
    assert presence is not None
    likely, low, high = (weights(presence, name)[0, 0] for name in ("likely", "low", "high"))
    assert (likely > 0.03).all()
    assert (high - low).mean() > 0.3


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), levels=st.sampled_from([1, 40]), wobble=st.floats(0, 1))
def test_presence__falls_with_age_and_is_in_its_interval(seed: int, levels: int, wobble: float) -> None:
    """Also of rates that rise with age, and classes without a level."""
    chance = np.random.default_rng(seed)
    rates = np.broadcast_to(chance.random((2, 2, OLDEST)), (40, 2, 2, OLDEST))
    counts = counts_of(rates, levels, chance, wobble)
    counts.levels[:, 1, 1] = counts.there[:, 1, 1] = counts.age[:, 1, 1] = 0
    presence = fit_presence(counts, CLASSES, 10 * SECOND)  # a Presence checks its order at many ages, too
    assert presence is not None
    low, likely, high = (weights(presence, name) for name in ("low", "likely", "high"))
    assert (low <= likely + 1e-9).all()
    assert (likely <= high + 1e-9).all()
    for each in (low, likely, high):
        assert (np.diff(each, axis=-1) <= 1e-9).all()
        assert ((each >= 0) & (each <= 1)).all()


def test_interval__widens_with_what_blocks_differ_by() -> None:
    def width(wobble: float) -> float:
        counts = counts_of(law(64), 100, np.random.default_rng(1), wobble)
        presence = fit_presence(counts, CLASSES, 10 * SECOND)
        assert presence is not None
        return float((weights(presence, "high") - weights(presence, "low")).mean())

    assert 1.1 * width(0.0) < width(0.5) < width(1.0)


def test_presence__of_a_few_levels_knows_nothing() -> None:
    """Every group has fewer levels than say anything: the rate may be any."""
    counts = counts_of(law(32), 1, np.random.default_rng(0))
    for column in counts:
        column[..., 1:] = 0  # of one bin of age: 16 in a half
    presence = fit_presence(counts, CLASSES, 10 * SECOND)
    assert presence is not None
    assert (weights(presence, "low") < 0.05).all()
    assert (weights(presence, "high") > 0.95).all()


def test_presence__does_not_mind_when_nothing_was_carried() -> None:
    counts = counts_of(law(64), 40, np.random.default_rng(0))
    blank = Counts(*(np.insert(c, [0, 0, 9, 30, 64], 0, axis=0) for c in counts))
    both = [fit_presence(c, CLASSES, 10 * SECOND) for c in (counts, blank)]
    for name in ("low", "likely", "high"):
        np.testing.assert_array_equal(weights(both[0], name), weights(both[1], name))  # type: ignore[arg-type]


def test_presence__of_too_short_a_time_is_none() -> None:
    assert fit_presence(counts_of(law(31), 9, np.random.default_rng(0)), CLASSES, SECOND) is None


def covered(seed: int, wobble: float) -> tuple[float, float]:
    """Of a market whose blocks differ: share of groups inside, and share that counting alone would hold."""
    chance = np.random.default_rng(seed)
    counts = counts_of(law(128), 60, chance, wobble)
    first, late = counts.part(slice(0, 64)), counts.part(slice(64, 128))
    presence = fit_presence(first, CLASSES, 10 * SECOND)
    assert presence is not None
    groups = reliability(presence, late, CLASSES).groups
    p, n = groups["predicted"], groups["levels"]
    alone = (groups["there"] - p).abs() <= 1.645 * np.sqrt(2 * p * (1 - p) / n)
    return float(groups["inside"].mean()), float(alone.mean())


@pytest.mark.long
def test_interval__holds_its_share_of_rates_of_blocks_that_differ() -> None:
    found = np.array([covered(seed, 0.3) for seed in range(40)])
    inside, alone = found.mean(axis=0)
    assert 0.87 <= inside <= 0.98, inside
    assert alone < 0.5  # as if levels were independent


# ---------------------------------------------------------------------- judged
def test_reliability__is_what_its_rows_say() -> None:
    counts = counts_of(law(64), 40, np.random.default_rng(0), 0.3)
    presence = fit_presence(counts, CLASSES, 10 * SECOND)
    assert presence is not None
    judged = reliability(presence, counts, CLASSES)
    groups = judged.groups
    assert groups["levels"].sum() == counts.levels.sum()
    row = groups[(groups["size_low"] == 1) & (groups["distance_low"] == 5) & (groups["age_low"] == 1)].iloc[0]
    bins = slice(GROUPS[1], GROUPS[2])
    there, levels = counts.there[:, 1, 1, bins].sum(), counts.levels[:, 1, 1, bins].sum()
    assert row["there"] == pytest.approx(there / levels)
    assert row["predicted"] == pytest.approx(weights(presence, "likely")[1, 1, bins].mean())
    assert row["inside"] == (row["low"] <= row["there"] <= row["high"])
    off = (groups["predicted"] - groups["there"]).abs()
    assert judged.error == pytest.approx(np.average(off, weights=groups["levels"]))
    assert judged.covered == groups["inside"].mean()


def test_errors__are_those_of_rates_of_blocks_that_differ() -> None:
    """Over many markets, how far a rate is from the law's."""
    off, said = [], []
    for seed in range(60):
        counts = counts_of(np.full((64, 2, 2, OLDEST), 0.5), 40, np.random.default_rng(seed), 0.4)
        each = Counts(*(c.sum(axis=3) for c in counts))
        off.append(each.whole().there / each.whole().levels - 0.5)
        said.append(errors(each))
    assert np.sqrt(np.mean(np.square(said))) == pytest.approx(np.std(off), rel=0.15)


def test_prior__is_little_where_classes_are_surely_unlike() -> None:
    def part(wobble: float) -> float:
        return prior_of(counts_of(law(64), 40, np.random.default_rng(0), wobble)) / 64

    assert part(0.0) == pytest.approx(PRIOR[0], abs=0.002)
    assert part(0.1) < part(1.0) <= PRIOR[1]
    alike = counts_of(np.full((64, 2, 2, OLDEST), 0.5), 40, np.random.default_rng(0), 0.5)
    assert prior_of(alike) == PRIOR[1] * 64


def test_calibration__has_a_presence_and_says_how_right_it_is(market: tuple[lm.Spans, lm.Spans]) -> None:
    found = lm.calibrate(market[0], truth=market[1])
    assert isinstance(found.presence, Presence)
    assert isinstance(found.presence_reliability, Reliability)
    fact = dict(found.facts())["still there"]
    assert f"{found.presence_reliability.error:.1%} out of sample" in fact
    again = judge_presence(found.presence, Judged(*market))
    assert again.groups["levels"].sum() >= found.presence_groups["levels"].sum()


def test_calibration__of_a_first_part_too_short_to_fit_does_not_judge() -> None:
    counting = SimpleNamespace(counts=counts_of(law(40), 40, np.random.default_rng(0)), classes=CLASSES,
                               blocks=SimpleNamespace(begin=0, length=SECOND))  # fmt: skip
    found = present(counting, 20 * SECOND, 0.9)  # type: ignore[arg-type]
    assert found["presence"] is not None
    assert found["presence_groups"] is None
