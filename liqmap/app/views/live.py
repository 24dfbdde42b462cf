"""The card of a live market's feed: what it hears, how late, and what it has lost."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from liqmap.app.data.data import Data
from liqmap.app.data.feed import feed_rows
from liqmap.app.data.silence import status_of
from liqmap.app.data.watched import is_live
from liqmap.app.state.address import served
from liqmap.app.style import FEED
from liqmap.live.status import Rate

PERIOD_MS = 1000
"""The card is looked at anew so often."""


class Feed(pn.viewable.Viewer):
    """Rows of the status of a live session, there as long as one is shown."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._rate, self._ticking, self._shown_at = Rate(), None, 0.0
        self.pane = pn.pane.HTML("", height=34, margin=0, stylesheets=[FEED], visible=False)
        self.data.param.watch(self._open, "session")
        if not served():  # nothing is called now and then in a notebook, but its page asks for news
            self.data.param.watch(self._asked, "asked_at")
        self._open()

    def _open(self, *_: Any) -> None:
        live = is_live(self.data.session)
        self._rate = Rate()
        self.show()
        if live and self._ticking is None and served():
            self._ticking = pn.state.add_periodic_callback(self.show, PERIOD_MS)
        elif not live and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None

    def _asked(self, event: Any) -> None:
        if event.new - self._shown_at >= PERIOD_MS / 1e3:
            self._shown_at = event.new
            self.show()

    def show(self) -> None:
        """Say how the feed does now."""
        session = self.data.session
        status = status_of(session.session) if is_live(session) else None
        rows = feed_rows(status, None if status is None else self._rate.of(status.messages))
        hide = self.data.tell.hide
        words = "".join(
            f'<span class="{"" if row.is_good else "bad"}" title="{escape(row.title)}">'
            f"{escape(row.name)} <b>{escape(hide(row.words))}</b></span>"
            for row in rows
        )
        self.pane.param.update(object=f'<div class="feed">{words}</div>', visible=bool(rows))

    def __panel__(self) -> pn.viewable.Viewable:
        return self.pane
