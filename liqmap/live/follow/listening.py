"""Where the rows of live markets come from: a recorder in a thread, or a store that another process fills."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from liqmap.live.market import Market
from liqmap.live.recorder import Receive, Recorder
from liqmap.live.status import MarketStatus

STOP_S = 60.0
"""How long a recorder may take to bring all that it has heard to the disk."""


class Listening(Protocol):
    """What a `Live` listens to.

    statuses : of each market. failure : what ended it before its time; None where nothing did.
    """

    statuses: dict[Market, MarketStatus]
    failure: BaseException | None

    def start(self) -> None:
        """Begin, and return at once."""

    def stop(self) -> None:
        """End; what was heard is kept."""


class Recording:
    """A `Recorder` in a thread with an event loop of its own.

    Parameters
    ----------
    receive : is given rows as they come. ended : is called when it has stopped by itself.
    """

    failure: BaseException | None = None

    def __init__(
        self,
        store: str | os.PathLike[str],
        markets: Sequence[Market],
        receive: Receive,
        ended: Callable[[], None],
        **options: Any,
    ) -> None:
        self._recorder = Recorder(store, markets, receive=receive, **options)
        self.path: Path = self._recorder.store
        self.statuses = self._recorder.statuses
        self._ended = ended
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="liqmap live", daemon=True)

    def start(self) -> None:
        (self.path / "depth").mkdir(parents=True, exist_ok=True)  # a store from now on, before anything is heard
        self._thread.start()
        self._begun.wait()

    def stop(self) -> None:
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(STOP_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._record())
        except BaseException as error:
            self.failure = error
        finally:
            self._begun.set()
            self._ended()

    async def _record(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._begun.set()
        await self._recorder.run(self._stop)
