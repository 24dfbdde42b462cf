"""Who may open the socket of a page, and for how long."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import zlib
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from bokeh.util.token import generate_jwt_token, generate_session_id, get_session_id, get_token_payload
from tornado.httpclient import HTTPClientError

from liqmap.app.publish.gate import token as tokens
from tests.app.publish.gate.gated import Gated, Page, gated, run


async def refused(app: Gated, token: str, *args: Any, **options: Any) -> bool:
    """Whether a socket is closed before it says anything, or never opened."""
    try:
        socket = await app.connect(token, *args, **options)
    except HTTPClientError as error:
        return error.code in (403, 429)
    return await socket.read_message() is None


def test_token__is_no_credential() -> None:
    async def test() -> None:
        async with gated(closed=True) as app:
            token = await app.token("ann")
            body = json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))
            said = str(get_token_payload(token)) + str(body)
            said += zlib.decompress(urlsafe_b64decode(body["__bk__zlib_"] + "==")).decode()
            assert not any(word in said for word in ("ann", "secret", "who", "Accept", "User-Agent"))
            assert get_token_payload(token)["cookies"] == get_token_payload(token)["headers"] == {}

    run(test)


def test_socket__is_for_the_login_that_the_page_was_handed_to() -> None:
    async def test() -> None:
        async with gated(closed=True) as app:
            token = await app.token("ann")
            assert await refused(app, token)  # a saved page, without a cookie
            assert await refused(app, token, "bob")  # with that of another
            assert await refused(app, token, "eve")
            assert await refused(app, token[:-1] + ("A" if token[-1] != "A" else "B"), "ann")
            assert await refused(app, "no token", "ann")
            assert await refused(app, "a" * 5_000, "ann")
            application = app.server._tornado
            for other in (application.secret_key, b"another"):
                made = generate_jwt_token(get_session_id(token), secret_key=other, signed=True)
                assert await refused(app, made, "ann")
            page = Page(await app.connect(token, "ann"))
            assert await page.begin()
            app.gate.login_of = lambda handler: "logged in anew"
            assert await refused(app, token, "ann")

    run(test)


@pytest.mark.parametrize(
    "said",
    [
        {"headers": "x", "cookies": {"a": "b"}}, {"headers": {}, "cookies": 5}, {"arguments": [1]}, {},
        {"headers": {}, "cookies": {"a": "b"}}, {"headers": {}, "cookies": {}, "arguments": {"a": ["x"]}},
    ],
)  # fmt: skip
def test_socket__of_a_token_that_speaks_for_its_request_is_refused(said: dict[str, Any]) -> None:
    """Where pages are not signed: it would fail within bokeh, by a traceback of the log."""

    async def test() -> None:
        async with gated() as app:
            made = generate_jwt_token(generate_session_id(signed=False), signed=False, extra_payload=said)
            with pytest.raises(ConnectionError, match="its token says"):
                await Page(await app.connect(made)).hear()
            (context,) = app.server._tornado.applications.values()
            assert not context._pending_sessions
            assert not list(context.sessions)

    run(test)


def test_socket__of_a_page_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with gated(closed=True) as app:
            token = await app.token("ann")
            now = tokens.time.time()
            monkeypatch.setattr(tokens.time, "time", lambda: now + 10_000)
            assert await refused(app, token, "ann")

    run(test)


@pytest.mark.parametrize(
    ("origin", "lets_in"),
    [
        ("http://evil.example.org", False), ("https://view.example.org", True),
        ("https://View.Example.org", True), ("http://view.example.org:8443", False),
        ("http://a.charts.example.org", True), ("http://charts.example.org", False),
        ("http://a.b.charts.example.org", False), ("http://a.charts.example.org.evil.org", False),
        ("http://127.0.0.1:1", False), ("null", False), ("http://[", False), ("", False),
        ("http://view.example.org@evil.org", False),
    ],
)  # fmt: skip
def test_origin__that_is_not_allowed_sees_no_picture(origin: str, lets_in: bool) -> None:
    async def test() -> None:
        async with gated(origins=("view.example.org", "*.charts.example.org")) as app:
            assert await refused(app, await app.token(), origin=origin) != lets_in

    run(test)


def test_origin__is_not_what_a_browser_calls_the_server() -> None:
    """A page elsewhere may have its own name lead to this machine."""

    async def test() -> None:
        async with gated() as app:
            evil = f"evil.example.org:{app.server.port}"
            assert await refused(app, await app.token(), origin=f"http://{evil}", Host=evil)
            site = {"Sec-Fetch-Site": "same-origin"}
            assert await refused(app, await app.token(), origin=f"http://{evil}", **site)

    run(test)


def test_origin__has_to_be_said_where_the_app_is_closed() -> None:
    async def test() -> None:
        async with gated(closed=True) as app:
            assert await refused(app, await app.token("ann"), "ann", origin=None)
        async with gated() as app:
            assert not await refused(app, await app.token(), origin=None)

    run(test)


def test_socket__whose_login_is_over_is_closed_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with gated(closed=True) as app:
            pages = [Page(await app.connect(await app.token(user), user)) for user in ("ann", "bob")]
            for page in pages:
                await page.begin()
            app.users.remove("ann")
            app.gate.sockets.recheck()
            with pytest.raises(ConnectionError, match="the login is over"):
                await pages[0].hear()
            app.users.clear()  # and who speaks before anybody looks
            await pages[1].say("PULL-DOC-REQ", {})
            with pytest.raises(ConnectionError, match="the login is over"):
                await pages[1].hear()
            assert len(app.gate.sockets) == 0

    with caplog.at_level(logging.WARNING):
        run(test)
    assert caplog.text.count("the login is over") == 2
    assert "Traceback" not in caplog.text


def test_page__is_never_that_of_another_session() -> None:
    async def test() -> None:
        async with gated(closed=True) as app:
            token = await app.token("ann")
            session = get_session_id(token)
            for path, headers in (
                (f"/?bokeh-session-id={session}", {}), (f"/?bokeh-token={token}", {}),
                ("/", {"Bokeh-Session-Id": session}),
            ):  # fmt: skip
                page = await app.ask(path, "bob", **headers)
                assert page.code == 200
                assert session.encode() not in page.body
                assert token.encode() not in page.body

    run(test)


def test_sockets__of_one_address_are_bounded_where_nobody_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liqmap.app.publish.gate.socket.SOCKETS", 2)

    async def test() -> None:
        async with gated(proxies=("127.0.0.1",)) as app:
            token = await app.token()
            here = [await app.connect(token, X_Forwarded_For="192.0.2.1") for _ in range(2)]
            assert await refused(app, token, X_Forwarded_For="192.0.2.1")
            assert not await refused(app, token, X_Forwarded_For="192.0.2.2")
            here[0].close()
            while app.gate.sockets.of("192.0.2.1") > 1:
                await here[0].read_message()
            assert not await refused(app, token, X_Forwarded_For="192.0.2.1")
            for host in (1, 2):  # one household, by another address each time
                await app.connect(token, X_Forwarded_For=f"2001:db8::{host}")
            assert await refused(app, token, X_Forwarded_For="2001:db8::3")
            assert not await refused(app, token, X_Forwarded_For="2001:db8:0:1::3")

    run(test)


def test_error__within_the_server_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise FileNotFoundError(2, "No such file", "/srv/secret")

    async def test() -> None:
        async with gated() as app:
            page = Page(await app.connect(await app.token()))
            await page.begin()
            (socket,) = app.gate.sockets
            monkeypatch.setitem(socket.handler._handlers, "PULL-DOC-REQ", broken)
            await page.say("PULL-DOC-REQ", {})
            header, content = await page.hear()
            assert header["msgtype"] == "ERROR"
            assert content["traceback"] is None
            assert not re.search("secret|File|Error", json.dumps(content))

    run(test)


def test_socket__that_gives_no_sign_of_life_is_closed() -> None:
    async def test() -> None:
        async with gated() as app:
            page, silent = [Page(await app.connect(await app.token())) for _ in range(2)]
            await page.begin()
            assert (await silent.hear())[0]["msgtype"] == "ACK"
            first = next(iter(app.gate.sockets))._opened
            for socket in list(app.gate.sockets):
                socket.still_there(first + 19)
            assert len(app.gate.sockets) == 2
            for socket in list(app.gate.sockets):
                socket.still_there(first + 40)
            with pytest.raises(ConnectionError, match="it has not asked for its page"):
                await silent.hear()
            (socket,) = app.gate.sockets
            assert socket._asked == first + 40
            await page.say("PULL-DOC-REQ", {})  # it has answered before this one is answered
            await page.hear()
            assert socket._heard > first
            socket._heard = first
            socket.still_there(first + 66)
            with pytest.raises(ConnectionError):
                await page.hear()

    run(test)


def test_socket__of_a_page_that_was_left_takes_no_seat_of_others() -> None:
    """Its token is good for as long as a login: one visitor could keep those of any number of pages."""

    async def test() -> None:
        async with gated(max_sessions=1) as app:
            (context,) = app.server._tornado.applications.values()
            tokens = []
            for _ in range(3):
                tokens.append(await app.token())
                await context._cleanup_sessions(-1)  # as after 15 s
            page = Page(await app.connect(tokens[0]))
            assert await page.begin()
            with pytest.raises(ConnectionError, match="all seats are taken"):
                await Page(await app.connect(tokens[1])).hear()
            assert await Page(await app.connect(tokens[0])).begin()  # the same page, once more
            assert len(list(context.sessions)) == 1
            for socket in app.opened:
                socket.close()
            while app.gate.sockets:
                await asyncio.sleep(0.01)
            assert await Page(await app.connect(tokens[2])).begin()
            assert await refused(app, tokens[0])  # its session is there still, but it is another's turn

    run(test)
