"""The market before its first message: a book filled as it would be after hours, then lived in unseen."""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.simulation.book import (
    ANCHOR,
    ASKS_SHOWN,
    BEST_ASK,
    BEST_BID,
    BIDS_SHOWN,
    FAIR,
    FIRST_STEP,
    MESSAGE,
    MOOD,
    STEP,
    TOUCHED,
    TRADED,
    VOLATILITY,
    WALLS,
    WORST_ASK,
    WORST_BID,
    Book,
    place,
)
from liqmap.simulation.chance import random_below
from liqmap.simulation.feed import live
from liqmap.simulation.flow import Flow, order_lots
from liqmap.simulation.walls import W_END, W_SIZE, W_START, W_TICK, free_slot, place_wall


@njit(cache=True, nogil=True, error_model="numpy")
def open_market(
    b: Book, f: Flow, touch: int, filling: np.ndarray, levels: int, activity: int, warm_up: int
) -> None:
    """Fill an empty book around price ``touch`` (ticks) and let it live ``warm_up`` steps unseen.

    ``filling`` (k,): mean orders a price in octave k of the distance, 1/256.
    """
    s = b.s
    s[FAIR] = s[ANCHOR] = touch * 1024 + 512
    s[VOLATILITY] = 9
    s[MOOD] = 1
    s[STEP] = FIRST_STEP
    s[BEST_ASK] = s[WORST_ASK] = b.size.shape[0] - 1
    s[ASKS_SHOWN] = s[BIDS_SHOWN] = 0
    s[WORST_BID] = 0
    place(b, 0, touch, 500)
    place(b, 1, touch + 1, 500)
    for k in range(filling.shape[0]):
        for _ in range(2 * filling[k] << k >> 8):
            d = (1 << k) - 1 + random_below(b.rng, 1 << k)
            side = random_below(b.rng, 2)
            place(b, side, touch - d if side == 0 else touch + 1 + d, order_lots(b, f))
    for _ in range(40):
        place_wall(b, f, free_slot(f), 5)
    for _ in range(warm_up):
        live(b, f, activity)
        f.n_trades[0] = 0
        s[TOUCHED] = 0
        s[MESSAGE] += 1
    s[TRADED] = 0
    s[MESSAGE] = 0
    b.mark[:] = -1
    s[BIDS_SHOWN] = s[ASKS_SHOWN] = 0
    s[WORST_BID] = s[BEST_BID] + 1
    s[WORST_ASK] = s[BEST_ASK] - 1
    for row in range(s[WALLS]):
        f.walls[row, W_SIZE] = b.wall[f.walls[row, W_TICK]]
        f.walls[row, W_START] = f.walls[row, W_END] = 0
