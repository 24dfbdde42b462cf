"""`LiveSession`: a session whose spans grow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from liqmap.live.follow.listeners import Listeners
from liqmap.schema import DEPTH, Meta, SessionError, int64
from liqmap.session import Session
from liqmap.spans import Replayer, Spans

DAY = 86_400 * 10**9


class LiveSession(Session):
    """One market from a time on, as far as it has been heard; made by `lm.live`.

    It is a `Session` that grows: `time_range` ends with the newest message, and each call tells what is known
    as it is made. Of any thread; what one call returns does not change afterwards.

    Attributes
    ----------
    version : rises with everything that comes. last : ns of the newest message of depth; 0 before it.
    closed : nothing more will come.
    """

    version: int = 0
    last: int = 0
    closed: bool = False

    def __init__(
        self,
        path: Path,
        venue: str,
        symbol: str,
        feed: str | None = None,
        start: int | None = None,
        look_back: int | None = DAY,
    ) -> None:
        super().__init__(path, venue, symbol, feed, start, None, look_back, (0, 0))
        self._lock = threading.RLock()
        self._listeners = Listeners(f"liqmap live {venue} {symbol}")
        self._replayer: Replayer | None = None

    # ------------------------------------------------------------------ growth

    def take(self, kind: str, rows: pa.RecordBatch, meta: Meta) -> None:
        """Rows of a table as they come, from any thread; ``meta`` as it is known by now.

        Raises
        ------
        ReplayError : rows that cannot be replayed. Nothing of them has been taken then.
        """
        with self._lock:
            if kind == "depth" and rows.num_rows:
                if self._replayer is None:
                    self._replayer = Replayer(meta)
                table = pa.Table.from_batches([rows]).replace_schema_metadata(meta.to_metadata())
                self._replayer.feed(table.cast(DEPTH.with_metadata(meta.to_metadata())))
                self.last = int(int64(rows.column("ts"))[-1])
            self.version += 1
        self._listeners.tell()

    def on_grown(self, call: Callable[[], None]) -> Callable[[], None]:
        """Call it after growth, and once after `close`, on a thread of this session's.

        Growth that comes while it runs becomes one more call. Returns what ends the subscription.
        """
        return self._listeners.add(call)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the first message; False where none came in so many seconds, or `close` did."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing more will come: what there is can be looked at as before."""
        with self._lock:
            self.closed = True
            self.version += 1
        self._listeners.tell()
        self._listeners.close()

    # ------------------------------------------------------------------ what a session is asked for

    def spans(self, depth_limit: int | None = None) -> Spans:
        """Spans and window so far, as `Session.spans`: the same object until more has come.

        Raises
        ------
        SessionError : no message yet.
        """
        with self._lock:
            if self._replayer is None:
                raise SessionError(where=repr(self), expected="a message", got="none yet")
            return self._replayer.spans()
