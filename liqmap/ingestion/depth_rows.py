# mypy: disable-error-code="no-untyped-def"
"""Judged messages as rows of DEPTH: one for each level, for a message without levels, and for a gap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit

from liqmap.ingestion.judging import Verdicts
from liqmap.schema import GAP, HEARD, MISSING, Messages, depth_rows


class Columns(NamedTuple):
    """Rows of DEPTH as `liqmap.schema.depth_rows` takes them: times in ns, words as codes.

    (R,) each; of messages, times, ids and events are (M,), and the rest has all their levels.
    """

    ts: np.ndarray
    ts_recv: np.ndarray
    seq: np.ndarray
    event: np.ndarray
    side: np.ndarray
    price: np.ndarray
    size: np.ndarray


def expanded(messages: Messages, verdicts: Verdicts) -> pa.RecordBatch | None:
    """The rows of the messages that are kept, each gap in its place; None if there are none."""
    levels = np.diff(messages.rows)
    keep, gap = verdicts.keep, verdicts.gap > 0
    if keep.all() and not gap.any() and levels.all():
        return _repeated(messages, levels, verdicts.ts)
    total = int((np.where(keep, np.maximum(levels, 1), 0) + gap).sum())
    if total == 0:
        return None
    ts, ts_recv, seq = np.empty((3, total), np.int64)
    event, side = np.empty((2, total), np.int8)
    made = Columns(ts, ts_recv, seq, event, side, np.zeros(total), np.zeros(total))
    given = Columns(
        verdicts.ts, messages.ts_recv, messages.seq, messages.event, messages.side, messages.price,
        messages.size,
    )  # fmt: skip
    _expand(given, messages.rows, verdicts, made)
    return depth_rows(*made)


def _repeated(messages: Messages, levels: np.ndarray, ts: np.ndarray) -> pa.RecordBatch:
    """Every message kept, none without levels, no gap: nothing but repetition."""
    first, last = messages.rows[0], messages.rows[-1]
    event = np.repeat(messages.event, levels)
    side, price, size = (a[first:last] for a in (messages.side, messages.price, messages.size))
    recv = messages.ts_recv
    recv = np.repeat(recv, levels) if (recv != MISSING).any() else np.broadcast_to(MISSING, len(event))
    return depth_rows(np.repeat(ts, levels), recv, np.repeat(messages.seq, levels), event, side, price, size)


@njit(cache=True, nogil=True)
def _expand(given, rows, verdicts, made):
    """Write the rows; message i has the levels ``rows[i]:rows[i + 1]`` of those given."""
    n = 0
    for i in range(len(verdicts.keep)):
        if verdicts.gap[i]:
            made.ts[n], made.ts_recv[n], made.seq[n] = verdicts.last_ts[i], MISSING, verdicts.last_seq[i]
            made.event[n], made.side[n] = GAP, -1
            n += 1
        if not verdicts.keep[i]:
            continue
        for r in range(rows[i], max(rows[i + 1], rows[i] + 1)):
            made.ts[n], made.ts_recv[n], made.seq[n] = given.ts[i], given.ts_recv[i], given.seq[i]
            made.event[n] = given.event[i]
            if rows[i] == rows[i + 1]:
                made.event[n], made.side[n] = HEARD, -1
            else:
                made.side[n], made.price[n], made.size[n] = given.side[r], given.price[r], given.size[r]
            n += 1
