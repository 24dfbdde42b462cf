"""Object storage on loopback: moto's server, its requests that write one after the other.

moto honours If-Match and If-None-Match, but looks and writes in two steps: of two writers at one time both
could win, as they cannot on S3. So whatever writes waits for its turn. What comes is counted, and may be cut
off.
"""

from __future__ import annotations

import logging
import os
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from liqmap.store.remote.address import address
from liqmap.store.remote.client import Client

WRITES = ("PUT", "POST", "DELETE")


class StandIn:
    """A server. Its address is in ``url`` once it has started.

    looks_away : conditions are not looked at, as services do that know none.
    before, after : called with the number of each request that writes, since the last `reset`, before it is
        done and before it is answered.
    """

    def __init__(self) -> None:
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def connection_dropped(self, error: Any, environ: Any = None) -> None:
                self.close_connection = True

            def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
                pass

        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self._app = DomainDispatcherApplication(create_backend_app)
        self._turn = threading.Lock()
        self.stores = 0
        self.reset()
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=Quiet)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def reset(self) -> None:
        """Count from nothing, and cut off nothing."""
        self.count = Counter[str]()
        self.log: list[str] = []
        self.writes = 0
        self.down = False
        self.looks_away = False
        self.before: Callable[[int], None] = lambda number: None
        self.after: Callable[[int], None] = lambda number: None

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def make_bucket(self, name: str) -> None:
        request = urllib.request.Request(f"{self.url}/{name}", method="PUT")
        urllib.request.urlopen(request).close()

    def _serve(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if self.down:
            raise ConnectionError
        self.count[method] += 1
        self.log.append(f"{method} {environ.get('REQUEST_URI', environ['PATH_INFO'])}")
        if self.looks_away:
            environ.pop("HTTP_IF_MATCH", None)
            environ.pop("HTTP_IF_NONE_MATCH", None)
        if method not in WRITES:
            return list(self._app(environ, start))
        with self._turn:
            if self.down:
                raise ConnectionError
            self.writes += 1
            number = self.writes
            self.before(number)
            if self.down:
                raise ConnectionError
            answer = list(self._app(environ, start))
            self.after(number)
            if self.down:
                raise ConnectionError
            return answer


def objects(url: str) -> dict[str, bytes]:
    """Everything below the address of a store."""
    found = Client(address(url))
    return {o.path: found.get(o.path)[0] for o in found.list()}


def environment(url: str, cache: str) -> dict[str, str]:
    """What a process needs to know of a stand-in."""
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "a-secret-that-nobody-prints",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_ALLOW_HTTP": "true",
        "LIQMAP_CACHE": cache,
        "NO_PROXY": f"{os.environ.get('NO_PROXY', '')},127.0.0.1",
    }
