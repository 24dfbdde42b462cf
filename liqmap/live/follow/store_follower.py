"""A market that another process records, followed by its store."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pyarrow as pa

from liqmap import store as tables
from liqmap.live.follow.opening import has_tables
from liqmap.live.follow.session import LiveSession
from liqmap.live.follow.tail import Tail
from liqmap.live.market import Market
from liqmap.live.status import MarketStatus
from liqmap.schema import EVENTS, GAP, LiqmapError, Meta, codes
from liqmap.session import open_store

LOG = logging.getLogger("liqmap.live")


class StoreFollower:
    """Feeds a session with what is new in a store, each time that it looks.

    Parameters
    ----------
    session : of the market, of which nothing has been taken.
    """

    def __init__(self, path: Path, market: Market, session: LiveSession) -> None:
        self.session = session
        self.status = MarketStatus(market)
        self._path, self._market = path, market
        self._seen: dict[str, list[Path]] = {"depth": [], "trades": []}

    def look(self) -> bool:
        """Take what is new; False if nothing is, or the session ended with an error."""
        if self.session.closed:
            return False
        try:
            news = tables.retried(self._look)
        except LiqmapError as error:
            LOG.exception("following %s", self._market)
            self.status.state, self.status.error = "stopped", str(error)
            self.session.close(str(error))
            return False
        self.status.state = "live" if news else "silent" if self.session.last else "waiting"
        return news

    def _look(self) -> bool:
        tables.refresh(self._path)
        if not has_tables(self._path):
            return False
        depth, trades = self._look_at_depth(), self._changed("trades", None)
        if trades and self.session.last:
            market = Meta(venue=self._market.venue, symbol=self._market.symbol)
            self.session.take_stored(None, market)
        return depth or trades

    def _changed(self, kind: str, feed: str | None) -> bool:
        """Whether other files are listed than when it looked last."""
        parts = tables.list_parts(self._path, kind, self._market.venue, self._market.symbol, feed)
        before, self._seen[kind] = self._seen[kind], [part.path for part in parts]
        return before != self._seen[kind]

    def _look_at_depth(self) -> bool:
        session, market = self.session, self._market
        if session.feed is None:
            if not tables.list_parts(self._path, "depth", market.venue, market.symbol, market.feed):
                return False
            session.feed = open_store(self._path).session(market.venue, market.symbol, feed=market.feed).feed
        if not self._changed("depth", session.feed):
            return False
        rows = self._new_rows(session.feed or "")
        if rows.num_rows:
            session.take_stored(rows, Meta.from_metadata(rows.schema.metadata))
            self.status.messages += len(np.unique(rows["seq"].to_numpy()))
            self.status.last_ns = session.last
        return rows.num_rows > 0

    def _new_rows(self, feed: str) -> pa.Table:
        """Rows after the last one taken; a gap at the end waits for what comes after it."""
        fed = self.session.fed
        if fed is None:
            parts = tables.depth_parts(self._path, self._market.venue, self._market.symbol, feed)
            begin = parts[-1].facts.last_ts
        else:
            begin = fed[0]
        table = tables.read_depth(self._path, self._market.venue, self._market.symbol, feed, begin)
        tail = Tail("depth")
        for batch in table.replace_schema_metadata(None).to_batches():
            tail.add(batch)
        rows = tail.after(fed)
        lost = codes(rows["event"], EVENTS) == GAP
        stop = int(np.append(np.flatnonzero(~lost), -1).max()) + 1
        return rows.slice(0, stop).replace_schema_metadata(table.schema.metadata)
