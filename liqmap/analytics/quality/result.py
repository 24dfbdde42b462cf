"""`Quality`: what was found, as tables and as a card."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from liqmap.card import card, folded, lines, spelled, table
from liqmap.schema.trust import TRUST
from liqmap.schema.trust import spelled as words

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Quality:
    """What is said of a feed over a time range. Times are UTC, shares are of 0 to 1, NaN where unknown.

    total : Series. ``seconds`` of the range and ``unknown_s`` of them without a window on either side;
        ``crossed_share``, ``locked_share`` of the time with both quotes; ``frozen_s``; ``width_bps_p05``,
        ``width_bps``, ``width_bps_p95``: quantiles, by time, of the window from its worst bid to its worst
        ask, relative to the mid (NaN where a side has no bound); ``removals``; ``left`` the window;
        ``left_share``; of those ``returned`` and ``returned_same``, at the identical size; ``trades`` with a
        quote before them, ``outside`` that quote, ``unexplained`` also by the next quote.
    hours : DataFrame, the same for each UTC hour, by ``hour``; without the hours that have no window at any
        time, no removal and no trade, such as those between two captures.
    window : DataFrame, a row per change: ``ts``, ``width_bps``, ``bid_bps``, ``ask_bps`` (bound to mid).
    stretches : DataFrame: ``start``, ``end``, ``what`` (crossed, locked, frozen, unknown).
    sources : DataFrame or None: what ingest counted of each source; gaps : DataFrame or None.
    trust : DataFrame or None: how far the book can be trusted, as `Session.trust` has it.
    verified_share : of the depth messages of all sources whose venue sends checksums, those after which the
        book agreed; NaN where none does.
    """

    total: pd.Series
    hours: pd.DataFrame
    window: pd.DataFrame
    stretches: pd.DataFrame
    sources: pd.DataFrame | None = field(default=None)
    gaps: pd.DataFrame | None = field(default=None)
    trust: pd.DataFrame | None = field(default=None)

    @property
    def verified_share(self) -> float:
        """Messages that agreed with the venue's checksum, of all that its sources have."""
        if self.sources is None:
            return float("nan")
        checked = self.sources[self.sources["verified"].notna()]
        messages = int(checked["messages"].sum())
        return int(checked["verified"].sum()) / messages if messages else float("nan")

    @property
    def trust_shares(self) -> dict[str, float]:
        """Of the time of ``trust``, by what is said of it, for people; of what is never said none."""
        if self.trust is None or not len(self.trust):
            return {}
        lasts = (self.trust["end"] - self.trust["start"]).dt.total_seconds()
        levels = self.trust["levels"].fillna(0)
        said = lasts.groupby([self.trust["state"], levels]).sum() / lasts.sum()
        order = sorted(said.index, key=lambda pair: (-TRUST.index(pair[0]), pair[1]))
        return {words(state, int(n)): float(said[state, n]) for state, n in order}

    def __repr__(self) -> str:
        t, verified = self.total, self.verified_share
        checked = "" if math.isnan(verified) else f", {verified:.2%} verified"
        return (
            f"<liqmap.Quality: {t['seconds']:,.0f} s, {t['unknown_s']:,.1f} s unknown, crossed "
            f"{t['crossed_share']:.2%}, frozen {t['frozen_s']:,.1f} s, window {t['width_bps']:.3g} bps"
            f"{checked}>"
        )

    def __str__(self) -> str:
        return lines(repr(self)[1:-1], self._facts())

    def _repr_html_(self) -> str:
        columns = [str(c) for c in self.hours.columns]
        rows = [[_word(v) for v in row] for row in self.hours.itertuples(index=False)]
        hours = folded("hour by hour", table(columns, rows))
        return card("Quality", f"{self.total['seconds']:,.0f} s", self._facts(), hours)

    def _facts(self) -> list[tuple[str, str]]:
        """The totals, by their names."""
        facts = [(str(name), spelled(_word(value))) for name, value in self.total.items()]
        verified = self.verified_share
        facts += [] if math.isnan(verified) else [("verified_share", spelled(verified))]
        return facts + [(f"{what}, of the time", spelled(share)) for what, share in self.trust_shares.items()]


def _word(value: Any) -> Any:
    """A value of a frame as Python has it; times to the minute."""
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.item() if hasattr(value, "item") else value
