"""A recorder as a whole: streams that are said to, files that roll, disks that are full, clocks that step."""

from __future__ import annotations

import asyncio
import errno
import os
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

import liqmap as lm
from liqmap.live.market import Market
from liqmap.live.recorder import hearing, market_recorder, raw_log, record
from liqmap.live.recorder.folder import raw_files
from liqmap.schema import LiveError, Meta
from tests.live.recorder.fakes import BTC, Fake, Streams, recording, until
from tests.live.recorder.feeds import Heard, binance, bybit, tables_of

ETH = Market("bybit-spot", "ETHUSDT")


def files_of(store: Path, market: Market = BTC) -> list[Path]:
    return raw_files(store / "raw" / market.venue / market.symbol)


def ingested(store: Path, at: Path) -> dict[str, pa.Table]:
    """What the raw files of a store give by themselves."""
    report = lm.ingest(files_of(store), store=at)
    assert report.errors == []
    return tables_of(at, "bybit")


async def say(store: Path, heard: Heard, **options: object) -> None:
    streams = Streams()
    async with recording(store, streams, **options):  # type: ignore[arg-type]
        streams.made[0].say(*heard)


def test_recorder__what_was_heard_is_in_the_raw_file_and_the_store(tmp_path: Path) -> None:
    store, heard = tmp_path / "store", bybit(50)
    asyncio.run(say(store, heard))
    (path,) = files_of(store)
    text = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd").read()
    assert text == b"".join(b"%d %b\n" % line for line in heard)
    assert tables_of(store, "bybit") == ingested(store, tmp_path / "batch")
    assert lm.open_store(store).session("bybit", "BTCUSDT").depth().num_rows > 200


