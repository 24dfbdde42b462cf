"""The words of the tables: Arrow schemas, grid names and units, metadata, errors.

Everything that two modules must agree on stands here once. Nothing here does work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import gcd
from typing import Any

import numpy as np
import pyarrow as pa

SCHEMA_VERSION = 1

# ------------------------------------------------------------------ vocabularies
# The position of a word is its code in every kernel.

EVENTS = ("update", "snapshot", "gap", "heard")
SIDES = ("bid", "ask")
AGGRESSORS = ("buy", "sell")
FLAGS = ("rpi", "block", "liquidation")
POLICIES = ("top_n", "full", "truncate", "snapshots")
STATES = ("unknown", "observed", "carried")
AGGREGATES = ("mean", "peak", "last")

UPDATE, SNAPSHOT, GAP, HEARD = range(4)
BID, ASK = range(2)
UNKNOWN, OBSERVED, CARRIED = range(3)

OPEN = np.iinfo(np.int64).max
"""``end`` of a span whose price the book has not spoken of again (null in Arrow)."""

MISSING = np.iinfo(np.int64).min
"""A time that is not there, in an int64 array (null in Arrow)."""

# ------------------------------------------------------------------ Arrow schemas

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
SPANS = pa.schema(
    [
        pa.field("side", WORD, nullable=False),
        pa.field("tick", pa.int32(), nullable=False),
        pa.field("start", TIMESTAMP, nullable=False),
        pa.field("seen", TIMESTAMP, nullable=False),
        pa.field("end", TIMESTAMP),
        pa.field("size", pa.float64(), nullable=False),
    ]
)
WINDOW = pa.schema(
    [
        pa.field("side", WORD, nullable=False),
        pa.field("start", TIMESTAMP, nullable=False),
        pa.field("worst_tick", pa.int32()),
        pa.field("known", pa.bool_(), nullable=False),
    ]
)
TABLES = {"depth": DEPTH, "trades": TRADES, "bands": BANDS}


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
            raise SchemaError(f"column of words: expected one of {tuple(vocabulary)}, got {strange[0]!r}")
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
    """An integer or timestamp column as int64 (timestamps: ns since the epoch), nulls as ``null``."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    out = []
    for chunk in chunks:
        if pa.types.is_timestamp(chunk.type):
            chunk = chunk.cast(pa.timestamp("ns", tz=chunk.type.tz)).view(pa.int64())
        if chunk.null_count:
            if null is None:
                raise SchemaError(f"expected no nulls, got {chunk.null_count:,}")
            chunk = chunk.fill_null(null)
        out.append(chunk.to_numpy())
    if len(out) == 1:
        return out[0]
    return np.concatenate(out) if out else np.empty(0, np.int64)


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


# ------------------------------------------------------------------ metadata


