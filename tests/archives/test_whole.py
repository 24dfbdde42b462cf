"""Downloads that look finished and are not, that do not end, or that lead elsewhere."""

from __future__ import annotations

import gzip
import random
import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.archives import catalogue, transfer
from liqmap.archives.download import LONGEST_CHECKSUM, download
from liqmap.archives.redirects import stays
from liqmap.archives.time_limit import Late, TimeLimit
from liqmap.archives.whole import damage_of
from liqmap.cli import main
from liqmap.schema import FetchError
from tests.archives.archive import Archive, serving
from tests.archives.packing import ENDS, packed

DAY = "2026-01-05"
TRADES = f"trading/SIMUSDT/SIMUSDT{DAY}.csv.gz"
HEADER = (
    b"timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional\n"
)
CSV = HEADER + b"".join(
    b"%d.5,SIMUSDT,Buy,0.1,%d.5,PlusTick,id-%d,1,1,1\n" % (1_767_607_200 + i, 100 + i, i) for i in range(300)
)
NOISE = random.Random(1).randbytes(3_000)
"""Packs to as much."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "BACKOFF", 0.001)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")


def client(**options: object) -> transfer.Client:
    return transfer.Client(**{"timeout": 20.0, "retries": 2} | options)  # type: ignore[arg-type]


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("end", ENDS)
def test_download__a_body_cut_without_a_length_is_never_final(end: str, ranges: bool, tmp_path: Path) -> None:
    name, data = f"file.{end}", packed(end, NOISE)
    archive = Archive({name: data}, unsaid={name}, ranges=ranges)
    with serving(archive):
        for cut in (2, 700, len(data) - 9):
            archive.drop[name] = [cut] * 3
            with pytest.raises(FetchError, match="expected the whole file"):
                download(f"{archive.url}/{name}", tmp_path / name, client(retries=0))
            assert not (tmp_path / name).exists()
            (tmp_path / f"{name}.part").unlink(missing_ok=True)
        archive.drop[name] = [900]
        download(f"{archive.url}/{name}", tmp_path / name, client())
    assert (tmp_path / name).read_bytes() == data


def test_download__a_text_whose_end_nobody_tells_is_refused(tmp_path: Path) -> None:
    with serving(Archive({"file.csv": b"a,b\n1,2\n"}, unsaid={"file.csv"})) as archive:
        with pytest.raises(FetchError, match="nothing in it says where it ends"):
            download(f"{archive.url}/file.csv", tmp_path / "file.csv", client())
        archive.unsaid.clear()
        download(f"{archive.url}/file.csv", tmp_path / "file.csv", client())
    assert (tmp_path / "file.csv").read_bytes() == b"a,b\n1,2\n"


@pytest.mark.parametrize("end", [end for end in ENDS if end != "zst"])  # which need not have a checksum
def test_download__a_whole_body_of_a_damaged_file_is_refused(end: str, tmp_path: Path) -> None:
    name, data = f"file.{end}", bytearray(packed(end, NOISE))
    data[len(data) // 2] ^= 0xFF
    with serving(Archive({name: bytes(data)})) as archive, pytest.raises(FetchError, match="twice"):
        download(f"{archive.url}/{name}", tmp_path / name, client())
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60)
@given(end=st.sampled_from(ENDS), data=st.binary(max_size=400), share=st.floats(0, 1, exclude_max=True))
def test_damage__every_cut_is_seen(
    tmp_path_factory: pytest.TempPathFactory, end: str, data: bytes, share: float
) -> None:
    path = tmp_path_factory.getbasetemp() / f"cut.{end}"
    whole = packed(end, data)
    path.write_bytes(whole)
    assert damage_of(path, path.name) is None
    path.write_bytes(whole[: int(share * len(whole))])
    assert damage_of(path, path.name)


def test_fetch__a_damaged_file_that_was_kept_is_repaired(tmp_path: Path) -> None:
    whole = gzip.compress(CSV)
    kept = tmp_path / "keep" / TRADES
    kept.parent.mkdir(parents=True)
    options = {"kind": "trades", "keep": tmp_path / "keep", "progress": False}
    with serving(Archive({TRADES: whole})) as archive:
        options["base_url"] = archive.url
        for number, wrong in enumerate((whole[:-300], whole[:4], b"", b"<html>", whole[:-8] + bytes(8))):
            kept.write_bytes(wrong)
            store = tmp_path / f"store-{number}"
            report = lm.fetch("bybit", "SIMUSDT", DAY, DAY, store=store, **options)
            assert (report.exit_code, report.days["status"].tolist()) == (0, ["fetched"]), report.errors
            assert report.table["rows"].tolist() == [300]
            assert kept.read_bytes() == whole
        asked = len(archive.asked)
        again = lm.fetch("bybit", "SIMUSDT", DAY, DAY, store=None, **options)
        assert (again.days["status"].tolist(), len(archive.asked)) == (["kept"], asked)
        kept.write_bytes(whole[:-300])
        archive.refuse[TRADES] = [(403, None)]
        failed = lm.fetch("bybit", "SIMUSDT", DAY, DAY, store=None, **options)
        assert (failed.days["status"].tolist(), kept.read_bytes()) == (["failed"], whole[:-300])


@pytest.mark.parametrize(
    ("said", "unsaid"), [(100, False), (100, True), (2_999, False)], ids=["told", "not told", "by a byte"]
)
def test_download__more_than_the_maximum_is_refused(said: int, unsaid: bool, tmp_path: Path) -> None:
    data = bytes(3_000)
    with serving(Archive({"file": data}, unsaid={"file"} if unsaid else set())) as archive:
        with pytest.raises(FetchError, match=f"at most {said:,} bytes"):
            download(f"{archive.url}/file", tmp_path / "file", client(max_bytes=said))
        assert list(tmp_path.iterdir()) == []
        archive.unsaid.clear()
        download(f"{archive.url}/file", tmp_path / "file", client(max_bytes=3_000))
    assert (tmp_path / "file").read_bytes() == data


@pytest.mark.parametrize("part", ["headers", "body"])
def test_download__a_server_that_drips_holds_nobody(part: str, tmp_path: Path) -> None:
    with serving(Archive({"file.gz": gzip.compress(NOISE)}, drip={"file.gz": part})) as archive:
        begun = time.monotonic()
        with pytest.raises(FetchError, match=r"within 0\.5 seconds"):
            download(f"{archive.url}/file.gz", tmp_path / "file.gz", client(deadline=0.5))
        assert time.monotonic() - begun < 20  # of the minute that all bytes take
        left = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
        time.sleep(0.1)
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == left
        archive.drip.clear()
        download(f"{archive.url}/file.gz", tmp_path / "file.gz", client())
    assert gzip.decompress((tmp_path / "file.gz").read_bytes()) == NOISE


def test_download__waits_no_longer_than_the_deadline(tmp_path: Path) -> None:
    with serving(Archive({"file": b"x"}, refuse={"file": [(503, "3600")] * 9})) as archive:
        with pytest.raises(FetchError, match="within 9 seconds"):
            download(f"{archive.url}/file", tmp_path / "file", client(deadline=9))
        assert len(archive.asked) == 1


def test_time_limit__late_work_writes_nothing() -> None:
    go, written, ended = threading.Event(), [], threading.Event()

    def work(permit):  # type: ignore[no-untyped-def]
        try:
            go.wait(20)
            with permit:
                written.append(1)
        finally:
            ended.set()

    with pytest.raises(Late):
        TimeLimit(0.05).run(work, lambda: False)
    go.set()
    assert ended.wait(20)
    assert written == []
    assert TimeLimit(None).run(lambda permit: "done", lambda: False) == "done"
    with pytest.raises(KeyError):
        TimeLimit(20).run(lambda permit: {}["none"], lambda: False)


def test_download__redirects_stay_on_the_host(tmp_path: Path) -> None:
    data = packed("gz", NOISE)
    with serving(Archive({"there.gz": data})) as other, serving(Archive({"there.gz": data})) as archive:
        port = archive.url.rsplit(":", 1)[1]
        archive.redirect["file.gz"] = "/there.gz"
        download(f"{archive.url}/file.gz", tmp_path / "file.gz", client())
        assert (tmp_path / "file.gz").read_bytes() == data
        for number, away in enumerate(
            (
                f"{other.url}/there.gz",
                f"http://localhost:{port}/there.gz",
                f"//localhost:{port}/there.gz",
                "file:///etc/passwd",
                "ftp://127.0.0.1/there.gz",
                "http://[half/there.gz",
                f"http://127.0.0.1:{port}@localhost/there.gz",
            )
        ):
            archive.redirect["file.gz"] = away
            path = tmp_path / f"{number}.gz"
            with pytest.raises(FetchError, match="got a redirect to") as raised:
                download(f"{archive.url}/file.gz", path, client())
            assert not path.exists()
            assert "base_url" in str(raised.value)
        assert other.asked == []
        archive.redirect["file.gz"] = "/file.gz"
        with pytest.raises(FetchError, match="at most 5 redirects"):
            download(f"{archive.url}/file.gz", tmp_path / "endless.gz", client())


HOSTS = {"data.example.com", "cdn.data.example.com"}


@pytest.mark.parametrize(
    ("asked", "there", "hosts", "stay"),
    [
        ("https://data.example.com/a", "https://data.example.com/b", HOSTS, True),
        ("https://data.example.com/a", "https://DATA.example.com.:443/b", HOSTS, True),
        ("https://data.example.com/a", "https://cdn.data.example.com/b", HOSTS, True),
        ("https://cdn.data.example.com/a", "https://data.example.com/b", HOSTS, True),
        ("http://data.example.com/a", "https://data.example.com/a", HOSTS, True),
        ("http://data.example.com:80/a", "https://data.example.com:443/a", HOSTS, True),
        ("https://data.example.com/a", "http://data.example.com/a", HOSTS, False),
        ("https://data.example.com/a", "https://data.example.com:8443/a", HOSTS, False),
        ("http://data.example.com:8080/a", "https://data.example.com/a", HOSTS, False),
        ("https://data.example.com/a", "https://data.example.com:x/a", HOSTS, False),
        ("https://data.example.com/a", "https://www.example.com/a", HOSTS, False),
        ("https://data.example.com/a", "https://example.com/a", HOSTS, False),
        ("https://data.example.com/a", "https://other.data.example.com/a", HOSTS, False),
        ("https://data.example.com/a", "https://data.example.com.evil.org/a", HOSTS, False),
        ("https://data.example.com/a", "https://evildata.example.com/a", HOSTS, False),
        ("https://data.example.com/a", "https://data.example.com@evil.org/a", HOSTS, False),
        ("https://a.co.uk/a", "https://b.co.uk/a", {"a.co.uk"}, False),
        ("https://a.gov.br/a", "https://b.gov.br/a", {"a.gov.br"}, False),
        ("https://one.github.io/a", "https://two.github.io/a", {"one.github.io"}, False),
        ("https://one.s3.amazonaws.com/a", "https://two.s3.amazonaws.com/a", {"one.s3.amazonaws.com"}, False),
        ("http://10.0.0.1/a", "http://9.0.0.1/a", {"10.0.0.1"}, False),
        ("http://localhost/a", "http://127.0.0.1/a", {"localhost"}, False),
        ("https://data.example.com/a", "https:///a", {"", "data.example.com"}, False),
        ("https://data.example.com/a", "ftp://data.example.com/a", HOSTS, False),
    ],
)
def test_stays__on_these_hosts_no_other_port_and_never_out_of_https(
    asked: str, there: str, hosts: set[str], stay: bool
) -> None:
    assert stays(asked, there, hosts) == stay


def test_download__a_redirect_to_a_host_that_the_archive_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Followed from the host that lists it alone, and no further than that."""
    data = packed("gz", NOISE)
    with serving(Archive({"there.gz": data})) as archive:
        port = archive.url.rsplit(":", 1)[1]
        archive.redirect["file.gz"] = f"http://archive.localhost:{port}/there.gz"
        listed = {"localhost": ("archive.localhost",), "127.0.0.1": ()}
        monkeypatch.setitem(catalogue.ARCHIVES, "here", catalogue.Archive({}, None, listed))
        known = socket.getaddrinfo
        of = lambda host: "127.0.0.1" if str(host).endswith("localhost") else host  # noqa: E731
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **kw: known(of(host), *more, **kw))
        download(f"http://localhost:{port}/file.gz", tmp_path / "file.gz", client())
        assert (tmp_path / "file.gz").read_bytes() == data
        for url in (archive.url, f"http://archive.localhost:{port}"):
            other = "localhost" if "archive" in url else "archive.localhost"
            archive.redirect["file.gz"] = f"http://{other}:{port}/there.gz"
            with pytest.raises(FetchError, match="got a redirect to"):
                download(f"{url}/file.gz", tmp_path / "no.gz", client())
        archive.redirect["file.gz"] = f"http://archive.localhost:{port}/next.gz"
        archive.redirect["next.gz"] = "http://127.0.0.1:1/a"
        with pytest.raises(FetchError, match=r"got a redirect to http://127\.0\.0\.1:1"):
            download(f"http://localhost:{port}/file.gz", tmp_path / "no.gz", client())
    assert not (tmp_path / "no.gz").exists()


