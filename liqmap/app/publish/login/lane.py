"""Work that takes a processor for a while, such as a hash of a password, beside the loop that serves all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

WAITING = 8
"""Tries that wait for their turn, some tens of milliseconds each; more are told to come again."""


class Lane:
    """One thread, and a queue that is bounded."""

    def __init__(self, name: str, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._most, self._inside = waiting + 1, 0

    @property
    def full(self) -> bool:
        return self._inside >= self._most

    async def run(self, work: Callable[..., T], *given: object) -> T:
        """What a function returns; it runs to its end though nobody may wait for it any more."""
        self._inside += 1
        future = self._pool.submit(work, *given)
        loop = asyncio.get_running_loop()

        def leave(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._leave)

        future.add_done_callback(leave)
        return await asyncio.wrap_future(future)

    def _leave(self) -> None:
        self._inside -= 1

    def close(self) -> None:
        """Nothing more is taken."""
        self._pool.shutdown(wait=False, cancel_futures=True)
