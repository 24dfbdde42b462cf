"""``python -m benchmarks.plain_recorder MARKET --url URL --store DIR``: lines as they come, and nothing else.

One connection, each message with the local time before it, a zstd frame and an fsync every two seconds:
without a look at what a message says, without a store.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pyarrow as pa

from liqmap.live.feeds import DirectFeed
from liqmap.live.feeds.registry import feed_of
from liqmap.live.market import Market
from liqmap.live.sockets.address import moved

FLUSH_S = 2.0


async def record(market: str, url: str, path: Path) -> int:
    """Until SIGTERM; how many lines there are."""
    feed = feed_of(Market.parse(market))
    assert isinstance(feed, DirectFeed)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    lines: list[bytes] = []
    address = moved(feed.url, url)
    async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
        for text in feed.subscribe():
            await socket.send_str(text)
        hearing = asyncio.ensure_future(_hear(socket, lines))
        if feed.snapshot_url is not None:
            while len(lines) < 3:
                await asyncio.sleep(0.05)
            async with session.get(moved(feed.snapshot_url, url)) as answer:
                lines.append(_line(await answer.read()))
        count = await _keep_flushing(lines, path, stop)
        hearing.cancel()
    return count


async def _hear(socket: Any, lines: list[bytes]) -> None:
    async for message in socket:
        lines.append(_line(message.data.encode()))  # noqa: PERF401


def _line(message: bytes) -> bytes:
    return b"%d %b\n" % (time.time_ns(), message)


async def _keep_flushing(lines: list[bytes], path: Path, stop: asyncio.Event) -> int:
    """Until it is stopped; the lines that were written."""
    count, over = 0, False
    with path.open("wb") as file:
        while not over:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), FLUSH_S)
            over = stop.is_set()
            data, count = b"".join(lines), count + len(lines)
            lines.clear()
            file.write(pa.compress(data, "zstd", asbytes=True))
            file.flush()
            os.fsync(file.fileno())
    return count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("market")
    parser.add_argument("--url")
    parser.add_argument("--store", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    print(json.dumps({"lines": asyncio.run(record(args.market, args.url, args.store / "plain.ndjson.zst"))}))


if __name__ == "__main__":
    main()
