"""The kernel: one side's messages -> spans and window steps.

A message acts at its ``ts``. Where a feed shows the best N levels, the side holds N or fewer afterwards. N:
the window is bounded by the worst of them. Fewer: the whole side is known. Under ``top_n`` a removed price
beyond the bound left the window, for that is sent like a cancel. Under ``truncate`` it is not sent: the
client cuts the side to N itself, what it cuts off left the window, and every removal is real. Where a feed
tells of the whole book (``full``), the window is the last snapshot's range and stays; every removal is real,
and a level beyond it is observed from when it is heard of until its removal. Under ``snapshots`` there are no
updates.

Here the rows of a message are written into the book; what that means for the window, and for the levels
beyond it, is settled afterwards (see `settling`).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.schema import FULL, GAP, HEARD, SNAPSHOT, TOP_N, TRUNCATE
from liqmap.spans.levels import ABSENT, IN_BOOK, LEFT, LISTED, NO_WINDOW, slot_of
from liqmap.spans.records import write_span, write_step
from liqmap.spans.settling import cut_off, forget_window, settle_snapshot, settle_update


@borrowing
def replay_side(rule, messages, book, output):
    """Feed whole messages to one side.

    Parameters
    ----------
    rule : `Rule`, how the feed bounds its window.
    messages : `Messages`, with their rows.
    book : `BookSide`, changed in place.
    output : `Output`, takes the spans that end here and the window's steps; the registers count them.
    """
    reg = book.registers[0]
    cuts = rule.policy == TRUNCATE
    for m in range(messages.offsets.shape[0] - 1):
        begin = messages.offsets[m]
        t, event = messages.ts[begin], messages.event[begin]
        if event == GAP:
            forget_window(book)
            write_step(book, output, reg["last"], NO_WINDOW, 0)
            continue
        reg["last"] = t
        if event == HEARD:
            continue
        if event == SNAPSHOT:
            count, worst = _list_levels(messages, m, book, output)
            if cuts:
                count, worst = cut_off(book, t, rule.limit, count, worst, LISTED)
            settle_snapshot(book, t, rule.limit, count, worst, output)
        else:
            old_worst = reg["worst"]
            windowed = reg["window"] != NO_WINDOW and rule.policy != FULL
            removed = _change_levels(messages, m, book, windowed and rule.policy == TOP_N, output)
            if not windowed:
                continue
            settle_update(book, t, rule.limit, cuts, old_worst, removed, output)
        write_step(book, output, t, reg["window"], reg["worst"])


@borrowing
def _list_levels(messages, m, book, output):
    """Write the rows of a snapshot into the book; returns how many levels it lists, and the worst of them."""
    reg = book.registers[0]
    reg["message"] += 1
    begin, stop = messages.offsets[m], messages.offsets[m + 1]
    t = messages.ts[begin]
    count = np.int64(0)
    worst = np.int64(0)
    for i in range(stop - 1, begin - 1, -1):  # a price counts once: the last word on it holds
        if messages.side[i] != book.side:
            continue
        tick, size = np.int64(messages.tick[i]), messages.size[i]
        level = book.table[slot_of(book, tick)]
        if level["spoken"] == reg["message"]:
            continue
        level["spoken"] = reg["message"]
        if not size > 0.0:
            continue
        status = level["status"]
        if count == 0 or (tick - worst) * book.outward > 0:
            worst = tick
        count += 1
        if status == LEFT:
            write_span(output, reg, level, tick, level["seen"], t)
        elif status == IN_BOOK and level["size"] != size:
            write_span(output, reg, level, tick, t, t)
        if status != IN_BOOK or level["size"] != size:
            level["start"] = t
            level["size"] = size
        level["status"] = LISTED
    return count, worst


@njit(cache=True, nogil=True, inline="always")  # called for each message, of a row or two
def _change_levels(messages, m, book, open_fate, output):
    """Write the rows of an update into the book; returns how many levels it takes away (``open_fate``: kept
    in ``output.removed``, as only the whole message tells whether they left the window; otherwise they are
    gone)."""
    reg = book.registers[0]
    reg["message"] += 1
    begin, stop = messages.offsets[m], messages.offsets[m + 1]
    t = messages.ts[begin]
    n_removed = 0
    for i in range(stop - 1, begin - 1, -1):  # a price counts once: the last word on it holds
        if messages.side[i] != book.side:
            continue
        tick, size = messages.tick[i], messages.size[i]
        level = book.table[slot_of(book, tick)]
        if level["spoken"] == reg["message"]:
            continue
        level["spoken"] = reg["message"]
        status = level["status"]
        if size > 0.0:
            if status == IN_BOOK:
                if level["size"] == size:
                    continue
                write_span(output, reg, level, tick, t, t)
            else:
                if status == LEFT:
                    write_span(output, reg, level, tick, level["seen"], t)
                    reg["carried"] -= 1
                if reg["count"] == 0 or (tick - reg["worst"]) * book.outward > 0:
                    reg["worst"] = tick
                reg["count"] += 1
                level["status"] = IN_BOOK
            level["start"] = t
            level["size"] = size
        elif status == IN_BOOK:
            reg["count"] -= 1
            level["status"] = ABSENT
            if open_fate:
                output.removed[n_removed] = tick
                n_removed += 1
            else:
                write_span(output, reg, level, tick, t, t)
        elif status == LEFT and not open_fate:  # else it lies beyond the window: nothing there to remove
            write_span(output, reg, level, tick, level["seen"], t)
            level["status"] = ABSENT
            reg["carried"] -= 1
    return n_removed
