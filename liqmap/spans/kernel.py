"""The kernel: one side's messages -> spans and window steps.

A message acts at its ``ts``. Where a feed shows the best N levels, the side holds N or fewer afterwards. N:
the window is bounded by the worst of them. Fewer: the whole side is known. Under ``top_n`` a removed price
beyond the bound left the window, for that is sent like a cancel. Under ``truncate`` it is not sent: the
client cuts the side to N itself, what it cuts off left the window, and every removal is real. Where a feed
tells of the whole book (``full``), the window is the last snapshot's range and stays; every removal is real,
and a level beyond it is observed from when it is heard of until its removal. Under ``snapshots`` there are no
updates.

Throughout, ``table``, ``first``, ``pages``, ``reg`` are a side's state (see `levels.Levels`), ``out`` takes
spans (dtype `SPAN`, ``reg[EMITTED]`` of them), and ``outward`` is the direction away from the touch.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.schema import FULL, GAP, HEARD, SNAPSHOT, TOP_N, TRUNCATE
from liqmap.spans.levels import (
    ABSENT,
    BOUNDED,
    CARRIED,
    COUNT,
    EMITTED,
    IN_BOOK,
    LAST,
    LEFT,
    LISTED,
    MESSAGE,
    NO_WINDOW,
    PAGE,
    PAGE_BITS,
    STEPS,
    UNBOUNDED,
    WINDOW,
    WORST,
    next_level,
    slot_of,
)


@njit(cache=True, nogil=True, inline="always")
def _emit(level, tick, seen, end, reg, out):
    """Write the open span of a level, unless it has no length."""
    if level["start"] < end:
        span = out[reg[EMITTED]]
        span["tick"] = tick
        span["start"] = level["start"]
        span["seen"] = seen
        span["end"] = end
        span["size"] = level["size"]
        reg[EMITTED] += 1
        level["spans"] += 1


@borrowing
def _step(t, window, worst, reg, steps):
    """Write a step of the window; a step that nothing stood on (same ts) is overwritten, one that
    changes nothing is dropped. The caller has seeded ``steps`` with the last ones of the call before."""
    n = reg[STEPS]
    if steps[n - 1]["start"] == t:
        n -= 1
    changes = n == 0 or steps[n - 1]["kind"] != window
    if changes or (window == BOUNDED and steps[n - 1]["worst"] != worst):
        steps[n]["start"] = t
        steps[n]["kind"] = window
        steps[n]["worst"] = worst if window == BOUNDED else 0
        n += 1
    reg[STEPS] = n


@borrowing
def _forget_window(table, reg):
    """A gap: everything observed is carried as of the last message, and nothing is known to be empty."""
    for slot in range(table.shape[0]):
        level = table[slot]
        if level["status"] == IN_BOOK:
            level["status"] = LEFT
            level["seen"] = reg[LAST]
            reg[CARRIED] += 1
    reg[COUNT] = 0
    reg[WINDOW] = NO_WINDOW


@borrowing
def _cut_off(t, outward, limit, count, worst, standing, first, pages, table):
    """The client cuts the side to N: beyond them, levels of the status ``standing`` have left the window.
    Returns how many levels remain, and the worst of them."""
    while count > limit:
        level = table[slot_of(worst, first, pages)]
        level["status"] = LEFT
        level["seen"] = t
        worst = next_level(worst - outward, -outward, standing, first, pages, table)
        count -= 1
    return count, worst


@borrowing
def _snapshot(t, outward, begin, stop, sides, side, ticks, sizes, first, pages, table, reg, out):
    """Replace the book by the rows listed; returns their number and the worst of them."""
    reg[MESSAGE] += 1
    count = np.int64(0)
    worst = np.int64(0)
    for i in range(stop - 1, begin - 1, -1):  # a price counts once: the last word on it holds
        if sides[i] != side:
            continue
        tick = np.int64(ticks[i])
        level = table[slot_of(tick, first, pages)]
        if level["spoken"] == reg[MESSAGE]:
            continue
        level["spoken"] = reg[MESSAGE]
        if not sizes[i] > 0.0:
            continue
        status = level["status"]
        if count == 0 or (tick - worst) * outward > 0:
            worst = tick
        count += 1
        if status == LEFT:
            _emit(level, tick, level["seen"], t, reg, out)
        elif status == IN_BOOK and level["size"] != sizes[i]:
            _emit(level, tick, t, t, reg, out)
        if status != IN_BOOK or level["size"] != sizes[i]:
            level["start"] = t
            level["size"] = sizes[i]
        level["status"] = LISTED
    return count, worst


@borrowing
def _settle_snapshot(t, outward, limit, count, worst, page_tick, table, reg, out):
    """What a snapshot does not list is ended, or carried if it lies beyond N listed levels."""
    full = count >= limit
    reg[CARRIED] = 0
    for slot in range(table.shape[0]):
        level = table[slot]
        status = level["status"]
        if status == LISTED:
            level["status"] = IN_BOOK
        elif status == IN_BOOK or status == LEFT:
            tick = page_tick[slot >> PAGE_BITS] + (slot & (PAGE - 1))
            if status == IN_BOOK:
                level["seen"] = t
            if full and (tick - worst) * outward > 0:
                level["status"] = LEFT
                reg[CARRIED] += 1
            else:
                _emit(level, tick, level["seen"], t, reg, out)
                level["status"] = ABSENT
    reg[COUNT] = count
    reg[WORST] = worst
    reg[WINDOW] = BOUNDED if full else UNBOUNDED


@borrowing
def _update(
    t, outward, open_fate, begin, stop, sides, side, ticks, sizes, first, pages, table, reg, removed, out
):
    """Apply the rows of one update; returns how many levels of the book it takes away (``open_fate``: kept
    in ``removed``, as only the whole message tells whether they left the window; otherwise they are gone)."""
    reg[MESSAGE] += 1
    n_removed = 0
    for i in range(stop - 1, begin - 1, -1):  # a price counts once: the last word on it holds
        if sides[i] != side:
            continue
        tick, size = ticks[i], sizes[i]
        level = table[slot_of(tick, first, pages)]
        if level["spoken"] == reg[MESSAGE]:
            continue
        level["spoken"] = reg[MESSAGE]
        status = level["status"]
        if size > 0.0:
            if status == IN_BOOK:
                if level["size"] == size:
                    continue
                _emit(level, tick, t, t, reg, out)
            else:
                if status == LEFT:
                    _emit(level, tick, level["seen"], t, reg, out)
                    reg[CARRIED] -= 1
                if reg[COUNT] == 0 or (tick - reg[WORST]) * outward > 0:
                    reg[WORST] = tick
                reg[COUNT] += 1
                level["status"] = IN_BOOK
            level["start"] = t
            level["size"] = size
        elif status == IN_BOOK:
            reg[COUNT] -= 1
            level["status"] = ABSENT
            if open_fate:
                removed[n_removed] = tick
                n_removed += 1
            else:
                _emit(level, tick, t, t, reg, out)
        elif status == LEFT and not open_fate:  # else it lies beyond the window: nothing there to remove
            _emit(level, tick, level["seen"], t, reg, out)
            level["status"] = ABSENT
            reg[CARRIED] -= 1
    return n_removed


@borrowing
def _settle_update(
    t, outward, limit, cuts, old_worst, n_removed, removed, first, pages, page_tick, table, reg, out
):
    """After an update under a window: find the new bound, judge the removals, end what is now covered."""
    full = reg[COUNT] >= limit
    if reg[COUNT] > 0:
        reg[WORST] = next_level(reg[WORST], -outward, IN_BOOK, first, pages, table)
    if cuts and reg[COUNT] > limit:
        reg[CARRIED] += reg[COUNT] - limit
        reg[COUNT], reg[WORST] = _cut_off(
            t, outward, limit, reg[COUNT], reg[WORST], IN_BOOK, first, pages, table
        )
    for k in range(n_removed):
        tick = removed[k]
        level = table[slot_of(tick, first, pages)]
        if full and (tick - reg[WORST]) * outward > 0:
            level["status"] = LEFT
            level["seen"] = t
            reg[CARRIED] += 1
        else:
            _emit(level, tick, t, t, reg, out)
    if reg[CARRIED] > 0:
        if not full:
            _end_all_carried(t, page_tick, table, reg, out)
        elif reg[WINDOW] == BOUNDED and (reg[WORST] - old_worst) * outward > 0:
            _end_covered(t, outward, old_worst, reg[WORST], first, pages, table, reg, out)
    reg[WINDOW] = BOUNDED if full else UNBOUNDED


@borrowing
def _end_covered(t, outward, beyond, to, first, pages, table, reg, out):
    """End the carried levels after ``beyond`` up to ``to``: the window covers them without listing them."""
    tick = np.int64(beyond)
    while tick != to and reg[CARRIED] > 0:
        tick += outward
        page = pages[(tick >> PAGE_BITS) - first]
        if page < 0:  # jump to the last tick of a page that does not exist, but not past `to`
            edge = tick | (PAGE - 1) if outward > 0 else (tick >> PAGE_BITS) << PAGE_BITS
            tick = min(edge, to) if outward > 0 else max(edge, to)
            continue
        level = table[np.int64(page) * PAGE + (tick & (PAGE - 1))]
        if level["status"] == LEFT:
            _emit(level, tick, level["seen"], t, reg, out)
            level["status"] = ABSENT
            reg[CARRIED] -= 1


@borrowing
def _end_all_carried(t, page_tick, table, reg, out):
    """The side has no bound: what it does not list does not rest."""
    for slot in range(table.shape[0]):
        level = table[slot]
        if level["status"] == LEFT:
            tick = page_tick[slot >> PAGE_BITS] + (slot & (PAGE - 1))
            _emit(level, tick, level["seen"], t, reg, out)
            level["status"] = ABSENT
    reg[CARRIED] = 0


@borrowing
def replay_side(
    side, limit, policy, offsets, ts, event, sides, ticks, sizes,
    first, pages, page_tick, table, reg, removed, out, steps,
):  # fmt: skip
    """Feed whole messages to one side.

    Parameters
    ----------
    limit, policy : N, and the window policy, as a position in POLICIES.
    offsets : (M + 1,) first row of each message.
    ts, event, sides, ticks, sizes : by row; sides -1 where the row has none.
    first, pages, page_tick, table, reg : the side's state, changed in place.
    removed : scratch, as long as the longest message.
    out : (n,) `SPAN`, takes the spans that end here.
    steps : (n,) `STEP`, takes the window's steps; ``reg[STEPS]`` counts them.
    """
    outward = np.int64(-1) if side == 0 else np.int64(1)
    cuts = policy == TRUNCATE
    for m in range(offsets.shape[0] - 1):
        begin, stop = offsets[m], offsets[m + 1]
        t, e = ts[begin], event[begin]
        if e == GAP:
            _forget_window(table, reg)
            _step(reg[LAST], NO_WINDOW, 0, reg, steps)
            continue
        reg[LAST] = t
        if e == HEARD:
            continue
        if e == SNAPSHOT:
            count, worst = _snapshot(
                t, outward, begin, stop, sides, side, ticks, sizes, first, pages, table, reg, out
            )
            if cuts:
                count, worst = _cut_off(t, outward, limit, count, worst, LISTED, first, pages, table)
            _settle_snapshot(t, outward, limit, count, worst, page_tick, table, reg, out)
        else:
            old_worst = reg[WORST]
            windowed = reg[WINDOW] != NO_WINDOW and policy != FULL
            n = _update(
                t, outward, windowed and policy == TOP_N, begin, stop, sides, side, ticks, sizes,
                first, pages, table, reg, removed, out,
            )  # fmt: skip
            if not windowed:
                continue
            _settle_update(
                t, outward, limit, cuts, old_worst, n, removed, first, pages, page_tick, table, reg, out
            )
        _step(t, reg[WINDOW], reg[WORST], reg, steps)
