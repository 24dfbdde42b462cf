"""`live`: listen to markets, record them, and look at them while they grow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from liqmap.carry import Duration
from liqmap.live.follow.session import LiveSession
from liqmap.session.instants import Instant

if TYPE_CHECKING:
    import pandas as pd


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
    store : where they are recorded; default: a temporary folder, which goes when this ends.
    feed : depth to subscribe to, such as ``ob200``; default: the deepest that is told in full.
    start : sessions begin here, of what the store has already; default: with the first message heard.
    look_back : how far before their start they look back, as `Store.session`.
    record : False: follow what another process records into ``store``, without a connection of our own.
    raw : folder of the messages as they came; default: ``raw`` in the store.
    url : a host to take in place of the venue's, such as one of ``liqmap play``.
    timeout : how long `Live.session` waits for a first message.

    Raises
    ------
    SessionError : no such venue, no symbol; ``record=False`` without a store.
    """
    raise NotImplementedError


class Live:
    """Markets that are listened to: a context manager, see `live`."""

    def __enter__(self) -> Live:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def session(self, symbol: str, timeout: Duration = None) -> LiveSession:
        """The session of a market, when its first message is there.

        Raises
        ------
        SessionError : not one of the symbols; nothing came in time, with what the market's status says.
        """
        raise NotImplementedError

    @property
    def status(self) -> pd.DataFrame:
        """A row a market: what its `MarketStatus` says, and messages a second."""
        raise NotImplementedError
