"""What a recorder did, market by market."""

from __future__ import annotations

from dataclasses import dataclass, field

from liqmap.ingestion import IngestReport
from liqmap.live.market import Market
from liqmap.live.status import MarketStatus


@dataclass
class RecordReport(IngestReport):
    """What came of each raw file, as `IngestReport` has it, and of each market.

    Attributes
    ----------
    statuses : the counters of each market. dropped : messages that could not be kept, a count a market.
    raw_bytes : written to raw files.
    """

    statuses: dict[Market, MarketStatus] = field(default_factory=dict)
    dropped: dict[Market, int] = field(default_factory=dict)
    raw_bytes: dict[Market, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0: all of it; 1: something was recorded and something lost; 2: nothing was recorded."""
        if self.failures or any(self.dropped.values()):
            return max(super().exit_code, 1)
        return super().exit_code
