"""A published server in a thread of this process, and all that its process logs meanwhile."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bokeh.settings import settings

from liqmap.app.publish.access import Access
from liqmap.app.publish.server import start


@contextmanager
def running(store: Path, access: Access) -> Iterator[str]:
    """The address of a server that runs on a free port of this machine until the end."""
    ready, found = threading.Event(), list[Any]()

    def run() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            server = start(store, access=access)
            found.append(server)
            server.io_loop.add_callback(ready.set)
            server.io_loop.start()
            server.stop()
        finally:
            ready.set()
            loop.close()

    validates = settings.perform_document_validation()
    thread = threading.Thread(target=run, name="published", daemon=True)
    thread.start()
    ready.wait()
    assert found, "expected a server that runs"
    try:
        yield f"http://127.0.0.1:{found[0].port}{access.prefix}/"
    finally:
        found[0].io_loop.add_callback(found[0].io_loop.stop)
        thread.join()
        settings.perform_document_validation = validates
        gc.unfreeze()


class Log(logging.Handler):
    """Keeps the lines that loggers of the server write, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.INFO:
            self.lines.append(self.format(record))

    @contextmanager
    def listening(self) -> Iterator[Log]:
        """Beside the handlers that there are: not all loggers hand on what they are told."""
        loggers = [logging.getLogger(name) for name in ("", "bokeh", "panel", "tornado", "asyncio", "liqmap")]
        heard = [one for one in loggers if one.name == "root" or not one.propagate or one.name == "liqmap"]
        for one in heard:
            one.addHandler(self)
        try:
            yield self
        finally:
            for one in heard:
                one.removeHandler(self)
