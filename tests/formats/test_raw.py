"""Raw files: what is inside whichever wrapping, and threads that end when asked to."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from liqmap.formats.raw import ahead


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs signals to a thread")
def test_ahead__ctrl_c_at_its_end_waits_for_the_thread() -> None:
    begun, ended = threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        yield 1
        begun.set()
        time.sleep(0.2)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # type: ignore[arg-type]
        time.sleep(0.2)
        ended.set()
        yield 2

    numbers = ahead(items())
    assert next(numbers) == 1
    assert begun.wait(5)
    with pytest.raises(KeyboardInterrupt):
        numbers.close()  # type: ignore[attr-defined]
    assert ended.is_set(), "the thread was left running"
