"""Where snapshots that were saved apart fall among the updates of a file, and whether their prices say so
too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from liqmap.formats import Reader
from liqmap.formats.registry import Apart
from liqmap.schema import MISSING, SNAPSHOT, Messages
from liqmap.schema.messages import join, part

NEAR = 20
"""Updates beside a snapshot that tell its market."""

WITHIN = 2.0
"""Prices of one market, seconds apart, do not differ by this factor."""


@dataclass(frozen=True)
class Place:
    """Where a snapshot falls among the updates of a file: their market and time, and why its prices are not
    theirs (None if they are)."""

    path: str
    venue: str
    symbol: str
    ts: int
    spans: bool
    wrong: str | None


def places(path: str, reader: Reader, snapshots: Sequence[Apart]) -> Iterator[tuple[Apart, Place]]:
    """The place of each snapshot that has one.

    Parameters
    ----------
    reader : of the file at ``path``, which is read to its end.
    """
    tail: Messages | None = None
    for batch in reader.batches():
        if batch.depth is None or not len(batch.depth.seq):
            continue
        known = 0 if tail is None else len(tail.seq)
        messages = batch.depth if tail is None else join([tail, batch.depth])
        assert messages is not None
        newest = np.maximum.accumulate(messages.seq)
        for apart in snapshots:
            number = int(apart.message.seq[0])
            at = int(np.searchsorted(newest, number, side="right"))
            if known <= at < len(newest) and messages.prev[at] <= number and messages.event[at] != SNAPSHOT:
                yield apart, _place(path, reader, messages, at, apart)
        tail = part(messages, max(len(messages.seq) - NEAR, 0), len(messages.seq))
    if tail is None:
        return
    for apart in snapshots:
        if apart.message.seq[0] == tail.seq[-1]:
            yield apart, _place(path, reader, tail, len(tail.seq), apart)


def _place(path: str, reader: Reader, messages: Messages, at: int, apart: Apart) -> Place:
    """The place before one of these messages, or after the last of them."""
    meta, count = reader.meta["depth"], len(messages.seq)
    low, high = messages.ts[[max(at - 1, 0), min(at, count - 1)]].tolist()
    ts = int(apart.message.ts[0])
    if ts == MISSING or not low <= ts <= high:
        ts = high
    near = part(messages, max(at - NEAR, 0), min(at + NEAR, count))
    wrong = _what_is_wrong(apart, meta.symbol, near, at - max(at - NEAR, 0))
    return Place(path, meta.venue, meta.symbol, ts, at < count, wrong)


def _what_is_wrong(apart: Apart, symbol: str, near: Messages, at: int) -> str | None:
    """Why a snapshot is not of the market of the updates beside it, the next of which is ``at``."""
    if apart.symbol is not None and bare(apart.symbol) != bare(symbol):
        return f"one of {apart.symbol}"
    own = _touch(apart.message.side, apart.message.price)
    listed = near.size > 0
    theirs = _touch(near.side[listed], near.price[listed])
    if own is None or theirs is None:
        return None if apart.symbol is not None else "no prices to know it by"
    if not 1 / WITHIN < own / theirs < WITHIN:
        return f"prices near {own:g}, where theirs are near {theirs:g}"
    books: tuple[dict[float, float], dict[float, float]] = ({}, {})
    rows = [(apart.message, 0, len(apart.message.price))]
    rows += [(near, int(near.rows[i]), int(near.rows[i + 1])) for i in range(at, len(near.seq))]
    for messages, first, last in rows:
        for row in range(first, last):
            book, price = books[messages.side[row]], float(messages.price[row])
            book[price] = float(messages.size[row])
            if not book[price]:
                del book[price]
        if all(books) and max(books[0]) >= min(books[1]):
            return "a book that their updates cross"
    return None


def _touch(side: np.ndarray, price: np.ndarray) -> float | None:
    """The highest bid, or the lowest ask where there is none."""
    bids, asks = price[side == 0], price[side == 1]
    return float(bids.max()) if len(bids) else float(asks.min()) if len(asks) else None


def bare(symbol: str) -> str:
    """Letters and digits of a symbol."""
    return re.sub(r"\W|_", "", symbol.upper())
