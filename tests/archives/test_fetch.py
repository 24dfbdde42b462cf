"""Fetching from an archive that drops connections, refuses, lies and lacks days."""

from __future__ import annotations

import datetime
import errno
import gzip
import hashlib
import json
import pickle
import socket
import threading
from collections.abc import Iterator
from itertools import chain, cycle
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.archives import catalogue as archives
from liqmap.archives import transfer
from liqmap.archives.catalogue import wanted
from liqmap.archives.download import download
from liqmap.cli import main
from liqmap.schema import FetchError
from liqmap.simulation import write_bybit
from tests.archives.archive import Archive, serving
from tests.archives.packing import packed
from tests.formats.bybit.lines import write_zip

DAY = "2026-01-05"
BINANCE = "data/futures/um/daily/trades/SIMUSDT/SIMUSDT-trades-2026-01-05.zip"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "BACKOFF", 0.001)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Depth and trades of one simulated day, by the end of the file name."""
    folder = tmp_path_factory.mktemp("raw")
    market = lm.simulate(minutes=0.5, seed=5, keep_truth=False, start=f"{DAY} 10:00")
    return {p.name: p.read_bytes() for p in write_bybit(market, folder)}


@pytest.fixture
def archive(raw: dict[str, bytes]) -> Iterator[Archive]:
    served = Archive()
    for name, data in raw.items():
        folder = "orderbook/linear" if name.endswith(".zip") else "trading"
        served.files[f"{folder}/SIMUSDT/{name}"] = data
    with serving(served):
        yield served


@pytest.fixture
def depth_path(archive: Archive) -> str:
    (path,) = (p for p in archive.files if p.startswith("orderbook"))
    return path


def get(archive: Archive, tmp_path: Path, *, start: str = DAY, end: str = DAY, **options: object):  # type: ignore[no-untyped-def]
    options = {"store": tmp_path / "store", "base_url": archive.url, "progress": False} | options
    return lm.fetch("bybit", "SIMUSDT", start, end, **options)  # type: ignore[arg-type]


def left(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file()] if folder.exists() else []


def test_fetch__is_the_ingest_of_the_files(archive: Archive, raw: dict[str, bytes], tmp_path: Path) -> None:
    report = get(archive, tmp_path, kind=["depth", "trades"])
    assert report.exit_code == 0
    assert report.days["status"].tolist() == ["fetched", "fetched"]
    assert sorted(report.days["bytes"]) == sorted(len(d) for d in raw.values())
    for name, data in raw.items():
        (tmp_path / name).write_bytes(data)
    direct = lm.ingest([tmp_path / name for name in raw], store=tmp_path / "other", venue="bybit")
    columns = ["format", "venue", "symbol", "feed", "kind", "status", "messages", "rows", "start", "end"]
    both = [r.table.sort_values("kind")[columns].reset_index(drop=True) for r in (report, direct)]
    assert both[0].equals(both[1])
    assert left(tmp_path / "store" / ".fetch") == []


def test_fetch__what_is_ingested_or_kept_is_not_asked_for_again(archive: Archive, tmp_path: Path) -> None:
    get(archive, tmp_path, keep=tmp_path / "keep")
    asked = len(archive.asked)
    again = get(archive, tmp_path, keep=tmp_path / "keep")
    other = get(archive, tmp_path, keep=tmp_path / "keep", store=tmp_path / "other")
    assert len(archive.asked) == asked
    assert (again.days["status"].tolist(), again.exit_code) == (["ingested"], 0)
    assert (other.days["status"].tolist(), other.exit_code, len(other.table)) == (["kept"], 0, 1)


def test_fetch__takes_the_deepest_that_is_there(archive: Archive, depth_path: str, tmp_path: Path) -> None:
    report = get(archive, tmp_path)
    limits = [int(p.rsplit("_ob", 1)[1].split(".")[0]) for p in archive.paths()]
    assert limits == sorted(limits, reverse=True)
    assert archive.paths(200) == [depth_path]
    assert archive.paths()[-1] == depth_path
    assert report.table["feed"].tolist() == [f"ob{limits[-1]}"]


def test_fetch__each_missing_day_is_one_line(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["fetch", "bybit", "SIMUSDT", "--from", "2026-01-04", "--to", "2026-01-06", "--kind", "trades"]
    argv += ["--store", str(tmp_path / "s"), "--base-url", archive.url]
    assert main(argv) == 1
    out, err = capsys.readouterr()
    assert [line.split()[2] for line in err.splitlines()] == ["2026-01-04", "2026-01-06"]
    assert "SIMUSDT2026-01-05.csv.gz" in out
    assert main([*argv, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [f["status"] for f in told["files"]] == ["missing", "ingested", "missing"]
    assert main([*argv[:4], "2026-01-06", *argv[5:]]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("ranges", [True, False])
def test_fetch__goes_on_where_the_connection_was_dropped(
    archive: Archive, depth_path: str, raw: dict[str, bytes], tmp_path: Path, ranges: bool
) -> None:
    archive.ranges = ranges
    archive.drop[depth_path] = [1_000, 500, 0, 0]
    report = get(archive, tmp_path, keep=tmp_path / "keep")
    whole = archive.files[depth_path]
    assert (tmp_path / "keep" / depth_path).read_bytes() == whole
    ranged = [wanted for path, wanted, _ in archive.asked if path == depth_path]
    at = [1_000, 1_500, 1_500, 1_500] if ranges else [1_000, 500]
    assert ranged[: 1 + len(at)] == [None, *(f"bytes={n}-" for n in at)]
    assert report.exit_code == 0
    if ranges:
        assert report.files[0].bytes == len(whole)


def test_fetch__gives_up_without_new_bytes_and_resumes_next_time(
    archive: Archive, depth_path: str, tmp_path: Path
) -> None:
    archive.drop[depth_path] = [1_000, 0, 0, 0]
    failed = get(archive, tmp_path, retries=2)
    assert (failed.exit_code, failed.days["status"].tolist()) == (2, ["failed"])
    (line,) = failed.errors
    assert "1,000 bytes" in line
    assert "\n" not in line
    archive.drop.clear()
    after = get(archive, tmp_path)
    assert archive.asked[-1] == (depth_path, "bytes=1000-", 206)
    assert after.exit_code == 0
    assert after.files[0].bytes == len(archive.files[depth_path]) - 1_000


def test_fetch__a_part_of_another_file_is_found_out(
    archive: Archive, depth_path: str, tmp_path: Path
) -> None:
    part = tmp_path / "keep" / (depth_path + ".part")
    part.parent.mkdir(parents=True)
    for stale in (b"x" * 700, archive.files[depth_path] + b"more"):
        part.write_bytes(stale)
        assert get(archive, tmp_path, keep=tmp_path / "keep", store=None).exit_code == 0
        kept = tmp_path / "keep" / depth_path
        assert kept.read_bytes() == archive.files[depth_path]
        kept.unlink()


def test_fetch__a_file_replaced_meanwhile_is_taken_anew(
    archive: Archive, depth_path: str, tmp_path: Path
) -> None:
    archive.drop[depth_path] = [1_000]
    another = packed("zip", b"another" * 999)
    archive.change[depth_path] = {depth_path: another}
    get(archive, tmp_path, keep=tmp_path / "keep", store=None)
    assert (tmp_path / "keep" / depth_path).read_bytes() == another


def test_fetch__refused_for_good_is_a_failed_day(archive: Archive, depth_path: str, tmp_path: Path) -> None:
    archive.refuse[depth_path] = [(503, None)] * 9
    report = get(archive, tmp_path, retries=3)
    assert archive.paths(503) == [depth_path] * 4
    assert "got 503" in report.errors[0]
    assert report.exit_code == 2


def test_fetch__a_silent_server_times_out_and_is_asked_again(
    archive: Archive, depth_path: str, tmp_path: Path
) -> None:
    archive.stall.append(depth_path)
    assert get(archive, tmp_path, timeout=1.0).exit_code == 0
    assert archive.asked[-1] == (depth_path, "bytes=10-", 206)


class Waits(threading.Event):
    """Takes down how long it is waited for, and is set during one of the waits."""

    def __init__(self, stopped_in: int = 99) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._left = stopped_in

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.seconds.append(timeout)
        if len(self.seconds) >= self._left:
            self.set()
        return self.is_set()


def test_download__stops_while_it_waits(archive: Archive, depth_path: str, tmp_path: Path) -> None:
    archive.refuse[depth_path] = [(503, "20")] * 9
    stop = Waits(stopped_in=2)
    with pytest.raises(transfer.Stopped):
        download(f"{archive.url}/{depth_path}", tmp_path / "file", transfer.Client(stop=stop))
    assert archive.paths(503) == [depth_path] * 2
    assert stop.seconds == [20, 20]


def test_download__waits_as_it_is_told_within_bounds_and_else_twice_as_long(
    archive: Archive, depth_path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "BACKOFF", 1)
    past = "Wed, 21 Oct 2015 07:28:00 GMT"
    told = [None, None, "7", None, "soon", "99999", past, None]
    archive.refuse[depth_path] = [(status, after) for status, after in zip(cycle(transfer.AGAIN), told)]
    waits = Waits()
    download(f"{archive.url}/{depth_path}", tmp_path / "file", transfer.Client(retries=len(told), stop=waits))
    assert waits.seconds == [1, 2, 7, 8, 16, transfer.LONGEST_WAIT, 0, transfer.LONGEST_WAIT]


def test_download__a_new_byte_renews_the_patience(archive: Archive, depth_path: str, tmp_path: Path) -> None:
    archive.drop[depth_path] = [0, 0, 10, 0, 10]
    waits = Waits()
    download(f"{archive.url}/{depth_path}", tmp_path / "file", transfer.Client(retries=2, stop=waits))
    assert waits.seconds == [transfer.BACKOFF * n for n in (1, 2, 1, 2, 1)]


def test_download__a_byte_that_came_before_renews_no_patience(
    archive: Archive, depth_path: str, tmp_path: Path
) -> None:
    """Of a server that begins anew each time, only what lies behind the farthest point is new."""
    archive.ranges = False
    archive.drop[depth_path] = [1_000, 400, 1_001, 1_000, 1_001, 900, *[1_001] * 20]
    waits = Waits()
    with pytest.raises(FetchError, match="expected the whole file"):
        download(f"{archive.url}/{depth_path}", tmp_path / "file", transfer.Client(retries=3, stop=waits))
    assert waits.seconds == [transfer.BACKOFF * n for n in (1, 2, 1, 2, 4)]
    assert len(archive.paths(200)) == 6


@pytest.mark.parametrize("base", ["nonsense", "ftp://host", "http://"])
def test_download__an_address_that_is_none_is_not_asked_again(base: str, tmp_path: Path) -> None:
    waits = Waits()
    with pytest.raises(FetchError, match="expected an address"):
        download(f"{base}/file", tmp_path / "file", transfer.Client(stop=waits))
    assert waits.seconds == []


def test_fetch__nobody_there_is_a_failed_day(tmp_path: Path) -> None:
    with socket.socket() as silent:  # bound, so that nobody else listens there either
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        report = get(Archive(url=url), tmp_path, retries=1)
    (line,) = report.errors
    assert "expected an answer" in line
    assert report.exit_code == 2


def test_fetch__asks_politely(archive: Archive, tmp_path: Path) -> None:
    archive.together = threading.Barrier(2)
    get(archive, tmp_path, start="2026-01-01", end="2026-01-08", kind="trades")
    assert len(archive.asked) == 8
    assert archive.busiest == 2


def test_fetch__checksum_is_believed(tmp_path: Path) -> None:
    data = packed("zip", b"whatever is published" * 999)
    right = f"{hashlib.sha256(data).hexdigest()}  {BINANCE.rsplit('/', 1)[1]}\n".encode()
    served = Archive({BINANCE: data, f"{BINANCE}.CHECKSUM": right})
    with serving(served):
        options = {"store": None, "keep": tmp_path, "base_url": served.url, "progress": False}
        assert lm.fetch("binance", "SIMUSDT", DAY, DAY, **options).exit_code == 0
        assert (tmp_path / BINANCE).read_bytes() == data
        (tmp_path / BINANCE).unlink()
        served.files[BINANCE] = data[:-1] + b"?"
        report = lm.fetch("binance", "SIMUSDT", DAY, DAY, **options)
        assert "sha256" in report.errors[0]
        assert report.exit_code == 2
        assert left(tmp_path) == []
        (tmp_path / f"{BINANCE}.part").write_bytes(b"of another version")
        served.files[BINANCE] = data
        assert lm.fetch("binance", "SIMUSDT", DAY, DAY, **options).exit_code == 0
        del served.files[f"{BINANCE}.CHECKSUM"]
        (tmp_path / BINANCE).unlink()
        assert lm.fetch("binance", "SIMUSDT", DAY, DAY, **options).exit_code == 0


def test_fetch__a_file_that_no_reader_knows_is_a_failed_day_and_does_not_stay(tmp_path: Path) -> None:
    path = f"trading/SIMUSDT/SIMUSDT{DAY}.csv.gz"
    with serving(Archive({path: b"<html>maintenance</html>"})) as served:
        report = get(served, tmp_path, kind="trades")
        assert (report.exit_code, report.days["status"].tolist()) == (2, ["failed"])
        served.files[path] = gzip.compress(b"<html>maintenance</html>")
        again = get(served, tmp_path, kind="trades")
    assert "starts with" in report.errors[0]
    assert "got a page of HTML" in again.errors[0]
    assert (again.exit_code, again.days["status"].tolist()) == (2, ["failed"])
    assert left(tmp_path) == []


def test_fetch__what_the_store_would_not_take_is_not_downloaded_again(
    archive: Archive, depth_path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("liqmap.store.write.remember", full)
        failed = get(archive, tmp_path)
    assert (failed.exit_code, failed.days["status"].tolist()) == (2, ["failed"])
    assert "No space left on device" in failed.errors[0]
    asked = len(archive.asked)
    after = get(archive, tmp_path)
    assert len(archive.asked) == asked
    assert (after.exit_code, after.days["status"].tolist()) == (0, ["kept"])
    assert left(tmp_path / "store" / ".fetch") == []


SPOT = "id,timestamp,price,volume,side\n{}\n"


def spot(day: str) -> bytes:
    """Trades of one day, numbered from 1 as in every file."""
    start = int(datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() * 1000)
    return gzip.compress(
        SPOT.format("\n".join(f"{i},{start + i},100.5,0.{i},buy" for i in (1, 2, 3))).encode()
    )


def spot_days(served: Archive, store: Path | None, start: str, end: str, **options: object):  # type: ignore[no-untyped-def]
    options = {"kind": "trades", "market": "spot", "base_url": served.url, "progress": False} | options
    return lm.fetch("bybit", "SIMUSDT", start, end, store=store, **options)  # type: ignore[arg-type]


def test_fetch__the_month_stands_for_days_that_are_missing(tmp_path: Path) -> None:
    month = "spot/SIMUSDT/SIMUSDT-2022-11.csv.gz"
    days = [gzip.decompress(spot(f"2022-11-{n:02d}")).decode().split("\n")[1:-1] for n in range(1, 31)]
    lines = [f"{i},{line.split(',', 1)[1]}" for i, line in enumerate(chain(*days), 1)]
    files = {month: gzip.compress(SPOT.format("\n".join(lines)).encode())}
    files["spot/SIMUSDT/SIMUSDT_2022-12-01.csv.gz"] = spot("2022-12-01")
    with serving(Archive(files)) as served:
        report = spot_days(served, tmp_path / "store", "2022-11-28", "2022-12-01")
        assert served.paths(200) == list(files)
        asked = len(served.asked)
        again = spot_days(served, tmp_path / "store", "2022-11-01", "2022-12-01")
        assert len(served.asked) == asked
        kept = [spot_days(served, None, "2022-11-28", "2022-11-30", keep=tmp_path / "k") for _ in range(2)]
    assert report.exit_code == 0, report.errors
    assert report.days["status"].tolist() == ["fetched"] * 4
    assert [Path(u).name for u in report.days["url"]] == [Path(month).name] * 3 + [
        "SIMUSDT_2022-12-01.csv.gz"
    ]
    assert [(r.venue, r.rows) for r in report.sources] == [("bybit-spot", 90), ("bybit-spot", 3)]
    assert set(again.days["status"]) == {"ingested"}
    assert [set(k.days["status"]) for k in kept] == [{"fetched"}, {"kept"}]
    assert left(tmp_path / "store" / ".fetch") == []


def test_fetch__a_month_never_doubles_its_days(tmp_path: Path) -> None:
    files = {f"spot/SIMUSDT/SIMUSDT{name}.csv.gz": spot(day) for name, day in
             [("_2022-11-05", "2022-11-05"), ("-2022-11", "2022-11-06")]}  # fmt: skip
    with serving(Archive(files)) as served:
        report = spot_days(served, tmp_path / "store", "2022-11-05", "2022-11-06")
        other = spot_days(served, tmp_path / "other", "2022-11-06", "2022-11-06")
    assert report.days["status"].tolist() == ["fetched", "failed"]
    assert "would double SIMUSDT_2022-11-05.csv.gz" in report.errors[0]
    assert (report.exit_code, other.exit_code) == (1, 0)


def test_fetch__a_month_that_was_kept_never_doubles_the_days_of_a_store(tmp_path: Path) -> None:
    kept = tmp_path / "keep" / "spot/SIMUSDT/SIMUSDT-2022-11.csv.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(spot("2022-11-05"))
    path = "spot/SIMUSDT/SIMUSDT_2022-11-{:02d}.csv.gz"
    store, keep = tmp_path / "store", tmp_path / "keep"
    with serving(Archive({path.format(n): spot(f"2022-11-{n:02d}") for n in (5, 7)})) as served:
        spot_days(served, store, "2022-11-05", "2022-11-05")
        refused = spot_days(served, store, "2022-11-06", "2022-11-06", keep=keep)
        later = spot_days(served, store, "2022-11-07", "2022-11-07", keep=keep)
        other = spot_days(served, tmp_path / "other", "2022-11-06", "2022-11-06", keep=keep)
    assert (refused.exit_code, refused.days["status"].tolist()) == (2, ["failed"])
    assert "would double SIMUSDT_2022-11-05.csv.gz" in refused.errors[0]
    assert (later.exit_code, later.days["status"].tolist()) == (0, ["fetched"])
    assert (other.exit_code, other.days["status"].tolist()) == (0, ["kept"])
    assert len(lm.open_store(store).session("bybit-spot", "SIMUSDT").trades()) == 6


def test_fetch__a_month_that_cannot_be_read_fails_for_all_its_days(tmp_path: Path) -> None:
    month = "spot/SIMUSDT/SIMUSDT-2022-11.csv.gz"
    with serving(Archive({month: gzip.compress(b"<html>maintenance</html>")})) as served:
        report = spot_days(served, tmp_path / "store", "2022-11-05", "2022-11-07")
    assert (report.exit_code, set(report.days["status"])) == (2, {"failed"})


VISION = "data/{}/daily/{}/SIMUSDT/SIMUSDT-{}-2026-01-05.zip"


def test_fetch__binance_from_archive_to_store(tmp_path: Path) -> None:
    """Trades, then aggregated trades where there are none, bands and quotes, each with its checksum."""
    at = int(datetime.datetime.fromisoformat("2026-01-05T10:00:00+00:00").timestamp() * 1000)
    rows = {
        "trades": [f"{i},100.{i},0.{i},10.05,{at + i},true" for i in (1, 2, 3)],
        "aggTrades": [f"{i},100.{i},0.{i},{i},{i + 1},{at + i}000,true,True" for i in (1, 2)],
        "bookDepth": [f"2026-01-05 10:00:0{i},{p},5,500" for i in range(3) for p in (-1, 1)],
        "bookTicker": [f"{i},100.{i},2.5,101.{i},3.5,{at + i},{at + i + 1}" for i in (1, 2, 3, 4)],
    }
    ticker = "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time"
    headers = {"bookDepth": ["timestamp,percentage,depth,notional"], "bookTicker": [ticker]}
    um_names = (("futures/um", name) for name in ("trades", "bookDepth", "bookTicker"))
    served = Archive()
    for market, name in (*um_names, ("spot", "aggTrades")):
        path = VISION.format(market, name, name)
        text = "\n".join([*headers.get(name, []), *rows[name], ""]).encode()
        served.files[path] = write_zip(tmp_path / "x.zip", {f"SIMUSDT-{name}-{DAY}.csv": text}).read_bytes()
        digest = hashlib.sha256(served.files[path]).hexdigest()
        served.files[f"{path}.CHECKSUM"] = f"{digest}  {Path(path).name}\n".encode()
    with serving(served):
        options = {"store": tmp_path / "store", "base_url": served.url, "progress": False}
        um = lm.fetch("binance", "SIMUSDT", DAY, DAY, kind=["trades", "bookdepth", "quotes"], **options)
        spot = lm.fetch("binance", "SIMUSDT", DAY, DAY, market="spot", **options)
        asked = len(served.asked)
        again = lm.fetch("binance", "SIMUSDT", DAY, DAY, market="spot", **options)
        assert len(served.asked) == asked
    assert (um.exit_code, spot.exit_code, again.days["status"].tolist()) == (0, 0, ["ingested"]), um.errors
    told = [(r.venue, r.kind, r.rows, r.rejected) for r in [*um.sources, *spot.sources]]
    assert told == [
        ("binance-futures", "trades", 3, 0), ("binance-futures", "bands", 6, 0),
        ("binance-futures", "quotes", 4, 0), ("binance", "trades", 2, 0),
    ]  # fmt: skip
    assert any("times are in us" in note for note in spot.notes)
    store = lm.open_store(tmp_path / "store")
    trades = store.session("binance", "SIMUSDT").trades().to_pylist()
    assert [(r["ts"].value, r["aggressor"], r["price"], r["size"]) for r in trades] == [
        ((at + i) * 1_000_000, "sell", 100 + i / 10, i / 10) for i in (1, 2)
    ]
    assert sorted(store.sessions()["kind"]) == ["bands", "quotes", "trades", "trades"]
    quotes = store.session("binance-futures", "SIMUSDT").bbo(source="ticker")
    assert quotes["ask"].tolist() == [101.1, 101.2, 101.3, 101.4]


@settings(max_examples=15)
@given(drops=st.lists(st.integers(0, 400), max_size=4), ranges=st.booleans(), data=st.binary(max_size=300))
def test_download__any_breaks_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, drops: list[int], ranges: bool, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "file"
    with serving(Archive({"file": data}, drop={"file": drops}, ranges=ranges)) as served:
        download(f"{served.url}/file", path, transfer.Client(timeout=60, retries=9))
    assert path.read_bytes() == data


def test_wanted__paths_of_every_archive() -> None:
    def first(*args: str, **options: str) -> tuple[str, str]:
        found = wanted(*args, **options)[0]  # type: ignore[arg-type]
        return found.venue, found.places[0].url(None)

    day = ("2025-01-02", "2025-01-02")
    bybit, binance = ("bybit", "BTCUSDT", *day), ("binance", "BTCUSDT", *day)
    vision = "https://data.binance.vision/data"
    assert first(*bybit, market="inverse") == (
        "bybit",
        "https://quote-saver.bycsi.com/orderbook/inverse/BTCUSDT/2025-01-02_BTCUSDT_ob1000.data.zip",
    )
    assert first(*bybit, kinds="trades") == (
        "bybit",
        "https://public.bybit.com/trading/BTCUSDT/BTCUSDT2025-01-02.csv.gz",
    )
    assert first(*bybit, kinds="trades", market="spot") == (
        "bybit-spot",
        "https://public.bybit.com/spot/BTCUSDT/BTCUSDT_2025-01-02.csv.gz",
    )
    assert first(*binance, market="spot") == (
        "binance",
        f"{vision}/spot/daily/trades/BTCUSDT/BTCUSDT-trades-2025-01-02.zip",
    )
    assert first(*binance, kinds="bookdepth") == (
        "binance-futures",
        f"{vision}/futures/um/daily/bookDepth/BTCUSDT/BTCUSDT-bookDepth-2025-01-02.zip",
    )
    assert first(*binance, kinds="quotes") == (
        "binance-futures",
        f"{vision}/futures/um/daily/bookTicker/BTCUSDT/BTCUSDT-bookTicker-2025-01-02.zip",
    )
    assert first(*binance, market="cm") == (
        "binance-delivery",
        f"{vision}/futures/cm/daily/trades/BTCUSDT/BTCUSDT-trades-2025-01-02.zip",
    )
    assert {p.checksum for p in wanted(*binance)[0].places} == {True}


def test_wanted__every_day_once_in_order() -> None:
    found = wanted("bybit", "btcusdt", datetime.date(2024, 2, 28), "2024-03-01", ["depth", "trades", "depth"])
    assert [(str(w.date), w.kind) for w in found] == [
        (day, kind) for day in ("2024-02-28", "2024-02-29", "2024-03-01") for kind in ("depth", "trades")
    ]
    assert {w.symbol for w in found} == {"BTCUSDT"}


def test_wanted__a_time_of_any_zone_is_a_utc_day() -> None:
    late = datetime.datetime(2026, 1, 5, 23, 30)
    zoned = late.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-5)))
    for at, day in ((late, 5), (zoned, 6), (pd.Timestamp(zoned), 6)):
        assert [w.date for w in wanted("bybit", "BTCUSDT", at, at)] == [datetime.date(2026, 1, day)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"exchange": "okx"}, "bybit, binance"),
        ({"market": "um"}, "linear, inverse, spot"),
        ({"kinds": "bookdepth"}, "depth, trades"),
        ({"exchange": "binance", "kinds": "depth"}, "trades, quotes, bookdepth"),
        ({"exchange": "binance", "market": "cm", "kinds": "quotes"}, "trades, bookdepth"),
        ({"symbol": "../x"}, "symbol"),
        ({"symbol": ""}, "symbol"),
        ({"start": "yesterday"}, "date"),
        ({"start": "2025-01-03"}, "Swap"),
    ],
)
def test_wanted__what_no_archive_has_is_refused(change: dict[str, str], words: str) -> None:
    options = {"exchange": "bybit", "symbol": "BTCUSDT", "start": "2025-01-02", "end": "2025-01-02"} | change
    with pytest.raises(FetchError, match=words) as error:
        wanted(**options)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


def test_depths__the_deepest_first() -> None:
    assert list(archives.DEPTHS) == sorted(archives.DEPTHS, reverse=True)


def test_fetch__unknown_keyword_is_one_line(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(
        FetchError,
        match="tiemout: expected one of the keywords base_url, deadline, max_bytes, retries, "
        "timeout, got an unknown",
    ):
        get(archive, tmp_path, tiemout=5)
    assert archive.asked == []
    assert not (tmp_path / "store").exists()


def test_fetch__failures_keep_their_parts(archive: Archive, tmp_path: Path) -> None:
    report = get(archive, tmp_path, start="2026-01-04", kind="trades")
    (error,) = report.failures
    assert type(error) is FetchError
    assert (error.where, error.got) == ("2026-01-04 bybit SIMUSDT trades", "404")
    assert report.errors == [str(error)]
    again = pickle.loads(pickle.dumps(report))
    assert again.errors == report.errors
    assert again.failures[0].expected == error.expected
