"""A small site behind an entrance: its login pages, and one page that says who is there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from liqmap.app.publish.login.entrance import Entrance
from liqmap.app.publish.login.provision import LoginProvider

TOKEN = re.compile(rb'name="token" value="([^"]*)"')


class Somebody(RequestHandler):
    """Says who is there, as a page or a socket would ask."""

    def initialize(self, entrance: Entrance) -> None:
        self.entrance = entrance

    def get(self) -> None:
        user = self.entrance.logins.user_of(self)
        if user is None:
            self.send_error(403)
        else:
            self.write(user)


@dataclass
class Site:
    """Where it is, and a client for it."""

    url: str
    client: SimpleAsyncHTTPClient

    async def ask(
        self, path: str, cookies: dict[str, str] | None = None, address: str = "192.0.2.1", **options: Any
    ) -> HTTPResponse:
        """An answer, whatever its status; it is not followed anywhere."""
        url = path if path.startswith("http") else self.url + path
        headers = {"X-Real-Ip": address, **options.pop("headers", {})}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return await self.client.fetch(
            url, raise_error=False, follow_redirects=False, headers=headers, **options
        )


@dataclass
class Browser:
    """Keeps cookies, and fills in forms."""

    site: Site
    address: str = "192.0.2.1"
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **options: Any) -> HTTPResponse:
        return self._kept(await self.site.ask(path, self.cookies, self.address, **options))

    async def post(self, path: str, **fields: str) -> HTTPResponse:
        body = urlencode(fields)
        return self._kept(await self.site.ask(path, self.cookies, self.address, method="POST", body=body))

    async def form(self, path: str, **fields: str) -> HTTPResponse:
        """Fill in the form of a page."""
        page = await self.get(path)
        return await self.post(path.partition("?")[0], token=TOKEN.search(page.body)[1].decode(), **fields)

    async def login(self, user: str, password: str, **more: str) -> HTTPResponse:
        return await self.form("/login", username=user, password=password, **more)

    async def who(self) -> str | None:
        """Whom the site takes this browser for."""
        answer = await self.get("/")
        return answer.body.decode() if answer.code == 200 else None

    def _kept(self, answer: HTTPResponse) -> HTTPResponse:
        for line in answer.headers.get_list("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if value.strip('"'):
                self.cookies[name] = value
        return answer


@asynccontextmanager
async def site(entrance: Entrance) -> AsyncIterator[Site]:
    """The site, as long as it is wanted; who asks may say what address he asks from."""
    prefix = entrance.prefix
    found: Any = LoginProvider(entrance).endpoints
    routes = [(prefix + url, *rest) for url, *rest in found]
    server = HTTPServer(
        Application([*routes, (f"{prefix}/", Somebody, {"entrance": entrance})]), xheaders=True
    )
    socket, port = bind_unused_port()
    server.add_socket(socket)
    client = SimpleAsyncHTTPClient(force_instance=True, max_clients=200)
    try:
        yield Site(f"http://127.0.0.1:{port}{prefix}", client)
    finally:
        server.stop()
        await server.close_all_connections()
        client.close()
        entrance.known_lane.close()
        entrance.new_lane.close()
