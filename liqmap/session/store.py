"""A `Store` is a directory of Parquet tables; it hands out sessions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap import store as tables
from liqmap.carry import Duration, nanoseconds
from liqmap.schema import SessionError

from .instants import Instant, instant, spell
from .session import Session

if TYPE_CHECKING:
    import pandas as pd


def open_store(path: str | Path) -> Store:
    """Open a store that `ingest` has written.

    Raises
    ------
    StoreError : no such directory.
    """
    return Store(path)


class Store:
    """A directory of Parquet tables, by market.

    Parameters
    ----------
    path : the directory given to `ingest`.

    Raises
    ------
    StoreError : no such directory.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        tables.check_store(self.path)

    def __repr__(self) -> str:
        have = self.sessions()
        markets = have.groupby(["venue", "symbol"]).ngroups if len(have) else 0
        return f"<liqmap.Store {self.path}: {markets} markets, {int(have['rows'].sum()):,} rows>"

    def sessions(self) -> pd.DataFrame:
        """A row per market, feed, kind and UTC day (start, end, rows, bytes)."""
        return tables.sessions(self.path)

    def session(
        self,
        venue: str,
        symbol: str,
        start: Instant = None,
        end: Instant = None,
        feed: str | None = None,
        look_back: Duration = "24h",
    ) -> Session:
        """One market over one time range.

        Parameters
        ----------
        start, end : UTC; text, Timestamp, or int ms since the epoch. Default: all there is.
        feed : such as ``ob200``; default: the deepest.
        look_back : how far before ``start`` the book is read, so that the left edge already holds what is
            carried.

        Raises
        ------
        SessionError : no such market or feed, no data in the range, start not before end.
        """
        have = self.sessions()
        mine = have[(have["venue"] == venue) & (have["symbol"] == symbol)]
        if not len(mine):
            known = ", ".join(
                sorted({f"{v} {s}" for v, s in zip(have["venue"], have["symbol"], strict=True)})
            )
            raise SessionError(
                f"{self.path}: expected a market of the store ({known or 'empty'}), got {venue} {symbol}"
            )
        feeds = sorted(mine.loc[mine["kind"] == "depth", "feed"].unique(), key=_depth_of)
        if feed is None:
            feed = feeds[-1] if feeds else None
        elif feed not in feeds:
            raise SessionError(
                f"{self.path} {venue} {symbol}: expected a feed ({', '.join(feeds) or 'none'}), got {feed!r}"
            )
        begin, stop = instant(start, "start"), instant(end, "end")
        if begin is not None and stop is not None and begin >= stop:
            raise SessionError(f"session: expected start before end, got {start} and {end}")
        first, last = _ns(mine["start"].min()), _ns(mine["end"].max())
        if (begin is not None and begin > last) or (stop is not None and stop <= first):
            raise SessionError(
                f"{self.path}: expected a time range within {spell(first)} to {spell(last)} "
                f"({venue} {symbol}), got {start or 'the beginning'} to {end or 'the end'}"
            )
        return Session(self.path, venue, symbol, feed, begin, stop, nanoseconds(look_back, "look_back"))


def _depth_of(feed: str) -> tuple[float, str]:
    """Sort key: deeper feeds later; a feed without a number is the whole book."""
    digits = "".join(c for c in feed if c.isdigit())
    return (float(digits) if digits else np.inf, feed)


def _ns(stamp: Any) -> int:
    return int(stamp.as_unit("ns").value)
