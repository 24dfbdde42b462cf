"""What a recorder did, market by market."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from liqmap.ingestion import IngestReport
from liqmap.live.market import Market
from liqmap.live.status import MarketStatus

MOST_TOLD = 10_000
"""Rows of sources, gaps, notes and failures, of each the newest: a recorder runs for months."""


@dataclass
class RecordReport(IngestReport):
    """What came of each raw file, as `IngestReport` has it, and of each market.

    Attributes
    ----------
    statuses : the counters of each market. dropped : messages that could not be kept, a count a market.
    raw_bytes : written to raw files. had_losses : whether a source that is not told of any more had some.
    """

    statuses: dict[Market, MarketStatus] = field(default_factory=dict)
    dropped: dict[Market, int] = field(default_factory=dict)
    raw_bytes: dict[Market, int] = field(default_factory=dict)
    had_losses: bool = False

    def add(self, other: IngestReport) -> None:
        """Append what another report says; of what is told in rows, the newest stay."""
        super().add(other)
        self.had_losses |= any(row.status != "ok" for row in self.sources[:-MOST_TOLD])
        told: tuple[list[Any], ...] = (
            self.sources, self.lost, self.notes, self.failures, self.not_stored,
        )  # fmt: skip
        for rows in told:
            del rows[:-MOST_TOLD]

    @property
    def exit_code(self) -> int:
        """0: all of it; 1: something was recorded and something lost; 2: nothing was recorded."""
        if self.failures or self.had_losses or any(self.dropped.values()):
            return max(super().exit_code, 1)
        return super().exit_code
