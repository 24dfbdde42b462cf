"""Who counts as being there."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.server import session as sessions

from liqmap.app.publish.visitors import Visitors


class Request:
    """What a browser asks with: its cookies."""

    application, request = SimpleNamespace(prefix="/liq"), SimpleNamespace(protocol="https")

    def __init__(self, **cookies: str) -> None:
        self.cookies, self.given = cookies, {}

    def get_cookie(self, name: str) -> str | None:
        return self.cookies.get(name)

    def set_cookie(self, name: str, value: str, **how: Any) -> None:
        self.cookies[name], self.given = value, how


class Browser:
    """Looks at a page until its socket is closed."""

    def __init__(self, session: Any) -> None:
        self._socket, self._session = self, session
        session.subscribe(self)

    def close(self) -> None:
        self._session.unsubscribe(self)


class Seats:
    """A server with a number of them: pages come and go."""

    def __init__(self, limit: int | None) -> None:
        self.there: list[Any] = []
        self.waiting: list[Any] = []
        self.visitors = Visitors(limit)
        self.visitors.sessions = lambda: self.there
        self.visitors.later = lambda seconds, do: self.waiting.append(do)

    def come(self, request: Request) -> Browser | None:
        """A page, if there is a seat."""
        if not self.visitors.admits(request):
            return None
        self.visitors.enter(request)
        session: Any = sessions.ServerSession(str(len(self.there)), Document())
        self.there.append(session)
        self.visitors.arrive(request, session)
        return Browser(session)

    def wait(self) -> None:
        """As long as a reload takes."""
        for do in self.waiting:
            do()


@pytest.mark.parametrize("limit", [1, 2])
def test_reload__of_the_only_seat_comes_back_in(limit: int) -> None:
    seats = Seats(limit)
    ann, stranger = [Request() for _ in range(limit)], Request(liqmap_seat="guessed")
    pages = [seats.come(one) for one in ann]
    assert seats.come(stranger) is None
    assert seats.come(Request()) is None
    again = seats.come(ann[0])
    assert again is not None
    assert ann[0].given == {"httponly": True, "samesite": "Lax", "path": "/liq/", "secure": True}
    assert seats.come(ann[0]) is None  # while it has not left the page before
    pages[0].close()
    seats.wait()
    assert [len(one._session._subscribed_connections) for one in (*pages[1:], again)] == [1] * limit
    assert seats.come(stranger) is None


def test_tab__more_than_there_are_seats_closes_the_oldest_of_its_browser() -> None:
    seats, ann, bob = Seats(3), Request(), Request()
    first, second, other = seats.come(ann), seats.come(ann), seats.come(bob)
    third = seats.come(ann)
    assert len(seats.visitors) == 4
    seats.wait()
    open_now = [one._session.connection_count for one in (first, second, other, third)]
    assert (open_now, len(seats.visitors)) == ([0, 1, 1, 1], 3)


def test_no_limit__no_cookie() -> None:
    seats, ann = Seats(None), Request()
    assert seats.come(ann) is not None
    assert ann.cookies == {}


@pytest.fixture
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine so busy that a second passes from one look at the clock to the next."""
    ticks = count()
    monkeypatch.setattr(sessions, "current_time", lambda: 1000.0 * next(ticks))


@pytest.mark.usefixtures("slow_clock")
def test_visitors__keep_the_seat_of_a_page_that_has_not_yet_connected() -> None:
    visitors, there, request = Visitors(limit=1), [], Request()
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
    visitors.arrive(Request(), session)
    session.subscribe(browser)
    session.unsubscribe(browser)
    assert len(visitors) == 0
