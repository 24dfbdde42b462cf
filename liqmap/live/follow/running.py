"""What feeds the sessions of `lm.live`, in a thread: a recorder of our own, or the store of another."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from liqmap.live.follow.session import LiveSession
from liqmap.live.follow.store_follower import StoreFollower
from liqmap.live.market import Market
from liqmap.live.status import MarketStatus
from liqmap.schema import LiqmapError, Meta

LOG = logging.getLogger("liqmap.live")

LOOK_S = 0.5
"""Between two looks at a store."""


class Source(Protocol):
    """What feeds sessions from `start` to `stop`."""

    statuses: Mapping[Market, MarketStatus]

    def start(self) -> None: ...

    def stop(self) -> None:
        """Returns when all that was heard has been taken, and stored if it is recorded."""


class OwnRecorder:
    """A recorder in a thread with an event loop of its own.

    Parameters
    ----------
    options : as `liqmap.live.recorder.Recorder`.

    Raises
    ------
    LiveError, StoreError : as the recorder.
    """

    def __init__(self, store: Path | str, sessions: Mapping[Market, LiveSession], **options: Any) -> None:
        from liqmap.live.recorder import Recorder

        self._sessions = sessions
        self._recorder = Recorder(store, list(sessions), receive=self._receive, **options)
        self.statuses: Mapping[Market, MarketStatus] = self._recorder.statuses
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._run, name="liqmap live", daemon=True)

    def start(self) -> None:
        (self._recorder.store / "depth").mkdir(
            parents=True, exist_ok=True
        )  # a store, before anything is heard
        self._thread.start()
        self._running.wait()

    def stop(self) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        error = ""
        try:
            asyncio.run(self._record())
        except LiqmapError as found:
            error = str(found)
        except Exception as found:
            LOG.exception("the recorder of lm.live")
            error = f"{type(found).__name__}: {found}"
        finally:
            self._running.set()
        failed = self._recorder.report.errors
        for market, session in self._sessions.items():
            status = self.statuses[market]
            status.state, status.error = "stopped", status.error or error
            session.close(status.error if error or status.error in failed else "")

    async def _record(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._running.set()
        await self._recorder.run(self._stop)

    def _receive(self, market: Market, kind: str, rows: pa.RecordBatch, meta: Meta) -> None:
        """Rows as they come. What a session cannot take ends it, not the recording."""
        session = self._sessions[market]
        if session.closed:
            return
        try:
            session.take(kind, rows, meta)
        except LiqmapError as error:
            LOG.exception("the session of %s", market)
            self.statuses[market].error = str(error)
            session.close(str(error))


class OtherRecorder:
    """A store that another process writes, looked at in a thread."""

    def __init__(self, path: Path, sessions: Mapping[Market, LiveSession], every_s: float = LOOK_S) -> None:
        self._followers = [StoreFollower(path, market, session) for market, session in sessions.items()]
        self.statuses: Mapping[Market, MarketStatus] = {f.status.market: f.status for f in self._followers}
        self._every_s, self._ended = every_s, threading.Event()
        self._thread = threading.Thread(target=self._run, name="liqmap live", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            last = self._ended.is_set()  # after its end it looks once more
            for follower in self._followers:
                follower.look()
            if last:
                break
            self._ended.wait(self._every_s)
        for follower in self._followers:
            follower.status.state = "stopped"
            follower.session.close()
