"""Sends cases to a server, many at a time, and gives back what it said."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.app.publish.guest import Guest, leave
from tests.app.publish.random_requests.cases import LONGEST_HEAD, Case, Fragment, Login, Page, Raw, Said

ANSWER_S, SILENCE_S = 30.0, 0.1
"""How long an answer that is owed is waited for, and one that is not."""

MODEL = re.compile(r'"id":"(p\d+)"')
PULL = (json.dumps({"msgid": "1", "msgtype": "PULL-DOC-REQ"}), "{}", "{}")


class Heard(NamedTuple):
    """What was said to a case. status : None where it was no answer of HTTP, or none was owed."""

    case: Case | None
    status: int | None
    text: str

    def __repr__(self) -> str:
        return f"{self.status} to {self.case}: {self.text[-1000:]}"


class Sender:
    """Sends as a stranger, or as ``guest``, who has logged in."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        at = urlsplit(guest.url)
        self.host, self.port = at.hostname or "", at.port or 0

    async def send(self, cases: Sequence[Case]) -> list[Heard]:
        """What is said to each, and last to who asks for the server's health."""
        said = [case for case in cases if isinstance(case, Said)]
        others = [self._send(case) for case in cases if not isinstance(case, Said)]
        heard = await asyncio.gather(*others, *([self._say(said)] if said else []))
        found = [one for part in heard for one in (part if isinstance(part, list) else [part])]
        health = await self.guest.ask(f"{self.guest.prefix}/healthz")
        return [*found, Heard(None, health.status, health.body.decode())]

    async def _send(self, case: Case) -> Heard:
        if isinstance(case, Page):
            page = await self.guest.ask(f"{self.guest.prefix}/?{case.query}")
            hung_up = page.status == 599 and len(case.query) > LONGEST_HEAD
            return Heard(case, None if hung_up else page.status, page.body.decode())
        if isinstance(case, Login):
            head = f"POST {self.guest.prefix}/login HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n"
            head += f"Content-Type: {case.kind}\r\nContent-Length: {len(case.body)}\r\n\r\n"
            return await self._bytes(case, head.encode() + case.body, owed=True)
        assert isinstance(case, Raw)
        cookies = f"Cookie: {self.guest.cookies(self.guest.url)}\r\n\r\n".encode()
        head = case.head.removesuffix(b"\r\n") + cookies if case.known and case.whole else case.head
        return await self._bytes(case, head + case.body, case.whole)

    async def _bytes(self, case: Case, sent: bytes, owed: bool) -> Heard:
        """What comes back for bytes, until the server hangs up."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        got = b""
        try:
            writer.write(sent)
            async with asyncio.timeout(ANSWER_S if owed else SILENCE_S):
                got = await reader.read(10**7)
                while more := await reader.read(10**7):
                    got += more
        except (ConnectionError, TimeoutError):
            assert not owed, (case, got)
        finally:
            writer.close()
        assert got or not owed, case
        status = int(got.split()[1]) if got.startswith(b"HTTP/1.1 ") else None
        return Heard(case, status, got.decode("utf-8", "replace"))

    async def _say(self, cases: Sequence[Said]) -> list[Heard]:
        """All on sockets of one page, one after the other."""
        token = await self.guest.token()
        models = MODEL.findall(await self._talk(token, PULL, until="PULL-DOC-REPLY"))
        found = []
        for case in cases:
            fragments = tuple(_named(one, models) for one in case.fragments)
            found.append(Heard(case, None, await self._talk(token, fragments)))
        return found

    async def _talk(self, token: str, fragments: Sequence[Fragment], until: str = "") -> str:
        """What is heard on a socket on which fragments are said, until the server has heard all of them."""
        socket = await self.guest.socket(token)
        heard: list[str] = []
        async with asyncio.timeout(ANSWER_S):
            while not heard or "ACK" not in heard[-1]:
                one = await socket.read_message()
                if one is None:
                    return "".join(heard)
                heard.append(str(one))
            for fragment in fragments:
                if socket.protocol is None or socket.protocol.client_terminated:
                    break
                await socket.write_message(fragment, binary=isinstance(fragment, bytes))
            while until:
                heard.append(str(await socket.read_message()))
                if until in heard[-1]:
                    heard += [str(await socket.read_message()) for _ in range(2)]
                    break
            # What was said before, the server has heard when it answers this.
            heard += [one for one in await leave(socket) if isinstance(one, str)]
        return "".join(heard)


def _named(fragment: Fragment, models: list[str]) -> Fragment:
    """With ids of models for what stands for them."""
    if isinstance(fragment, bytes) or not models:
        return fragment
    return re.sub(r"@(\d+)@", lambda at: models[int(at[1]) % len(models)], fragment)
