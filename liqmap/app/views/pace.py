"""One picture at a time on its way to the browser: of many that are asked for meanwhile, the last."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bokeh.models import CustomJS

PATIENCE_MS = 1000
"""How long a browser may take for a picture before the next one is sent all the same: it may be hidden."""

QUIET_MS = 60
"""Nothing asked for so long: what follows from the picture may be worked out."""

LONGEST_MS = 400
"""Of a drag that does not end: so often what follows is worked out all the same."""

PAINTED = "requestAnimationFrame(() => setTimeout(() => { source.tags = [(source.tags[0] ?? 0) + 1] }))"
"""The browser has drawn what came: a data source has tags for whoever wants to say something of it."""


class Pace:
    """Between those who ask for pictures and the browser that paints them.

    Without a served document (tests, notebooks, scripts) all is done at once.

    Parameters
    ----------
    paint : makes and sends the picture, and calls `sent` if there was one to be sent.
    settle : does what can wait until there is nothing to be painted.
    """

    def __init__(self, paint: Callable[[], None], settle: Callable[[], None]) -> None:
        self._paint, self._settle = paint, settle
        self._source: Any = None
        self._wanted = self._waiting = self._settling = False
        self._on_its_way: float | None = None
        self._last_sent = self._last_settled = 0.0

    def watch(self, source: Any) -> None:
        """Pictures are sent as the data of this bokeh source."""
        self._source, self._on_its_way = source, None
        source.js_on_change("data", CustomJS(args={"source": source}, code=PAINTED))
        source.on_change("tags", self._painted)

    def ask(self) -> None:
        """Paint, as soon as the browser has painted what was sent before."""
        document = self._document
        if document is None or self._is_free:
            self._wanted = False
            self._paint()
            return
        self._wanted = True
        if not self._waiting:
            self._waiting = True
            document.add_timeout_callback(self._overdue, PATIENCE_MS)

    def sent(self) -> None:
        """A picture has been sent."""
        document, now = self._document, _now()
        if document is None:
            self._settle()
            return
        self._on_its_way = self._last_sent = now
        if not self._settling:
            self._settling, self._last_settled = True, now
            document.add_timeout_callback(self._rest, QUIET_MS)

    @property
    def _document(self) -> Any:
        """The document that a browser shows; None where there is none."""
        document = None if self._source is None else self._source.document
        return None if document is None or document.session_context is None else document

    @property
    def _is_free(self) -> bool:
        return self._on_its_way is None or _now() - self._on_its_way >= PATIENCE_MS

    def _painted(self, attr: str, old: Any, new: Any) -> None:
        self._on_its_way = None
        if self._wanted:
            self.ask()

    def _overdue(self) -> None:
        self._waiting = False
        if self._wanted:
            self.ask()

    def _rest(self) -> None:
        """What follows from the picture, once it rests, or now and then while it does not."""
        document, now = self._document, _now()
        moves = self._wanted or now - self._last_sent < QUIET_MS
        if document is not None and moves and now - self._last_settled < LONGEST_MS:
            document.add_timeout_callback(self._rest, QUIET_MS)
            return
        self._settling = False
        self._settle()


def _now() -> float:
    return time.monotonic() * 1e3
