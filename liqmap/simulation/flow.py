"""Who trades: makers that place, amend and cancel, and aggressors that chase a fair value."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.simulation.book import (
    ANCHOR,
    BEST_ASK,
    BEST_BID,
    DRIFT,
    DRIFT_LEFT,
    FAIR,
    HEAT,
    MOOD,
    STEP,
    TRADED,
    VOLATILITY,
    Book,
    end_orders,
    place,
    put,
    take,
)
from liqmap.simulation.chance import inner_kernel, random_below, random_bits, random_heavy_tailed

MAX_WALLS = 128


class Flow(NamedTuple):
    """What the market's participants go by. All integers.

    ``place_at``, ``cancel_at``, ``lots`` (256,) octaves of distance and of size; ``usual`` (64,) sizes
    that makers repeat, lots; ``burst`` (16,) activity of a step, 1/8; ``volatility`` (32,) 1/1024 tick a
    step; ``walls`` (n, 8), see walls.py; ``live`` rows of walls that stand, -1 where free; ``trades`` filled
    during a step: (n, 3) tick, lots, +1 buy or -1 sell; ``n_trades`` (1,).
    """

    place_at: np.ndarray
    cancel_at: np.ndarray
    lots: np.ndarray
    usual: np.ndarray
    burst: np.ndarray
    volatility: np.ndarray
    walls: np.ndarray
    live: np.ndarray
    trades: np.ndarray
    n_trades: np.ndarray


def from_weights(weights: list[int]) -> np.ndarray:
    """A table of 256 octaves in which octave k stands ``weights[k]`` times."""
    if sum(weights) != 256:
        raise ValueError(f"expected weights that add up to 256, got {sum(weights)}")
    return np.repeat(np.arange(len(weights), dtype=np.int64), weights)


def new_flow(steps: int, volatility: int) -> Flow:
    """Tables for a market of ``steps`` steps; ``volatility`` scales moves, 256 for 1."""
    speed = [1150]
    for _ in range(31):
        speed.append(speed[-1] * 23 // 20)
    usual = [1, 1, 1, 2, 2, 3, 5, 5, 10, 10, 15, 20, 25, 50, 50, 77, 100, 100, 100, 150, 200, 200, 250, 300]
    usual += [312, 400, 500, 500, 500, 645, 690, 770, 770, 942, 1000, 1000, 1000, 1150, 1212, 1500, 1870]
    usual += [2000, 2000, 2302, 2500, 3000, 3000, 4, 6, 7, 8, 12, 30, 40, 60, 75, 120, 125, 140, 180, 229]
    usual += [644, 646, 689]
    return Flow(
        place_at=from_weights([14, 12, 16, 20, 24, 28, 36, 44, 34, 14, 8, 4, 2]),
        cancel_at=from_weights([6, 6, 8, 12, 16, 24, 38, 56, 46, 20, 12, 6, 4, 2]),
        lots=from_weights([36, 32, 30, 26, 22, 20, 20, 20, 20, 18, 8, 3, 1]),
        usual=np.array(usual, np.int64),
        burst=np.array([1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 9, 11, 14, 20, 40], np.int64),
        volatility=np.array(speed, np.int64) * volatility >> 8,
        walls=np.zeros((steps // 50 + 400, 8), np.int64),
        live=np.full(MAX_WALLS, -1, np.int64),
        trades=np.zeros((4096, 3), np.int64),
        n_trades=np.zeros(1, np.int64),
    )


@inner_kernel
def order_lots(b: Book, f: Flow) -> int:
    """Size of one order: half of them a usual size, the rest heavy-tailed, 1 to 8,191 lots."""
    r = random_bits(b.rng)
    if r & 1:
        return f.usual[(r >> 1) & 63]
    return random_heavy_tailed(b.rng, f.lots) + 1


# ------------------------------------------------------------------ value


@inner_kernel
def move_fair(b: Book, f: Flow) -> None:
    """One step of the fair value: clustered volatility, bursts of drift, a slow pull to an anchor."""
    s = b.s
    v = s[VOLATILITY]
    r = random_bits(b.rng)
    if r & 15 == 0:  # a walk that leans towards 10
        v += 1 if ((r >> 4) & 31) < 16 + (10 - v) // 2 else -1
    if (r >> 9) & 4095 == 0:
        v += 5 + ((r >> 21) & 7)
    s[VOLATILITY] = max(0, min(31, v))
    if s[DRIFT_LEFT] > 0:
        s[DRIFT_LEFT] -= 1
        s[FAIR] += s[DRIFT]
    elif random_below(b.rng, 1100) == 0:
        start_burst(b)
    if random_below(b.rng, 6000) == 0:
        s[ANCHOR] += (random_below(b.rng, 3000) - 1500) * 1024
    half = (b.size.shape[0] // 2) * 1024
    s[ANCHOR] = max(half // 2, min(half + half // 2, s[ANCHOR]))
    noise = -131070
    for _ in range(2):
        r = random_bits(b.rng)
        noise += (r & 65535) + (r >> 16)
    s[FAIR] += noise * f.volatility[s[VOLATILITY]] // 37837  # its standard deviation
    s[FAIR] += (s[ANCHOR] - s[FAIR]) >> 13


@inner_kernel
def start_burst(b: Book) -> None:
    """A run of 40 to 280 steps, more often towards the anchor the farther that is."""
    s = b.s
    away = (s[ANCHOR] - s[FAIR]) >> 10
    up = random_below(b.rng, 4096) < max(512, min(3584, 2048 + away))
    speed = 512 + random_below(b.rng, 4 * 1024)
    s[DRIFT] = speed if up else -speed
    s[DRIFT_LEFT] = 40 + random_below(b.rng, 240)
    s[VOLATILITY] = min(31, s[VOLATILITY] + 3)


# ------------------------------------------------------------------ aggressors


@inner_kernel
def trade(b: Book, f: Flow, buy: bool, lots: int, limit: int, deepest: int) -> int:
    """A market order: consume up to ``lots`` at prices no worse than ``limit``, one print a level.

    Returns the lots left unfilled.
    """
    s = b.s
    for _ in range(deepest):
        tick = s[BEST_ASK] if buy else s[BEST_BID]
        beyond = tick > limit if buy else tick < limit
        if lots <= 0 or beyond or f.n_trades[0] >= f.trades.shape[0] - 1:
            break
        n = min(lots, abs(b.size[tick]))
        f.trades[f.n_trades[0], 0] = tick
        f.trades[f.n_trades[0], 1] = n
        f.trades[f.n_trades[0], 2] = 1 if buy else -1
        f.n_trades[0] += 1
        take(b, tick, n)
        lots -= n
    s[TRADED] = 1
    return lots


@inner_kernel
def chase(b: Book, f: Flow) -> None:
    """Aggressors take what is mispriced against the fair value; a wall may turn them back."""
    s = b.s
    fair = s[FAIR] >> 10
    buy = fair - s[BEST_ASK] >= 4
    if not buy and s[BEST_BID] - fair < 4:
        return
    gap = fair - s[BEST_ASK] if buy else s[BEST_BID] - fair
    limit = fair - 3 if buy else fair + 3
    lots = 500 + random_below(b.rng, 3000) + min(gap, 400) * (300 + random_below(b.rng, 500))
    trade(b, f, buy, lots, limit, 400)
    s[MOOD] = 1 if buy else -1
    tick = s[BEST_ASK] if buy else s[BEST_BID]
    if b.wall[tick] > 0 and (tick <= limit if buy else tick >= limit) and random_below(b.rng, 10) == 0:
        back = (20 + random_below(b.rng, 160)) * 1024
        s[FAIR] = tick * 1024 - back if buy else tick * 1024 + back
        s[DRIFT_LEFT] = s[DRIFT_LEFT] // 2 if random_bits(b.rng) & 1 else 0
        s[DRIFT] = -s[DRIFT]


@inner_kernel
def noise_orders(b: Book, f: Flow) -> None:
    """Market orders without a view: each makes the next likelier, sides come in runs."""
    s = b.s
    s[HEAT] -= (s[HEAT] + 31) >> 5
    for _ in range(4):
        if random_below(b.rng, 1024) >= 16 + s[HEAT]:
            break
        if random_bits(b.rng) & 3 == 0:
            s[MOOD] = -s[MOOD]
        buy = s[MOOD] > 0
        touch = s[BEST_ASK] if buy else s[BEST_BID]
        trade(b, f, buy, order_lots(b, f), touch + 2 if buy else touch - 2, 3)
        s[HEAT] = min(s[HEAT] + 18, 640)


# ------------------------------------------------------------------ makers


@inner_kernel
def tighten(b: Book, f: Flow) -> None:
    """Close a spread: makers improve the touch on the side of the fair value, nearly at once."""
    s = b.s
    fair = s[FAIR] >> 10
    for _ in range(3):
        if s[BEST_ASK] - s[BEST_BID] <= 1 or random_below(b.rng, 16) == 0:
            return
        if 2 * fair > s[BEST_ASK] + s[BEST_BID]:
            place(b, 0, max(s[BEST_BID] + 1, min(fair, s[BEST_ASK] - 1)), order_lots(b, f))
        else:
            place(b, 1, min(s[BEST_ASK] - 1, max(fair, s[BEST_BID] + 1)), order_lots(b, f))


@inner_kernel
def place_one(b: Book, f: Flow) -> None:
    """One resting order; round prices attract."""
    r = random_bits(b.rng)
    side = r & 1
    d = random_heavy_tailed(b.rng, f.place_at)
    tick = b.s[BEST_BID] - d if side == 0 else b.s[BEST_ASK] + d
    lots = order_lots(b, f)
    if d > 8 and (r >> 1) & 15 < 3:
        unit = 50 if (r >> 4) & 7 == 0 else 10
        tick = (tick + unit // 2) // unit * unit
        if unit == 50:
            lots *= 2
    place(b, side, tick, lots)


@inner_kernel
def probe(b: Book, f: Flow) -> int:
    """A price where an order may be cancelled, by distance; 0 where no ordinary order rests."""
    d = random_heavy_tailed(b.rng, f.cancel_at)
    tick = b.s[BEST_BID] - d if random_bits(b.rng) & 1 else b.s[BEST_ASK] + d
    if tick < 1 or tick > b.size.shape[0] - 2 or b.orders[tick] == 0:
        return 0
    return tick


@inner_kernel
def cancel_one(b: Book, f: Flow) -> None:
    """Cancel an order at a probed price: likelier the more rest there, less so the longer they have."""
    tick = probe(b, f)
    if tick == 0:
        return
    count = b.orders[tick]
    age = b.s[STEP] - b.born[tick]
    patience = 1 if age < 50 else 2 if age < 500 else 4 if age < 5000 else 8
    if random_below(b.rng, 4 * patience) >= min(count, 4):
        return
    ordinary = abs(b.size[tick]) - b.wall[tick]
    lots = ordinary
    if count > 1:
        lots = min(1 + random_below(b.rng, 2 * ordinary // count), ordinary - count + 1)
    b.orders[tick] = count - 1
    left = abs(b.size[tick]) - lots
    put(b, tick, left if b.size[tick] > 0 else -left)


@inner_kernel
def amend_one(b: Book, f: Flow) -> None:
    """Shrink or grow what rests at a probed price by up to an eighth."""
    tick = probe(b, f)
    if tick == 0:
        return
    ordinary = abs(b.size[tick]) - b.wall[tick]
    change = 1 + random_below(b.rng, ordinary // 8 + 1)
    if random_bits(b.rng) & 1:
        change = -min(change, ordinary - b.orders[tick])
    put(b, tick, b.size[tick] + change if b.size[tick] > 0 else b.size[tick] - change)


@inner_kernel
def make(b: Book, f: Flow, activity: int) -> None:
    """What the makers do in one step; ``activity`` 256 is usual. Steps differ widely.

    Under a law of retention they place orders, which end by it, and neither cancel nor amend otherwise.
    """
    n = f.burst[random_bits(b.rng) & 15] * (11 + b.s[VOLATILITY]) * activity // 4096
    n = min(n + (random_below(b.rng, 2) + 1) * activity // 256, 2000)
    if b.law.shares.shape[0]:
        end_orders(b)
        for _ in range(n):
            place_one(b, f)
        return
    for _ in range(n):
        place_one(b, f)
        for _ in range(4):
            cancel_one(b, f)
        if random_bits(b.rng) & 1:
            amend_one(b, f)
