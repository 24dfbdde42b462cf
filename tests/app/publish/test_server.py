"""A published server, by real requests: who gets in, from where, and how many."""

from __future__ import annotations

import base64
import errno
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlencode, urlsplit

import pytest

import liqmap as lm
from liqmap.app.publish.login.passwords import set_password
from liqmap.schema import LiqmapError

pytestmark = pytest.mark.long

TOKEN = re.compile(rb'"token":"([^"]+)"')
FORM = re.compile(rb'name="token" value="([^"]+)"')

SECRETS = {"LIQMAP_OAUTH_KEY": "the-key", "LIQMAP_OAUTH_SECRET": "the-secret"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store, and a file of passwords."""
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("published")
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=20), folder / "raw")
    assert lm.ingest(raw, store=folder / "store").exit_code == 0
    set_password(folder / "passwords.json", "ann", "correct horse")
    return folder


class Served:
    """A server of the command line, and how to ask it."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.port, self.prefix = urlsplit(url).port, urlsplit(url).path

    def ask(
        self, path: str, form: dict[str, str] | None = None, cookies: str = ""
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": cookies} if cookies else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST", path, form and urlencode(form), headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        given = [v.split(";")[0] for k, v in answer.getheaders() if k == "Set-Cookie"]
        return answer.status, dict(answer.getheaders()) | {"cookies": "; ".join(given)}, body

    def login(self, user: str, password: str) -> str:
        """Cookies of who has logged in."""
        status, headers, _ = self.fill(user, password)
        assert status == 302
        return headers["cookies"]

    def fill(self, user: str, password: str, **more: str) -> tuple[int, dict[str, str], bytes]:
        """The answer to a login form."""
        _, headers, page = self.ask(f"{self.prefix}/login")
        form = {"username": user, "password": password, "token": FORM.search(page)[1].decode()}
        return self.ask(f"{self.prefix}/login", form | more, headers["cookies"])

    def token(self, cookies: str = "") -> str:
        """Of a page of the app."""
        status, _, page = self.ask(f"{self.prefix}/", cookies=cookies)
        assert status == 200
        return TOKEN.search(page)[1].decode()

    @contextmanager
    def socket(self, token: str, origin: str, cookies: str = "") -> Iterator[tuple[int, bytes]]:
        """Status of the handshake of a WebSocket, and the first of what the server says on it."""
        key = base64.b64encode(bytes(16)).decode()
        lines = [
            f"GET {self.prefix}/ws HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Origin: {origin}",
            "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Protocol: bokeh, {token}", f"Cookie: {cookies}",
        ]  # fmt: skip
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as wire:
            wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            got = b""
            while b"ACK" not in got and (more := wire.recv(4096)):
                got += more
                if got.startswith(b"HTTP/1.1 403"):
                    break
            yield int(got.split()[1]), got

    @property
    def own(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def serve(folder: Path) -> Iterator[Any]:
    """Start `liqmap app` with options; every server ends well when it is asked to."""
    running = []

    def start(*options: str, **env: str) -> Served:
        log = (folder / f"stderr-{len(running)}.txt").open("w")
        argv = [sys.executable, "-m", "liqmap.cli", "app", "--store", str(folder / "store"), "--port", "0"]
        process = subprocess.Popen(
            [*argv, *options], stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | env
        )
        running.append((process, log))
        line = process.stdout.readline()
        assert "liqmap app at http://127.0.0.1:" in line, Path(log.name).read_text()
        return Served(process, line.split()[3])

    yield start
    ended, logs = [], ""
    for process, log in running:
        process.send_signal(signal.SIGTERM)
        ended.append(process.wait(timeout=120))
        process.stdout.close()
        log.close()
        logs += Path(log.name).read_text()
    assert ended == [0] * len(running)
    assert "liqmap/app/" not in logs, logs  # no traceback of ours


@pytest.fixture(scope="module")
def crowded(serve: Any) -> Served:
    """Two seats, behind a prefix, reached under another name."""
    return serve(
        "--prefix", "/liq", "--max-sessions", "2", "--allow-origin", "view.example.org", "--read-only"
    )


@pytest.fixture(scope="module")
def closed(serve: Any, folder: Path) -> Served:
    return serve("--basic-auth", str(folder / "passwords.json"), "--prefix", "charts")


def test_health__needs_no_login(closed: Served) -> None:
    status, _, body = closed.ask("/charts/healthz")
    assert (status, json.loads(body)) == (200, {"status": "ok", "visitors": 0})


def test_prefix__is_the_only_place(crowded: Served) -> None:
    assert crowded.ask("/")[0] == 404
    assert crowded.ask("/liqx/")[0] == 404
    assert crowded.ask("/liq/no-such-page")[0] == 404
    assert crowded.ask("/liq")[1]["Location"] == "/liq/"


def test_seats__are_taken_and_given_up(crowded: Served) -> None:
    first, second = crowded.token(), crowded.token()
    status, headers, page = crowded.ask("/liq/")
    assert (status, headers["Retry-After"]) == (503, "10")
    assert b"All 2 seats are taken" in page
    assert crowded.ask("/liq/autoload.js?bokeh-autoload-element=1")[0] == 403
    assert json.loads(crowded.ask("/liq/healthz")[2]) == {"status": "full", "visitors": 2}
    with crowded.socket(first, crowded.own) as (status, said):
        assert status == 101
        assert b"ACK" in said
        assert crowded.ask("/liq/")[0] == 503
    with crowded.socket(second, "http://view.example.org") as (status, said):
        assert status == 101
        assert b"ACK" in said
        _until(lambda: json.loads(crowded.ask("/liq/healthz")[2])["visitors"] == 1)
        crowded.token()  # the seat that the first one left


def test_origin__that_was_not_allowed_sees_no_picture(crowded: Served) -> None:
    for origin in ("http://evil.example.org", "http://view.example.org:8443", "http://127.0.0.1:1"):
        with crowded.socket("token", origin) as (status, _):
            assert status == 403


def test_page__made_by_somebody_else_sees_no_picture(crowded: Served) -> None:
    from bokeh.util.token import generate_jwt_token, generate_session_id

    with crowded.socket(generate_jwt_token(generate_session_id()), crowded.own) as (_, said):
        assert b"ACK" not in said


def test_login__is_asked_for(closed: Served) -> None:
    status, headers, _ = closed.ask("/charts/?market=x")
    assert status == 302
    assert headers["Location"] == "./login?next=%2Fcharts%2F%3Fmarket%3Dx"
    status, _, page = closed.ask("/charts/login?next=%2Fcharts%2F%3Fmarket%3Dx")
    assert (status, b'name="next" value="/charts/?market=x"' in page) == (200, True)
    assert b"http" not in page  # nothing is fetched from elsewhere
    assert closed.ask("/charts/autoload.js?bokeh-autoload-element=1")[0] == 403
    status, headers, _ = closed.fill("ann", "correct horse", next="/charts/?market=x")
    assert (status, headers["Location"]) == (302, "/charts/?market=x")
    token = closed.token(headers["cookies"])
    with closed.socket(token, closed.own, headers["cookies"]) as (_, said):
        assert b"ACK" in said
    with closed.socket(token, closed.own) as (_, said):  # a stranger who has found the token
        assert b"ACK" not in said


def test_port__that_others_take_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from liqmap.app.publish import server

    def late(app: Any, port: int, **_: Any) -> Any:
        ports.append(port)
        if len(ports) <= refused:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return Mock(port=port)

    monkeypatch.setattr(server.pn, "serve", late)
    monkeypatch.setattr(server, "open_gate", lambda *_: None)
    ports: list[int] = []
    refused = server.TRIES - 1
    assert server.start(folder / "store").port == ports[-1]
    assert len(ports) == server.TRIES
    ports, refused = [], server.TRIES
    with pytest.raises(LiqmapError, match=r"127\.0\.0\.1:\d+: the port is in use\. Choose another"):
        server.start(folder / "store")
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    ports, refused = [], 1
    with pytest.raises(LiqmapError, match=rf"127\.0\.0\.1:{free}: the port is in use"):
        server.start(folder / "store", port=free)
    assert len(ports) == 1  # that one was asked for


def test_oauth__sends_to_the_provider(serve: Any) -> None:
    served = serve("--oauth", "github", "--allow-user", "ann", **SECRETS)
    status, headers, _ = served.ask("/")
    assert (status, headers["Location"]) == (302, "./login?next=%2F")
    status, headers, _ = served.ask("/login?next=%2F")
    assert status == 302
    assert headers["Location"].startswith("https://github.com/login/oauth/authorize?")
    assert "client_id=the-key" in headers["Location"]
    assert "the-secret" not in headers["Location"]
    assert served.ask("/autoload.js?bokeh-autoload-element=1")[0] == 403
    assert served.ask("/healthz")[0] == 200


def _until(come: Any) -> None:
    import time

    for _ in range(600):
        if come():
            return
        time.sleep(0.1)
    raise AssertionError("it has not come")


def test_visitors_who_left__are_looked_for(folder: Path) -> None:
    code = (
        "import sys; from liqmap.app.publish.server import start; "
        "server = start(sys.argv[1]); loop = server.io_loop; "
        "loop.call_later(0.5, loop.stop); loop.start(); print(server._tornado._cleanup_job.is_running())"
    )
    argv = [sys.executable, "-c", code, str(folder / "store")]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split() == ["True"]
