"""Logins of a whole server, by real requests and sockets: what ends them, and what does not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.app.publish.login.passwords import set_password
from liqmap.cli import main

from ..test_server import FORM, Served

pytestmark = pytest.mark.long

LOGOUT = "/charts/logout"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store, and a file of passwords."""
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("published")
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=20), folder / "raw")
    assert lm.ingest(raw, store=folder / "store").exit_code == 0
    for user in ("ann", "bob", "cid"):
        set_password(folder / "users.json", user, f"correct horse of {user}")
    return folder


class Server:
    """One that can be killed and started anew, at the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.start()

    def start(self) -> None:
        self.log = (self.folder / f"log-{time.time_ns()}").open("w+")
        given = {
            "store": self.folder / "store", "port": self.port, "prefix": "charts",
            "basic-auth": self.folder / "users.json",
        }  # fmt: skip
        options = [text for name, value in given.items() for text in (f"--{name}", str(value))]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "liqmap.cli", "app", *options],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=os.environ | {"LIQMAP_COOKIE_SECRET": ""},
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert "liqmap app at http" in line, Path(self.log.name).read_text()
        self.served = Served(self.process, line.split()[3])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    yield server
    server.kill()
    assert "Traceback" not in "".join(log.read_text() for log in folder.glob("log-*"))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _login(served: Served, user: str) -> str:
    return served.login(user, f"correct horse of {user}")


def _logout(served: Served, cookies: str) -> int:
    _, headers, page = served.ask(LOGOUT, cookies=cookies)
    form = {"token": FORM.search(page)[1].decode()}
    return served.ask(LOGOUT, form, f"{cookies}; {headers['cookies']}")[0]


def _remove(served: Served, folder: Path) -> None:
    assert main(["passwd", str(folder / "users.json"), "bob", "--remove"]) == 0


def _change(served: Served, folder: Path) -> None:
    set_password(folder / "users.json", "cid", "another horse")


def _rotate(served: Served, folder: Path) -> None:
    assert main(["passwd", str(folder / "users.json"), "--rotate-secret"]) == 0


@pytest.mark.parametrize(
    ("user", "end"), [("bob", _remove), ("cid", _change), ("ann", _logout), ("ann", _rotate)]
)
def test_login__that_ends_takes_its_sockets_along(user: str, end: Any, server: Server) -> None:
    """Idle ones too, within a second or so; a page, and a new socket, are refused."""
    served = server.served
    with ExitStack() as stack:
        cookies = _login(served, user)
        token = served.token(cookies)
        other = None if user == "ann" else _login(served, "ann")
        wires = [stack.enter_context(_socket(served, token, cookies)) for _ in range(2)]
        kept = stack.enter_context(_socket(served, served.token(other), other)) if other else None
        end(served, cookies if end is _logout else server.folder)
        began = time.monotonic()
        for wire in wires:
            while wire.recv(4096):
                assert time.monotonic() - began < 30
        assert served.ask("/charts/", cookies=cookies)[0] == 302
        with served.socket(token, served.own, cookies) as (status, said):
            assert status == 403
            assert b"ACK" not in said
        if kept is not None:  # what others have open stays open
            assert _is_open(kept)


def _is_open(wire: Any) -> bool:
    """Whether more may come of a socket from which all was read that has come."""
    wire.settimeout(0.2)
    try:
        while wire.recv(4096):
            pass
    except TimeoutError:
        return True
    return False


def _socket(served: Served, token: str, cookies: str) -> Any:
    """A socket that the server has acknowledged, to read on."""
    import base64

    key = base64.b64encode(bytes(16)).decode()
    lines = [
        f"GET {served.prefix}/ws HTTP/1.1", f"Host: 127.0.0.1:{served.port}", f"Origin: {served.own}",
        "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Protocol: bokeh, {token}", f"Cookie: {cookies}",
    ]  # fmt: skip
    wire = socket.create_connection(("127.0.0.1", served.port), timeout=60)
    wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    got = b""
    while b"ACK" not in got:
        more = wire.recv(4096)
        assert more, got
        got += more
    return wire


def test_restart__after_a_kill_logs_nobody_out(server: Server) -> None:
    cookies, gone = _login(server.served, "ann"), _login(server.served, "ann")
    token = server.served.token(cookies)
    assert _logout(server.served, gone) == 200
    _socket(server.served, token, cookies).close()
    server.kill()
    server.start()
    served = server.served
    assert served.ask("/charts/", cookies=cookies)[0] == 200
    _socket(served, token, cookies).close()  # a page that stayed open comes back
    assert served.ask("/charts/", cookies=gone)[0] == 302  # a logout is remembered
    with served.socket(token, served.own, gone) as (status, _):
        assert status == 403


def test_cookie__forged_opens_nothing(server: Server) -> None:
    served = server.served
    cookies = _login(served, "ann")
    name, _, value = next(c for c in cookies.split("; ") if c.startswith("liqmap_login")).partition("=")
    token = served.token(cookies)
    body, _, signature = value.partition(".")
    for forged in (
        value[:-1] + ("A" if value[-1] != "A" else "B"), body, f"{body}.", f".{signature}", f"x{value}",
        f"{body[:-2]}AA.{signature}", '"ann"', "ann",
    ):  # fmt: skip
        assert served.ask("/charts/", cookies=f"{name}={forged}")[0] == 302
        with served.socket(token, served.own, f"{name}={forged}") as (status, _):
            assert status == 403
    for panels in ("user", "id_token"):
        assert served.ask("/charts/", cookies=f"{panels}={value}")[0] == 302


def test_logout__of_panel_is_not_there(server: Server) -> None:
    served = server.served
    cookies = _login(served, "ann")
    status, headers, page = served.ask(LOGOUT, cookies=cookies)
    assert (status, b"<button" in page) == (200, True)
    assert "liqmap_login" not in headers["cookies"]  # a link of others logs nobody out
    assert served.ask("/charts/", cookies=cookies)[0] == 200
    assert json.loads(served.ask("/charts/healthz")[2])["status"] == "ok"
