# mypy: disable-error-code="no-untyped-def"
"""Market-by-price records to messages: each shows the N best levels of both sides after it.

A message has the levels that differ from the one before, one that is no longer shown with size 0, as an
exchange sends its best N: the policy ``top_n`` tells from the side's new worst level whether it left the
window. Only the first message, and the first after a gap or in another book, has all levels: a snapshot.
"""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.databento.records import NO_PRICE
from liqmap.schema import ASK, BID, GAP, SNAPSHOT, UPDATE

_PENDING, _BAD, _ROWS = range(3)


class PriceBook:
    """The levels shown last, from call to call."""

    def __init__(self, levels: int) -> None:
        self._state = np.array([1, 0, 0])
        self._price = np.full((2, levels), NO_PRICE)
        self._size = np.zeros((2, levels), np.int64)

    def apply(
        self, shown: np.ndarray, flagged: np.ndarray, begins: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Take messages.

        Parameters
        ----------
        shown : (m, N) levels (`LEVEL`) at the end of each.
        flagged : (m,) bool, packets were missed before it.
        begins : (m,) bool, another book begins with it.

        Returns
        -------
        As `OrderBook.apply`, with the message instead of the record.
        """
        m = len(shown)
        last, event = np.empty(2 * m, np.int64), np.empty(2 * m, np.int8)
        first = np.zeros(2 * m + 1, np.int64)
        rows = np.empty((4 * shown.size, 3), np.int64)
        count = _apply(
            shown["bid_px"], shown["ask_px"], shown["bid_sz"], shown["ask_sz"], flagged, begins,
            self._price, self._size, self._state, last, event, first, rows,
        )  # fmt: skip
        return last[:count], event[:count], first[: count + 1], rows[: first[count]].copy()


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
def _difference(side, price, size, was_price, was_size, whole, rows, n):
    """Rows of one side from ``n`` on; returns where they end. ``was`` becomes what is shown."""
    levels = len(price)
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
def _apply(
    bid_price, ask_price, bid_size, ask_size, flagged, begins, price, size, state, last, event, first, rows
):
    """See `PriceBook.apply`; returns the number of messages."""
    count = 0
    for i in range(len(flagged)):
        if flagged[i] and not state[_BAD]:
            last[count], event[count], first[count + 1] = i, GAP, first[count]
            count += 1
        if begins[i] or (state[_BAD] and not flagged[i]):
            state[_PENDING] = 1
        state[_BAD] = flagged[i]
        whole = state[_PENDING] == 1 and not flagged[i] and (bid_size[i].any() or ask_size[i].any())
        n = _difference(BID, bid_price[i], bid_size[i], price[0], size[0], whole, rows, first[count])
        n = _difference(ASK, ask_price[i], ask_size[i], price[1], size[1], whole, rows, n)
        if n > first[count]:
            if whole:
                state[_PENDING] = 0
            last[count], event[count], first[count + 1] = i, SNAPSHOT if whole else UPDATE, n
            count += 1
    return count
