"""What a store says for `Session.trust`: heads of its rows, and what ingest kept of its sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from liqmap import store as tables
from liqmap.analytics.quality.trust import HEADS, Trust, trust_of
from liqmap.schema import MISSING, OPEN
from liqmap.schema.trust import KEPT, Claim, Proof, Run, claim_of

OF_BEFORE = {
    "bybit-depth": Proof(chained=True),
    "binance-stream": Proof(chained=True),
    "binance-t-depth": Proof(chained=True),
    "kraken-stream": Proof(levels=10),
    "okx-stream": Proof(levels=25),
}
"""Formats whose readers had such a proof before stores kept any. OKX sent no ids before 2022."""


def trust(root: Path, market: tuple[str, str, str], since: int | None, begin: int, end: int) -> Trust:
    """How far the book of a market (venue, symbol, feed) can be trusted between two times, ns.

    Parameters
    ----------
    since : from where on the book is read, ns; None: as far as the store goes.
    """
    parts = tables.depth_parts(root, *market)
    first = [p for p in parts if since is not None and p.facts.last_ts < since]
    parts = [p for p in parts if p.facts.first_ts <= end][len(first) :]
    tables.fetch_all(parts)
    policy = parts[-1].meta.window_policy if parts else None
    return trust_of(_heads(parts), claims(root, market, policy), begin, end)


def _heads(parts: list[tables.Part]) -> Iterator[pa.Table]:
    """Messages, and the gaps between them and after the last."""
    yield from tables.depth_groups(parts, columns=HEADS)
    if parts and parts[-1].ends_in_gap:
        yield tables.gap_after(parts[-1]).select(HEADS)


def claims(root: Path, market: tuple[str, str, str], policy: str | None) -> list[Claim]:
    """What ingest found of each source of a feed."""
    found = []
    for _, entry in tables.ledger_entries(root):
        facts = entry[tables.FACTS]
        if not isinstance(facts, dict):  # of a store that kept none
            found.append(Claim(MISSING, OPEN, Proof()))
            continue
        for source in facts.get("sources", []):
            if source["kind"] == "depth" and (source["venue"], source["symbol"], source["feed"]) == market:
                kept = claim_of(facts.get(KEPT), source["start"], source["end"])
                found.append(kept or _of_before(source, policy))
    return found


def _of_before(source: dict[str, Any], policy: str | None) -> Claim:
    """What can be said of a source of which no proof was kept: that all its messages agreed, or else nobody
    knows which."""
    begin, end, messages = source["start"], source["end"], source["messages"]
    proof = OF_BEFORE.get(source["format"], Proof())
    proof = proof._replace(chained=proof.chained and policy != "snapshots")
    whole = messages and source.get("verified") == messages
    runs = (Run(begin, MISSING, end, OPEN, messages),) if whole else ()
    return Claim(begin, end, proof, runs)