def test_recorder__new_files_overlap_and_nothing_is_doubled(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(hearing, "OVERLAP_S", 0.05)
    store = tmp_path / "store"
    whole = bybit(120)
    got: list[tuple[str, pa.RecordBatch]] = []

    def receive(market: Market, kind: str, rows: pa.RecordBatch, meta: Meta) -> None:
        got.append((kind, rows))

    def snapshot(at: int) -> Heard:
        """What a stream hears that begins at a message: the book as it is then."""
        other = bybit(120, snapshots=(0, at))
        begin = next(i for i, (ns, _) in enumerate(other) if ns == whole_at(at))
        return other[begin : begin + 1]

    def whole_at(number: int) -> int:
        return bybit(120)[0][0] + 20_000_000 * number

    async def run() -> lm.Capture:
        streams = Streams()
        async with recording(store, streams, roll_s=0.3, receive=receive) as recorder:
            first = streams.made[0]
            early = [line for line in whole if line[0] <= whole_at(59) + 2_000_000]
            late = [line for line in whole if line[0] > whole_at(59) + 2_000_000]
            first.say(*early)
            second = await streams.begun(2)
            second.say(*snapshot(59))
            first.say(*late[:20])
            second.say(*late[:20])
            await until(lambda: first.ended)
            second.say(*late[20:])
        return recorder

    recorder = asyncio.run(run())
    assert len(files_of(store)) == 2
    assert recorder.report.lost == []
    found = tables_of(store, "bybit")
    assert found == ingested(store, tmp_path / "batch")
    once = tmp_path / "once.ndjson"
    once.write_bytes(b"".join(b"%d %b\n" % line for line in whole))
    alone = lm.read(once, venue="bybit")
    seqs = Counter(found["depth"]["seq"].to_pylist())
    plain = Counter(alone.depth["seq"].to_pylist())
    assert {seq for seq in plain if seqs[seq] != plain[seq]} == {100 + 1 + 59}  # the second snapshot
    assert "gap" not in found["depth"]["event"].to_pylist()
    assert found["trades"]["id"].to_pylist() == alone.trades["id"].to_pylist()
    watched = pa.Table.from_batches([rows for kind, rows in got if kind == "depth"])
    assert watched["seq"].to_pylist() == alone.depth["seq"].to_pylist()
    trades = pa.Table.from_batches([rows for kind, rows in got if kind == "trades"])
    assert trades["id"].to_pylist() == alone.trades["id"].to_pylist()


def test_recorder__goes_on_where_another_ended_and_tells_the_gap(tmp_path: Path) -> None:
    store, heard = tmp_path / "store", bybit(60)
    asyncio.run(say(store, heard[:30]))
    streams = Streams()

    async def again() -> lm.Capture:
        async with recording(store, streams) as recorder:
            streams.made[0].say(*bybit(60, first=1000, snapshots=(0,)))
            await until(lambda: recorder.statuses[BTC].gaps)
        return recorder

    report = asyncio.run(again()).report
    (gap,) = report.lost
    assert gap.reason == "not recorded"
    assert gap.seq_until == 1100
    found = tables_of(store, "bybit")
    assert found["depth"]["event"].to_pylist().count("gap") == 1
    assert found == ingested(store, tmp_path / "batch")


def test_recorder__a_connection_made_anew_begins_a_file_where_snapshots_come_by_rest(tmp_path: Path) -> None:
    class Rest(Fake):
        class feed:  # noqa: N801
            snapshot_url = "https://host/depth"

    store, heard = tmp_path / "store", binance(60)
    market = Market("binance-futures", "BTCUSDT")
    streams = Streams(Rest)

    async def run() -> None:
        async with recording(store, streams, (market,)):
            stream = streams.made[0]
            stream.say(*heard[:30])
            stream.status.reconnects += 1
            stream.say(*binance(40, seed=9)[30:])

    asyncio.run(run())
    assert len(files_of(store, market)) == 2


def test_recorder__a_market_that_is_refused_leaves_the_others_alone(tmp_path: Path) -> None:
    class Refused(Fake):
        async def run(self) -> None:
            if self.market == ETH:
                raise LiveError(where=self.market, expected="a market that the venue has", got="none")
            await super().run()

    streams = Streams(Refused)

    async def run() -> lm.Capture:
        async with recording(tmp_path / "store", streams, (ETH, BTC)) as recorder:
            await until(lambda: recorder.statuses[ETH].state == "stopped")
            streams.made[1].say(*bybit(20))
        return recorder

    recorder = asyncio.run(run())
    assert len(recorder.report.failures) == 1
    assert "a market that the venue has" in recorder.statuses[ETH].error
    assert recorder.report.exit_code == 1
    assert tables_of(tmp_path / "store", "bybit")["depth"].num_rows > 100


def test_recorder__two_of_them_do_not_write_one_folder(tmp_path: Path) -> None:
    async def run() -> None:
        streams = Streams()
        async with recording(tmp_path / "store", streams):
            with pytest.raises(LiveError, match="another process records"):
                async with recording(tmp_path / "store", streams):
                    pass

    asyncio.run(run())


def test_recorder__a_full_disk_drops_what_there_is_no_room_for_and_goes_on(
    tmp_path: Path, monkeypatch
) -> None:
    store, heard = tmp_path / "store", bybit(90)
    full = [False]
    write = os.write

    def short(file: int, data: bytes) -> int:
        if full[0]:
            if len(data) > 10:
                return write(file, data[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, data)

    monkeypatch.setattr(raw_log.os, "write", short)
    monkeypatch.setattr(market_recorder.MarketRecorder.__init__, "__defaults__", (None, 4_000, None))
    streams = Streams()

    async def run() -> lm.Capture:
        async with recording(store, streams) as recorder:
            stream = streams.made[0]
            stream.say(*heard[:1])
            await until(lambda: recorder.report.raw_bytes[BTC])
            stream.say(*heard[1:8])
            full[0] = True
            stream.say(*heard[8:14])
            await until(lambda: "No space left" in recorder.statuses[BTC].error)
            stream.say(*heard[14:60])
            assert recorder.report.dropped[BTC] > 10
            full[0] = False
            await until(lambda: recorder.statuses[BTC].error == "")
            stream.say(*heard[60:])
        return recorder

    recorder = asyncio.run(run())
    report = recorder.report
    dropped = report.dropped[BTC]
    assert report.exit_code == 1
    (path,) = files_of(store)
    lines = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd").read().splitlines()
    told = [line for line in lines if b" lost " in line]
    assert len(lines) - len(told) + dropped == len(heard)
    assert sum(int(line.split()[2]) for line in told) == dropped
    assert b"no room" in told[0]
    found = tables_of(store, "bybit")
    assert "gap" in found["depth"]["event"].to_pylist()
    assert found == ingested(store, tmp_path / "batch")


def test_recorder__a_store_that_cannot_be_written_gets_it_later(tmp_path: Path, monkeypatch) -> None:
    from liqmap.store import growing

    store, heard = tmp_path / "store", bybit(60)
    streams = Streams()
    real = growing.staged

    async def run() -> lm.Capture:
        async with recording(store, streams) as recorder:
            monkeypatch.setattr(growing, "staged", fail)
            streams.made[0].say(*heard[:30])
            await until(lambda: "No space left" in recorder.statuses[BTC].error)
            assert "depth" not in tables_of(store, "bybit")
            monkeypatch.setattr(growing, "staged", real)
            await until(lambda: recorder.statuses[BTC].error == "")
            streams.made[0].say(*heard[30:])
        return recorder

    def fail(root: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    recorder = asyncio.run(run())
    assert recorder.report.exit_code == 0
    assert tables_of(store, "bybit") == ingested(store, tmp_path / "batch")


def test_recorder__local_times_never_step_back(tmp_path: Path) -> None:
    store, heard = tmp_path / "store", bybit(30, seed=4)
    back = [(ns - (5_000_000_000 if i > 10 else 0), message) for i, (ns, message) in enumerate(heard)]
    asyncio.run(say(store, back))
    (path,) = files_of(store)
    lines = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd").read().splitlines()
    times = [int(line.split()[0]) for line in lines]
    assert times == sorted(times)
    assert [line.split(b" ", 1)[1] for line in lines] == [message for _, message in heard]


def test_record__stops_after_the_time_given(tmp_path: Path) -> None:
    class Talks(Fake):
        async def run(self) -> None:
            self.say(*bybit(20))
            await super().run()

    shown: list[object] = []
    report = record(
        "bybit:BTCUSDT", tmp_path / "store", seconds=0.2, connect=Streams(Talks), show=shown.append
    )
    assert report.exit_code == 0
    assert shown
    assert report.statuses[BTC].state == "stopped"
    assert set(report.table.kind) == {"depth", "trades"}


@pytest.mark.parametrize(
    "markets", [[], ["bybit:BTCUSDT", "bybit:BTCUSDT"], ["bybit:BTCUSDT:ob50", "bybit:BTCUSDT"]]
)
def test_record__markets_once_each(tmp_path: Path, markets: list[str]) -> None:
    with pytest.raises(LiveError, match="markets"):
        record(markets, tmp_path / "store")
