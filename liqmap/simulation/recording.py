"""What kernels write of a market while it lives: rows of the feed and of the truth, trades."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Rows(NamedTuple):
    """Depth rows as a kernel writes them; ``n`` (2,) rows and messages written.

    ``side``, ``tick``, ``lots`` a row; ``ends``, ``time`` (ms), ``event`` a message.
    """

    side: np.ndarray
    tick: np.ndarray
    lots: np.ndarray
    ends: np.ndarray
    time: np.ndarray
    event: np.ndarray
    n: np.ndarray


class Prints(NamedTuple):
    """Trades as a kernel writes them: ``time`` ms, ``tick``, ``lots``, ``buy`` 1 or 0; ``n`` (1,)."""

    time: np.ndarray
    tick: np.ndarray
    lots: np.ndarray
    buy: np.ndarray
    n: np.ndarray


class Recording(NamedTuple):
    """What is written of a market while it lives: the ``feed``, the ``truth`` (if ``with_truth``), trades."""

    feed: Rows
    truth: Rows
    with_truth: bool
    prints: Prints


CLOCK = np.dtype(
    [
        ("first", np.int64),  # ms of the first message
        ("interval", np.int64),  # ms of a step
        ("step", np.int64),  # steps recorded so far
        ("sent", np.int64),  # ms of the last message
    ]
)


def new_rows(capacity: int) -> Rows:
    """Room for ``capacity`` rows in as many messages at most."""
    return Rows(
        np.empty(capacity, np.int8),
        np.empty(capacity, np.int32),
        np.empty(capacity, np.int32),
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int8),
        np.zeros(2, np.int64),
    )


def new_prints(capacity: int) -> Prints:
    """Room for ``capacity`` trades."""
    return Prints(
        np.empty(capacity, np.int64),
        np.empty(capacity, np.int32),
        np.empty(capacity, np.int32),
        np.empty(capacity, np.int8),
        np.zeros(1, np.int64),
    )
