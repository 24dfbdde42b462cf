"""How the objects of a store are named, and which of them are the manifests of markets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from liqmap.store.layout import MANIFEST, MARKETS, market_levels, market_of
from liqmap.store.remote.client import Object

LISTING = f"{MARKETS}/listing.json"
"""The markets of a store, for those who can only ask for objects that they know."""

Market = tuple[str, str]


def remote_manifest(venue: str, symbol: str) -> str:
    """The path of a manifest in a store."""
    return "/".join((MARKETS, *market_levels(venue, symbol), MANIFEST))


def listed_markets(objects: Iterable[Object]) -> Iterator[tuple[Market, Object]]:
    """The markets of a listing; names that ours could not have are none."""
    for found in objects:
        names = found.path.split("/")
        if (
            len(names) == 4
            and names[-1] == MANIFEST
            and names[1][:6] == "venue="
            and names[2][:7] == "symbol="
        ):
            market = market_of(Path(*names))
            if remote_manifest(*market) == found.path and is_market(*market):
                yield market, found


def is_market(venue: Any, symbol: Any) -> bool:
    """Whether both are names that a folder can have."""
    levels = market_levels(venue, symbol) if isinstance(venue, str) and isinstance(symbol, str) else ()
    return bool(levels) and all(len(level) <= 255 for level in levels)
