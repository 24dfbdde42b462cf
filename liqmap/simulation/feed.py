"""What the feed tells of the book: messages of the N best levels a side, and the whole truth beside them."""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.simulation.book import (
    ASKS_SHOWN,
    BEST_ASK,
    BEST_BID,
    BIDS_SHOWN,
    LAST_TIME,
    MESSAGE,
    SENT_ASK,
    SENT_BID,
    STEP,
    TOUCHED,
    TRADED,
    WORST_ASK,
    WORST_BID,
    Book,
    next_ask,
    next_bid,
    note,
    place,
    put,
)
from liqmap.simulation.chance import inner_kernel, random_below
from liqmap.simulation.flow import Flow, chase, make, move_fair, noise_orders, tighten
from liqmap.simulation.recording import Prints, Recording, Rows
from liqmap.simulation.walls import tend_walls

DEEPEST = 8192
"""Ticks from the touch within which a side is kept filled to N levels, whatever happens."""


# ------------------------------------------------------------------ the window


@inner_kernel
def settle_window(b: Book, levels: int) -> None:
    """Move the worst shown prices so that each side shows exactly ``levels``; note what enters or leaves."""
    s = b.s
    while s[BIDS_SHOWN] > levels:
        s[WORST_BID] = lowest_bid(b, s[WORST_BID])
        note(b, s[WORST_BID])
        s[WORST_BID] += 1
        s[BIDS_SHOWN] -= 1
    while s[BIDS_SHOWN] < levels:
        tick = next_bid(b, s[WORST_BID] - 1)
        if tick <= max(1, s[BEST_BID] - DEEPEST):
            place(b, 0, s[BEST_BID] - random_below(b.rng, DEEPEST), 1 + random_below(b.rng, 1000))
            continue
        note(b, tick)
        s[WORST_BID] = tick
        s[BIDS_SHOWN] += 1
    s[WORST_BID] = lowest_bid(b, s[WORST_BID])
    while s[ASKS_SHOWN] > levels:
        s[WORST_ASK] = highest_ask(b, s[WORST_ASK])
        note(b, s[WORST_ASK])
        s[WORST_ASK] -= 1
        s[ASKS_SHOWN] -= 1
    while s[ASKS_SHOWN] < levels:
        tick = next_ask(b, s[WORST_ASK] + 1)
        if tick >= min(b.size.shape[0] - 2, s[BEST_ASK] + DEEPEST):
            place(b, 1, s[BEST_ASK] + random_below(b.rng, DEEPEST), 1 + random_below(b.rng, 1000))
            continue
        note(b, tick)
        s[WORST_ASK] = tick
        s[ASKS_SHOWN] += 1
    s[WORST_ASK] = highest_ask(b, s[WORST_ASK])


@inner_kernel
def lowest_bid(b: Book, tick: int) -> int:
    """The first price at or above ``tick`` where bids rest; there must be one."""
    while b.size[tick] <= 0:
        tick += 1
    return tick


@inner_kernel
def highest_ask(b: Book, tick: int) -> int:
    """The first price at or below ``tick`` where asks rest; there must be one."""
    while b.size[tick] >= 0:
        tick -= 1
    return tick


# ------------------------------------------------------------------ messages


@inner_kernel
def add(rows: Rows, side: int, tick: int, lots: int) -> None:
    """Append one row."""
    i = rows.n[0]
    rows.side[i] = side
    rows.tick[i] = tick
    rows.lots[i] = lots
    rows.n[0] = i + 1


@inner_kernel
def close_message(rows: Rows, time: int, event: int) -> None:
    """The rows added since the last call are one message."""
    m = rows.n[1]
    rows.ends[m] = rows.n[0]
    rows.time[m] = time
    rows.event[m] = event
    rows.n[1] = m + 1


@inner_kernel
def add_changes(
    b: Book, rows: Rows, ticks: np.ndarray, shown_bid: int, shown_ask: int, was_bid: int, was_ask: int
) -> None:
    """Rows for those of ``ticks`` (sorted) whose size as shown differs.

    Shown are bids down to ``shown_bid`` and asks up to ``shown_ask``; the last message showed them to
    ``was_bid`` and ``was_ask``.
    """
    n = ticks.shape[0]
    for i in range(n - 1, -1, -1):
        t = ticks[i]
        was = b.old[t] if b.old[t] > 0 and t >= was_bid else 0
        now = b.size[t] if b.size[t] > 0 and t >= shown_bid else 0
        if was != now:
            add(rows, 0, t, now)
    for i in range(n):
        t = ticks[i]
        was = -b.old[t] if b.old[t] < 0 and t <= was_ask else 0
        now = -b.size[t] if b.size[t] < 0 and t <= shown_ask else 0
        if was != now:
            add(rows, 1, t, now)


