"""Orders rest by the law that was set: the draws themselves, and what the true book shows of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

import liqmap as lm
from liqmap.carry import Exponentials, HalfLife, Mixture
from liqmap.schema import GridError
from liqmap.simulation.chance import seeded
from liqmap.simulation.retention import Law, law_of, lifetime

STEP = 100_000_000
"""ns."""


@njit
def lives(rng: np.ndarray, law: Law, lots: int, away: int, best: int, out: np.ndarray) -> None:
    for i in range(out.shape[0]):
        out[i] = lifetime(rng, law, lots, away, best)


def drawn(retention: object, lots: int = 100, away: int = 10, seed: int = 1, n: int = 20_000) -> np.ndarray:
    law, model = law_of(retention, 100, 1000)
    assert model is not None
    out = np.empty(n, np.int64)
    lives(seeded(seed), law, lots, away, 650_000, out)
    return out


STEPS = st.integers(1, 200_000).map(lambda n: np.timedelta64(n * STEP, "ns"))


@st.composite
def laws(draw: st.DrawFn) -> Mixture:
    half_lives = draw(st.lists(STEPS | st.none(), min_size=1, max_size=3))
    sizes = draw(st.lists(st.sampled_from([0.05, 0.1, 1.0]), unique=True, max_size=2).map(sorted))
    distances = draw(st.lists(st.sampled_from([0.1, 0.5, 5.0]), unique=True, max_size=2).map(sorted))
    shape = len(sizes) + 1, len(distances) + 1, len(half_lives)
    shares = draw(st.lists(st.floats(0, 1 / 3), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    return Mixture(half_lives, np.reshape(shares, shape), sizes, distances, draw(STEPS | st.none()))


@given(law=laws(), lots=st.integers(1, 3000), away=st.integers(0, 1000), seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_lifetime__is_of_the_law(law: Mixture, lots: int, away: int, seed: int) -> None:
    """The share that outlives an age is its weight, at every age, as far as chance lets it be."""
    found = np.sort(drawn(law, lots, away, seed))
    ages = np.unique(np.append(np.geomspace(1, 10**7, 200).astype(np.int64), found[::500].clip(max=10**7)))
    bps = np.full(len(ages), 10_000 * away / 650_000)
    outlive = 1 - np.searchsorted(found, ages, side="right") / len(found)
    expected = law.weight(ages * STEP, bps, np.full(len(ages), lots / 1000))
    assert np.abs(outlive - expected).max() < 2.2 / np.sqrt(len(found))
    assert found[0] >= 1


@pytest.mark.parametrize("retention", ["30s", HalfLife("30s", None), Exponentials([(1.0, "30s")])])
def test_lifetime__of_a_half_life(retention: object) -> None:
    assert (drawn(retention) == drawn(Mixture(["30s"], [[1.0]]))).all()
    assert np.median(drawn(retention)) == pytest.approx(300, rel=0.03)


def test_lifetime__of_a_half_life_with_prune() -> None:
    found = drawn(HalfLife("30s", "1min"))
    assert found.max() == 600
    assert (found == 600).mean() == pytest.approx(0.25, abs=0.01)


# ---------------------------------------------------------------------- in the market


def single_orders(market: lm.Capture, beyond: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orders that came to an empty price, ``beyond`` ticks from all that was traded: how long each was
    watched (s), whether it was seen to end, and its size. One that another joins is lost from sight."""
    spans = lm.replay(market.truth.depth)
    rows = spans.to_arrow().to_pandas().sort_values(["side", "tick", "start"])
    start = rows["start"].astype("int64").to_numpy()
    end = rows["end"].astype("int64").to_numpy()
    end = np.where(rows["end"].isna(), spans.last, end)
    level = rows["side"].cat.codes.to_numpy().astype(np.int64) * 10**8 + rows["tick"].to_numpy()
    joined = np.append((level[1:] == level[:-1]) & (start[1:] == end[:-1]), False)
    alone = np.append(True, ~joined[:-1]) & (start > spans.begin)
    ticks = market.trades["price"].to_numpy() / spans.tick_size
    far = (rows["tick"] < ticks.min() - beyond) | (rows["tick"] > ticks.max() + beyond)
    chosen = alone & far.to_numpy()
    ended = ~joined & rows["end"].notna().to_numpy()
    return ((end - start) / 1e9)[chosen], ended[chosen], rows["size"].to_numpy()[chosen]


def kaplan_meier(watched: np.ndarray, ended: np.ndarray, ages: list[float]) -> np.ndarray:
    """The share that outlives each age, of those watched for different times."""
    times = np.sort(watched)
    events = np.sort(watched[ended])
    at_risk = len(times) - np.searchsorted(times, events - 0.05)
    alive = np.cumprod(1 - 1 / at_risk)
    return np.append(1.0, alive)[np.searchsorted(events, np.array(ages) + 0.05)]


def test_market__orders_rest_by_it() -> None:
    """Each class by itself, off the true book alone."""
    law = Mixture(["5s", "40s"], [[1.0, 0.0], [0.25, 0.75]], sizes=[0.1])
    market = lm.simulate(minutes=4, seed=2, retention=law, volatility=0.25, activity=2)
    watched, ended, size = single_orders(market, 20)
    ages = [1.0, 3.0, 10.0, 30.0, 60.0]
    for one in (size < 0.1, size >= 0.1):
        found = kaplan_meier(watched[one], ended[one], ages)
        middle = np.full(len(ages), np.median(size[one]))
        expected = law.weight(np.array(ages) * 1e9, None, middle)
        assert one.sum() > 2_000
        assert found == pytest.approx(expected, abs=0.03)
    assert market.truth.retention is law


def test_market__without_a_law_is_as_ever() -> None:
    one, other = (lm.simulate(minutes=0.2, seed=4, **more) for more in ({}, {"retention": None}))
    assert one.depth.equals(other.depth)
    assert one.truth.depth.equals(other.truth.depth)
    assert one.truth.retention is None


@given(seed=st.integers(0, 2**64 - 1), levels=st.sampled_from([1, 50, 200]))
@settings(max_examples=6)
def test_market__under_a_law_is_a_market(messages, apply, seed: int, levels: int) -> None:
    market = lm.simulate(minutes=0.1, seed=seed, levels=levels, retention="2s")
    books: dict = {"bid": {}, "ask": {}}
    for _, _, event, rows in messages(market.depth):
        apply(books, event, rows)
        assert len(books["bid"]) == len(books["ask"]) == levels
        assert max(books["bid"]) < min(books["ask"])
    again = lm.simulate(minutes=0.1, seed=seed, levels=levels, retention="2s")
    assert again.truth.depth.equals(market.truth.depth)


@pytest.mark.parametrize("retention", [0, "0s", "-1s", "x", 30, lm.Survival(["0s", "1s"], [1, 0]), object()])
def test_refuses__what_is_no_law(retention: object) -> None:
    with pytest.raises(GridError, match="retention: expected a "):
        lm.simulate(minutes=0.1, retention=retention)  # type: ignore[arg-type]
