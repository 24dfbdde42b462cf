"""Long work in threads, so that the page answers meanwhile."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Any

import panel as pn

from liqmap.app.data.calibrating import JOBS
from liqmap.app.data.work import Then, Work, Worker

OPENING = ThreadPoolExecutor(4, thread_name_prefix="liqmap-opening")
"""Shared by all visitors; what exceeds it waits. Who waits for what another opens takes no thread."""

SAVING = ThreadPoolExecutor(2, thread_name_prefix="liqmap-saving")
"""Files have threads of their own: while they are made, sessions can still be opened."""

PATIENCE_S = 0.3
"""Work that is done sooner is waited for: a page need not say first that it is busy."""


LOOK_MS = 100


@cache
def _drawing() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="liqmap-drawing")


def draw(work: Work) -> Future[Any]:
    """Draw what lies over a picture in a thread, lest the picture wait for it."""
    return _drawing().submit(work)


@cache
def _calibrating() -> ThreadPoolExecutor:
    """One after the other: each takes a whole core, or two."""
    return ThreadPoolExecutor(1, thread_name_prefix="liqmap-calibrating")


def finish_work() -> None:
    """Nothing more is wanted: what is drawn or calibrated now is waited for, the rest is not begun."""
    for job in list(JOBS):
        job.give_up()
    for workers in (_drawing, _calibrating):
        workers().shutdown(cancel_futures=True)
        workers.cache_clear()


def in_background(doc: Any) -> Worker:
    """Work in threads for the page of a document; what comes of it is handed on when the page is free.

    Parameters
    ----------
    doc : bokeh's Document; without one, or one that nobody serves, work is done at once.
    """
    return Worker() if doc is None or doc.session_context is None else _Background(doc)


class _Background(Worker):
    """Works in threads for the page of a document that is served."""

    def __init__(self, doc: Any) -> None:
        self.doc = doc

    def submit(self, work: Work) -> Future[Any]:
        return OPENING.submit(work)

    def submit_long(self, work: Work) -> Future[Any]:
        return _calibrating().submit(work)

    def hand_on(self, future: Future[Any], then: Then) -> None:
        wait([future], PATIENCE_S)
        if future.done():
            then(future)
        else:
            _look_after(self.doc, future, then)


def _look_after(doc: Any, future: Future[Any], then: Then) -> None:
    """Look now and then, between the page's own callbacks, if work is done: threads keep off the document.

    Bokeh stops looking when the visitor leaves. Nothing is handed on while the browser is still loading the
    page: not all that changes then reaches it, and a visitor would read for ever that a session is opening.
    """
    waiting = [then]

    def look() -> None:
        if future.done() and pn.state.loaded and waiting:  # looks may have queued up while the page was busy
            doc.remove_periodic_callback(ticking)
            waiting.pop()(future)

    ticking = doc.add_periodic_callback(look, LOOK_MS)
