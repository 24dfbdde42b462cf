"""Work on the next items of a source in a thread of its own, while the last ones are used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T], depth: int = 3) -> Iterator[T]:
    """The same items, made by another thread at most ``depth`` items ahead; errors pass through."""
    line: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(depth)
    stop, done = threading.Event(), threading.Event()

    def put(item: tuple[bool, T | BaseException | None]) -> None:
        while not stop.is_set():
            try:
                return line.put(item, timeout=0.1)
            except queue.Full:
                continue

    def make() -> None:
        try:
            for item in items:
                put((True, item))
                if stop.is_set():
                    return
            put((False, None))
        except BaseException as error:  # raised again where the items are used
            put((False, error))
        finally:
            done.set()

    try:
        threading.Thread(target=make, name="liqmap-read", daemon=True).start()
    except BaseException:
        stop.set()
        raise
    try:
        while (got := line.get())[0]:
            yield got[1]  # type: ignore[misc]
        if got[1] is not None:
            raise got[1]  # type: ignore[misc]
    finally:
        stop.set()
        _wait(done)


def _wait(done: threading.Event) -> None:
    """Until it is set; Ctrl-C meanwhile is raised afterwards. Not ``Thread.join``: interrupted, CPython 3.11
    takes the thread for ended."""
    interrupt: BaseException | None = None
    while not done.is_set():
        try:
            done.wait()
        except (KeyboardInterrupt, SystemExit) as error:
            interrupt = error
    if interrupt is not None:
        raise interrupt
