"""Who counts as being there."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.server import session as sessions

from liqmap.app.publish.visitors import Visitors


@pytest.fixture
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine so busy that a second passes from one look at the clock to the next."""
    ticks = count()
    monkeypatch.setattr(sessions, "current_time", lambda: 1000.0 * next(ticks))


@pytest.mark.usefixtures("slow_clock")
def test_visitors__keep_the_seat_of_a_page_that_has_not_yet_connected() -> None:
    visitors, there, request = Visitors(limit=1), [], object()
    visitors.sessions = lambda: there
    visitors.enter(request)
    assert visitors.full
    session: Any = sessions.ServerSession("id", Document())
    there.append(session)
    visitors.arrive(request, session)
    for _ in range(3):
        assert (len(visitors), visitors.full) == (1, True)
    browser: Any = object()
    session.subscribe(browser)
    assert len(visitors) == 1
    session.unsubscribe(browser)
    assert (len(visitors), visitors.full) == (0, False)


@pytest.mark.usefixtures("slow_clock")
def test_visitors__who_left_before_anybody_looked_have_left() -> None:
    visitors, browser = Visitors(limit=1), object()
    session: Any = sessions.ServerSession("id", Document())
    visitors.sessions = lambda: [session]
    visitors.arrive(object(), session)
    session.subscribe(browser)
    session.unsubscribe(browser)
    assert len(visitors) == 0
