"""One line of the log for each login that is refused, and few lines for many of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from liqmap.schema import printable

log = logging.getLogger("liqmap.app")

AT_ONCE, EACH_S = 10, 10.0
"""Lines that are written at once, and then one each so many seconds: a flood does not fill a disk."""


class Refusals:
    """Tells the log; of what it leaves out it tells how much.

    Parameters
    ----------
    clock : s, which never steps back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._room, self._last, self._untold = float(AT_ONCE), clock(), 0

    def tell(self, why: str, user: str | None, address: str) -> None:
        """Log a refusal.

        Parameters
        ----------
        user : None for one that the server does not know: what somebody typed there may be his password.
        """
        now = self._clock()
        self._room = min(AT_ONCE, self._room + (now - self._last) / EACH_S)
        self._last = now
        if self._room < 1:
            self._untold += 1
            return
        self._room -= 1
        whom = "an unknown user" if user is None else printable(user)[:100]
        more = f", and {self._untold} others since the last of these lines" if self._untold else ""
        self._untold = 0
        log.warning("login refused: %s, %s from %s%s", why, whom, printable(address)[:100], more)
