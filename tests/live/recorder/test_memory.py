"""What a recorder keeps does not grow with the time that it runs, nor with what waits for a disk."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from liqmap.ingestion import IngestReport
from liqmap.ingestion.report import SourceRow
from liqmap.live.market import Market
from liqmap.live.recorder import hearing, recording, report
from liqmap.live.recorder.growing_file import APART_S, GrowingFile
from liqmap.live.recorder.market_recorder import MarketRecorder
from liqmap.live.recorder.raw_log import line_of
from liqmap.live.recorder.recording import Recording
from liqmap.live.recorder.relay import Relay
from liqmap.schema import Meta, StoreError
from liqmap.store import growing
from liqmap.store.commit import digests
from tests.live.recorder import fakes
from tests.live.recorder.fakes import Streams, until
from tests.live.recorder.feeds import bybit, tables_in, tables_of

BTC = Market("bybit", "BTCUSDT")
FILES = 8


def heard_from(first: int, count: int = 6) -> list[tuple[int, bytes]]:
    """Messages that begin with a snapshot."""
    return bybit(count, seed=first, first=first)


def test_recorder__keeps_nothing_of_files_that_are_finished(tmp_path: Path, monkeypatch) -> None:
    """Neither rows, nor that they have ended: another recording may get the id of one that is no more."""
    monkeypatch.setattr(hearing, "OVERLAP_S", 0.01)
    made: list[MarketRecorder] = []
    relays: list[Relay] = []
    seen: list[int] = []
    real, pass_on = MarketRecorder.__init__, Relay.__init__

    def made_market(self: MarketRecorder, *args: object, **options: object) -> None:
        made.append(self)
        real(self, *args, **options)  # type: ignore[arg-type]

    def made_relay(self: Relay, *args: object, **options: object) -> None:
        relays.append(self)
        pass_on(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(MarketRecorder, "__init__", made_market)
    monkeypatch.setattr(Relay, "__init__", made_relay)

    def receive(market: Market, kind: str, rows: pa.RecordBatch, meta: Meta) -> None:
        if kind == "depth":
            seen.extend(rows["seq"].to_pylist())

    async def run() -> None:
        streams = Streams()
        async with fakes.recording(tmp_path / "store", streams, roll_s=0.05, receive=receive):
            for number in range(FILES):
                stream = await streams.begun(number + 1)
                stream.say(*heard_from(1 + 6 * number))
                if number:
                    await until(lambda: streams.made[number - 1].ended)  # noqa: B023
                    await until(lambda: len(made[0]._queue) == 1)
                assert len(made[0]._ended) <= len(made[0]._queue) + 1
                assert relays[0]._waiting.keys() <= {id(one) for one in made[0]._queue}

    asyncio.run(run())
    assert relays[0]._waiting == {}
    assert set(seen) >= set(range(101, 101 + 6 * FILES))


def no_room(root: Path) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_recording__rows_that_wait_for_the_store_are_few_batches(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(recording, "MOST_BATCHES", 10)
    monkeypatch.setattr(recording, "LONG", 100)
    heard, folder = bybit(200, seed=1), tmp_path / "raw"
    folder.mkdir()
    one = Recording(BTC, folder, heard[0][0], tmp_path / "store")
    with monkeypatch.context() as patch:
        patch.setattr(growing, "staged", no_room)
        for begin in range(0, 150, 5):
            for ns, message in heard[begin : begin + 5]:
                one.hear(line_of(ns, message))
            with pytest.raises(StoreError):
                one.flush()
            waiting = sum(batch.rows.num_rows for batch in one._rows)
            assert len(one._rows) <= 10 + 10 + 2 * (1 + waiting // 100)  # and those of the last flush
            assert len(one._marks) <= 1 + 5
    for ns, message in heard[150:]:
        one.hear(line_of(ns, message))
    one.flush()
    one.finish()
    assert tables_of(tmp_path / "store", "bybit") == tables_in(one.path, venue="bybit")


def test_recording__digests_of_parts_that_were_joined_are_forgotten(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(growing, "MOST_SMALL", 3)
    heard, folder = bybit(60, seed=1), tmp_path / "raw"
    folder.mkdir()
    one = Recording(BTC, folder, heard[0][0], tmp_path / "store")
    for ns, message in heard:
        one.hear(line_of(ns, message))
        one.flush()
    one.finish()
    known = [path for path in digests._sound if path.startswith(str(tmp_path))]
    assert [path for path in known if not Path(path).exists()] == []


def test_report__tells_the_newest_and_whether_there_were_losses(monkeypatch) -> None:
    monkeypatch.setattr(report, "MOST_TOLD", 3)
    told = report.RecordReport()
    for number in range(10):
        status = "partial" if number == 2 else "ok"
        one = IngestReport([SourceRow(f"{number}", status=status)], notes=[f"note {number}"])
        told.add(one)
        assert told.exit_code == (number >= 2)
    assert [row.path for row in told.sources] == ["7", "8", "9"]
    assert told.notes == ["note 7", "note 8", "note 9"]


def test_growing_file__every_line_once_in_chunks_that_are_apart() -> None:
    """Fast lines come in few chunks; one after a pause comes alone."""
    file = GrowingFile(Path("none"))
    lines = [b"%d {}\n" % number for number in range(2_000)]
    chunks: list[bytes] = []
    came = threading.Event()

    def read() -> None:
        for chunk, position in file.chunks():
            chunks.append(chunk)
            assert position == sum(map(len, chunks))
            came.set()

    reader = threading.Thread(target=read)
    begun = time.monotonic()
    reader.start()
    for line in lines[:-1]:
        file.add(line)
    while file.position < file.size:
        time.sleep(APART_S)
    assert len(chunks) <= 2 + (time.monotonic() - begun) / APART_S
    came.clear()
    file.add(lines[-1])
    assert came.wait(20)
    assert chunks[-1] == lines[-1]
    file.end()
    reader.join()
    assert b"".join(chunks) == b"".join(lines)
