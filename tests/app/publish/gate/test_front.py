"""What every answer says, and what is refused before anybody reads it."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Callable
from typing import Any

import pytest
from tornado.web import RequestHandler

from liqmap.app.internals.tornado import unsent
from liqmap.app.publish.gate.bounds import ADDRESS, BODY, HEADERS, PARAMETERS, Waiting, refusal
from tests.app.publish.gate.gated import Gated, gated, run

PLACES = {
    "/liq/": 200, "/liq": 302, "/liq/healthz": 200, "/liq/static/js/bokeh.min.js": 200,
    "/liq/static/js/none.js": 404, "/liq/static/extensions/panel/panel.min.js": 200,
    "/liq/static/js/../../x": 403, "/liq/none": 404, "/none": 404, "/": 404, "/liq/autoload.js": 403,
    "/liq/static/liqmap/" + "0" * 64 + ".js": 404, "/liq/metadata": 404, "/liq/ws": 400,
    "/liq/components/panel.io/x/y/z": 404, "/liq/favicon.ico": 200, "/liq/static/js/%00": 400,
    "/liq/?" + "&".join(f"p{n}=1" for n in range(2_500)): 414, "/liq/?size=" + "9" * 61_500: 414,
    "/liq/?market=" + "9" * 5_000: 200,
}  # fmt: skip

ALWAYS = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip

RULES = {
    "default-src": "'none'", "object-src": "'none'", "base-uri": "'none'", "form-action": "'self'",
    "frame-ancestors": "'none'",
}  # fmt: skip


def rules(answer: Any) -> dict[str, str]:
    """Of the content policy of an answer, which has one."""
    (policy,) = answer.headers.get_list("Content-Security-Policy")
    return dict(rule.strip().split(" ", 1) for rule in policy.split(";"))


def test_every_answer__says_what_browsers_hold_to() -> None:
    async def test() -> None:
        async with gated(prefix="/liq") as app:
            for place, status in PLACES.items():
                answer = await app.ask(place)
                assert answer.code == status, place
                for name, value in ALWAYS.items():
                    assert answer.headers.get_list(name) == [value], (place, name)
                said = rules(answer)
                assert {name: said[name] for name in RULES} == RULES
                if (status, place.partition("?")[0]) != (200, "/liq/"):
                    assert "script-src" not in said
                assert "unsafe-eval" not in str(said)
                assert "camera=()" in answer.headers["Permissions-Policy"]
                assert "Server" not in answer.headers
                assert "Strict-Transport-Security" not in answer.headers
                assert b"Traceback" not in answer.body
                assert b"site-packages" not in answer.body or place.endswith(".js")

    run(test)


@pytest.mark.parametrize("closed", [False, True])
def test_page__without_its_slash_leads_to_the_folder_of_the_app_first(closed: bool) -> None:
    """What it says of the login, ``./login``, would be a page of whoever has the rest of the host."""

    async def test() -> None:
        async with gated(closed=closed, prefix="/liq", max_sessions=1) as app:
            for _ in range(2):
                answer = await app.ask("/liq?market=a&x=%22")
                assert (answer.code, answer.headers["Location"]) == (302, "/liq/?market=a&x=%22")

    run(test)


@pytest.mark.parametrize(
    "said", ["https:evil.example.org", r"\\evil.example.org", "x%22%3E%3Cscript%3Eevil()", "%ff"]
)
def test_page__takes_no_scripts_from_where_its_address_says(said: str) -> None:
    """A link would be enough to run those of anybody: all scripts of the page show its nonce."""

    async def test() -> None:
        async with gated(frames=("https://wiki.example.org",)) as app:
            query = f"?bokeh-absolute-url={said}&bokeh-app-path={said}"
            page = await app.ask(f"/{query}")
            assert page.code == 200
            assert b"evil" not in page.body
            sources = re.findall(r'<script[^>]* src="([^"]*)"', page.body.decode())
            assert len(sources) > 4
            assert all(re.match(r"(\./)?static/", source) for source in sources)
            embedded = await app.ask(
                f"/autoload.js{query}&bokeh-autoload-element=a", Origin="https://wiki.example.org"
            )
            assert embedded.code == (400 if said == "%ff" else 200)

    run(test)


def test_page__runs_only_scripts_with_its_nonce() -> None:
    async def test() -> None:
        async with gated() as app:
            first, second = [await app.ask("/") for _ in range(2)]
            nonces = [re.search("'nonce-([^']+)'", rules(page)["script-src"])[1] for page in (first, second)]
            assert nonces[0] != nonces[1]
            assert rules(first)["script-src"] == f"'self' 'nonce-{nonces[0]}'"
            assert rules(first)["connect-src"] == f"'self' ws://127.0.0.1:{app.server.port}"
            assert first.headers["Cache-Control"] == "no-store"
            body = first.body.decode()
            scripts = re.findall("<script[^>]*>", body)
            assert len(scripts) > 5
            assert all(f'nonce="{nonces[0]}"' in script for script in scripts)
            assert "es-module-shims" not in body
            assert not re.search(r"\son\w+=|javascript:", body)

    run(test)


def test_page__is_shown_within_pages_that_are_named() -> None:
    async def test() -> None:
        async with gated(frames=("https://wiki.example.org", "https://*.desk.example.org")) as app:
            page = await app.ask("/")
            assert rules(page)["frame-ancestors"] == "https://wiki.example.org https://*.desk.example.org"
            assert "X-Frame-Options" not in page.headers
            script = "/autoload.js?bokeh-autoload-element=1"
            for origin in ("https://wiki.example.org", "https://a.desk.example.org"):
                answer = await app.ask(script, Origin=origin)
                assert (answer.code, answer.headers["Access-Control-Allow-Origin"]) == (200, origin)
                assert (await app.ask(script, method="OPTIONS", Origin=origin)).code == 204
            for origin in ("https://evil.org", "http://wiki.example.org", "https://desk.example.org", "null",
                           "https://evil.org/.desk.example.org", ""):  # fmt: skip
                answer = await app.ask(script, Origin=origin)
                assert answer.code == 403
                assert "Access-Control-Allow-Origin" not in answer.headers

    run(test)


def test_https__is_believed_of_named_proxies() -> None:
    async def test() -> None:
        forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
        async with gated(proxies=("127.0.0.1",)) as app:
            page = await app.ask("/", Host="view.example.org", **forwarded)
            assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
            assert rules(page)["connect-src"] == "'self' wss://view.example.org"
            assert "Strict-Transport-Security" not in (await app.ask("/")).headers
        async with gated(proxies=("192.0.2.1",)) as app:
            assert "Strict-Transport-Security" not in (await app.ask("/", **forwarded)).headers

    run(test)


@pytest.mark.parametrize("host", ["evil'; script-src *", "a b", "x" * 300 + ";", "[::1]:5006"])
def test_policy__holds_no_host_that_would_change_it(host: str) -> None:
    from liqmap.app.publish.gate.headers import Policy

    said = Policy().page("n", host)
    assert said.count(";") == Policy().page("n").count(";")
    assert ("ws://[::1]:5006" in said) == (host == "[::1]:5006")


class Broken(RequestHandler):
    """A handler of somebody else's that fails."""

    def get(self) -> None:
        raise RuntimeError("in /home/somebody/secret.py")


