"""Messages cut and joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from liqmap.schema.sources import Messages

BY_MESSAGE = ("ts", "ts_recv", "seq", "prev", "event", "line")
BY_ROW = ("side", "price", "size")
OPTIONAL = ("since", "checked")
"""By message, or None."""


def part(messages: Messages, first: int, last: int) -> Messages:
    """Messages ``first`` to ``last``, copied."""
    a, b = messages.rows[first], messages.rows[last]
    return replace(
        messages,
        rows=messages.rows[first : last + 1] - a,
        **_optional(messages, np.arange(first, last)),
        **{n: getattr(messages, n)[first:last].copy() for n in BY_MESSAGE},
        **{n: getattr(messages, n)[a:b].copy() for n in BY_ROW},
    )


def picked(messages: Messages, which: np.ndarray) -> Messages:
    """Some messages by their numbers, in that order, copied."""
    levels = np.diff(messages.rows)[which]
    rows = np.concatenate([np.zeros(1, np.int64), np.cumsum(levels)])
    of = np.repeat(messages.rows[which] - rows[:-1], levels) + np.arange(rows[-1])
    return replace(
        messages,
        rows=rows,
        **_optional(messages, which),
        **{n: getattr(messages, n)[which] for n in BY_MESSAGE},
        **{n: getattr(messages, n)[of] for n in BY_ROW},
    )


def _optional(messages: Messages, which: np.ndarray) -> dict[str, Any]:
    """The columns that are not always there, of some messages, copied."""
    columns = {name: getattr(messages, name) for name in OPTIONAL}
    return {name: None if column is None else column[which] for name, column in columns.items()}


def join(parts: Sequence[Messages]) -> Messages | None:
    """One after the other, all with ``since`` or none; None if there are none. Those without ``checked`` are
    of before the first checksum."""
    parts = [p for p in parts if len(p.seq)]
    if len(parts) < 2:
        return parts[0] if parts else None
    rows = [np.zeros(1, np.int64)]
    for p in parts:
        rows.append(p.rows[1:] - p.rows[0] + rows[-1][-1])
    columns: dict[str, Any] = {
        n: np.concatenate([getattr(p, n) for p in parts]) for n in (*BY_MESSAGE, *BY_ROW)
    }
    if parts[0].since is not None:
        columns["since"] = np.concatenate([p.since for p in parts if p.since is not None])
    if any(p.checked is not None for p in parts):
        none = (np.zeros(len(p.seq), np.int8) if p.checked is None else p.checked for p in parts)
        columns["checked"] = np.concatenate(list(none))
    return replace(parts[-1], rows=np.concatenate(rows), **columns)


def told_again(begin: np.ndarray, side: np.ndarray, price: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a message that tell of a level which a row before them tells of.

    Parameters
    ----------
    begin : (M,) where messages begin, the first at 0. side, price : (R,) of rows.

    Returns
    -------
    (K,), (K,) the rows before, and those that tell of their level next.
    """
    message = np.repeat(np.arange(len(begin)), np.diff(np.append(begin, len(side))))
    order = np.lexsort((price, side, message))  # stable: rows of one level stay in their order
    keys = (message[order], side[order], price[order])
    again = np.flatnonzero(np.logical_and.reduce([key[1:] == key[:-1] for key in keys]))
    return order[again], order[again + 1]
