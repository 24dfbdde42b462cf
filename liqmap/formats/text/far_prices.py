"""Levels and trades whose prices leave no tick size for the others: left out of their lines, and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from liqmap.formats.text.decimals import Tick
from liqmap.schema import HEARD, UPDATE, Messages, Rejected


def far_prices(
    tick: Tick,
    prices: np.ndarray,
    lines: np.ndarray,
    rejected: list[Rejected],
    written: Callable[[float], str] = repr,
) -> np.ndarray | None:
    """Which of the ``prices`` since the last call are to be left out (`Tick.settle`); None: none are. They go
    to ``rejected``, in order of their ``lines``."""
    wrong = tick.settle(prices, written)
    if wrong is None or not wrong.any():
        return None
    for line, price in zip(lines[wrong].tolist(), prices[wrong].tolist()):
        rejected.append(Rejected(line, tick.why_not(price), level=True))
    rejected.sort(key=lambda lost: lost.line)
    return wrong


def near_levels(tick: Tick, messages: Messages | None, rejected: list[Rejected]) -> Messages | None:
    """Messages without the levels whose prices do not fit; None where no level does."""
    if messages is None or not tick.torn:
        tick.settle(np.empty(0))
        return messages
    lines = np.repeat(messages.line, np.diff(messages.rows))
    wrong = far_prices(tick, messages.price, lines, rejected)
    return messages if wrong is None else without_levels(messages, wrong)


def without_levels(messages: Messages, wrong: np.ndarray) -> Messages | None:
    """Messages without some of their levels, (R,); an update without any is heard. None: none is left."""
    if wrong.all():
        return None
    rows = np.concatenate([[0], np.cumsum(~wrong)])[messages.rows]
    event = np.where((np.diff(rows) == 0) & (messages.event == UPDATE), HEARD, messages.event)
    levels = {name: getattr(messages, name)[~wrong] for name in ("side", "price", "size")}
    return replace(messages, rows=rows, event=event.astype(np.int8), **levels)
