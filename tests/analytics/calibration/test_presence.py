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
from liqmap.analytics.calibration.presence.counts import Counts, Different
from liqmap.analytics.calibration.presence.curve import bumps, fitted, smooth
from liqmap.analytics.calibration.presence.groups import by_group, errors
from liqmap.analytics.calibration.presence.judge import (
    TOLERANCE,
    Known,
    Reliability,
    fits_of,
    present,
    reliability,
)
from liqmap.analytics.calibration.presence.steps import HALF_LIVES
from liqmap.carry import PresenceRate
from liqmap.carry.presence import Presence

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


def each_by_itself(counts: Counts) -> Different:
    """Of rows that are a different level each."""
    levels, there = (by_group(c.sum(axis=0)) for c in (counts.levels, counts.there))
    return Different(levels, there, there)


def fitted_to(counts: Counts) -> Presence:
    presence = fit_presence(counts, each_by_itself(counts), CLASSES)
    assert presence is not None
    return presence


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


# ---------------------------------------------------------------------- different levels
def test_different_levels__are_those_of_a_plain_oracle(market: tuple[lm.Spans, lm.Spans]) -> None:
    """Also where portions cut a level in two, and by part of the time."""
    judged = Judged(*market)
    split = int(judged.times[len(judged.times) // 2])
    counting = Counting(judged, split=split)
    for _ in counting.counted(judged.portions(500)):
        pass
    classes, blocks = counting.classes, counting.blocks
    looked: dict[tuple, list[float]] = {}
    rows = held_out(*market)
    for time, side, tick, size, age, far, true in zip(*rows):
        part = int((time - 1 - blocks.begin) // blocks.length >= counting.cut)
        s = bisect_right(classes.sizes.tolist(), size)
        d = bisect_right(classes.distances.tolist(), np.inf if np.isnan(far) else far)
        g = bisect_right(AGES[GROUPS].tolist(), age) - 1
        found = looked.setdefault((part, s, d, g, side, tick, time - age), [0, 0])
        found[0] += 1
        found[1] += true > 0
    for part in (0, 1, None):
        expected = Different(*np.zeros((3, *classes.shape[:2], len(GROUPS))))
        for (p, s, d, g, *_), (n, r) in looked.items():
            if part in (p, None):
                for column, more in zip(expected, (n * n, n * r, r * r)):
                    column[s, d, g] += more
        for found, wanted in zip(counting.different(part), expected):
            np.testing.assert_allclose(found, wanted)


def test_different_levels__tell_how_unsure_a_rate_is() -> None:
    """Of levels that are looked at ten times each: the spread of the rate over many markets."""
    chance = np.random.default_rng(0)
    rates, said = [], []
    for _ in range(400):
        there = 10.0 * (chance.random(50) < 0.6)
        different = Different(
            *(np.array([[[c]]], float) for c in (50 * 100, 10 * there.sum(), (there**2).sum()))
        )
        levels = np.array([[[500.0]]])
        assert different.number(levels).item() == pytest.approx(50)
        rates.append(there.sum() / 500)
        said.append(different.errors(levels, levels * rates[-1]).item())
    assert np.mean(said) == pytest.approx(np.std(rates), rel=0.1)


# ---------------------------------------------------------------------- curves
st_rates = st.lists(st.floats(0, 1), min_size=OLDEST, max_size=OLDEST)
st_steps = st.lists(st.floats(0.01, 0.99), min_size=len(HALF_LIVES) + 1, max_size=len(HALF_LIVES) + 1)


@given(age=st.floats(0, 1e6))
def test_bumps__share_out_each_age(age: float) -> None:
    (found,) = bumps(HALF_LIVES, np.array([age]))
    left = [0.0, *(2 ** (-age / h) for h in HALF_LIVES), 1.0]
    assert found == pytest.approx(np.diff(left), abs=1e-12)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1)


@settings(max_examples=20)
@given(steps=st_steps, rates=st_rates)
def test_fitted__is_likelier_than_any_other(steps: list, rates: list) -> None:
    """Whether the rates fall or rise."""
    parts = bumps(HALF_LIVES, SECONDS[None, :OLDEST])
    rate, middle = np.array([rates]), np.full((1, len(HALF_LIVES) + 1), 0.5)
    found = fitted(rate, np.ones((1, OLDEST)), parts, middle, 1e-9)
    assert ((found >= 0) & (found <= 1)).all()

    def surprise(each: np.ndarray) -> float:
        p = np.clip(parts[0] @ each, 1e-9, 1 - 1e-9)
        return float(-(rate[0] * np.log(p) + (1 - rate[0]) * np.log(1 - p)).sum())

    assert surprise(found[0]) <= surprise(np.array(steps)) + 0.05


def test_smooth__goes_on_where_nothing_was_seen() -> None:
    weight = np.where(np.arange(OLDEST) < 8, 1e4, 0.0)[None]
    parts = bumps(HALF_LIVES, SECONDS[None, :OLDEST])
    (found,) = smooth(np.full((1, OLDEST), 0.7), weight, parts, 1.0)
    assert found == pytest.approx(np.full(len(found), 0.7), abs=0.05)


# ---------------------------------------------------------------------- presence
def test_presence__recovers_a_known_law() -> None:
    counts = counts_of(law(64), 400, np.random.default_rng(0))
    presence = fitted_to(counts)
    off = np.abs(weights(presence, "likely") - law(1)[0])
    assert off.mean() < 0.02
    assert off.max() < 0.07
    assert (weights(presence, "high") - weights(presence, "low")).mean() < 0.15


def test_presence__of_a_thin_class_is_that_of_its_like() -> None:
    """A class seen in one block, where all was gone, is believed little."""
    counts = counts_of(law(64), 400, np.random.default_rng(0), 0.8)
    counts.levels[1:, 0, 0] = counts.there[:, 0, 0] = counts.age[1:, 0, 0] = 0
    presence = fitted_to(counts)
    likely, low, high = (weights(presence, name)[0, 0] for name in ("likely", "low", "high"))
    assert (likely > 0.03).all()
    assert (high - low).mean() > 0.3


def test_presence__follows_a_rate_that_rises_again() -> None:
    """As in a market where new orders come to prices that were left."""
    rising = np.clip(0.9 - 0.3 * np.exp(-(np.log(SECONDS[:OLDEST] / 30) ** 2) / 6), 0, 1)
    counts = counts_of(np.broadcast_to(rising, (64, 2, 2, OLDEST)), 400, np.random.default_rng(0))
    presence = fitted_to(counts)
    off = np.abs(weights(presence, "likely") - rising)
    assert off.mean() < 0.02
    assert off.max() < 0.07
    assert isinstance(presence.likely, PresenceRate)
    assert (presence.likely.shares < 0).any()


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), levels=st.sampled_from([1, 40]), wobble=st.floats(0, 1))
def test_presence__is_in_its_interval(seed: int, levels: int, wobble: float) -> None:
    """Also of rates that rise with age, and classes without a level."""
    chance = np.random.default_rng(seed)
    rates = np.broadcast_to(chance.random((2, 2, OLDEST)), (40, 2, 2, OLDEST))
    counts = counts_of(rates, levels, chance, wobble)
    counts.levels[:, 1, 1] = counts.there[:, 1, 1] = counts.age[:, 1, 1] = 0
    presence = fitted_to(counts)  # a Presence checks its order at many ages, too
    low, likely, high = (weights(presence, name) for name in ("low", "likely", "high"))
    assert (low <= likely + 1e-9).all()
    assert (likely <= high + 1e-9).all()
    assert ((low >= 0) & (high <= 1)).all()


