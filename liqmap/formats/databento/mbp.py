# mypy: disable-error-code="no-untyped-def"
"""Market-by-price records to messages: each shows the N best levels of both sides after it.

A message has the levels that differ from the one before, one that is no longer shown with size 0, as an
exchange sends its best N: the policy ``top_n`` tells from the side's new worst level whether it left the
window. Only the first message, and the first after a gap or in another book, has all levels: a snapshot.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.databento.records import NO_PRICE, Changes
from liqmap.schema import ASK, BID, GAP, SNAPSHOT, UPDATE

_PENDING, _BAD = range(2)
"""In `Before.state`."""


class Shown(NamedTuple):
    """What messages show: (m, N) prices and sizes of each side; (m,) bool, packets were missed before it
    (``flagged``), another book begins with it (``begins``)."""

    bid_price: np.ndarray
    ask_price: np.ndarray
    bid_size: np.ndarray
    ask_size: np.ndarray
    flagged: np.ndarray
    begins: np.ndarray


class Before(NamedTuple):
    """What was shown last: (2, N) price and size of both sides; (2,) whether a whole book is due, and whether
    packets are missing."""

    price: np.ndarray
    size: np.ndarray
    state: np.ndarray


class PriceBook:
    """The levels shown last, from call to call."""

    def __init__(self, levels: int) -> None:
        price, size = np.full((2, levels), NO_PRICE), np.zeros((2, levels), np.int64)
        self._before = Before(price, size, np.array([1, 0]))

    def apply(self, shown: np.ndarray, flagged: np.ndarray, begins: np.ndarray) -> Changes:
        """Take messages.

        Parameters
        ----------
        shown : (m, N) levels (`LEVEL`) at the end of each.
        flagged : (m,) bool, packets were missed before it.
        begins : (m,) bool, another book begins with it.

        Returns
        -------
        What they change, with the message instead of the record.
        """
        m = len(shown)
        bid_price, ask_price, bid_size, ask_size = (
            shown[name] for name in ("bid_px", "ask_px", "bid_sz", "ask_sz")
        )
        out = Changes(
            last=np.empty(2 * m, np.int64),
            event=np.empty(2 * m, np.int8),
            first=np.zeros(2 * m + 1, np.int64),
            rows=np.empty((4 * shown.size, 3), np.int64),
        )
        count = _apply(Shown(bid_price, ask_price, bid_size, ask_size, flagged, begins), self._before, out)
        first = out.first[: count + 1]
        return Changes(out.last[:count], out.event[:count], first, out.rows[: first[count]].copy())


@borrowing
def _find(prices, price, near):
    """Where a price stands, looked for from ``near`` on; -1: nowhere."""
    n = len(prices)
    for k in range(n):
        at = near + k
        at = at - n if at >= n else at
        if prices[at] == price:
            return at
    return -1


@borrowing
def _difference(side, price, size, whole, before, rows, n):
    """Rows of one side from ``n`` on; returns where they end. ``before`` becomes what is shown."""
    levels, was_price, was_size = len(price), before.price[side], before.size[side]
    if not whole:
        for k in range(levels):
            gone = was_price[k]
            if gone != NO_PRICE and gone != price[k] and _find(price, gone, k) < 0:
                rows[n, 0], rows[n, 1], rows[n, 2] = side, gone, 0
                n += 1
    for k in range(levels):
        if price[k] == NO_PRICE:
            continue
        at = -1 if whole else _find(was_price, price[k], k)
        if (at < 0 and size[k] > 0) or (at >= 0 and was_size[at] != size[k]):
            rows[n, 0], rows[n, 1], rows[n, 2] = side, price[k], size[k]
            n += 1
    for k in range(levels):
        was_price[k], was_size[k] = price[k] if size[k] > 0 else NO_PRICE, size[k]
    return n


@borrowing
def _apply(shown, before, out):
    """See `PriceBook.apply`; returns the number of messages."""
    count = 0
    state, last, event, first = before.state, out.last, out.event, out.first
    for i in range(len(shown.flagged)):
        flagged = shown.flagged[i]
        if flagged and not state[_BAD]:
            last[count], event[count], first[count + 1] = i, GAP, first[count]
            count += 1
        if shown.begins[i] or (state[_BAD] and not flagged):
            state[_PENDING] = 1
        state[_BAD] = flagged
        bids, asks = shown.bid_size[i], shown.ask_size[i]
        whole = state[_PENDING] == 1 and not flagged and (bids.any() or asks.any())
        n = _difference(BID, shown.bid_price[i], bids, whole, before, out.rows, first[count])
        n = _difference(ASK, shown.ask_price[i], asks, whole, before, out.rows, n)
        if n > first[count]:
            if whole:
                state[_PENDING] = 0
            last[count], event[count], first[count + 1] = i, SNAPSHOT if whole else UPDATE, n
            count += 1
    return count