def test_error__says_nothing_of_the_machine(caplog: pytest.LogCaptureFixture) -> None:
    from liqmap.app.publish.gate.errors import Plain

    class Ours(Plain, Broken):
        pass

    async def test() -> None:
        async with gated() as app:
            app.server._tornado.add_handlers(".*", [("/broken", Broken), ("/ours", Ours)])
            for place in ("/broken", "/ours"):
                answer = await app.ask(place)
                assert answer.code == 500
                assert b"secret" not in answer.body
                assert b"Traceback" not in answer.body
            assert b"Something went wrong" in answer.body
            assert "cannot answer GET /ours" in caplog.text

    run(test)


async def knock(app: Gated, *parts: bytes, pause: float = 0.0) -> bytes:
    """Everything that is answered to these parts, until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", app.server.port)
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def test_connection__that_waits_too_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.app.publish.gate import gated as module

    monkeypatch.setattr("liqmap.app.publish.gate.front.REQUEST_S", 0.2)
    times = {"idle_connection_timeout": 0.4, "body_timeout": 0.2}
    monkeypatch.setattr(module, "SERVER", module.SERVER | times)

    async def test() -> None:
        async with gated() as app:
            head = b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
            found = await asyncio.wait_for(
                asyncio.gather(
                    knock(app),
                    knock(app, b"GET / HTTP/1.1\r\n"),
                    knock(app, *[b"GET / HTTP/1.1\r\n", *[b"A: b\r\n"] * 5], pause=0.1),
                    knock(app, head, b"abc"),
                    knock(app, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
                ),
                10,
            )
            assert found[:3] == [b""] * 3
            assert b"200 OK" not in found[3]
            assert found[4].startswith(b"HTTP/1.1 200 OK")  # and closed as nothing followed
            front = app.server._http.request_callback
            assert (len(front.waiting), front._first) == (0, {})

    run(test)


def test_connections__of_one_address_that_wait_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with gated() as app:
            front = app.server._http.request_callback
            front.waiting.limit = 5
            opened = [await asyncio.open_connection("127.0.0.1", app.server.port) for _ in range(12)]
            while len(front._first) != 5:
                await asyncio.sleep(0.01)
            assert (await app.ask("/healthz")).code == 200
            assert await asyncio.wait_for(opened[0][0].read(), 10) == b""  # the longest waiting went
            for _, writer in opened:
                writer.close()
            while len(front._first):
                await asyncio.sleep(0.01)
            assert len(front.waiting) == 0

    run(test)


ASKS = b"GET /static/js/bokeh.js HTTP/1.1\r\nHost: x\r\n\r\n" * 20
"""More than the system keeps of a connection for who does not take it."""


async def _ask_and_take_nothing(app: Gated) -> socket.socket:
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.setblocking(False)
    await asyncio.get_running_loop().sock_connect(wire, ("127.0.0.1", app.server.port))
    await asyncio.get_running_loop().sock_sendall(wire, ASKS)
    return wire


def test_answers__that_nobody_takes_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with gated(closed=True) as app:
            front = app.server._http.request_callback
            front.answering.limit = 3
            wires = []
            for _ in range(8):
                wires.append(await _ask_and_take_nothing(app))
                await asyncio.wait_for(_until(lambda: wires[-1].getsockname()[1] in _answered(front)), 10)
            await asyncio.wait_for(_until(lambda: len(front._first) == 3), 10)
            assert (await app.ask("/static/js/bokeh.js")).code == 200
            for wire in wires:
                wire.close()
            await asyncio.wait_for(_until(lambda: not front._first), 10)
            assert (len(front.waiting), len(front.answering)) == (0, 0)

    with caplog.at_level(logging.INFO):
        run(test)
    assert "Traceback" not in caplog.text
    assert "too many do not take their answers" in caplog.text


def test_answer__that_is_not_taken_is_given_up() -> None:
    async def test() -> None:
        async with gated(closed=True) as app:
            front = app.server._http.request_callback
            front.answering.seconds = 0.2
            wire = await _ask_and_take_nothing(app)
            await asyncio.wait_for(_until(lambda: len(front.answering) == 1), 10)
            await asyncio.wait_for(_until(lambda: not front._first), 10)
            assert (await app.ask("/static/js/bokeh.js")).code == 200
            wire.close()

    run(test)


def _answered(front: Any) -> set[int]:
    """Ports of those who have an answer before them that they do not take."""
    taking = [connection.stream for connection in front.answering._taking]
    return {stream.socket.getpeername()[1] for stream in taking if unsent(stream)}


async def _until(done: Callable[[], bool]) -> None:
    while not done():
        await asyncio.sleep(0.01)


def test_request__that_is_too_large_is_not_read() -> None:
    async def test() -> None:
        async with gated() as app:
            line = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
            assert b"200 OK" not in await knock(app, line + b"A: " + b"b" * (HEADERS + 1) + b"\r\n\r\n")
            long = f"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY + 1}\r\n\r\n".encode()
            assert (await knock(app, long)).startswith(b"HTTP/1.1 400")
            chunk = b"%x\r\n" % (BODY + 1) + b"x" * (BODY + 1) + b"\r\n0\r\n\r\n"
            chunked = b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk
            assert b"200 OK" not in await knock(app, chunked)

    run(test)


def test_refusal__is_of_addresses_that_no_link_has() -> None:
    assert refusal("/?" + "&".join("a=1" for _ in range(PARAMETERS))) == 0
    assert refusal("/?" + "&".join("a=1" for _ in range(PARAMETERS + 1))) == 414
    assert refusal("/" + "x" * (ADDRESS - 1)) == 0
    assert refusal("/" + "x" * ADDRESS) == 414
    assert refusal("/%0a") == refusal("/%7F") == refusal("/a%00?b") == 400
    assert refusal("/a?b=%0a") == 0


def test_waiting__counts_by_address() -> None:
    waiting = Waiting(limit=2)
    assert [waiting.begin("a", n) for n in range(2)] == [None, None]
    assert waiting.begin("b", 2) is None
    assert waiting.begin("a", 0) is None  # again: it waits anew, and 1 waits longest
    assert waiting.begin("a", 3) == 1
    for n in (0, 1, 2, 3, 3):
        waiting.end(n)
    assert len(waiting) == 0


def test_log__has_one_line_of_what_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with gated() as app:
            for place in (
                "/none%0aERROR",
                "/none?code=secret",
                "/?code=secret" + "&" * 2_500,
                "/a%E2%80%A8b",
            ):
                await app.ask(place)

    with caplog.at_level(logging.INFO, "liqmap"):
        run(test)
    assert all("\n" not in record.getMessage() for record in caplog.records)
    assert not any(record.exc_info for record in caplog.records)
    assert "secret" not in caplog.text
    assert "404 GET /none of 127.0.0.1" in caplog.text
