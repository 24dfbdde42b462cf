"""Work that takes a processor for a while, such as a hash of a password, beside the loop that serves all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

WAITING = 16
"""Tries that wait for their turn, some tens of milliseconds each; more are told to come again."""


MOST_OF_ONE = 2
"""Of them that may be at one account: whoever attacks that leaves places to the others."""


class Lane:
    """One thread, and a queue that is bounded, for all and for each of those whom the work is about."""

    def __init__(self, name: str, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._most = waiting + 1
        self._inside: Counter[Hashable] = Counter()

    def full(self, whom: Hashable) -> bool:
        """Whether there is no place for more work about somebody."""
        return self._inside[whom] >= MOST_OF_ONE or self._inside.total() >= self._most

    async def run(self, whom: Hashable, work: Callable[..., T], *given: object) -> T:
        """What a function returns; it runs to its end though nobody may wait for it any more."""
        self._inside[whom] += 1
        future = self._pool.submit(work, *given)
        loop = asyncio.get_running_loop()

        def leave(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._leave, whom)

        future.add_done_callback(leave)
        return await asyncio.wrap_future(future)

    def _leave(self, whom: Hashable) -> None:
        self._inside[whom] -= 1
        if not self._inside[whom]:
            del self._inside[whom]

    def close(self) -> None:
        """Nothing more is taken."""
        self._pool.shutdown(wait=False, cancel_futures=True)
