"""What the kernels wrote, as Arrow tables."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa

from liqmap.schema import AGGRESSORS, DEPTH, EVENTS, FLAGS, SIDES, TIMESTAMP, TRADES, WORD, Meta, words
from liqmap.simulation.book import MESSAGE, WALLS, Book
from liqmap.simulation.flow import Flow
from liqmap.simulation.recording import Prints, Rows
from liqmap.simulation.walls import (
    CONSUMED,
    STANDING,
    W_END,
    W_LEFT,
    W_OUTCOME,
    W_SIDE,
    W_SIZE,
    W_START,
    W_TICK,
)

Batches = list[pa.RecordBatch]

LOTS_PER_COIN = 1000
KINDS = ("wall",)
OUTCOMES = ("standing", "cancelled", "consumed")
WALL_TABLE = pa.schema(
    [
        pa.field("side", WORD, nullable=False),
        pa.field("tick", pa.int32(), nullable=False),
        pa.field("price", pa.float64(), nullable=False),
        pa.field("size", pa.float64(), nullable=False),
        pa.field("start", TIMESTAMP, nullable=False),
        pa.field("end", TIMESTAMP),
        pa.field("kind", WORD, nullable=False),
        pa.field("outcome", WORD, nullable=False),
        pa.field("left", pa.float64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Scale:
    """How integers become prices and sizes, exactly as the decimal strings of a file would parse."""

    numerator: int
    denominator: int
    tick_size: float

    @classmethod
    def of(cls, tick_size: float) -> Scale:
        exact = Fraction(repr(float(tick_size)))
        return cls(exact.numerator, exact.denominator, float(tick_size))

    def price(self, tick: np.ndarray) -> np.ndarray:
        return tick.astype(np.int64) * self.numerator / self.denominator


def table_of(batches: Batches, schema: pa.Schema, meta: Meta) -> pa.Table:
    return pa.Table.from_batches(batches, schema=schema).replace_schema_metadata(meta.to_metadata())


def _timestamps(ms: np.ndarray) -> pa.Array:
    return pa.array(ms * 1_000_000, pa.int64()).view(TIMESTAMP)


def depth_batch(rows: Rows, sent: int, scale: Scale) -> pa.RecordBatch:
    """Rows of a chunk as Arrow; its messages follow ``sent`` earlier ones."""
    n, messages = rows.n
    ends = rows.ends[:messages]
    count = np.diff(ends, prepend=0)
    columns = [
        _timestamps(np.repeat(rows.time[:messages], count)),
        pa.nulls(n, TIMESTAMP),
        pa.array(np.repeat(np.arange(sent + 1, sent + 1 + messages), count)),
        words(np.repeat(rows.event[:messages], count), EVENTS),
        words(rows.side[:n].copy(), SIDES),
        pa.array(scale.price(rows.tick[:n])),
        pa.array(rows.lots[:n] / LOTS_PER_COIN),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=DEPTH)


def trades_batch(prints: Prints, sold: int, scale: Scale, seed: int) -> pa.RecordBatch:
    n = int(prints.n[0])
    family = seed & 0xFFFFFFFF
    ids = [f"{family:08x}-0000-4000-8000-{i:012x}" for i in range(sold + 1, sold + 1 + n)]
    columns = [
        _timestamps(prints.time[:n]),
        pa.array(ids, pa.string()),
        words(1 - prints.buy[:n], AGGRESSORS),
        pa.array(scale.price(prints.tick[:n])),
        pa.array(prints.lots[:n] / LOTS_PER_COIN),
        words(np.zeros(n, np.int8), FLAGS, null=np.ones(n, bool)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=TRADES)


def walls_table(book: Book, flow: Flow, times: np.ndarray, scale: Scale) -> pa.Table:
    """The log of walls as Arrow, times instead of message indices."""
    log = flow.walls[: book.s[WALLS]].copy()
    sent = book.s[MESSAGE]
    standing = (log[:, W_OUTCOME] == STANDING) | (log[:, W_END] >= sent)
    log[standing, W_OUTCOME] = STANDING
    log[standing, W_LEFT] = book.wall[log[standing, W_TICK]]
    seen = (log[:, W_START] < sent) & (standing | (log[:, W_END] > log[:, W_START]))
    log, standing = log[seen], standing[seen]
    log[log[:, W_OUTCOME] == CONSUMED, W_LEFT] = 0
    end = times[np.where(standing, 0, log[:, W_END])] * 1_000_000
    columns = [
        words(log[:, W_SIDE], SIDES),
        pa.array(log[:, W_TICK].astype(np.int32)),
        pa.array(scale.price(log[:, W_TICK])),
        pa.array(log[:, W_SIZE] / LOTS_PER_COIN),
        _timestamps(times[log[:, W_START]]),
        pa.array(end, pa.int64(), mask=standing).view(TIMESTAMP),
        words(np.zeros(len(log), np.int8), KINDS),
        words(log[:, W_OUTCOME], OUTCOMES),
        pa.array(log[:, W_LEFT] / LOTS_PER_COIN),
    ]
    return pa.Table.from_arrays(columns, schema=WALL_TABLE)
