"""Walls: orders far larger than the rest, at round prices, for a minute to hours."""

from __future__ import annotations

from liqmap.simulation.book import (
    BEST_ASK,
    BEST_BID,
    MESSAGE,
    STEP,
    WALLS,
    Book,
    put,
)
from liqmap.simulation.chance import inner_kernel, random_below, random_bits
from liqmap.simulation.flow import MAX_WALLS, Flow

STANDING, CANCELLED, CONSUMED = range(3)
# Columns of Flow.walls, a row per wall ever placed; start and end are message indices.
W_SIDE, W_TICK, W_SIZE, W_START, W_END, W_EXPIRY, W_OUTCOME, W_LEFT = range(8)


@inner_kernel
def place_wall(b: Book, f: Flow, slot: int, nearest: int) -> None:
    """A wall at a round price, 2**``nearest`` ticks away or more, to stand for a minute to hours."""
    s = b.s
    side = random_bits(b.rng) & 1
    k = nearest + random_below(b.rng, 12 - nearest)
    d = (1 << k) + random_below(b.rng, 1 << k)
    unit = 100 if random_bits(b.rng) & 1 else 50
    tick = s[BEST_BID] - d if side == 0 else s[BEST_ASK] + d
    tick = (tick + unit // 2) // unit * unit
    inside = tick < s[BEST_BID] if side == 0 else tick > s[BEST_ASK]
    if not inside or tick < 1 or tick > b.size.shape[0] - 2 or b.wall[tick] > 0:
        return
    lots = (16 + random_below(b.rng, 16)) * 500 << random_below(b.rng, 3)
    k = 10 + random_below(b.rng, 6)
    row = s[WALLS]
    f.walls[row, W_SIDE] = side
    f.walls[row, W_TICK] = tick
    f.walls[row, W_SIZE] = lots
    f.walls[row, W_START] = s[MESSAGE]
    f.walls[row, W_EXPIRY] = s[STEP] + (1 << k) + random_below(b.rng, 1 << k)
    f.live[slot] = row
    s[WALLS] += 1
    b.wall[tick] = lots
    put(b, tick, b.size[tick] + lots if side == 0 else b.size[tick] - lots)


@inner_kernel
def end_wall(b: Book, f: Flow, slot: int, outcome: int) -> None:
    """Close the row of the wall in ``slot``; what is left of it is cancelled."""
    row = f.live[slot]
    tick = f.walls[row, W_TICK]
    left = b.wall[tick]
    f.walls[row, W_END] = b.s[MESSAGE]
    f.walls[row, W_OUTCOME] = outcome
    f.walls[row, W_LEFT] = left
    f.live[slot] = -1
    if left > 0:
        b.wall[tick] = 0
        put(b, tick, b.size[tick] - left if b.size[tick] > 0 else b.size[tick] + left)


@inner_kernel
def tend_walls(b: Book, f: Flow) -> None:
    """End walls that are eaten or out of patience; now and then place another."""
    free = -1
    for slot in range(MAX_WALLS):
        row = f.live[slot]
        if row < 0:
            free = slot
        elif b.wall[f.walls[row, W_TICK]] == 0:
            end_wall(b, f, slot, CONSUMED)
            free = slot
        elif f.walls[row, W_EXPIRY] <= b.s[STEP]:
            end_wall(b, f, slot, CANCELLED)
            free = slot
    if free >= 0 and random_below(b.rng, 400) == 0 and b.s[WALLS] < f.walls.shape[0]:
        place_wall(b, f, free, 5)


@inner_kernel
def free_slot(f: Flow) -> int:
    """A slot for a wall; the last one if all are taken."""
    for slot in range(MAX_WALLS):
        if f.live[slot] < 0:
            return slot
    return MAX_WALLS - 1
