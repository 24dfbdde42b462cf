"""An archive on the loopback interface, with the paths of the public ones and every bad habit."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


@dataclass
class Archive:
    """What is served, and how. ``asked`` lists (path, Range header, status) in the order of the requests.

    drop : path -> after how many bytes of a body the connection is dropped, one entry per request.
    refuse : path -> (status, Retry-After) to answer first, one entry per request.
    change : path -> files that are replaced once it was asked for.
    unsaid : paths whose answers have no Content-Length: a connection that closes looks like the end.
    redirect : path -> Location to answer with.
    drip : paths where every byte, ``headers`` included or of the ``body``, takes 20 ms.
    stall : paths whose body stops after 10 bytes, one entry per request.
    ranges : whether Range is obeyed.
    together : what every request waits at before it is answered.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    drop: dict[str, list[int]] = field(default_factory=dict)
    refuse: dict[str, list[tuple[int, str | None]]] = field(default_factory=dict)
    change: dict[str, dict[str, bytes]] = field(default_factory=dict)
    unsaid: set[str] = field(default_factory=set)
    redirect: dict[str, str] = field(default_factory=dict)
    drip: dict[str, str] = field(default_factory=dict)
    stall: list[str] = field(default_factory=list)
    ranges: bool = True
    asked: list[tuple[str, str | None, int]] = field(default_factory=list)
    url: str = ""
    busiest: int = 0
    together: threading.Barrier | None = None
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)

    def paths(self, status: int | None = None) -> list[str]:
        return [path for path, _, got in self.asked if status in (None, got)]


def _handler(archive: Archive) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            with archive._lock:
                archive._busy += 1
                archive.busiest = max(archive.busiest, archive._busy)
            if archive.together is not None:
                archive.together.wait(60)
            with archive._lock:  # before the answer: who has it may ask again at once
                archive._busy -= 1
            self._answer(unquote(self.path).lstrip("/"))

        def _answer(self, path: str) -> None:
            wanted = self.headers.get("Range")
            body, status, headers = archive.files.get(path), 200, {}
            if path in archive.redirect:
                status, headers, body = 302, {"Location": archive.redirect[path]}, b""
            elif archive.refuse.get(path):
                status, after = archive.refuse[path].pop(0)
                headers = {"Retry-After": after} if after else {}
                body = b"later"
            elif body is None:
                status, body = 404, b"<html>no such file</html>"
            elif wanted and archive.ranges:
                begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
                if begin >= len(body):
                    status, body = 416, b""
                else:
                    total = "*" if path in archive.unsaid else len(body)
                    headers = {"Content-Range": f"bytes {begin}-{len(body) - 1}/{total}"}
                    status, body = 206, body[begin:]
            tag = f'"{zlib.crc32(archive.files.get(path, b""))}"'
            if status == 206 and self.headers.get("If-Range", tag) != tag:
                status, body, headers = 200, archive.files[path], {}
            headers["ETag"] = tag
            archive.files.update(archive.change.pop(path, {}))
            archive.asked.append((path, wanted, status))
            if archive.drip.get(path) == "headers":
                self._drip(b"HTTP/1.0 200 OK\r\nX-More: " + b"x" * 60_000)
            self.send_response(status)
            length = {} if path in archive.unsaid else {"Content-Length": str(len(body))}
            for name, value in {**length, "Connection": "close", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if status in (200, 206) and archive.drop.get(path):
                body = body[: archive.drop[path].pop(0)]
            if status in (200, 206) and path in archive.stall:
                archive.stall.remove(path)
                self.wfile.write(body[:10])
                self.wfile.flush()
                archive.released.wait(20)
                return
            if archive.drip.get(path) == "body":
                self._drip(body)
            else:
                self.wfile.write(body)

        def _drip(self, data: bytes) -> None:
            try:
                for at in range(len(data)):
                    if archive.released.wait(0.02):
                        return
                    self.wfile.write(data[at : at + 1])
            except OSError:  # nobody listens any more
                pass

    return Handler


@contextmanager
def serving(archive: Archive) -> Iterator[Archive]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(archive))
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    archive.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield archive
    finally:
        archive.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
