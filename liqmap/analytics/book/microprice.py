"""The micro-price of Stoikov: where the mid is heading, estimated from imbalance and spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from liqmap.analytics.book.books import Band, Books
from liqmap.analytics.book.order_flow import best_before
from liqmap.analytics.book.registry import measure
from liqmap.analytics.book.source import Market, market_of
from liqmap.carry import Duration
from liqmap.fill.snapshots import instants, step_of
from liqmap.schema import SessionError
from liqmap.schema.arguments import whole_number
from liqmap.spans import Spans, touch

if TYPE_CHECKING:
    import pandas as pd

MOST_TURNS = 100_000
CLOSE = 1e-10
"""Ticks a turn, at which the adjustment is taken for found."""


@dataclass(frozen=True)
class Microprice:
    """An estimated micro-price: ``mid + adjustment`` of the state of the best quotes.

    tick_size : quote currency.
    first : (I, S) the adjustment until the mid next moves, G1, quote currency; NaN where no state was seen.
    found : (I, S) the whole adjustment, quote currency. counts : (I, S) observations, mirrored ones included.
    State (i, s) is an imbalance of [i / I, (i + 1) / I) and a spread of s + 1 ticks.
    """

    tick_size: float
    first: np.ndarray
    found: np.ndarray
    counts: np.ndarray

    @property
    def adjustment(self) -> pd.DataFrame:
        """A row per state: ``imbalance_from, imbalance_to``, 0 to 1; ``spread``, quote currency;
        ``adjustment`` and ``first`` (until the mid next moves), quote currency; ``observations``."""
        import pandas as pd

        bins, spreads = self.found.shape
        i, s = (values.ravel() for values in np.indices((bins, spreads)))
        return pd.DataFrame(
            {
                "imbalance_from": i / bins,
                "imbalance_to": (i + 1) / bins,
                "spread": (s + 1) * self.tick_size,
                "adjustment": self.found.ravel(),
                "first": self.first.ravel(),
                "observations": self.counts.ravel(),
            }
        )

    def of(self, imbalance: Any, spread: Any) -> np.ndarray:
        """What to add to the mid, quote currency; NaN of a state that was never seen.

        Parameters
        ----------
        imbalance : best bid size / (best bid size + best ask size), 0 to 1 (the measure ``imbalance@1`` is
            twice that, less 1). spread : quote currency. Numbers, or arrays of one shape.
        """
        bins, spreads = self.found.shape
        share, ticks = np.broadcast_arrays(np.asarray(imbalance, float), np.asarray(spread, float))
        wide = np.rint(ticks / self.tick_size)
        there = (share >= 0) & (share <= 1) & (wide >= 1) & (wide <= spreads)
        i = np.minimum(np.where(there, share, 0) * bins, bins - 1).astype(np.int64)
        s = np.where(there, wide, 1).astype(np.int64) - 1
        return np.where(there, self.found[i, s], np.nan)

    def use(self, name: str = "microprice") -> None:
        """Make it a measure, by name, of whatever is sampled from now on in this process."""

        @measure(name, "quote currency")
        def microprice(books: Books, band: Band) -> np.ndarray:
            """The mid, and what this estimate adds to it."""
            bid, ask = books.best
            sizes = books.best_sizes
            return books.mid + self.of(sizes[0] / (sizes[0] + sizes[1]), ask - bid)


class Quotes(NamedTuple):
    """Best quotes in a row, N: imbalance, 0 to 1; spread and twice the mid, ticks; NaN where unknown."""

    imbalance: np.ndarray
    spread: np.ndarray
    twice_mid: np.ndarray


def microprice(
    source: Any, every: Duration | None = None, imbalances: int = 10, spreads: int | None = None
) -> Microprice:
    """Estimate the micro-price of a market.

    Parameters
    ----------
    source : a `Session`, or spans.
    every : distance of the observations. None: each change of the best quotes is one.
    imbalances : states of imbalance, of equal width.
    spreads : states of spread, 1 tick and so on; wider ones are left out. None: the fewest that hold 99 % of
        the observations, at most 50.

    Returns
    -------
    A `Microprice`: its table of states, ``of(imbalance, spread)``, and ``use()``, which makes it a measure.

    Raises
    ------
    SessionError : no two observations in a row with both sides; an adjustment that does not settle.
    GridError : fewer than one state.

    Notes
    -----
    States x = (imbalance ``q_b / (q_b + q_a)``, spread) follow each other as a Markov chain. From the
    observations and their mirror images (bid and ask changed over, which makes up and down alike)::

        Q[x, y]  = P(the mid stays, y follows x)
        R1[x, k] = P(the mid moves by k, after x)
        R2[x, y] = P(the mid moves, y follows x)
        G1 = (1 - Q)**-1 R1 k          the mean of its first move
        B  = (1 - Q)**-1 R2            where that leaves the state
        adjustment = G1 + B G1 + B**2 G1 + ...

    and the micro-price is ``mid + adjustment(x)``: the limit of what the mid is expected to be after its n-th
    move. It is a martingale; the weighted mid (`weighted_mid`) need not be. The estimate looks at the whole
    session: to predict a part of it, estimate on what came before.

    Source: Stoikov (2018), The micro-price: a high-frequency estimator of future prices, Quantitative Finance
    18(12).
    """
    imbalances = whole_number(imbalances, "imbalances")
    market = market_of(source)
    quotes = _quotes(market, every)
    known = ~np.isnan(quotes.twice_mid)
    if spreads is None:
        wide = quotes.spread[known]
        spreads = int(np.quantile(wide, 0.99, method="inverted_cdf")) if len(wide) else 1
        spreads = min(max(spreads, 1), 50)
    spreads = whole_number(spreads, "spreads")
    state = _states(quotes, imbalances, spreads)
    pairs = np.flatnonzero((state[:-1] >= 0) & (state[1:] >= 0))
    if not len(pairs):
        raise SessionError(
            where=repr(source), expected="best quotes that follow each other", got="none of these states"
        )
    moved = (quotes.twice_mid[pairs + 1] - quotes.twice_mid[pairs]) / 2
    found = estimate(state[pairs], state[pairs + 1], moved, (imbalances, spreads))
    first, whole, counts = found
    tick = market.spans.tick_size
    return Microprice(tick, first * tick, whole * tick, counts)


def _quotes(market: Market, every: Duration | None) -> Quotes:
    """The best quotes at each of their changes within what is asked about, or at instants."""
    spans: Spans = market.spans
    if every is None:
        times = np.union1d(touch(spans, 0)[0], touch(spans, 1)[0]) + 1
        times = times[(times > market.begin) & (times <= min(market.end, spans.last))]
    else:
        times = instants(market.begin, market.end, step_of(every, "every"))
    (bid, bid_size), (ask, ask_size) = (best_before(spans, n, times) for n in (0, 1))
    return Quotes(bid_size / (bid_size + ask_size), ask - bid, bid + ask)


def _states(quotes: Quotes, imbalances: int, spreads: int) -> np.ndarray:
    """(N,) number of each state, -1 where there is none."""
    there = (quotes.spread >= 1) & (quotes.spread <= spreads)
    i = np.minimum(np.where(there, quotes.imbalance, 0) * imbalances, imbalances - 1).astype(np.int64)
    return np.where(there, i * spreads + np.where(there, quotes.spread, 1).astype(np.int64) - 1, -1)


def estimate(
    state: np.ndarray, following: np.ndarray, moved: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """G1, the whole adjustment and the counts of states, each of ``shape`` (I, S), from steps of the chain.

    Parameters
    ----------
    state, following : (N,) states i * S + s before and after a step; moved : (N,) what the mid moved by.

    Raises
    ------
    SessionError : the sum does not settle.
    """
    imbalances, spreads = shape
    mirror = (imbalances - 1 - state // spreads) * spreads + state % spreads
    image = (imbalances - 1 - following // spreads) * spreads + following % spreads
    state, following = np.concatenate([state, mirror]), np.concatenate([following, image])
    moved = np.concatenate([moved, -moved])
    n = imbalances * spreads
    counts = np.bincount(state, minlength=n)
    per = np.maximum(counts, 1)[:, None]
    pair, moves = state * n + following, moved != 0
    stays, leaves = (
        np.bincount(pair[which], minlength=n * n).reshape(n, n) / per for which in (~moves, moves)
    )
    mean_move = np.bincount(state, moved, n) / per[:, 0]
    first, then = np.zeros(n), np.zeros((n, n))
    ends = _reach(stays, leaves.sum(axis=1) > 0) & (counts > 0)
    inverse = np.linalg.inv(np.eye(int(ends.sum())) - stays[np.ix_(ends, ends)])
    first[ends] = inverse @ mean_move[ends]
    then[ends] = inverse @ leaves[ends]
    total, term, turn = first.copy(), first.copy(), 0
    while np.abs(term).max(initial=0.0) > CLOSE:
        term, turn = then @ term, turn + 1
        total += term
        if turn > MOST_TURNS:
            raise SessionError(
                where="microprice",
                expected="states that forget where they came from",
                got=f"a sum that does not settle in {MOST_TURNS:,} turns",
                remedy="Take fewer states, or a longer session",
            )
    unseen = ~ends
    for values in (first, total):
        values[unseen] = np.nan
    return first.reshape(shape), total.reshape(shape), counts.reshape(shape)


def _reach(stays: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """(N,) which states come to one from which the mid moves, by steps in which it stays."""
    found = goal.copy()
    while True:
        more = found | ((stays > 0) & found[None, :]).any(axis=1)
        if (more == found).all():
            return found
        found = more
