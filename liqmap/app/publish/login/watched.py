"""Files that others change while a server runs: read again when they have changed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from liqmap.schema import LiqmapError

log = logging.getLogger("liqmap.app")

T = TypeVar("T")

SETTLED_NS = 2_000_000_000
"""Age from which on the time of a file is trusted: two changes within a tick of its clock look like one."""

Stamp = tuple[int, ...]


class Watched(Generic[T]):
    """What a file says; asked at each request, so a look at its times is all that it costs.

    Parameters
    ----------
    read : the value of a file; raises `LiqmapError` where it is not what it should be.
    else_ : what follows for visitors while it cannot be read, for the log.

    Raises
    ------
    LiqmapError : it cannot be read now; later on that is logged, once, and the value is None until it can.
    """

    def __init__(self, path: Path, read: Callable[[Path], T], else_: str) -> None:
        self.path, self._read, self._else = path, read, else_
        self._stamp = self._look()
        self._value: T | None = read(path)

    def _look(self) -> Stamp:
        """What changes with the file; never twice the same while that cannot be told."""
        try:
            found = self.path.stat()
        except OSError:
            return ()
        now = time.time_ns()
        settled = now - max(found.st_mtime_ns, found.st_ctime_ns) > SETTLED_NS
        times = (found.st_mtime_ns, found.st_ctime_ns)
        return (*times, found.st_size, found.st_ino, found.st_mode, 0 if settled else now)

    @property
    def value(self) -> T | None:
        """As the file is now; the same object as long as it says the same. None: it cannot be read."""
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            self._read_again()
        return self._value

    def _read_again(self) -> None:
        try:
            found = self._read(self.path)
        except LiqmapError as error:
            if self._value is not None:
                log.warning("%s: %s", self._else, error)
            self._value = None
            return
        if self._value is None:
            log.warning("%s can be read again", self.path)
        if found != self._value:
            self._value = found
