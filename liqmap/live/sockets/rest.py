"""REST calls: with a time limit, retried, and obedient to a venue that asks to be left alone."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Any

from liqmap.live.sockets.backoff import Backoff
from liqmap.schema import words_of

MOST_BYTES = 64 << 20
TOO_MANY = (418, 429)
"""Of Binance the first is a ban, which goes on if one does not wait; the second a warning of it."""


class CallFailed(Exception):
    """No attempt was answered with what was asked for. status : of the last answer, 0 if there was none.
    body : what it said."""

    def __init__(self, why: str, status: int = 0, body: bytes = b"") -> None:
        super().__init__(why)
        self.status, self.body = status, body


class Rest:
    """How to call: a session of aiohttp, perhaps a proxy, seconds for each answer, how often to try again.
    What a venue asked to wait holds for every later call."""

    def __init__(self, session: Any, proxy: str | None, timeout_s: float, retries: int) -> None:
        self._session, self._proxy = session, proxy
        self._timeout_s, self._retries = timeout_s, retries
        self._not_before = 0.0

    async def get(self, url: str, backoff: Backoff) -> bytes:
        """The body of an answer.

        Raises
        ------
        CallFailed : the address is refused, or no attempt succeeded.
        """
        for attempt in range(self._retries + 1):
            await self.wait()
            try:
                return await self._once(url)
            except _Again as error:
                failed = error
            if failed.after is not None:
                self.hold(failed.after)
            elif attempt < self._retries:
                await asyncio.sleep(backoff.next())
        raise CallFailed(str(failed), failed.status, failed.body)

    def hold(self, seconds: float) -> None:
        """Call nothing for so long: the venue asks for it."""
        self._not_before = max(self._not_before, monotonic() + seconds)

    async def wait(self) -> None:
        """Until the venue may be asked."""
        if (seconds := self._not_before - monotonic()) > 0:
            await asyncio.sleep(seconds)

    async def _once(self, url: str) -> bytes:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=self._timeout_s)
        try:
            async with self._session.get(url, proxy=self._proxy, timeout=timeout) as answer:
                body = await answer.content.read(MOST_BYTES)
                while not answer.content.at_eof() and len(body) < MOST_BYTES:
                    body += await answer.content.read(MOST_BYTES - len(body))
                status, after = answer.status, answer.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _Again(f"{url}: {words_of(error) or type(error).__name__}") from error
        if status == 200:
            return body
        why = f"{url}: status {status} {body[:200].decode('utf-8', 'replace')}".rstrip()
        if status in TOO_MANY:
            raise _Again(why, status, body, seconds_after(after))
        if status >= 500:
            raise _Again(why, status, body)
        raise CallFailed(why, status, body)


class _Again(CallFailed):
    """Another attempt may help, after so many seconds where the venue says how many."""

    def __init__(self, why: str, status: int = 0, body: bytes = b"", after: float | None = None) -> None:
        super().__init__(why, status, body)
        self.after = after


def seconds_after(after: str) -> float | None:
    """What ``Retry-After`` asks for, a number of seconds or a date; None if it is neither."""
    if after.strip().isdecimal():
        return float(after)
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - time())
    except ValueError:
        return None