def test_interval__widens_with_what_blocks_differ_by() -> None:
    def width(wobble: float) -> float:
        counts = counts_of(law(64), 100, np.random.default_rng(1), wobble)
        presence = fitted_to(counts)
        return float((weights(presence, "high") - weights(presence, "low")).mean())

    assert 1.1 * width(0.0) < width(0.5) < width(1.0)


def test_presence__of_a_few_levels_knows_nothing() -> None:
    """Every group has fewer levels than say anything: the rate may be any."""
    counts = counts_of(law(32), 1, np.random.default_rng(0))
    for column in counts:
        column[..., 1:] = 0  # of one bin of age: 16 in a half
    presence = fitted_to(counts)
    assert (weights(presence, "low") < 0.05).all()
    assert (weights(presence, "high") > 0.95).all()


def test_presence__does_not_mind_when_nothing_was_carried() -> None:
    counts = counts_of(law(64), 40, np.random.default_rng(0))
    blank = Counts(*(np.insert(c, [0, 0, 9, 30, 64], 0, axis=0) for c in counts))
    both = [fitted_to(c) for c in (counts, blank)]
    for name in ("low", "likely", "high"):
        np.testing.assert_array_equal(weights(both[0], name), weights(both[1], name))


def test_presence__of_too_short_a_time_is_none() -> None:
    counts = counts_of(law(31), 9, np.random.default_rng(0))
    assert fit_presence(counts, each_by_itself(counts), CLASSES) is None


