"""`live`: listen to markets, record them, and look at them while they grow."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from liqmap import store as tables
from liqmap.card import card, lines, listed, table
from liqmap.carry import Duration, nanoseconds
from liqmap.live.follow.running import OtherRecorder, OwnRecorder, Source
from liqmap.live.follow.session import LiveSession
from liqmap.live.market import Market
from liqmap.live.status_table import StatusTable
from liqmap.schema import Keyword, Sentence, SessionError
from liqmap.session.instants import Instant, instant

if TYPE_CHECKING:
    import pandas as pd

SLICE_S = 0.2
"""Waiting for a first message, so often it is asked whether one can still come."""

COLUMNS = ("market", "state", "messages", "per_second", "lag_ms", "age_s", "gaps", "reconnects", "verified",
           "checksums", "error")  # fmt: skip


def live(
    venue: str,
    symbols: str | Sequence[str],
    store: str | os.PathLike[str] | None = None,
    *,
    feed: str | None = None,
    start: Instant | None = None,
    look_back: Duration = "24h",
    record: bool = True,
    raw: str | os.PathLike[str] | None = None,
    url: str | None = None,
    proxy: str | None = None,
    timeout: Duration = "30s",
) -> Live:
    """Listen to markets of a venue.

        with lm.live("bybit", ["BTCUSDT"], store="data/live") as live:
            session = live.session("BTCUSDT")
            lm.heatmap(session)

    Parameters
    ----------
    symbols : one or several, as the venue writes them.
    store : where they are recorded; default: a temporary folder, which goes with the object that is returned.
    feed : depth to subscribe to, such as ``ob200``; default: the deepest that is told in full.
    start : sessions begin here, of what the store has already; default: with the first message heard. Their
        spans begin with the UTC day, as those of every session.
    look_back : how far before their start they look back, as `Store.session`.
    record : False: follow what another process records into ``store``, without a connection of our own.
    raw : folder of the messages as they came; default: ``raw`` in the store.
    url : a host to take in place of the venue's, such as one of ``liqmap play``.
    timeout : how long `Live.session` waits for a first message; None: until there is one.

    Raises
    ------
    LiveError : no such venue or depth, or the extra ``live`` is missing.
    SessionError : no symbol; ``record=False`` without a store.
    """
    names = [symbols] if isinstance(symbols, str) else list(symbols)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise SessionError(argument="symbols", expected="one symbol or several", got=repr(symbols))
    if store is None and not record:
        raise SessionError(
            argument="store",
            expected="the store that another process records into",
            got="none",
            remedy=Sentence("Name it, or leave out ", Keyword("record", False)),
        )
    markets = [Market(venue, name, feed) for name in dict.fromkeys(names)]
    begin = instant(start, "start", None)
    options = {"raw": raw, "url": url, "proxy": proxy} if record else None
    return Live(
        markets, store, begin, nanoseconds(look_back, "look_back"), nanoseconds(timeout, "timeout"), options
    )


class Live:
    """Markets that are listened to: a context manager, or from `start` to `stop`; see `live`."""

    def __init__(
        self,
        markets: Sequence[Market],
        store: str | os.PathLike[str] | None,
        start: int | None,
        look_back: int | None,
        timeout: int | None,
        options: dict[str, Any] | None,
    ) -> None:
        if options is not None:
            _check(markets)
        if store is None:
            store = tempfile.mkdtemp(prefix="liqmap-live-")
            weakref.finalize(self, shutil.rmtree, store, ignore_errors=True)
        self.store = os.fspath(store)
        path = Path(tables.folder_to_write(store) if options is not None else tables.check_store(store))
        self._timeout = timeout
        self._sessions = {
            market: LiveSession(path, market.venue, market.symbol, None, start, look_back)
            for market in markets
        }
        self._source: Source = (
            OtherRecorder(path, self._sessions)
            if options is None
            else OwnRecorder(self.store, self._sessions, **options)
        )
        for market, session in self._sessions.items():
            session.status = self._source.statuses[market]
        self._table = StatusTable()
        self._listens = self._has_ended = False

    def __enter__(self) -> Live:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Live:
        """Listen from now on until `stop`: where no ``with`` spans all, as over the cells of a notebook.

        Raises
        ------
        SessionError : it has ended, and its sessions with it.
        """
        if self._has_ended:
            raise SessionError(where="live", expected="one that has not ended", remedy="Call lm.live again")
        if not self._listens:
            self._listens = True
            self._rows()  # the first look, from which messages a second are counted
            self._source.start()
        return self

    def stop(self) -> None:
        """End it: returns when all that was heard is in the sessions, and in the store if it is recorded."""
        if self._listens and not self._has_ended:
            self._source.stop()
        self._has_ended = True

    def session(self, symbol: str, timeout: Duration = None) -> LiveSession:
        """The session of a market, when its first message is there.

        Parameters
        ----------
        timeout : how long to wait; default: as given to `live`.

        Raises
        ------
        SessionError : not one of the symbols; nothing came in time, with what the market's status says.
        """
        found = {market.symbol: (market, session) for market, session in self._sessions.items()}
        if symbol not in found:
            raise SessionError(argument="symbol", expected=f"one of {', '.join(found)}", got=repr(symbol))
        market, session = found[symbol]
        wait = self._timeout if timeout is None else nanoseconds(timeout, "timeout")
        until = None if wait is None else time.monotonic() + wait * 1e-9
        status = self._source.statuses[market]
        while not session.wait(SLICE_S):
            ended = session.closed or status.state == "stopped"
            if ended or (until is not None and time.monotonic() > until):
                words = status.error or session.error
                raise SessionError(
                    where=str(market),
                    expected="a first message of depth",
                    got=f"none, {status.state}" + (f" ({words})" if words else ""),
                    remedy="" if ended else Sentence("Wait longer: ", Keyword("timeout", "1min")),
                )
        return session

    @property
    def status(self) -> pd.DataFrame:
        """A row a market: what its `MarketStatus` says; ``per_second``: messages of the last 5 s, or since it
        was last asked if that is longer ago, ``lag_ms``: local time minus the venue's, less the clocks'
        offset, ``age_s``: of the last message."""
        import pandas as pd

        return pd.DataFrame(self._rows(), columns=list(COLUMNS))

    def _rows(self) -> list[dict[str, Any]]:
        rows = [row.to_dict() for row in self._table.rows(self._source.statuses)]
        return [{name: row[name] for name in COLUMNS} for row in rows]

    def _facts(self) -> list[tuple[str, str]]:
        rows = self._rows()
        states = ", ".join(f"{row['market']} {row['state']}" for row in rows)
        return [
            ("markets", states),
            ("messages", f"{sum(r['messages'] for r in rows):,}"),
            ("store", self.store),
        ]

    def __repr__(self) -> str:
        return lines("liqmap.Live", self._facts())

    def _repr_html_(self) -> str:
        rows = self._rows()
        shown = [[row[name] for name in COLUMNS[:-1]] for row in rows]
        errors = [f"{row['market']}: {row['error']}" for row in rows if row["error"]]
        name = ", ".join(row["market"] for row in rows)
        return card("Live", name, [("store", self.store)], table(COLUMNS[:-1], shown), listed(errors))


def _check(markets: Sequence[Market]) -> None:
    """That they can be listened to: what the venue says of them comes later."""
    from liqmap.live.feeds.registry import feed_of
    from liqmap.schema import LiveError

    if find_spec("aiohttp") is None:
        raise LiveError(
            where="live",
            expected="the package aiohttp",
            got="none",
            remedy="Run: pip install 'liqmap[live]'",
        )
    for market in markets:
        feed_of(market)
