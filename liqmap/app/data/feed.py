"""How the feed of a live market does, in words: a row for each number that tells whether to trust it."""

from __future__ import annotations

from typing import Any, NamedTuple

LATE_MS = 2_000.0
"""A lag worth a warning: what is shown as now is so old."""


AHEAD_MS = -1_000.0
"""A message cannot come before it was sent: so far ahead of ours, the venue's clock is another, as one of a
day that is rehearsed faster than it was."""


class Row(NamedTuple):
    """A name, what stands there, whether it is as it should be, and what it says in one line."""

    name: str
    words: str
    is_good: bool
    title: str


def feed_rows(status: Any, rate: float | None) -> list[Row]:
    """Of a `liqmap.live.status.MarketStatus`; none where there is none."""
    if status is None:
        return []
    state = status.state
    rows = [
        Row("feed", state, state == "live", "Whether the venue is heard."),
        Row("messages", "–" if rate is None else f"{rate:,.0f}/s", True, "Messages heard a second."),
        Row("lag", _lag(status.lag_ms), (status.lag_ms or 0.0) < LATE_MS, LAG),
        Row("gaps", f"{status.gaps:,}", status.gaps == 0, "Times that messages were lost."),
        Row("reconnects", f"{status.reconnects:,}", True, "Times that the connection was made anew."),
    ]
    if status.checksums:
        words = f"{status.verified:,} of {status.checksums:,}"
        rows.append(Row("verified", words, status.verified == status.checksums, VERIFIED))
    if status.error:
        is_over = state == "live"
        name = "last error" if is_over else "error"
        rows.append(Row(name, str(status.error), is_over, "What went wrong last."))
    return rows


LAG = "From the venue's clock to ours, when the last message came; less the difference of the clocks."
VERIFIED = "Messages whose checksum agrees with the book that was built of them."


def _lag(lag_ms: float | None) -> str:
    if lag_ms is None or lag_ms < AHEAD_MS:
        return "–"
    return f"{lag_ms:,.0f} ms" if abs(lag_ms) < 10_000 else f"{lag_ms / 1e3:,.0f} s"
