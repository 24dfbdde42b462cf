"""What is done to a server: visitors come and go, many stay, sockets are left half-open, it is killed."""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import Any

from tornado.httpclient import HTTPClientError

from benchmarks.visitor import Visitor
from tests.app.publish.guest import Guest, leave
from tests.app.publish.load.watched import Server

STEP_S = 4.0
"""How often a visitor who stays moves a slider and asks for a picture."""

FRAME = (600, 400)


def visitor_of(guest: Guest) -> Visitor:
    """Who comes with the cookies of a guest."""
    return Visitor(guest.url, {"Cookie": guest.cookies(guest.url), "Origin": guest.origin})


async def warm(guest: Guest) -> None:
    """One visitor, and a picture: who comes first after an installation waits for the compiler."""
    await stay(guest, 1, STEP_S / 2)


async def come_and_go(guest: Guest, times: int, every_s: float = 0.0) -> None:
    """Page, document, gone; again and again."""
    for _ in range(times):
        begin, one = time.monotonic(), visitor_of(guest)
        await one.come()
        one.leave()
        await asyncio.sleep(max(0.0, every_s - (time.monotonic() - begin)))


async def stay(
    guest: Guest, visitors: int, seconds: float, others_s: float = 0.0
) -> tuple[float, float, int]:
    """So many at once, who look; gives from when to when all were there, and how many pictures they got.

    others_s : how often somebody else comes and goes meanwhile; 0: nobody does.
    """
    there = [visitor_of(guest) for _ in range(visitors)]
    for one in there:
        await one.come()
    while not all(one.knows("looking") for one in there):  # pages from before the session was open
        for k, one in enumerate(there):
            if not one.knows("looking"):
                one.leave()
                there[k] = visitor_of(guest)
                await there[k].come()
    begin = time.time()
    looking = [_look(one, k * STEP_S / visitors, begin + seconds) for k, one in enumerate(there)]
    others = come_and_go(guest, int(seconds / others_s) if others_s else 0, others_s)
    *pictures, _ = await asyncio.gather(*looking, others)
    end = time.time()
    for one in there:
        one.leave()
    return begin, end, sum(pictures)


async def _look(visitor: Visitor, after: float, until: float) -> int:
    """Move the slider of the half-life and ask for the picture of it, until it is time; how many came."""
    await asyncio.sleep(after)
    for number in count(1):
        if time.time() > until:
            return number - 1
        begin, half_life = time.monotonic(), (5 + number % 12) * 10**9
        values = {"count": number, "values": {"half_life_s": half_life}}
        await visitor.tell("half_life_s", "choose", values)
        await visitor.ask("frame", _view(visitor, half_life))
        await asyncio.sleep(max(0.0, STEP_S - (time.monotonic() - begin)))
    raise AssertionError


def _view(visitor: Visitor, half_life: int) -> dict[str, Any]:
    return {
        "view": visitor.part("looking")["view"], "size": list(FRAME), "halfLife": half_life, "prune": "auto",
        "agg": "peak", "shown": [True, True], "stable": True,
    }  # fmt: skip


async def half_open(guest: Guest, sockets: int, seconds: float) -> tuple[int, float]:
    """Begin requests of four kinds and say no more; gives how many the server has closed within some time,
    and after which time it had closed the last of them."""
    port = int(guest.origin.rsplit(":", 1)[1])
    place, key = guest.prefix, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
    begun = (
        b"",
        b"GET / HT",
        f"GET {place}/ HTTP/1.1\r\nHost: x\r\nCookie: ".encode(),
        f"POST {place}/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nusername=".encode(),
        (f"GET {place}/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n"
         f"Sec-WebSocket-Version: 13\r\nOrigin: {guest.origin}\r\n\r\n").encode(),
    )  # fmt: skip
    wires = []
    for k in range(sockets):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun[k % len(begun)])
        await writer.drain()
        wires.append((reader, writer))
    since = time.monotonic()
    closed = await asyncio.gather(*(_closed(reader, since, seconds) for reader, _ in wires))
    for _, writer in wires:
        writer.close()
    ended = [after for after in closed if after is not None]
    return len(ended), max(ended, default=0.0)


async def _closed(reader: asyncio.StreamReader, since: float, seconds: float) -> float | None:
    """After which time the other side has hung up; None where it has not."""
    try:
        async with asyncio.timeout(seconds):
            while await reader.read(4096):
                pass
    except TimeoutError:
        return None
    except ConnectionError:
        pass
    return time.monotonic() - since


async def killed(guest: Guest, server: Server) -> list[str]:
    """Kill the server while somebody looks, and start it again; gives what he has lost by that."""
    token = await guest.token()
    server.end(kill=True)
    await asyncio.to_thread(server.start)
    lost = []
    page = await guest.ask(f"{guest.prefix}/")
    if page.status != 200:
        lost.append(f"his login: the page answers {page.status}")
    try:
        socket = await guest.socket(token)  # as the page does that is still open in his browser
        first = await socket.read_message()
        await leave(socket)
    except HTTPClientError as error:
        first = f"status {error.code}"
    if first is None or "ACK" not in str(first):
        lost.append(f"the page that was open, whose socket is refused: {first}")
    return lost
