# mypy: disable-error-code="no-untyped-def"
"""Orders to levels: what Databento's market-by-order records say of each price.

A message is an event of the venue: the records up to one with F_LAST; those with F_SNAPSHOT in a row are one
snapshot. It has the levels whose size it changed. Records T, F and N leave the book alone. A clear (R) takes
all orders away; the next message with a level in the book is then the whole book, a snapshot.
F_MAYBE_BAD_BOOK means that the vendor missed packets: a gap. F_TOB replaces a side by one order, or by none
where it has no price. Another order without a price stands where nobody can say: it is in no level, and no
longer in the one it was in; what befalls it later is that of an unknown order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.formats.databento.records import (
    ADD,
    BUY,
    CANCEL,
    CLEAR,
    F_MAYBE_BAD_BOOK,
    F_SNAPSHOT,
    F_TOB,
    MODIFY,
    NO_PRICE,
    Changes,
)
from liqmap.schema import ASK, BID, GAP, SNAPSHOT, UPDATE

_ORDER = np.dtype([("key", "i8"), ("used", "i8"), ("side", "i8"), ("price", "i8"), ("size", "i8")])
_LEVEL = np.dtype([*_ORDER.descr, ("event", "i8"), ("before", "i8")])
_ORDERS, _LEVELS, _STANDING, _PENDING, _IN_SNAPSHOT, _BAD, _EVENT, _ROWS, _LOOSE = range(9)
_CANCELS, _MODIFIES, _ADDS, _OVER = range(9, 13)

FEW = 1 << 10
"""Entries that a table has room for at first; a power of two."""

COUNTS = {
    "unknown_cancels": (_CANCELS, "cancels of orders that are not in the book were ignored"),
    "unknown_modifies": (_MODIFIES, "modifies of orders that are not in the book were taken as new orders"),
    "repeated_adds": (_ADDS, "orders were added again while in the book and replaced it"),
    "oversized_cancels": (_OVER, "cancels of more than an order's size removed it"),
}
"""What a book notices of records that do not fit it: name, where it counts, what it means."""


class Events(NamedTuple):
    """(n,) records of the MBO layout; bool, it is the last of its event, another book begins with it."""

    records: np.ndarray
    ends: np.ndarray
    begins: np.ndarray


class Output(NamedTuple):
    """As `Changes`, without rows; (m,) whether the rows of a message are in the order of the table, which
    means nothing (``loose``)."""

    last: np.ndarray
    event: np.ndarray
    first: np.ndarray
    loose: np.ndarray


class OrderBook:
    """The orders and levels of one book, from call to call."""

    def __init__(self) -> None:
        self._state = np.zeros(13, np.int64)
        self._orders, self._levels = np.zeros(FEW, _ORDER), np.zeros(FEW, _LEVEL)
        self._rows = np.zeros((1 << 10, 3), np.int64)

    def apply(self, records: np.ndarray, ends: np.ndarray, begins: np.ndarray) -> Changes:
        """Take whole events.

        Parameters
        ----------
        records : (n,) of the MBO layout.
        ends : (n,) bool, the record is the last of its event.
        begins : (n,) bool, another book begins with the record.

        Returns
        -------
        What they change.
        """
        n, state = len(records), self._state
        state[_ROWS] = 0
        last, event = np.empty(2 * n, np.int64), np.empty(2 * n, np.int8)
        first, loose = np.zeros(2 * n + 1, np.int64), np.zeros(2 * n, np.bool_)
        out = Output(last, event, first, loose)
        count, self._orders, self._levels, self._rows = _apply(
            Events(records, ends, begins), self._orders, self._levels, state, self._rows, out
        )
        rows = self._rows[: first[count]].copy()
        for k in np.flatnonzero(loose[:count]):
            part = rows[first[k] : first[k + 1]]
            part[:] = part[np.lexsort((part[:, 1], part[:, 0]))]
        return Changes(last[:count].copy(), event[:count].copy(), first[: count + 1].copy(), rows)

    def counts(self) -> dict[str, int]:
        """What did not fit the book so far."""
        return {name: int(self._state[at]) for name, (at, _) in COUNTS.items()}


@njit(cache=True, nogil=True, inline="always")
def _home(key, mask):
    return np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(24)) & mask


@njit(cache=True, nogil=True, inline="always")
def _slot(table, key):
    """Where the entry of a key is, or would be (open addressing)."""
    mask = len(table) - 1
    i = _home(key, mask)
    while table[i]["used"] and table[i]["key"] != key:
        i = (i + 1) & mask
    return i


@njit(cache=True, nogil=True)
def _roomier(table):
    """The entries of a table in one of twice the length."""
    out = np.zeros(2 * len(table), table.dtype)
    for i in range(len(table)):
        if table[i]["used"]:
            out[_slot(out, table[i]["key"])] = table[i]
    return out


@njit(cache=True, nogil=True)
def _tidied(levels, state):
    """The levels that have a size or belong to this message, in a table with room."""
    kept = 0
    for i in range(len(levels)):
        kept += levels[i]["used"] and (levels[i]["size"] > 0 or levels[i]["event"] == state[_EVENT])
    out = np.zeros(len(levels) if 4 * kept < len(levels) else 2 * len(levels), levels.dtype)
    for i in range(len(levels)):
        if levels[i]["used"] and (levels[i]["size"] > 0 or levels[i]["event"] == state[_EVENT]):
            out[_slot(out, levels[i]["key"])] = levels[i]
    state[_LEVELS] = kept
    return out


@borrowing
def _forget(orders, i, state):
    """Remove an order, and close the gap that it leaves in the table."""
    mask = len(orders) - 1
    state[_ORDERS] -= 1
    j = i
    while True:
        j = (j + 1) & mask
        if not orders[j]["used"]:
            break
        home = _home(orders[j]["key"], mask)
        if (j > i and (home <= i or home > j)) or (j < i and home <= i and home > j):
            orders[i] = orders[j]
            i = j
    orders[i]["used"] = 0


@borrowing
def _change(side, price, by, levels, state, rows):
    """Add to the size of a level; its row in this message is made at the first change. Rows have room."""
    key = price * 2 + side
    level = levels[_slot(levels, key)]
    if not level["used"]:
        level["used"], level["key"], level["side"], level["price"] = 1, key, side, price
        level["size"], level["event"] = 0, -1
        state[_LEVELS] += 1
    if level["event"] != state[_EVENT]:
        level["event"], level["before"] = state[_EVENT], level["size"]
        rows[state[_ROWS], 0], rows[state[_ROWS], 1] = side, price
        state[_ROWS] += 1
    state[_STANDING] -= level["size"] > 0
    level["size"] += by
    state[_STANDING] += level["size"] > 0


@borrowing
def _clear(side, orders, levels, state, rows):
    """Take away all orders of a side (of both: -1). Rows have room for all that stands."""
    state[_LOOSE] = 1
    for i in range(len(levels)):
        level = levels[i]
        if level["used"] and level["size"] > 0 and (side < 0 or level["side"] == side):
            _change(level["side"], level["price"], -level["size"], levels, state, rows)
    if side < 0:
        for i in range(len(orders)):
            orders[i]["used"] = 0
        state[_ORDERS] = 0
        return
    i = 0
    while i < len(orders):  # an order that is moved here by a removal is looked at too
        if orders[i]["used"] and orders[i]["side"] == side:
            _forget(orders, i, state)
        else:
            i += 1


@borrowing
def _take(r, orders, levels, state, rows):
    """One add, modify or cancel."""
    key, action = np.int64(r["order_id"]), r["action"]
    size = np.int64(r["size"])
    i = _slot(orders, key)
    known = orders[i]["used"] == 1
    if action == CANCEL:
        if not known:
            state[_CANCELS] += 1
            return
        have = orders[i]["size"]
        state[_OVER] += size > have
        _change(orders[i]["side"], orders[i]["price"], -min(size, have), levels, state, rows)
        orders[i]["size"] = have - size
        if have <= size:
            _forget(orders, i, state)
        return
    if known:
        state[_ADDS] += action == ADD
        _change(orders[i]["side"], orders[i]["price"], -orders[i]["size"], levels, state, rows)
    else:
        state[_MODIFIES] += action == MODIFY
        state[_ORDERS] += 1
    side = BID if r["side"] == BUY else ASK
    orders[i]["used"], orders[i]["key"], orders[i]["side"] = 1, key, side
    orders[i]["price"], orders[i]["size"] = r["price"], size
    _change(side, r["price"], size, levels, state, rows)


@borrowing
def _leave(key, orders, levels, state, rows):
    """Take an order out of its level, if it is in one."""
    i = _slot(orders, key)
    if orders[i]["used"]:
        _change(orders[i]["side"], orders[i]["price"], -orders[i]["size"], levels, state, rows)
        _forget(orders, i, state)


@borrowing
def _settle(start, levels, state, rows):
    """The rows of an event that ends: what it changed, or (True) all there is; there is room."""
    if state[_PENDING] and state[_STANDING] > 0:
        n = start
        for i in range(len(levels)):
            if levels[i]["used"] and levels[i]["size"] > 0:
                level = levels[i]
                rows[n, 0], rows[n, 1], rows[n, 2] = level["side"], level["price"], level["size"]
                n += 1
        state[_ROWS], state[_PENDING] = n, 0
        return True
    n = start
    for k in range(start, state[_ROWS]):
        level = levels[_slot(levels, rows[k, 1] * 2 + rows[k, 0])]
        if level["size"] != level["before"]:
            rows[n, 0], rows[n, 1], rows[n, 2] = rows[k, 0], rows[k, 1], level["size"]
            n += 1
    state[_ROWS] = n
    return False


@njit(cache=True, nogil=True)
def _apply(events, orders, levels, state, rows, out):
    """See `OrderBook.apply`; returns the number of messages, and the tables."""
    count = 0
    records, ends, begins = events
    last, event, first, loose = out
    flagged = False
    for i in range(len(records)):
        r = records[i]
        snapshot, action = r["flags"] & F_SNAPSHOT != 0, r["action"]
        if action == CLEAR or begins[i] or (snapshot and not state[_IN_SNAPSHOT]):
            rows = _more(rows, state[_ROWS] + state[_STANDING])
            _clear(-1, orders, levels, state, rows)
            state[_PENDING] = 1
        state[_IN_SNAPSHOT] = snapshot
        flagged |= r["flags"] & F_MAYBE_BAD_BOOK != 0
        if state[_ROWS] + 2 > len(rows):  # `_more` asks too, at the price of a call for each record
            rows = _more(rows, state[_ROWS] + 2)
        if 2 * (state[_ORDERS] + 1) > len(orders):
            orders = _roomier(orders)
        if 2 * (state[_LEVELS] + 2) > len(levels):
            levels = _tidied(levels, state)
        if action == ADD or action == MODIFY or action == CANCEL:
            if r["flags"] & F_TOB and action != CANCEL:
                rows = _more(rows, state[_ROWS] + state[_STANDING] + 2)
                _clear(BID if r["side"] == BUY else ASK, orders, levels, state, rows)
            if action == CANCEL or r["price"] != NO_PRICE:
                _take(r, orders, levels, state, rows)
            elif not r["flags"] & F_TOB:
                _leave(np.int64(r["order_id"]), orders, levels, state, rows)
        if not ends[i]:
            continue
        if flagged and not state[_BAD]:
            last[count], event[count], first[count + 1] = i, GAP, first[count]
            count += 1
        state[_BAD] = flagged
        if state[_PENDING]:
            rows = _more(rows, first[count] + state[_STANDING])
        whole = _settle(first[count], levels, state, rows)
        if state[_ROWS] > first[count]:
            last[count], event[count], first[count + 1] = i, SNAPSHOT if whole else UPDATE, state[_ROWS]
            loose[count] = whole or state[_LOOSE] == 1
            count += 1
        state[_EVENT] += 1
        state[_LOOSE] = 0
        flagged = False
    return count, orders, levels, rows


@njit(cache=True, nogil=True)
def _more(rows, wanted):
    """The rows, in an array with room for so many."""
    if wanted <= len(rows):
        return rows
    out = np.empty((2 * wanted, 3), np.int64)
    out[: len(rows)] = rows
    return out