@inner_kernel
def add_snapshot(b: Book, rows: Rows, worst_bid: int, worst_ask: int) -> None:
    """Rows for every level from the touch to the worst prices given, from the touch outwards."""
    for t in range(b.s[BEST_BID], worst_bid - 1, -1):
        if b.size[t] > 0:
            add(rows, 0, t, b.size[t])
    for t in range(b.s[BEST_ASK], worst_ask + 1):
        if b.size[t] < 0:
            add(rows, 1, t, -b.size[t])


@inner_kernel
def send(b: Book, recording: Recording, time: int, snapshot: bool, levels: int) -> bool:
    """Close the step's message and return True, if the feed has rows to show or must."""
    s, feed, truth = b.s, recording.feed, recording.truth
    settle_window(b, levels)
    start = feed.n[0]
    if snapshot:
        add_snapshot(b, feed, s[WORST_BID], s[WORST_ASK])
    else:
        ticks = np.sort(b.touched[: s[TOUCHED]])
        add_changes(b, feed, ticks, s[WORST_BID], s[WORST_ASK], s[SENT_BID], s[SENT_ASK])
        if feed.n[0] == start:
            if s[TRADED] == 0 and s[TOUCHED] < b.touched.shape[0] // 2:
                return False
            put(b, s[BEST_BID], b.size[s[BEST_BID]] + 1)
            add(feed, 0, s[BEST_BID], b.size[s[BEST_BID]])
    close_message(feed, time, 1 if snapshot else 0)
    if recording.with_truth:
        last = b.size.shape[0] - 1
        if s[MESSAGE] == 0:
            add_snapshot(b, truth, 0, last)
        else:
            add_changes(b, truth, np.sort(b.touched[: s[TOUCHED]]), 0, last, 0, last)
        close_message(truth, time, 1 if s[MESSAGE] == 0 else 0)
    s[SENT_BID] = s[WORST_BID]
    s[SENT_ASK] = s[WORST_ASK]
    s[TOUCHED] = 0
    s[TRADED] = 0
    s[MESSAGE] += 1
    return True


# ------------------------------------------------------------------ time


@inner_kernel
def print_trades(b: Book, f: Flow, prints: Prints, time: int) -> None:
    """Date the step's trades evenly between the last step and this one, whole ms."""
    n = f.n_trades[0]
    since = b.s[LAST_TIME]
    for i in range(n):
        m = prints.n[0]
        prints.time[m] = since + 1 + (time - since - 1) * i // n
        prints.tick[m] = f.trades[i, 0]
        prints.lots[m] = f.trades[i, 1]
        prints.buy[m] = 1 if f.trades[i, 2] > 0 else 0
        prints.n[0] = m + 1
    f.n_trades[0] = 0


@inner_kernel
def live(b: Book, f: Flow, activity: int) -> None:
    """One step of the market. Aggressors act on the book that the last message left; makers answer."""
    move_fair(b, f)
    chase(b, f)
    noise_orders(b, f)
    tighten(b, f)
    make(b, f, activity)
    tend_walls(b, f)
    b.s[STEP] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def run(
    b: Book, f: Flow, recording: Recording, clock: np.ndarray, activity: int, levels: int, steps: int
) -> int:
    """Live until step ``steps`` of the recording, or until little room is left; returns the step reached.

    ``clock`` (1,) `CLOCK`, kept for the next call.
    """
    day = 86_400_000
    now, feed, truth, prints = clock[0], recording.feed, recording.truth, recording.prints
    while now["step"] < steps:
        full = feed.n[0] + 2 * b.touched.shape[0] > feed.side.shape[0]
        full |= recording.with_truth and truth.n[0] + 2 * b.touched.shape[0] > truth.side.shape[0]
        if full or prints.n[0] + f.trades.shape[0] > prints.tick.shape[0]:
            break
        i = now["step"]
        time = now["first"] + i * now["interval"]
        if i:
            time += random_below(b.rng, 1 + now["interval"] // 16)
            live(b, f, activity)
            print_trades(b, f, prints, time)
        fresh = b.s[MESSAGE] == 0 or time // day != now["sent"] // day
        if send(b, recording, time, fresh, levels):
            now["sent"] = time
        b.s[LAST_TIME] = time
        now["step"] = i + 1
    return now["step"]
