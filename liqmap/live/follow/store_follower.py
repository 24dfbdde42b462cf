"""What another process writes into a store, looked for again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from liqmap import store as tables
from liqmap.live.follow.opening import has_tables
from liqmap.live.follow.tail import Row, Tail, last_row
from liqmap.live.market import Market
from liqmap.live.status import MarketStatus
from liqmap.schema import EVENTS, GAP, HEARD, LiqmapError, Meta, StoreError, codes, int64
from liqmap.store import DAY, Part

POLL_S = 0.5
"""Between two looks at the manifest of a market."""

SILENT_S = 15.0
"""Nothing new for so long: the market is told as silent."""

Stored = Callable[[Market, pa.Table | None, Meta], None]
"""Given rows of depth that follow those before; None where there is more of another table."""


class StoreFollower:
    """Markets of a store while another process writes them.

    Parameters
    ----------
    take : is given what is new. The first call of a market has its last UTC day of depth.
    ended : is called when it has stopped by itself.
    """

    failure: BaseException | None = None

    def __init__(
        self, path: Path, markets: Sequence[Market], take: Stored, ended: Callable[[], None]
    ) -> None:
        self.path = path
        self.statuses = {market: MarketStatus(market) for market in markets}
        self._take, self._ended = take, ended
        self._seen: dict[Market, Row] = {}
        self._trades: dict[Market, tuple[int, int]] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="liqmap follow", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while True:
                for market in self.statuses:
                    self._look(market)
                if self._stopped.wait(POLL_S):
                    return
        except BaseException as error:
            self.failure = error
        finally:
            for status in self.statuses.values():
                status.state = "stopped"
            self._ended()

    def _look(self, market: Market) -> None:
        """Give what there is to give of a market; what is wrong with the store is told, and tried again."""
        status = self.statuses[market]
        try:
            parts = self._parts(market)
            if parts:
                self._give(market, parts)
            status.error = ""
        except (StoreError, FileNotFoundError) as error:
            status.error = str(error)
        except LiqmapError as error:
            status.error, status.state = str(error), "stopped"
            raise
        if status.last_ns and time.time_ns() - status.last_ns > SILENT_S * 1e9:
            status.state = "silent"

    def _parts(self, market: Market) -> list[Part]:
        """The files of its depth: of the feed asked for, or of the one that came first."""
        if not has_tables(self.path):
            return []
        feed = market.feed or _deepest(self.path, market)
        return tables.depth_parts(self.path, market.venue, market.symbol, feed) if feed else []

    def _give(self, market: Market, parts: list[Part]) -> None:
        facts, meta = parts[-1].facts, parts[-1].meta
        last = facts.last_ts, facts.last_seq, EVENTS.index(facts.last_event)
        seen = self._seen.get(market)
        if seen != last:
            begin = parts[-1].facts.first_ts // DAY * DAY if seen is None else seen[0]
            rows = tables.read_depth(self.path, market.venue, market.symbol, meta.feed or "", begin)
            found = Tail("depth", rows.replace_schema_metadata(None).to_batches()).after(seen)
            if found.num_rows:
                self._seen[market] = last_row(found) or last
                self._count(self.statuses[market], found)
                self._take(market, found, Meta.from_metadata(rows.schema.metadata))
        trades = list(tables.list_parts(self.path, "trades", market.venue, market.symbol))
        told = sum(p.rows for p in trades), len(trades) and max(p.facts.last_ts for p in trades)
        if self._trades.get(market) != told and market in self._seen:
            self._trades[market] = told
            self._take(market, None, meta)

    def _count(self, status: MarketStatus, rows: pa.Table) -> None:
        ts, seq, event = int64(rows["ts"]), int64(rows["seq"], null=-1), codes(rows["event"], EVENTS)
        begins = np.flatnonzero((np.diff(seq, prepend=seq[0] - 1) != 0) | (event == HEARD))
        status.messages += len(begins)
        status.gaps += int(np.count_nonzero(event == GAP))
        status.state, status.last_ns = "live", time.time_ns()
        status.lag_ms = status.last_ns / 1e6 - int(ts[-1]) / 1e6


def _deepest(path: Path, market: Market) -> str | None:
    """The feed with most rows on the last day; None where there is no depth."""
    have = tables.sessions(path, market.venue, market.symbol)
    depth = have[have["kind"] == "depth"]
    if not len(depth):
        return None
    newest = depth[depth["date"] == depth["date"].max()]
    return str(newest.loc[newest["rows"].idxmax(), "feed"])
