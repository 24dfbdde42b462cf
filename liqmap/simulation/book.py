"""The true book.

One dense array holds the size at every price: positive where bids rest, negative where asks rest.
All state is int64 or smaller and no operation wraps, so a seed gives the same market on every
platform, with and without the compiler.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.simulation.chance import inner_kernel, seeded
from liqmap.simulation.retention import FREE, NO_LAW, Law, Resting, lifetime, new_resting, rests_until

# Positions in Book.s, the scalars of the market.
(
    BEST_BID,
    BEST_ASK,
    WORST_BID,  # lowest bid the feed shows
    WORST_ASK,
    BIDS_SHOWN,  # levels from the touch to the worst one shown
    ASKS_SHOWN,
    MESSAGE,  # index of the message being gathered; stamps `mark`
    TOUCHED,  # ticks changed since the last message
    STEP,
    FAIR,  # what the aggressors think it is worth, 1/1024 tick
    ANCHOR,  # where FAIR is slowly drawn to, 1/1024 tick
    VOLATILITY,  # position in the table of volatilities
    DRIFT,  # of a running burst, 1/1024 tick a step
    DRIFT_LEFT,  # steps the burst still lasts
    HEAT,  # self-excitation of market orders
    MOOD,  # side of the last market order, +1 buy or -1 sell
    WALLS,  # walls ever placed
    TRADED,  # a trade since the last message
    LAST_TIME,  # engine time of the last step, ms
    SENT_BID,  # WORST_BID as of the last message
    SENT_ASK,
    SCALARS,
) = range(22)

FIRST_STEP = 1 << 20
"""Of the clock: `born` of an empty price is long ago."""


class Book(NamedTuple):
    """The market's state; index of the first six arrays is the price in ticks.

    ``size`` lots, signed by side, walls included; ``orders`` how many ordinary ones; ``wall`` lots of a wall;
    ``born`` step of the last placement; ``mark`` and ``old`` the message that a tick last changed for
    and its size before it; ``touched`` the ticks changed since the last message; ``s`` scalars;
    ``rng`` five words of xorwow and its counter; ``law`` how long orders rest, and ``resting`` those that it
    will end (both empty without one).
    """

    size: np.ndarray
    orders: np.ndarray
    wall: np.ndarray
    born: np.ndarray
    mark: np.ndarray
    old: np.ndarray
    touched: np.ndarray
    s: np.ndarray
    rng: np.ndarray
    law: Law
    resting: Resting


def empty_book(ticks: int, touched: int, seed: int, law: Law = NO_LAW, steps: int = 0) -> Book:
    """A book without orders over prices 0 to ``ticks`` - 1, and chance seeded by ``seed``.

    ``steps`` is how many a market with a ``law`` will live.
    """
    return Book(
        size=np.zeros(ticks, np.int32),
        orders=np.zeros(ticks, np.int32),
        wall=np.zeros(ticks, np.int32),
        born=np.zeros(ticks, np.int32),
        mark=np.full(ticks, -1, np.int32),
        old=np.zeros(ticks, np.int32),
        touched=np.zeros(touched, np.int64),
        s=np.zeros(SCALARS, np.int64),
        rng=seeded(seed),
        law=law,
        resting=new_resting(ticks, steps) if law.shares.size else new_resting(0, 0),
    )


@inner_kernel
def note(b: Book, tick: int) -> None:
    """Remember the size that the last message left at ``tick``, once."""
    if b.mark[tick] != b.s[MESSAGE]:
        b.mark[tick] = b.s[MESSAGE]
        b.old[tick] = b.size[tick]
        b.touched[b.s[TOUCHED]] = tick
        b.s[TOUCHED] += 1


@inner_kernel
def put(b: Book, tick: int, new: int) -> None:
    """Set the signed size at ``tick``; keep the touch and the counts of shown levels."""
    s = b.s
    was = b.size[tick]
    note(b, tick)
    b.size[tick] = new
    if tick >= s[WORST_BID]:
        s[BIDS_SHOWN] += (1 if new > 0 else 0) - (1 if was > 0 else 0)
    if tick <= s[WORST_ASK]:
        s[ASKS_SHOWN] += (1 if new < 0 else 0) - (1 if was < 0 else 0)
    if new > 0:
        s[BEST_BID] = max(s[BEST_BID], tick)
    elif new < 0:
        s[BEST_ASK] = min(s[BEST_ASK], tick)
    else:
        if tick == s[BEST_BID]:
            s[BEST_BID] = next_bid(b, tick - 1)
        if tick == s[BEST_ASK]:
            s[BEST_ASK] = next_ask(b, tick + 1)


@inner_kernel
def next_bid(b: Book, tick: int) -> int:
    """The first price at or below ``tick`` where bids rest; 0 if none."""
    while tick > 0 and b.size[tick] <= 0:
        tick -= 1
    return tick


@inner_kernel
def next_ask(b: Book, tick: int) -> int:
    """The first price at or above ``tick`` where asks rest; the last price if none."""
    last = b.size.shape[0] - 1
    while tick < last and b.size[tick] >= 0:
        tick += 1
    return tick


@inner_kernel
def place(b: Book, side: int, tick: int, lots: int) -> None:
    """One more order of ``lots``, a bid for side 0; a price across the touch joins the queue before it."""
    last = b.size.shape[0] - 2
    if side == 0:
        tick = max(1, min(tick, b.s[BEST_ASK] - 1))
        put(b, tick, b.size[tick] + lots)
    else:
        tick = min(last, max(tick, b.s[BEST_BID] + 1))
        put(b, tick, b.size[tick] - lots)
    b.orders[tick] += 1
    b.born[tick] = b.s[STEP]
    if b.law.shares.shape[0]:
        best = b.s[BEST_BID] if side == 0 else b.s[BEST_ASK]
        n = lifetime(b.rng, b.law, lots, abs(best - tick), best)
        rests_until(b.resting, b.s[STEP] - FIRST_STEP + n, tick, lots if side == 0 else -lots)


@inner_kernel
def take(b: Book, tick: int, lots: int) -> None:
    """Remove ``lots`` of what rests at ``tick``, ordinary orders before a wall. 0 <= lots <= size."""
    total = abs(b.size[tick])
    ordinary = total - b.wall[tick]
    left = max(ordinary - lots, 0)
    b.wall[tick] = min(b.wall[tick], total - lots)
    b.orders[tick] = min(b.orders[tick], left)
    if left == 0 and b.law.shares.shape[0]:
        b.resting.emptied[tick] += 1
    put(b, tick, total - lots if b.size[tick] > 0 else lots - total)


@inner_kernel
def end_orders(b: Book) -> None:
    """Cancel the orders whose time is over with this step, as far as trades have left them."""
    r = b.resting
    at = b.s[STEP] - FIRST_STEP
    if at >= r.first.shape[0]:
        return
    order = r.first[at]
    while order >= 0:
        tick, lots = r.tick[order], r.lots[order]
        ordinary = abs(b.size[tick]) - b.wall[tick]
        alive = r.then[order] == r.emptied[tick] and (b.size[tick] > 0) == (lots > 0)
        if alive and ordinary > 0:
            gone = min(abs(lots), ordinary)
            b.orders[tick] = min(b.orders[tick] - 1, ordinary - gone)
            if gone == ordinary:
                r.emptied[tick] += 1
            put(b, tick, b.size[tick] - gone if lots > 0 else b.size[tick] + gone)
        after = r.after[order]
        r.after[order] = r.counts[FREE]
        r.counts[FREE] = order
        order = after
    r.first[at] = -1
