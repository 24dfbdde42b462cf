"""Long work in threads, so that the page answers meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

from .data import Run, Work, at_once

POOL = ThreadPoolExecutor(4, thread_name_prefix="liqmap")
"""Shared by all visitors; what exceeds it waits its turn."""

PATIENCE_S = 0.3
"""Work that is done sooner is waited for: a page need not say first that it is busy."""


def in_background(doc: Any) -> Run:
    """Work in threads for the page of a document; what comes of it is handed on when the page is free.

    Parameters
    ----------
    doc : bokeh's Document; without one, or one that nobody serves, work is done at once.
    """
    if doc is None or doc.session_context is None:
        return at_once

    def run(work: Work, then: Callable[[Future[Any]], None]) -> None:
        future = POOL.submit(work)
        wait([future], PATIENCE_S)
        if future.done():
            then(future)
        else:
            future.add_done_callback(partial(_hand_on, doc, then))

    return run


def _hand_on(doc: Any, then: Callable[[Future[Any]], None], future: Future[Any]) -> None:
    if not doc.session_context.destroyed:  # else the visitor has left
        doc.add_next_tick_callback(partial(then, future))
