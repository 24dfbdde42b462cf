"""A guest of a published server: cookies as a browser has them, the login by its form, the page's socket."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import Morsel, SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from tornado.httpclient import HTTPRequest
from tornado.httputil import HTTPHeaders
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

TOKEN = re.compile(rb'"token":"([^"]+)"')
PATIENCE_S = 60.0


class Answer(NamedTuple):
    status: int
    headers: HTTPHeaders
    body: bytes


@dataclass
class Guest:
    """Somebody at the server at ``url``, whose path is the prefix.

    tls : trusts the certificate of the server; None where it speaks HTTP.
    """

    url: str
    tls: ssl.SSLContext | None = None
    jar: dict[str, Morsel[str]] = field(default_factory=dict)

    async def ask(
        self, path: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """What is answered at a path of the server; redirects are not followed."""
        client = SimpleAsyncHTTPClient(force_instance=True)
        address = urljoin(self.url, path)
        own = {"Cookie": self.cookies(address)} if self.cookies(address) else {}
        if form is not None:
            own |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        request = HTTPRequest(
            address, method="GET" if form is None else "POST", headers=own | (headers or {}),
            body=None if form is None else urlencode(form), follow_redirects=False,
            connect_timeout=PATIENCE_S, request_timeout=PATIENCE_S, ssl_options=self.tls,
        )  # fmt: skip
        answer = await client.fetch(request, raise_error=False)
        client.close()
        for line in answer.headers.get_list("Set-Cookie"):
            self._take(line)
        return Answer(answer.code, answer.headers, answer.body or b"")

    async def login(self, user: str, password: str) -> Answer:
        """Fill in the form of the login page, whatever else it holds, and send it."""
        place = f"{self.prefix}/login"
        page = await self.ask(place)
        form = _Form(page.body.decode())
        typed = form.hidden | {"username": user, "password": password}
        return await self.ask(urljoin(urljoin(self.url, place), form.action), typed)

    async def token(self, query: str = "") -> str:
        """Of a new page of the app."""
        page = await self.ask(f"{self.prefix}/{query}")
        found = TOKEN.search(page.body)
        assert page.status == 200, (page.status, page.body[:500])
        assert found is not None
        return found[1].decode()

    async def socket(self, token: str) -> WebSocketClientConnection:
        """The socket of a page; first it says ACK."""
        address = f"{self.url.rstrip('/').replace('http', 'ws', 1)}/ws"
        headers = {"Origin": self.origin, "Cookie": self.cookies(self.url)}
        request = HTTPRequest(
            address, headers=headers, connect_timeout=PATIENCE_S, request_timeout=PATIENCE_S,
            ssl_options=self.tls,
        )  # fmt: skip
        return await websocket_connect(request, subprotocols=["bokeh", token], max_message_size=10**9)

    @property
    def prefix(self) -> str:
        return urlsplit(self.url).path.rstrip("/")

    @property
    def origin(self) -> str:
        at = urlsplit(self.url)
        return f"{at.scheme}://{at.netloc}"

    def cookies(self, address: str) -> str:
        """What a browser would send to an address."""
        at = urlsplit(address)
        return "; ".join(
            f"{one.key}={one.coded_value}"
            for one in self.jar.values()
            if not (one["secure"] and at.scheme == "http") and _below(at.path, one["path"] or "/")
        )

    def _take(self, line: str) -> None:
        for name, given in SimpleCookie(line).items():
            if given["max-age"] == "0" or not given.value or "1970" in given["expires"]:
                self.jar.pop(name, None)
            else:
                self.jar[name] = given


async def leave(socket: WebSocketClientConnection) -> list[str | bytes]:
    """Close a socket, and wait until the other side has; what it still said."""
    socket.close()
    heard = []
    while (one := await socket.read_message()) is not None:
        heard.append(one)
    return heard


def _below(path: str, folder: str) -> bool:
    return path == folder or f"{path}/".startswith(folder if folder.endswith("/") else f"{folder}/")


class _Form(HTMLParser):
    """The place that the form of a page is sent to, and its hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.hidden = "", dict[str, str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input" and given.get("type") == "hidden":
            self.hidden[given["name"]] = given.get("value", "")
