"""Arrow schemas of the tables, and their columns as arrays and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from liqmap.schema.errors import SchemaError
from liqmap.schema.vocabulary import EVENTS, MISSING, SIDES

# ------------------------------------------------------------------ schemas

TIMESTAMP = pa.timestamp("ns", tz="UTC")
WORD = pa.dictionary(pa.int8(), pa.string())

DEPTH = pa.schema(
    [
        pa.field("ts", TIMESTAMP, nullable=False),
        pa.field("ts_recv", TIMESTAMP),
        pa.field("seq", pa.int64()),
        pa.field("event", WORD, nullable=False),
        pa.field("side", WORD),
        pa.field("price", pa.float64()),
        pa.field("size", pa.float64()),
    ]
)
TRADES = pa.schema(
    [
        pa.field("ts", TIMESTAMP, nullable=False),
        pa.field("id", pa.string()),
        pa.field("aggressor", WORD),
        pa.field("price", pa.float64(), nullable=False),
        pa.field("size", pa.float64(), nullable=False),
        pa.field("flags", WORD),
    ]
)
BANDS = pa.schema(
    [
        pa.field("ts", TIMESTAMP, nullable=False),
        pa.field("percentage", pa.float64(), nullable=False),
        pa.field("depth", pa.float64()),
        pa.field("notional", pa.float64()),
    ]
)
ORDERS = pa.schema(
    [
        pa.field("ts", TIMESTAMP, nullable=False),
        pa.field("ts_recv", TIMESTAMP),
        pa.field("seq", pa.int64()),
        pa.field("order_id", pa.uint64(), nullable=False),
        pa.field("action", WORD, nullable=False),
        pa.field("side", WORD),
        pa.field("price", pa.float64()),
        pa.field("size", pa.float64(), nullable=False),
    ]
)
"""What a market-by-order source says of single orders, a row per record in its order.

``seq`` is the venue's own number, or that of the depth message. ``size`` is that of the action: what an
order rests at now (0: nothing), what is cancelled (0: all of it), traded or filled. Rows that came too late
to change the book are there too. A trade's side is the aggressor's, a fill's the resting order's. ``price``
is null where the action has none, or one that leaves no tick size for the others."""

QUOTES = pa.schema(
    [
        pa.field("ts", TIMESTAMP, nullable=False),
        pa.field("ts_recv", TIMESTAMP),
        pa.field("seq", pa.int64()),
        pa.field("bid", pa.float64()),
        pa.field("bid_size", pa.float64()),
        pa.field("ask", pa.float64()),
        pa.field("ask_size", pa.float64()),
    ]
)
"""Best bid and offer as a venue tells them itself (its book tickers), a row per message in its order.

``ts`` is the engine's time if the feed has it, else that of publishing, else that of arrival. ``seq`` is the
venue's update id, null where it has none. Price and size of an empty side are null. Nothing tells whether
tickers were lost: a quote stands at its own time, and until the next if none was."""

SPANS = pa.schema(
    [
        pa.field("side", WORD, nullable=False),
        pa.field("tick", pa.int32(), nullable=False),
        pa.field("start", TIMESTAMP, nullable=False),
        pa.field("seen", TIMESTAMP, nullable=False),
        pa.field("end", TIMESTAMP),
        pa.field("size", pa.float64(), nullable=False),
        pa.field("price", pa.float64(), nullable=False),
    ]
)
"""``price`` is the decimal of ``tick`` times the tick size, as the venue writes it in its trades too."""

WINDOW = pa.schema(
    [
        pa.field("side", WORD, nullable=False),
        pa.field("start", TIMESTAMP, nullable=False),
        pa.field("worst_tick", pa.int32()),
        pa.field("known", pa.bool_(), nullable=False),
        pa.field("worst_price", pa.float64()),
    ]
)
"""``worst_price`` is to ``worst_tick`` as ``price`` to ``tick`` in `SPANS`."""

TABLES = {"depth": DEPTH, "trades": TRADES, "bands": BANDS, "orders": ORDERS, "quotes": QUOTES}


# ------------------------------------------------------------------ columns


def words(codes: np.ndarray, vocabulary: Sequence[str], null: np.ndarray | None = None) -> pa.DictionaryArray:
    """Codes of a vocabulary as an Arrow dictionary array; ``null`` masks (True: null)."""
    indices = pa.array(np.ascontiguousarray(codes, dtype=np.int8), mask=null)
    return pa.DictionaryArray.from_arrays(indices, pa.array(vocabulary, pa.string()))


def codes(column: pa.ChunkedArray | pa.Array, vocabulary: Sequence[str]) -> np.ndarray:
    """Codes (int8) of a column of words; -1 where null.

    Files carry their own dictionaries, in any order: each chunk is mapped to ours.

    Raises
    ------
    SchemaError : a word that is not of the vocabulary.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    out = []
    for chunk in chunks:
        if not isinstance(chunk, pa.DictionaryArray):
            chunk = chunk.dictionary_encode()
        own = chunk.dictionary.to_pylist()
        strange = [w for w in own if w is not None and w not in vocabulary]
        if strange:
            raise SchemaError(
                where="column of words", expected=f"one of {tuple(vocabulary)}", got=repr(strange[0])
            )
        table = np.array([-1 if w is None else vocabulary.index(w) for w in own] + [-1], dtype=np.int8)
        indices = chunk.indices
        if indices.null_count:
            indices = indices.fill_null(len(own))
        raw = indices.to_numpy(zero_copy_only=False)
        identity = (
            own == list(vocabulary[: len(own)]) and raw.dtype == np.int8 and not chunk.indices.null_count
        )
        out.append(raw if identity else table[raw])
    if len(out) == 1:
        return out[0]
    return np.concatenate(out) if out else np.empty(0, np.int8)