def covered(seed: int, wobble: float) -> tuple[float, float]:
    """Of a market whose blocks differ: share of groups inside, and share that counting alone would hold."""
    chance = np.random.default_rng(seed)
    counts = counts_of(law(128), 60, chance, wobble)
    first, late = counts.part(slice(0, 64)), counts.part(slice(64, 128))
    presence = fitted_to(first)
    groups = reliability(presence, Known(late, each_by_itself(late)), CLASSES).groups
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
    presence = fitted_to(counts)
    known = Known(counts, each_by_itself(counts))
    judged = reliability(presence, known, CLASSES, known)
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


def test_floor__is_what_two_such_times_differ_by() -> None:
    """Of markets whose rates stay: the rates of the first half, as they were, miss the second by it."""
    missed, floors = [], []
    for seed in range(20):
        counts = counts_of(law(64), 10, np.random.default_rng(seed))
        early, late = (counts.part(slice(*cut)) for cut in ((0, 32), (32, 64)))
        known = [Known(c, each_by_itself(c)) for c in (early, late)]
        found = reliability(fitted_to(early), known[1], CLASSES, known[0])
        floors.append(found.floor)
        levels, before = (by_group(c.levels.sum(axis=0)) for c in (late, early))
        rates = [
            by_group(c.there.sum(axis=0)) / np.maximum(n, 1) for c, n in ((late, levels), (early, before))
        ]
        missed.append(np.average(np.abs(rates[0] - rates[1]), weights=levels))
    assert np.mean(floors) == pytest.approx(np.mean(missed), rel=0.2)
    assert found.chance < found.floor
    assert found.long_enough == (found.floor <= TOLERANCE)


def test_long_enough__is_no_time_of_a_few_orders() -> None:
    """Each level is looked at a hundred times: rows are many, levels are few."""
    counts = counts_of(law(64), 40, np.random.default_rng(0))
    alone = each_by_itself(counts)
    repeated = Different(*(100 * column for column in alone))
    for different, enough in ((alone, True), (repeated, False)):
        known = Known(counts, different)
        found = reliability(fitted_to(counts), known, CLASSES, known)
        assert found.long_enough is enough
    assert repeated.number(by_group(counts.levels.sum(axis=0))).max() < 100


def test_floor__is_of_groups_that_both_times_have() -> None:
    counts = counts_of(law(64), 40, np.random.default_rng(0))
    early = Counts(*(c[:32].copy() for c in counts))
    for column in early:
        column[..., 9:] = 0
    late = counts.part(slice(32, 64))
    known = [Known(c, each_by_itself(c)) for c in (early, late)]
    found = reliability(fitted_to(early), known[1], CLASSES, known[0])
    new = found.groups["age_low"] > SECONDS[9]
    assert new.any()
    assert (found.groups["unsure"].isna() == new).all()
    assert found.floor == Reliability(found.groups[~new]).floor
    alone = reliability(fitted_to(early), known[1], CLASSES)
    assert alone.floor == alone.chance
    before = Reliability(found.groups.drop(columns="unsure"))  # as records of the first versions have it
    assert before.floor == before.chance


def test_calibration__has_a_presence_and_says_how_right_it_is(market: tuple[lm.Spans, lm.Spans]) -> None:
    found = lm.calibrate(market[0], truth=market[1])
    assert isinstance(found.presence, Presence)
    assert isinstance(found.presence_reliability, Reliability)
    fact, judged = dict(found.facts())["still there"], found.presence_reliability
    assert f"right to {judged.error:.1%}," in fact
    assert ("too short for 3%" in fact) == (judged.floor > 0.03)
    again = judge_presence(found.presence, Judged(*market))
    assert again.groups["levels"].sum() >= found.presence_groups["levels"].sum()


def test_calibration__of_a_first_part_too_short_to_fit_does_not_judge() -> None:
    counts = counts_of(law(40), 40, np.random.default_rng(0))
    different = each_by_itself(counts)
    counting = SimpleNamespace(counts=counts, classes=CLASSES, cut=20, different=lambda part=None: different)
    found = present(counting, fits_of(counting, 0.9))  # type: ignore[arg-type]
    assert found["presence"] is not None
    assert found["presence_groups"] is None
