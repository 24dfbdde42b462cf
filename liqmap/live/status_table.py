"""The counters of recorded markets as rows of plain data, which terminals, notebooks and the app show."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from liqmap.live.market import Market
from liqmap.live.status import MarketStatus, Rate


@dataclass(frozen=True)
class StatusRow:
    """One market: what a table shows of it. per_second : messages of the last seconds, see `Rate`; lag_ms and
    age_s : of the last one, None before it; written : bytes of raw files."""

    market: str
    state: str
    per_second: float
    messages: int
    lag_ms: float | None
    age_s: float | None
    gaps: int
    reconnects: int
    checksums: int
    verified: int
    written: int
    dropped: int
    error: str

    def to_dict(self) -> dict[str, object]:
        """By name, for JSON."""
        return asdict(self)

    @property
    def cells(self) -> tuple[str, ...]:
        """As text, in the order of `COLUMNS`."""
        checked = f"{self.verified:,}/{self.checksums:,}" if self.checksums else ""
        return (
            self.market,
            self.state,
            f"{self.per_second:,.1f}",
            "" if self.lag_ms is None else f"{self.lag_ms:,.0f} ms",
            f"{self.gaps:,}",
            f"{self.reconnects:,}",
            checked,
            _bytes(self.written),
        )


COLUMNS = ("market", "state", "messages/s", "lag", "gaps", "reconnects", "verified", "raw")
"""Titles of `StatusRow.cells`."""


class StatusTable:
    """Rows of all markets, whenever they are asked for: it remembers how many messages there were before."""

    def __init__(self) -> None:
        self._rates: defaultdict[Market, Rate] = defaultdict(Rate)

    def rows(
        self,
        statuses: Mapping[Market, MarketStatus],
        written: Mapping[Market, int] | None = None,
        dropped: Mapping[Market, int] | None = None,
        now: float | None = None,
    ) -> list[StatusRow]:
        """A row a market.

        Parameters
        ----------
        written, dropped : bytes of raw files and messages that could not be kept, where they are known.
        now : seconds since the epoch.
        """
        clock, now = now, time.time() if now is None else now
        return [
            StatusRow(
                market=str(market),
                state=status.state,
                per_second=self._rates[market].of(status.messages, clock) or 0.0,
                messages=status.messages,
                lag_ms=status.lag_ms,
                age_s=max(now - status.last_ns / 1e9, 0.0) if status.last_ns else None,
                gaps=status.gaps,
                reconnects=status.reconnects,
                checksums=status.checksums,
                verified=status.verified,
                written=(written or {}).get(market, 0),
                dropped=(dropped or {}).get(market, 0),
                error=status.error,
            )
            for market, status in statuses.items()
        ]


def _bytes(count: int) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.3g} {unit}" if unit != "B" else f"{count} B"
        count /= 1000  # type: ignore[assignment]
    raise AssertionError


NAMES = tuple(field.name for field in fields(StatusRow))