def int64(column: pa.ChunkedArray | pa.Array, null: int | None = None) -> np.ndarray:
    """An integer or timestamp column as int64 (timestamps: ns since the epoch), nulls as ``null``.

    Raises
    ------
    SchemaError : nulls, and no ``null`` to take for them.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    out = []
    for chunk in chunks:
        if pa.types.is_timestamp(chunk.type):
            chunk = chunk.cast(pa.timestamp("ns", tz=chunk.type.tz)).view(pa.int64())
        if chunk.null_count:
            if null is None:
                raise SchemaError(expected="no nulls", got=f"{chunk.null_count:,}")
            chunk = chunk.fill_null(null)
        out.append(chunk.to_numpy())
    if len(out) == 1:
        return out[0]
    return np.concatenate(out) if out else np.empty(0, np.int64)


def together(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """Rows of one table as one batch, each with its words: a batch of few rows takes some kB."""
    (one,) = pa.Table.from_batches(batches).unify_dictionaries().combine_chunks().to_batches()
    return one


def quote_rows(
    ts: np.ndarray,
    ts_recv: np.ndarray,
    seq: np.ndarray,
    bid: np.ndarray,
    bid_size: np.ndarray,
    ask: np.ndarray,
    ask_size: np.ndarray,
) -> pa.RecordBatch:
    """Rows of QUOTES from columns, times in ns; MISSING in ``ts_recv``, -1 in ``seq`` and NaN in the others
    mean null."""
    sides = [pa.array(side, from_pandas=True) for side in (bid, bid_size, ask, ask_size)]
    received = pa.array(ts_recv, mask=ts_recv == MISSING).view(TIMESTAMP)
    ids = pa.array(seq, mask=seq < 0)
    return pa.RecordBatch.from_arrays([pa.array(ts).view(TIMESTAMP), received, ids, *sides], schema=QUOTES)


def depth_rows(
    ts: np.ndarray,
    ts_recv: np.ndarray,
    seq: np.ndarray,
    event: np.ndarray,
    side: np.ndarray,
    price: np.ndarray,
    size: np.ndarray,
) -> pa.RecordBatch:
    """Rows of DEPTH from columns of codes and ns; MISSING in ``ts_recv`` and -1 in ``side`` mean null,
    the latter for price and size too."""
    null = side < 0
    no_levels = null if null.any() else None
    silent = ts_recv == MISSING
    received = (
        pa.nulls(len(ts), TIMESTAMP) if silent.all() else pa.array(ts_recv, mask=silent).view(TIMESTAMP)
    )
    return pa.RecordBatch.from_arrays(
        [
            pa.array(ts).view(TIMESTAMP),
            received,
            pa.array(seq),
            words(event, EVENTS),
            words(np.maximum(side, 0), SIDES, null=no_levels),
            pa.array(price, mask=no_levels),
            pa.array(size, mask=no_levels),
        ],
        schema=DEPTH,
    )
