"""``kill -9`` of a recorder at random moments: at most a flush is missing, no row is doubled, and the next
start goes on by itself. SIGTERM: nothing is missing.

``LIQMAP_KILLS=50`` kills so many.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import liqmap as lm
from liqmap.live.recorder.folder import raw_files
from tests.live.recorder.child import FLUSH_S
from tests.live.recorder.fakes import Streams, recording
from tests.live.recorder.feeds import tables_of

KILLS = int(os.environ.get("LIQMAP_KILLS", "8"))
SLACK_S = 0.3
"""What a flush itself may take on a busy machine."""


def start(store: Path, journal: Path, first: int, roll_s: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.live.recorder.child", store, journal, first, roll_s]
    return subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])


def said(journal: Path) -> list[tuple[int, float]]:
    """Ids that were heard, each with when."""
    lines = journal.read_text().splitlines() if journal.exists() else []
    whole = [line.split() for line in lines if re.fullmatch(r"\d+ \d+\.\d+", line)]
    return [(int(number), float(when)) for number, when in whole]


def wait_for(journal: Path, count: int, child: subprocess.Popen[bytes]) -> None:
    while len(said(journal)) < count:
        assert child.poll() is None
        time.sleep(0.01)


def ids_in_raw(folder: Path) -> set[int]:
    found: set[int] = set()
    for path in raw_files(folder):
        stream = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
        text = b""
        try:
            while block := stream.read(1 << 16):
                text += block
        except OSError:
            pass
        found |= {int(u) - 100 for u in re.findall(rb'"u":(\d+)', text)}
    return found


def recover(store: Path) -> None:
    async def run() -> None:
        async with recording(store, Streams()):
            pass

    asyncio.run(run())


def check(store: Path, batch: Path) -> None:
    """What the store has is what its raw files give, and plain readers find no row twice."""
    recover(store)
    found = tables_of(store, "bybit")
    lm.ingest(raw_files(store / "raw" / "bybit" / "BTCUSDT"), store=batch)
    assert found == tables_of(batch, "bybit")
    tables = [pq.ParquetFile(path).read() for path in sorted(store.glob("depth/**/*.parquet"))]
    rows = Counter(
        row
        for table in tables
        for row in zip(*(table[n].to_pylist() for n in ("seq", "event", "side", "price")))
    )
    updates = {row: count for row, count in rows.items() if row[1] == "update"}
    messages = Counter(
        (r["seq"], r["side"], r["price"]) for r in found["depth"].to_pylist() if r["event"] == "update"
    )
    assert {(row[0], row[2], row[3]): count for row, count in updates.items()} == dict(messages)


@pytest.mark.long
def test_kill__at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(0)
    store, journal = tmp_path / "store", tmp_path / "journal"
    folder = store / "raw" / "bybit" / "BTCUSDT"
    for number in range(KILLS):
        before = len(said(journal))
        child = start(store, journal, 1 + 100_000 * number, chance.choice([0.7, 60.0]))
        wait_for(journal, before + 20, child)
        time.sleep(chance.uniform(0, 2.5))
        child.kill()
        killed = time.monotonic()
        with child:
            assert child.wait() == -signal.SIGKILL
        heard = {u for u, when in said(journal)[before:] if when < killed - FLUSH_S - SLACK_S}
        assert heard - ids_in_raw(folder) == set()
        if number % 4 == 3 or number == KILLS - 1:
            check(store, tmp_path / f"batch {number}")
    assert len(raw_files(folder)) >= KILLS // 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.long
def test_signal__loses_nothing(tmp_path: Path, number: signal.Signals) -> None:
    store, journal = tmp_path / "store", tmp_path / "journal"
    child = start(store, journal, 1, 60.0)
    wait_for(journal, 100, child)
    with child:
        child.send_signal(number)
        assert child.wait() == 0
    heard = {u for u, _ in said(journal)}
    assert heard <= ids_in_raw(store / "raw" / "bybit" / "BTCUSDT")
    assert {u + 100 for u in heard} <= set(tables_of(store, "bybit")["depth"]["seq"].to_pylist())
    check(store, tmp_path / "batch")