def test_archives__list_hosts_below_their_own_alone() -> None:
    """Whatever the archives of today list; one that lists another's host cannot be made."""
    for archive in catalogue.ARCHIVES.values():
        for host, others in archive.redirects.items():
            assert all(other.endswith(f".{host}") for other in others)
    assert catalogue.redirect_hosts("public.bybit.com") == set()
    for host, other in (("co.uk", "co.uk"), ("a.co.uk", "b.co.uk"), ("a.com", "evila.com"), ("", "evil.com")):
        with pytest.raises(ValueError, match="expected hosts below"):
            catalogue.Archive({}, None, {host: (other,)})


def test_download__a_checksum_without_end_is_refused(tmp_path: Path) -> None:
    data = packed("zip", NOISE)
    endless = b"0" * 63 + b" " * (20 * LONGEST_CHECKSUM)
    with serving(Archive({"a.zip": data, "a.zip.CHECKSUM": endless})) as archive:
        with pytest.raises(FetchError, match=f"got more than {LONGEST_CHECKSUM:,} bytes"):
            download(f"{archive.url}/a.zip", tmp_path / "a.zip", client(), checksum=True)
        archive.redirect["a.zip.CHECKSUM"] = f"http://localhost:{archive.url.rsplit(':', 1)[1]}/evil"
        with pytest.raises(FetchError, match="got a redirect to"):
            download(f"{archive.url}/a.zip", tmp_path / "a.zip", client(), checksum=True)
        archive.redirect.clear()
        archive.drip["a.zip.CHECKSUM"] = "body"
        with pytest.raises(FetchError, match="within 1 seconds"):
            download(f"{archive.url}/a.zip", tmp_path / "a.zip", client(deadline=1), checksum=True)
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize(
    ("option", "value"), [("max_bytes", 0), ("max_bytes", "1"), ("deadline", 0), ("deadline", float("nan"))]
)
def test_fetch__limits_that_are_none_are_refused(option: str, value: object, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=f"^{option}: expected a number"):
        lm.fetch("bybit", "SIMUSDT", DAY, DAY, store=tmp_path, **{option: value})  # type: ignore[arg-type]


def test_fetch__limits_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Archive({TRADES: gzip.compress(CSV)})) as archive:
        line = ["fetch", "bybit", "SIMUSDT", "--from", DAY, "--to", DAY, "--kind", "trades"]
        line += ["--base-url", archive.url, "--store", str(tmp_path / "store")]
        assert main([*line, "--max-bytes", "1KB", "--deadline", "60"]) == 2
        assert "expected at most 1,000 bytes" in (told := capsys.readouterr().err)
        assert "--max-bytes" in told
        assert main([*line, "--max-bytes", "1MB"]) == 0
