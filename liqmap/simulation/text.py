"""Numbers and pieces of text as bytes: what the writer of raw files is made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.simulation.chance import inner_kernel

LINE = 400
ROW = 56
"""Bytes that hold one message without its rows, and one row or one column of numbers."""


class Pieces(NamedTuple):
    """Constant pieces of text, one after the other: ``text`` uint8, cut at ``ends``."""

    text: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, texts: list[str]) -> Pieces:
        return cls(ascii_bytes("".join(texts)), np.cumsum([len(t) for t in texts]))


class DepthLines(NamedTuple):
    """M messages to write, and their rows.

    starts : (M + 1,) rows of message m are ``starts[m]`` to ``starts[m + 1]``; asks : (M,) its first ask.
    time : (M,) ms; seq : (M,); snapshot : (M,) bool.
    price : by row, in 10**-places; lots : by row.
    """

    starts: np.ndarray
    asks: np.ndarray
    time: np.ndarray
    seq: np.ndarray
    snapshot: np.ndarray
    price: np.ndarray
    lots: np.ndarray


class TradeLines(NamedTuple):
    """N trades to write: ``time`` ms; ``buy`` bool; ``price`` in 10**-places; ``lots``; ``ids`` uint8, text
    cut at ``id_ends`` (N + 1,)."""

    time: np.ndarray
    buy: np.ndarray
    price: np.ndarray
    lots: np.ndarray
    ids: np.ndarray
    id_ends: np.ndarray


TICK_MOVE = np.dtype(
    [
        ("price", np.int64),  # of the trade before, in 10**-places
        ("direction", np.int64),  # of the last change: 0 up, 1 down
    ]
)


def ascii_bytes(text: str) -> np.ndarray:
    """Text as uint8 (n,)."""
    return np.frombuffer(text.encode("ascii"), np.uint8)


@inner_kernel
def write_piece(out: np.ndarray, at: int, piece: np.ndarray) -> int:
    """Copy ``piece`` to ``out[at:]``; returns the position after it."""
    for i in range(piece.shape[0]):
        out[at + i] = piece[i]
    return at + piece.shape[0]


@inner_kernel
def write_digits(out: np.ndarray, at: int, value: int, width: int) -> int:
    """``value`` >= 0 in decimal, at least ``width`` digits; returns the position after it."""
    n, rest = 1, value // 10
    while rest > 0:
        n += 1
        rest //= 10
    n = max(n, width)
    for i in range(at + n - 1, at - 1, -1):
        out[i] = 48 + value % 10
        value //= 10
    return at + n


@inner_kernel
def write_decimal(out: np.ndarray, at: int, units: int, places: int, trim: bool) -> int:
    """``units`` / 10**``places``, all places or (``trim``) without trailing zeros; the position after it."""
    power = 1
    for _ in range(places):
        power *= 10
    at = write_digits(out, at, units // power, 1)
    rest = units % power
    if trim:
        while places > 0 and rest % 10 == 0:
            rest //= 10
            places -= 1
    if places == 0:
        return at
    out[at] = 46
    return write_digits(out, at + 1, rest, places)


@inner_kernel
def write_levels(
    out: np.ndarray, at: int, price: np.ndarray, lots: np.ndarray, first: int, last: int, places: int
) -> int:
    """Rows ``first`` to ``last`` as ``["65114.20","6.054"],["65113.50","0"]``; the position after them."""
    for i in range(first, last):
        if i > first:
            out[at] = 44
            at += 1
        out[at] = 91
        out[at + 1] = 34
        at = write_decimal(out, at + 2, price[i], places, False)
        out[at] = 34
        out[at + 1] = 44
        out[at + 2] = 34
        at += 3
        if lots[i] == 0:
            out[at] = 48
            at += 1
        else:
            at = write_decimal(out, at, lots[i], 3, False)
        out[at] = 34
        out[at + 1] = 93
        at += 2
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def write_messages(out: np.ndarray, lines: DepthLines, places: int, constant: Pieces) -> int:
    """Depth messages as Bybit's JSON lines; returns the bytes written.

    ``constant`` has ten pieces: the text between the numbers. The push time follows the engine's by 1 to
    4 ms; Bybit's cross-feed ``seq`` grows unevenly.
    """
    starts, asks, time, seq = lines.starts, lines.asks, lines.time, lines.seq
    price, lots = lines.price, lines.lots
    pieces, ends = constant.text, constant.ends
    at = 0
    for m in range(time.shape[0]):
        u = seq[m]
        at = write_piece(out, at, pieces[: ends[0]])
        if lines.snapshot[m]:
            at = write_piece(out, at, pieces[ends[0] : ends[1]])
        else:
            at = write_piece(out, at, pieces[ends[1] : ends[2]])
        at = write_piece(out, at, pieces[ends[2] : ends[3]])
        at = write_digits(out, at, time[m] + 1 + ((u * 40503 >> 7) & 3), 1)
        at = write_piece(out, at, pieces[ends[3] : ends[4]])
        at = write_levels(out, at, price, lots, starts[m], asks[m], places)
        at = write_piece(out, at, pieces[ends[4] : ends[5]])
        at = write_levels(out, at, price, lots, asks[m], starts[m + 1], places)
        at = write_piece(out, at, pieces[ends[5] : ends[6]])
        at = write_digits(out, at, u, 1)
        at = write_piece(out, at, pieces[ends[6] : ends[7]])
        at = write_digits(out, at, 7_000_000_000 + u * 2500 + (u * 40503 & 2047), 1)
        at = write_piece(out, at, pieces[ends[7] : ends[8]])
        at = write_digits(out, at, time[m], 1)
        at = write_piece(out, at, pieces[ends[8] : ends[9]])
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def write_prints(
    out: np.ndarray, lines: TradeLines, places: int, constant: Pieces, before: np.ndarray
) -> int:
    """Trades as Bybit's CSV lines; returns the bytes written.

    ``constant`` has six pieces: symbol and side (buy, sell), then the tick directions. ``before`` (1,)
    `TICK_MOVE`, kept for the next call.
    """
    time, buy, price, lots = lines.time, lines.buy, lines.price, lines.lots
    pieces, ends, last = constant.text, constant.ends, before[0]
    at = 0
    for i in range(time.shape[0]):
        at = write_digits(out, at, time[i] // 1000, 1)
        out[at] = 46
        at = write_digits(out, at + 1, time[i] % 1000 * 10, 4)
        side = 0 if buy[i] else 1
        at = write_piece(out, at, pieces[(0 if side == 0 else ends[0]) : ends[side]])
        at = write_decimal(out, at, lots[i], 3, True)
        out[at] = 44
        at = write_decimal(out, at + 1, price[i], places, False)
        moved = price[i] != last["price"]
        if moved:
            last["direction"] = 0 if price[i] > last["price"] else 1
        last["price"] = price[i]
        word = 2 + last["direction"] + (0 if moved else 2)
        at = write_piece(out, at, pieces[ends[word - 1] : ends[word]])
        at = write_piece(out, at, lines.ids[lines.id_ends[i] : lines.id_ends[i + 1]])
        out[at] = 44
        value = price[i] * lots[i]
        if places <= 5:  # in units of 1e-8
            at = write_digits(out, at + 1, value * 10 ** (5 - places), 1)
        else:
            at = write_decimal(out, at + 1, value, places - 5, True)
        out[at] = 44
        at = write_decimal(out, at + 1, lots[i], 3, True)
        out[at] = 44
        at = write_decimal(out, at + 1, value, places + 3, True)
        out[at] = 10
        at += 1
    return at
