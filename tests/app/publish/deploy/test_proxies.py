"""The app behind nginx and Caddy, as ``docs/deploy`` has them: over HTTPS, below a prefix, with a login."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import liqmap as lm
from liqmap.app.publish.login.passwords import set_password
from tests.app.publish.deploy import proxied
from tests.app.publish.guest import Guest, leave
from tests.app.publish.load.watched import Server

pytestmark = pytest.mark.long

PASSWORD = "correct horse battery"
PULL = ('{"msgid":"1","msgtype":"PULL-DOC-REQ"}', "{}", "{}")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("behind")
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=20), folder / "raw")
    assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return folder / "store"


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def behind(request: Any, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The app, a proxy before it, and a guest who trusts that."""
    proxied.tool(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "logins").mkdir()
    passwords = folder / "logins" / "passwords.json"
    set_password(passwords, "ann", PASSWORD)
    https, http = proxied.free_port(), proxied.free_port()
    options = proxied.options_of({"nginx": "nginx.conf", "caddy": "Caddyfile"}[request.param])
    options[options.index(proxied.NAME)] = f"localhost:{https}"
    app = Server(folder, "--store", str(store), "--read-only", "--basic-auth", str(passwords), *options)
    argv = getattr(proxied, request.param)(folder, app.port, https, http)
    with proxied.listening(argv, folder, https):
        guest = Guest(f"https://localhost:{https}/liqmap/", proxied.trusting(folder / "made.pem"))
        yield SimpleNamespace(app=app, guest=guest, http=http, https=https, folder=folder)
    assert app.end() == 0
    assert "Traceback" not in app.said
    assert PASSWORD not in app.said


def test_login_page_and_socket__over_https(behind: Any) -> None:
    asyncio.run(_visit(behind.guest))


async def _visit(guest: Guest) -> None:
    asked = await guest.ask("/liqmap/")
    assert asked.status == 302
    assert "login" in asked.headers["Location"]
    answer = await guest.login("ann", PASSWORD)
    assert answer.status in (302, 303), answer
    for one in guest.jar.values():
        if len(one.value) > 20:  # the login, not where it leads
            assert one["secure"], one
            assert one["httponly"], one
            assert one["path"] == "/liqmap", one
    socket = await guest.socket(await guest.token())
    assert "ACK" in await _hear(socket)
    for part in PULL:
        await socket.write_message(part)
    assert "PULL-DOC-REPLY" in await _hear(socket)
    await leave(socket)


async def _hear(socket: Any) -> str:
    """The header of the next message."""
    header, _, _ = [await socket.read_message() for _ in range(3)]
    return str(header)


def test_script__comes_compressed_through_it(behind: Any) -> None:
    answer = asyncio.run(behind.guest.ask("/liqmap/static/js/bokeh.min.js"))
    assert answer.status == 200
    assert len(answer.body) > 100_000


def test_health__is_told_and_what_is_outside_the_prefix_is_not(behind: Any) -> None:
    health = asyncio.run(behind.guest.ask("/liqmap/healthz"))
    assert json.loads(health.body)["status"] == "ok"
    assert health.headers.get_list("Strict-Transport-Security") == ["max-age=31536000"]
    assert b"liqmap" not in asyncio.run(behind.guest.ask("/elsewhere")).body


def test_http__leads_to_https(behind: Any) -> None:
    answer = asyncio.run(Guest(f"http://localhost:{behind.http}/").ask("/liqmap/"))
    assert answer.status in (301, 308)
    assert answer.headers["Location"].startswith("https://localhost")


def test_address__that_a_visitor_makes_up_is_not_believed(behind: Any) -> None:
    async def fail() -> None:
        stranger = Guest(behind.guest.url, behind.guest.tls)
        page = await stranger.ask("/liqmap/login", headers={"X-Forwarded-For": "203.0.113.7"})
        assert page.status == 200
        typed = {"username": "ann", "password": "wrong horse"}
        await stranger.ask("/liqmap/login", typed, headers={"X-Forwarded-For": "203.0.113.7"})

    asyncio.run(fail())
    assert "203.0.113.7" not in behind.app.said


def test_another_origin__sees_no_picture(behind: Any) -> None:
    async def visit() -> int:
        guest = behind.guest
        if not guest.jar:
            await guest.login("ann", PASSWORD)
        asks = {
            "Origin": "https://evil.example.org", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": f"bokeh, {await guest.token()}",
        }  # fmt: skip
        return int((await guest.ask("/liqmap/ws", headers=asks)).status)

    assert asyncio.run(visit()) == 403
