"""What ingest counted of the files that a market came from, as the store keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from liqmap.store import FACTS, ledger_entries

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("name", "kind", "feed", "status", "messages", "rows", "gaps", "repeats", "clamped", "rejected",
           "verified", "counted", "side_file")  # fmt: skip


def ingest_counts(root: Path, venue: str, symbol: str, feed: str | None = None) -> pd.DataFrame:
    """A row per source and table of a market, of the depth feed if one is given.

    Returns
    -------
    name, kind, feed, status, messages, rows, gaps, repeats (ignored messages), clamped (clocks that stepped
    back), rejected (lines), verified (messages that agreed with the venue's checksum; missing where it sent
    none), counted (what else its reader counted, in words), side_file: where the first
    hundred rejected lines stand, with their reasons.
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for path, entry in ledger_entries(root):
        facts = entry[FACTS] or {}
        counted = facts.get("counts", {})
        for source in facts.get("sources", []):
            if source["kind"] == "orders":  # of which depth tells
                continue
            depth = source["kind"] == "depth"
            foreign = depth and feed is not None and source["feed"] != feed
            if (source["venue"], source["symbol"]) != (venue, symbol) or foreign:
                continue
            counts = [counted.get(n) if depth else 0 for n in ("repeats", "clamped")]
            more = {n: c for n, c in counted.items() if n not in ("repeats", "clamped")}
            words = ", ".join(f"{n.replace('_', ' ')}: {c:,}" for n, c in more.items() if c)
            side_file = str(path) if source["rejected"] else None
            known = [source[n] for n in ("kind", "feed", "status", "messages", "rows", "gaps")]
            verified = source.get("verified")  # stores of before had none
            rows.append((entry["name"], *known, *counts, source["rejected"], verified, words, side_file))
    table = pd.DataFrame(sorted(rows, key=lambda r: r[:3]), columns=list(COLUMNS))
    whole = ("messages", "rows", "gaps", "repeats", "clamped", "rejected", "verified")
    return table.astype(dict.fromkeys(whole, "Int64"))
