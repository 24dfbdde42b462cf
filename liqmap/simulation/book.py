"""The true book, and the integers that chance is made of.

One dense array holds the size at every price: positive where bids rest, negative where asks rest.
All state is int64 or smaller and no operation wraps, so a seed gives the same market on every
platform, with and without the compiler.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

MASK32 = 0xFFFFFFFF

inner_kernel = njit(
    cache=True, nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""A kernel that only other kernels call: compiles in half the time without a way in from Python."""

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


class Book(NamedTuple):
    """The market's state; index of the first six arrays is the price in ticks.

    ``size`` lots, signed by side, walls included; ``orders`` how many ordinary ones; ``wall`` lots of a wall;
    ``born`` step of the last placement; ``mark`` and ``old`` the message that a tick last changed for
    and its size before it; ``touched`` the ticks changed since the last message; ``s`` scalars;
    ``rng`` five words of xorwow and its counter.
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


def empty_book(ticks: int, touched: int, seed: int) -> Book:
    """A book without orders over prices 0 to ``ticks`` - 1, and chance seeded by ``seed``."""
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
    )


def seeded(seed: int) -> np.ndarray:
    """State of the generator (6,): words of splitmix64, in Python's exact integers."""
    state, words = seed & (2**64 - 1), []
    for _ in range(6):
        state = (state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        words.append(((z ^ (z >> 31)) >> 32) | 1)
    return np.array(words, np.int64)


@inner_kernel
def random_bits(rng: np.ndarray) -> int:
    """32 random bits: Marsaglia's xorwow, in int64 so that nothing overflows."""
    t = rng[0] ^ (rng[0] >> 2)
    rng[0] = rng[1]
    rng[1] = rng[2]
    rng[2] = rng[3]
    rng[3] = rng[4]
    v = (rng[4] ^ (rng[4] << 4) ^ t ^ (t << 1)) & MASK32
    rng[4] = v
    rng[5] = (rng[5] + 362437) & MASK32
    return (v + rng[5]) & MASK32


@inner_kernel
def random_below(rng: np.ndarray, n: int) -> int:
    """A random integer in [0, n), n < 2**30."""
    return (random_bits(rng) * n) >> 32


@inner_kernel
def random_heavy_tailed(rng: np.ndarray, table: np.ndarray) -> int:
    """A random integer of heavy tail: k from ``table`` (256,), then uniform in 2**k - 1 + [0, 2**k)."""
    r = random_bits(rng)
    k = table[r & 255]
    return (1 << k) - 1 + ((r >> 8) & ((1 << k) - 1))


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


@inner_kernel
def take(b: Book, tick: int, lots: int) -> None:
    """Remove ``lots`` of what rests at ``tick``, ordinary orders before a wall. 0 <= lots <= size."""
    total = abs(b.size[tick])
    ordinary = total - b.wall[tick]
    left = max(ordinary - lots, 0)
    b.wall[tick] = min(b.wall[tick], total - lots)
    b.orders[tick] = min(b.orders[tick], left)
    put(b, tick, total - lots if b.size[tick] > 0 else lots - total)