@dataclass(frozen=True, kw_only=True)
class Source:
    """A raw file that rows came from: its name without folders, and the digest of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Meta:
    """What a table's rows are about; travels as Arrow and Parquet metadata.

    ``feed`` is None for trades and bands. ``tick_size`` is in quote currency, None where not known.
    ``size_unit`` is ``coins`` or ``contracts``; one unit is worth ``contract_value``
    (1 coin, or so many units of the quote or base currency a contract).
    ``depth_limit`` is the N of a feed that shows N levels a side.
    """

    venue: str
    symbol: str
    feed: str | None = None
    tick_size: float | None = None
    size_unit: str = "coins"
    contract_value: float = 1.0
    depth_limit: int | None = None
    window_policy: str | None = None
    sources: tuple[Source, ...] = field(default=())

    def to_metadata(self) -> dict[bytes, bytes]:
        """Arrow key-value metadata; a missing value has no key."""
        from liqmap import __version__

        entries: dict[str, Any] = asdict(self) | {
            "schema_version": SCHEMA_VERSION,
            "liqmap_version": __version__,
            "sources": json.dumps([asdict(s) for s in self.sources]),
        }
        return {k.encode(): str(v).encode() for k, v in entries.items() if v is not None}

    @classmethod
    def from_metadata(cls, metadata: Mapping[bytes, bytes] | None) -> Meta:
        """The inverse of `to_metadata`.

        Raises
        ------
        SchemaError : no liqmap metadata, or of a newer schema version.
        """
        have = {k.decode(): v.decode() for k, v in (metadata or {}).items() if not k.startswith(b"ARROW:")}
        if "venue" not in have or "symbol" not in have:
            raise SchemaError(
                "table metadata: expected `venue` and `symbol`, got none. Read the file with liqmap.read, "
                "or attach a Meta: table.replace_schema_metadata(Meta(...).to_metadata())"
            )
        version = int(have.get("schema_version", SCHEMA_VERSION))
        if version > SCHEMA_VERSION:
            raise SchemaError(
                f"table metadata: expected schema_version <= {SCHEMA_VERSION}, got {version}. Upgrade liqmap"
            )
        return cls(
            venue=have["venue"],
            symbol=have["symbol"],
            feed=have.get("feed"),
            tick_size=float(have["tick_size"]) if "tick_size" in have else None,
            size_unit=have.get("size_unit", "coins"),
            contract_value=float(have.get("contract_value", 1.0)),
            depth_limit=int(have["depth_limit"]) if "depth_limit" in have else None,
            window_policy=have.get("window_policy"),
            sources=tuple(Source(**s) for s in json.loads(have.get("sources", "[]"))),
        )

    def merge(self, other: Meta) -> Meta:
        """One meta for both tables of one market: sources joined, the finer common tick."""
        ticks = [m.tick_size for m in (self, other) if m.tick_size is not None]
        return replace(
            self,
            tick_size=common_tick(ticks) if ticks else None,
            sources=self.sources + tuple(s for s in other.sources if s not in self.sources),
        )


def common_tick(ticks: Sequence[float]) -> float:
    """The greatest tick size of which every given one is a whole multiple."""
    fractions = [Fraction(Decimal(repr(float(t)))) for t in ticks]
    scale = reduce(lambda a, b: a * b // gcd(a, b), (f.denominator for f in fractions))
    return float(Fraction(reduce(gcd, (int(f * scale) for f in fractions)), scale))


@dataclass
class Capture:
    """What one source holds, in memory: the tables it fills (or None), and its meta.

    ``truth`` is None except for a simulated market, where it holds what no feed tells. ``report`` is what
    reading it cost: the `IngestReport` of a file.
    """

    depth: pa.Table | None = None
    trades: pa.Table | None = None
    bands: pa.Table | None = None
    meta: Meta | None = None
    truth: Any = None
    report: Any = None


# ------------------------------------------------------------------ what sources yield


@dataclass(frozen=True)
class Messages:
    """Consecutive depth messages of one feed (M messages, R rows), as their source gave them.

    Nothing is judged here: whether a message continues the one before is decided from ``seq``
    and ``prev``, by one rule for all venues, at ingest.
    """

    ts: np.ndarray
    """(M,) int64, ns since the epoch: the engine's time if the feed has it."""
    ts_recv: np.ndarray
    """(M,) int64, ns since the epoch: when it was received here; MISSING where not known."""
    seq: np.ndarray
    """(M,) int64, the venue's update id."""
    prev: np.ndarray
    """(M,) int64, ``seq`` of the message that this one follows; -1: follows nothing (a snapshot)."""
    event: np.ndarray
    """(M,) int8, position in EVENTS. GAP: the source itself says that messages were lost."""
    rows: np.ndarray
    """(M + 1,) int64: message i has the rows ``rows[i]:rows[i + 1]``."""
    line: np.ndarray
    """(M,) int64, line of the source, from 1."""
    side: np.ndarray
    """(R,) int8, position in SIDES."""
    price: np.ndarray
    """(R,) float64."""
    size: np.ndarray
    """(R,) float64, absolute; 0 removes the level."""


@dataclass(frozen=True)
class Rejected:
    """A line that could not be used: what it said is lost."""

    line: int
    reason: str


@dataclass(frozen=True)
class Batch:
    """What the next stretch of a source holds; ``position`` counts raw bytes read so far."""

    depth: Messages | None = None
    trades: pa.RecordBatch | None = None
    bands: pa.RecordBatch | None = None
    rejected: tuple[Rejected, ...] = ()
    position: int = 0


# ------------------------------------------------------------------ errors


class LiqmapError(Exception):
    """Base of every error liqmap raises on purpose: one line with where, expected, got, remedy."""


class SchemaError(LiqmapError):
    """A table lacks a column, a word or metadata that its schema promises."""


class FormatError(LiqmapError):
    """A raw file, or a line of it, is not what its format says."""


class StoreError(LiqmapError):
    """The store cannot be read or written, or two sources contradict each other."""


class SessionError(LiqmapError):
    """No such market, feed or time range in the store."""


class ReplayError(LiqmapError):
    """Depth rows that no window policy can replay."""


class GridError(LiqmapError):
    """Edges, ranges or carry parameters that make no grid."""
