"""What a table is about: its metadata, as it travels in Arrow and Parquet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import gcd
from typing import Any

from liqmap.schema.errors import SchemaError

SCHEMA_VERSION = 1


def decimals(step: float) -> int:
    """Decimal places that every multiple of a step can be written in: 0.1 has 1, 0.25 has 2, 5.0 none."""
    return max(0, -int(Decimal(repr(float(step))).normalize().as_tuple().exponent))


@dataclass(frozen=True, kw_only=True)
class Source:
    """A raw file that rows came from: its name without folders, and the digest of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Meta:
    """What a table's rows are about; travels as Arrow and Parquet metadata.

    ``feed`` tells depth feeds of one market apart, as their venue does: ``ob200`` or ``depth20`` (so many
    levels a side), ``full`` (the whole book), ``mbo`` (from single orders); None for trades and bands.
    ``tick_size`` is in quote currency, None where not known. ``size_unit`` is ``coins`` (unless said
    otherwise) or ``contracts``; one unit is worth ``contract_value`` (1 coin, or so many units of the quote
    or base currency a contract). ``window_policy`` is one of POLICIES, None for trades and bands.
    ``depth_limit`` is the N of a feed that shows N levels a side. It may be None of a full book, and of
    ``snapshots`` whose number of levels is not told: a side is then known to its worst level alone.
    ``trade_ids`` says what the ids of trades number, one of TRADE_IDS; None where not known.
    """

    venue: str
    symbol: str
    feed: str | None = None
    tick_size: float | None = None
    size_unit: str = "coins"
    contract_value: float = 1.0
    depth_limit: int | None = None
    window_policy: str | None = None
    trade_ids: str | None = None
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
                where="table metadata",
                expected="`venue` and `symbol`",
                got="none",
                remedy="Read the file with liqmap.read, "
                "or attach a Meta: table.replace_schema_metadata(Meta(...).to_metadata())",
            )
        version = int(have.get("schema_version", SCHEMA_VERSION))
        if version > SCHEMA_VERSION:
            raise SchemaError(
                where="table metadata",
                expected=f"schema_version <= {SCHEMA_VERSION}",
                got=str(version),
                remedy="Upgrade liqmap",
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
            trade_ids=have.get("trade_ids"),
            sources=tuple(Source(**s) for s in json.loads(have.get("sources", "[]"))),
        )

    def merge(self, other: Meta) -> Meta:
        """One meta for both tables of one market: sources joined, the finer common tick, the kind of trade
        ids that both have."""
        ticks = [m.tick_size for m in (self, other) if m.tick_size is not None]
        return replace(
            self,
            tick_size=common_tick(ticks) if ticks else None,
            trade_ids=self.trade_ids if self.trade_ids == other.trade_ids else None,
            sources=self.sources + tuple(s for s in other.sources if s not in self.sources),
        )


def common_tick(ticks: Sequence[float]) -> float:
    """The greatest tick size of which every given one is a whole multiple."""
    fractions = [Fraction(Decimal(repr(float(t)))) for t in ticks]
    scale = reduce(lambda a, b: a * b // gcd(a, b), (f.denominator for f in fractions))
    return float(Fraction(reduce(gcd, (int(f * scale) for f in fractions)), scale))
