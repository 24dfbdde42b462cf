"""What the checksums of Kraken cost: a capture read with its checksums verified, and with them passed over.

The capture is a simulated market as Kraken's version 2 sends it, with the checksum of every message; and a
real one of version 1 where there is one. Both readings give the same rows.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

import liqmap as lm
from liqmap.formats.streams.checked_book import HeldAgainstChecksums
from liqmap.live.play import Exchange
from liqmap.schema import NO_CHECKSUM

from .report import Told, table
from .sample import real_data

RUNS = 5
DEPTH = 100


def run(minutes: float = 5) -> list[Told]:
    """Microseconds of processor time a message: the best of some readings, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "kraken.ndjson"
        symbol = asyncio.run(_capture(lm.simulate(minutes=minutes, seed=1, keep_truth=False), made))
        found = _both(f"simulated, version 2, book-{DEPTH}", made, symbol)
    if (real := real_data("kraken/KRAKEN.ws.50.0")) is not None:
        found += _both("captured, version 1, book-1000", real, "XMR/USD")
    return found


async def _capture(source: Any, path: Path) -> str:
    """Write what Kraken would send of a market, its book and its trades; the symbol there."""
    async with Exchange(source, "kraken", float("inf"), wait_for=2, ending="close") as exchange:
        (symbol,) = exchange.markets
        with path.open("w") as file:
            async with aiohttp.ClientSession() as session, session.ws_connect(exchange.url + "/v2") as socket:
                for told in ({"channel": "book", "depth": DEPTH}, {"channel": "trade"}):
                    await socket.send_str(
                        json.dumps({"method": "subscribe", "params": told | {"symbol": [symbol]}})
                    )
                async for message in socket:
                    file.write(f"{time.time_ns()} {message.data}\n")
    return symbol


def _both(title: str, path: Path, symbol: str) -> list[Told]:
    with_them: list[float] = []
    without: list[float] = []
    for _ in range(RUNS):
        checked, seconds = _read(path, symbol)
        with_them.append(seconds)
        with _passed_over():
            passed, seconds = _read(path, symbol)
            without.append(seconds)
    if checked.depth is None or passed.depth is None or not checked.depth.equals(passed.depth):
        raise AssertionError("rows depend on whether checksums are verified")
    row = checked.report.table.set_index("kind").loc["depth"]
    size = f"{title}, {row['messages']:,} messages"
    ours, peer = (1e6 * min(times) / row["messages"] for times in (with_them, without))
    return [
        Told("checksums verified", size, f"{ours:.1f} us", "", f"a message; {row['verified']:,} agree"),
        Told("... passed over", size, f"{peer:.1f} us", "", f"a message; they cost {ours - peer:.1f} us"),
    ]


def _read(path: Path, symbol: str) -> tuple[Any, float]:
    begin = time.process_time()
    capture = lm.read(path, symbol=symbol)
    return capture, time.process_time() - begin


@contextmanager
def _passed_over() -> Iterator[None]:
    """No checksum is looked at, and no book is built to compare it with."""
    check = HeldAgainstChecksums.check
    HeldAgainstChecksums.check = lambda *_: NO_CHECKSUM  # type: ignore[method-assign]
    try:
        yield
    finally:
        HeldAgainstChecksums.check = check  # type: ignore[method-assign]


if __name__ == "__main__":
    table(run())
