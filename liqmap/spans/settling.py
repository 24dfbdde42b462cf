"""After the rows of a message: where the window ends now, and what becomes of the levels beyond it.

A level that the window no longer shows is carried; a carried one that the window covers again, without
listing it, ends. Kernels of a replay: ``book`` is a `BookSide`, ``output`` an `Output`, ``t`` the message's
time, ns, ``limit`` the N of the feed.
"""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing
from liqmap.spans.levels import (
    ABSENT,
    BOUNDED,
    IN_BOOK,
    LEFT,
    LISTED,
    NO_WINDOW,
    PAGE,
    PAGE_BITS,
    UNBOUNDED,
    next_level,
    slot_of,
    tick_of,
)
from liqmap.spans.records import write_span


@borrowing
def forget_window(book):
    """A gap: everything observed is carried as of the last message, and nothing is known to be empty."""
    reg = book.registers[0]
    for slot in range(book.table.shape[0]):
        level = book.table[slot]
        if level["status"] == IN_BOOK:
            level["status"] = LEFT
            level["seen"] = reg["last"]
            reg["carried"] += 1
    reg["count"] = 0
    reg["window"] = NO_WINDOW


@borrowing
def cut_off(book, t, limit, count, worst, standing):
    """The client cuts the side to N: beyond them, levels of the status ``standing`` have left the window.
    Returns how many of ``count`` levels remain, and the worst of them."""
    while count > limit:
        level = book.table[slot_of(book, worst)]
        level["status"] = LEFT
        level["seen"] = t
        worst = next_level(book, worst - book.outward, -book.outward, standing)
        count -= 1
    return count, worst


@borrowing
def settle_snapshot(book, t, limit, count, worst, output):
    """After a snapshot of ``count`` levels to ``worst``: what it does not list is ended, or carried if it
    lies beyond N listed levels."""
    reg = book.registers[0]
    full = count >= limit
    reg["carried"] = 0
    for slot in range(book.table.shape[0]):
        level = book.table[slot]
        status = level["status"]
        if status == LISTED:
            level["status"] = IN_BOOK
        elif status == IN_BOOK or status == LEFT:
            tick = tick_of(book, slot)
            if status == IN_BOOK:
                level["seen"] = t
            if full and (tick - worst) * book.outward > 0:
                level["status"] = LEFT
                reg["carried"] += 1
            else:
                write_span(output, reg, level, tick, level["seen"], t)
                level["status"] = ABSENT
    reg["count"] = count
    reg["worst"] = worst
    reg["window"] = BOUNDED if full else UNBOUNDED


@borrowing
def settle_update(book, t, limit, cuts, old_worst, n_removed, output):
    """After an update under a window: find the new bound, judge the ``n_removed`` levels taken away, end what
    is now covered. ``cuts``: the client cuts the side to N; ``old_worst``: the bound before."""
    reg = book.registers[0]
    full = reg["count"] >= limit
    if reg["count"] > 0:
        reg["worst"] = next_level(book, reg["worst"], -book.outward, IN_BOOK)
    if cuts and reg["count"] > limit:
        reg["carried"] += reg["count"] - limit
        reg["count"], reg["worst"] = cut_off(book, t, limit, reg["count"], reg["worst"], IN_BOOK)
    for k in range(n_removed):
        tick = output.removed[k]
        level = book.table[slot_of(book, tick)]
        if full and (tick - reg["worst"]) * book.outward > 0:
            level["status"] = LEFT
            level["seen"] = t
            reg["carried"] += 1
        else:
            write_span(output, reg, level, tick, t, t)
    if reg["carried"] > 0:
        if not full:
            _end_all_carried(book, t, output)
        elif reg["window"] == BOUNDED and (reg["worst"] - old_worst) * book.outward > 0:
            _end_covered(book, t, old_worst, reg["worst"], output)
    reg["window"] = BOUNDED if full else UNBOUNDED


@borrowing
def _end_covered(book, t, beyond, to, output):
    """End the carried levels after ``beyond`` up to ``to``: the window covers them without listing them."""
    reg = book.registers[0]
    tick = np.int64(beyond)
    while tick != to and reg["carried"] > 0:
        tick += book.outward
        page = book.pages[(tick >> PAGE_BITS) - book.first]
        if page < 0:  # jump to the last tick of a page that does not exist, but not past `to`
            edge = tick | (PAGE - 1) if book.outward > 0 else (tick >> PAGE_BITS) << PAGE_BITS
            tick = min(edge, to) if book.outward > 0 else max(edge, to)
            continue
        level = book.table[np.int64(page) * PAGE + (tick & (PAGE - 1))]
        if level["status"] == LEFT:
            write_span(output, reg, level, tick, level["seen"], t)
            level["status"] = ABSENT
            reg["carried"] -= 1


@borrowing
def _end_all_carried(book, t, output):
    """The side has no bound: what it does not list does not rest."""
    reg = book.registers[0]
    for slot in range(book.table.shape[0]):
        level = book.table[slot]
        if level["status"] == LEFT:
            write_span(output, reg, level, tick_of(book, slot), level["seen"], t)
            level["status"] = ABSENT
    reg["carried"] = 0
