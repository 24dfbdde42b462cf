"""The kernel: one side's messages -> spans and window steps, where a feed shows the best N levels.

Rules: a message acts at its ``ts``; afterwards the side holds N levels or fewer. N: the window is bounded
by the worst of them, and a removed price beyond it left the window. Fewer: the whole side is known.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.schema import GAP, HEARD, OPEN, SNAPSHOT

from .levels import (
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
def _emit(slot, tick, seen, end, start_of, size_of, spans_of, reg, out):
    """Write the open span of a level, unless it has no length."""
    out_tick, out_start, out_seen, out_end, out_size = out
    if start_of[slot] < end:
        n = reg[EMITTED]
        out_tick[n] = tick
        out_start[n] = start_of[slot]
        out_seen[n] = seen
        out_end[n] = end
        out_size[n] = size_of[slot]
        reg[EMITTED] = n + 1
        spans_of[slot] += 1


@njit(cache=True, nogil=True)
def _step(t, window, worst, reg, steps):
    """Write a step of the window; a step that nothing stood on (same ts) is overwritten, one that
    changes nothing is dropped. ``reg[STEPS] >= 1``: the caller seeds the last step of the call before."""
    at, kind, bound = steps
    n = reg[STEPS]
    if at[n - 1] == t:
        n -= 1
    if n == 0 or kind[n - 1] != window or (window == BOUNDED and bound[n - 1] != worst):
        at[n] = t
        kind[n] = window
        bound[n] = worst if window == BOUNDED else 0
        n += 1
    reg[STEPS] = n


@njit(cache=True, nogil=True)
def _forget_window(page_tick, status, seen_of, reg):
    """A gap: everything observed is carried as of the last message, and nothing is known to be empty."""
    for slot in range(page_tick.shape[0] * PAGE):
        if status[slot] == IN_BOOK:
            status[slot] = LEFT
            seen_of[slot] = reg[LAST]
            reg[CARRIED] += 1
    reg[COUNT] = 0


@njit(cache=True, nogil=True)
def _snapshot(t, outward, limit, rows, sides, side, ticks, sizes, levels, reg, out):
    """Replace the book by the rows listed; what they do not list is ended, or carried if beyond them."""
    first, pages, page_tick, status, size_of, start_of, seen_of, spans_of, _ = levels
    count = np.int64(0)
    worst = np.int64(0)
    for i in range(rows[1] - 1, rows[0] - 1, -1):
        if sides[i] != side or not sizes[i] > 0.0:
            continue
        tick = ticks[i]
        slot = slot_of(tick, first, pages)
        if status[slot] == LISTED:
            continue
        if count == 0 or (tick - worst) * outward > 0:
            worst = tick
        count += 1
        if status[slot] == LEFT:
            _emit(slot, tick, seen_of[slot], t, start_of, size_of, spans_of, reg, out)
            start_of[slot] = t
        elif status[slot] == ABSENT:
            start_of[slot] = t
        elif size_of[slot] != sizes[i]:
            _emit(slot, tick, t, t, start_of, size_of, spans_of, reg, out)
            start_of[slot] = t
        size_of[slot] = sizes[i]
        status[slot] = LISTED
    full = count >= limit
    reg[CARRIED] = 0
    for slot in range(page_tick.shape[0] * PAGE):
        s = status[slot]
        if s == LISTED:
            status[slot] = IN_BOOK
        elif s == IN_BOOK or s == LEFT:
            tick = page_tick[slot >> PAGE_BITS] + (slot & (PAGE - 1))
            if full and (tick - worst) * outward > 0:
                if s == IN_BOOK:
                    status[slot] = LEFT
                    seen_of[slot] = t
                reg[CARRIED] += 1
            else:
                seen = t if s == IN_BOOK else seen_of[slot]
                _emit(slot, tick, seen, t, start_of, size_of, spans_of, reg, out)
                status[slot] = ABSENT
    reg[COUNT] = count
    reg[WORST] = worst
    reg[WINDOW] = BOUNDED if full else UNBOUNDED


@njit(cache=True, nogil=True)
def _update(t, outward, rows, sides, side, ticks, sizes, levels, reg, removed, out):
    """Apply the rows of one update; returns how many levels of the book it takes away (kept in
    ``removed``: their fate is open until the whole message is known).

    Rows go from last to first and a price counts once, so that the last word on it holds.
    """
    first, pages, _, status, size_of, start_of, seen_of, spans_of, spoken = levels
    windowed = reg[WINDOW] != NO_WINDOW
    reg[MESSAGE] += 1
    n_removed = 0
    for i in range(rows[1] - 1, rows[0] - 1, -1):
        if sides[i] != side:
            continue
        tick, size = ticks[i], sizes[i]
        slot = slot_of(tick, first, pages)
        if spoken[slot] == reg[MESSAGE]:
            continue
        spoken[slot] = reg[MESSAGE]
        s = status[slot]
        if size > 0.0:
            if s == IN_BOOK and size_of[slot] == size:
                continue
            if s == IN_BOOK:
                _emit(slot, tick, t, t, start_of, size_of, spans_of, reg, out)
            else:
                if s == LEFT:
                    _emit(slot, tick, seen_of[slot], t, start_of, size_of, spans_of, reg, out)
                    reg[CARRIED] -= 1
                if reg[COUNT] == 0 or (tick - reg[WORST]) * outward > 0:
                    reg[WORST] = tick
                reg[COUNT] += 1
                status[slot] = IN_BOOK
            start_of[slot] = t
            size_of[slot] = size
        elif s == IN_BOOK:
            reg[COUNT] -= 1
            status[slot] = ABSENT
            if windowed:
                removed[n_removed] = tick
                n_removed += 1
            else:
                _emit(slot, tick, t, t, start_of, size_of, spans_of, reg, out)
        elif s == LEFT and not windowed:  # under a window it is beyond it: not in the book, nothing to remove
            _emit(slot, tick, seen_of[slot], t, start_of, size_of, spans_of, reg, out)
            status[slot] = ABSENT
            reg[CARRIED] -= 1
    return n_removed


@njit(cache=True, nogil=True)
def _judge_removed(t, outward, full, removed, n_removed, levels, reg, out):
    """Left the window (beyond the worst of N levels): carried from now. Otherwise: gone."""
    first, pages, _, status, size_of, start_of, seen_of, spans_of, _ = levels
    for k in range(n_removed):
        tick = removed[k]
        slot = slot_of(tick, first, pages)
        if full and (tick - reg[WORST]) * outward > 0:
            status[slot] = LEFT
            seen_of[slot] = t
            reg[CARRIED] += 1
        else:
            _emit(slot, tick, t, t, start_of, size_of, spans_of, reg, out)


@njit(cache=True, nogil=True)
def _end_covered(t, outward, beyond, to, levels, reg, out):
    """End the carried levels after ``beyond`` up to ``to``: the window covers them without listing them."""
    first, pages, _, status, size_of, start_of, seen_of, spans_of, _ = levels
    tick = np.int64(beyond)
    while tick != to and reg[CARRIED] > 0:
        tick += outward
        page = pages[(tick >> PAGE_BITS) - first]
        if page < 0:  # jump to the last tick of a page that does not exist, but not past `to`
            edge = tick | (PAGE - 1) if outward > 0 else (tick >> PAGE_BITS) << PAGE_BITS
            tick = min(edge, to) if outward > 0 else max(edge, to)
            continue
        slot = np.int64(page) * PAGE + (tick & (PAGE - 1))
        if status[slot] == LEFT:
            _emit(slot, tick, seen_of[slot], t, start_of, size_of, spans_of, reg, out)
            status[slot] = ABSENT
            reg[CARRIED] -= 1


@njit(cache=True, nogil=True)
def _end_all_carried(t, levels, reg, out):
    """The side has no bound: what it does not list does not rest."""
    _, _, page_tick, status, size_of, start_of, seen_of, spans_of, _ = levels
    for slot in range(page_tick.shape[0] * PAGE):
        if status[slot] == LEFT:
            tick = page_tick[slot >> PAGE_BITS] + (slot & (PAGE - 1))
            _emit(slot, tick, seen_of[slot], t, start_of, size_of, spans_of, reg, out)
            status[slot] = ABSENT
    reg[CARRIED] = 0


@njit(cache=True, nogil=True)
def _settle(t, outward, limit, old_worst, n_removed, removed, levels, reg, out):
    """After an update under a window: find the new bound, judge the removals, end what is now covered."""
    first, pages, _, status, _, _, _, _, _ = levels
    full = reg[COUNT] >= limit
    if reg[COUNT] > 0:
        reg[WORST] = next_level(reg[WORST], -outward, IN_BOOK, first, pages, status)
    _judge_removed(t, outward, full, removed, n_removed, levels, reg, out)
    if reg[CARRIED] > 0:
        if not full:
            _end_all_carried(t, levels, reg, out)
        elif reg[WINDOW] == BOUNDED and (reg[WORST] - old_worst) * outward > 0:
            _end_covered(t, outward, old_worst, reg[WORST], levels, reg, out)
    reg[WINDOW] = BOUNDED if full else UNBOUNDED


@njit(cache=True, nogil=True)
def replay_side(side, limit, offsets, ts, event, sides, ticks, sizes, levels, reg, removed, out, steps):
    """Feed whole messages to one side.

    Parameters
    ----------
    offsets : (M + 1,) first row of each message.
    ts, event, sides, ticks, sizes : by row; sides -1 where the row has none.
    levels, reg : the side's state, changed in place (see `levels.Levels`).
    removed : scratch, as long as the longest message.
    out : arrays for the spans that end here: tick, start, seen, end, size; ``reg[EMITTED]`` counts them.
    steps : arrays for the window: ts, kind, worst tick; ``reg[STEPS]`` counts them.
    """
    outward = np.int64(-1) if side == 0 else np.int64(1)
    for m in range(offsets.shape[0] - 1):
        rows = (offsets[m], offsets[m + 1])
        t, e = ts[rows[0]], event[rows[0]]
        if e == GAP:
            _forget_window(levels[2], levels[3], levels[6], reg)
            reg[WINDOW] = NO_WINDOW
            _step(reg[LAST], NO_WINDOW, 0, reg, steps)
            continue
        reg[LAST] = t
        if e == HEARD:
            continue
        if e == SNAPSHOT:
            _snapshot(t, outward, limit, rows, sides, side, ticks, sizes, levels, reg, out)
        else:
            old_worst = reg[WORST]
            n = _update(t, outward, rows, sides, side, ticks, sizes, levels, reg, removed, out)
            if reg[WINDOW] == NO_WINDOW:
                continue
            _settle(t, outward, limit, old_worst, n, removed, levels, reg, out)
        _step(t, reg[WINDOW], reg[WORST], reg, steps)


@njit(cache=True, nogil=True)
def open_spans(levels, last, counts, out):
    """The spans still open, as they stand at the last message: observed ones are carried from it on.
    Returns how many; ``counts`` (by slot) is raised."""
    _, _, page_tick, status, size_of, start_of, seen_of, _, _ = levels
    out_tick, out_start, out_seen, out_end, out_size = out
    n = 0
    for slot in range(page_tick.shape[0] * PAGE):
        if status[slot] != ABSENT:
            out_tick[n] = page_tick[slot >> PAGE_BITS] + (slot & (PAGE - 1))
            out_start[n] = start_of[slot]
            out_seen[n] = last if status[slot] == IN_BOOK else seen_of[slot]
            out_end[n] = OPEN
            out_size[n] = size_of[slot]
            counts[slot] += 1
            n += 1
    return n


@njit(cache=True, nogil=True)
def place(first, pages, cursor, source, target):
    """Stable counting sort: move spans to their level's place; ``cursor`` holds each slot's next index."""
    tick, start, seen, end, size = source
    t_tick, t_start, t_seen, t_end, t_size = target
    for i in range(tick.shape[0]):
        slot = slot_of(tick[i], first, pages)
        k = cursor[slot]
        cursor[slot] = k + 1
        t_tick[k] = tick[i]
        t_start[k] = start[i]
        t_seen[k] = seen[i]
        t_end[k] = end[i]
        t_size[k] = size[i]


@njit(cache=True, nogil=True)
def message_offsets(ts, seq, event):
    """First row of every message, and one past the last row: rows are one message while they share
    ``ts``, ``seq`` and ``event``; a gap row is always alone."""
    offsets = np.empty(ts.shape[0] + 1, np.int64)
    n = 0
    for i in range(ts.shape[0]):
        if (
            i == 0
            or seq[i] != seq[i - 1]
            or ts[i] != ts[i - 1]
            or event[i] != event[i - 1]
            or event[i] == GAP
        ):
            offsets[n] = i
            n += 1
    offsets[n] = ts.shape[0]
    return offsets[: n + 1].copy()
