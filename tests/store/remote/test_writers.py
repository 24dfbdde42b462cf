"""Several writers of one store: of one source one is kept, of two sources both; none waits for a dead one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.schema import StoreError
from liqmap.store.remote import claims, fetching
from liqmap.store.remote.address import address
from liqmap.store.remote.client import Client, Object
from liqmap.store.remote.faults import Refused
from liqmap.store.remote.mirror import Mirror, mirror
from tests.formats.bybit.lines import write_lines
from tests.store.commit.sources import MARKET, own, write_raw
from tests.store.remote.standin import StandIn, objects
from tests.store.remote.test_mirror import parts_of, raw, remote_parts

pytestmark = pytest.mark.long

Elsewhere = Callable[[str], None]
NAME = ".markets/venue=bybit/symbol=BTCUSDT/manifest.json"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    write_raw(tmp_path / "raw")
    return raw(tmp_path)


@pytest.fixture
def local(files: list[str], tmp_path: Path) -> Path:
    assert lm.ingest(files, store=tmp_path / "local", jobs=1).exit_code == 0
    return tmp_path / "local"


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch, elsewhere: Elsewhere) -> Iterator[Callable]:
    """Another machine does something just before the next manifest of this one is put."""
    waiting: list[Callable[[], None]] = []

    def arrange(do: Callable[[], None]) -> None:
        put_over, cache = Client.put_over, os.environ["LIQMAP_CACHE"]
        waiting.append(do)

        def put(self: Client, path: str, data: bytes, before: Object | None) -> Object:
            if path == NAME and waiting:
                elsewhere("the other")
                waiting.pop()()
                monkeypatch.setenv("LIQMAP_CACHE", cache)
            return put_over(self, path, data, before)

        monkeypatch.setattr(Client, "put_over", put)

    yield arrange
    assert not waiting


def tidy(url: str) -> None:
    """Nothing is left over: no part that nothing names, nothing pending."""
    have = objects(url)
    said = json.loads(have[NAME].partition(b"\n")[2])
    names = sorted(part["name"] for part in said["parts"])
    assert sorted(path.rpartition("/")[2] for path in have if path.endswith(".parquet")) == names
    assert not [path for path in have if path.startswith(".pending/")]
    assert st.check(url).findings == ()


@pytest.mark.parametrize("begun", [False, True])
def test_two_writers__of_one_source_leave_one(
    begun: bool, url: str, files: list[str], local: Path, between: Callable, elsewhere: Elsewhere
) -> None:
    if begun:
        lm.ingest(files[:1], store=url, jobs=1)
    between(lambda: lm.ingest(files, store=url, jobs=1))
    report = lm.ingest(files[begun:], store=url, jobs=1)
    assert (report.exit_code, report.errors) == (0, [])
    assert remote_parts(url) == parts_of(local)
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


@pytest.mark.parametrize("begun", [False, True])
def test_two_writers__of_different_sources_leave_both(
    begun: bool, url: str, files: list[str], local: Path, between: Callable
) -> None:
    if begun:
        lm.ingest(files[:1], store=url, jobs=1)
    between(lambda: lm.ingest(files[1:2], store=url, jobs=1))
    report = lm.ingest([files[0], files[2]], store=url, jobs=1)
    assert (report.exit_code, report.errors) == (0, [])
    assert own(lm.open_store(url).path) == own(local)
    assert st.partial_sources(lm.open_store(url).path) == []
    tidy(url)


def test_two_writers__of_sources_that_overlap(
    url: str, files: list[str], local: Path, between: Callable, tmp_path: Path
) -> None:
    """What was made of the first try is of no use for the second: it is merged with what came between."""
    lines = [line for file in files for line in Path(file).read_text().splitlines()]
    middle = str(write_lines(tmp_path / "5_linear.ndjson", lines[20:60]))
    lm.ingest(files[:1], store=url, jobs=1)
    between(lambda: lm.ingest([middle], store=url, jobs=1))
    assert lm.ingest(files[1:2], store=url, jobs=1).exit_code == 0
    tidy(url)
    assert lm.ingest(files[2:], store=url, jobs=1).exit_code == 0
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def test_ingest__where_the_part_that_it_overlaps_goes(
    url: str,
    files: list[str],
    local: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    elsewhere: Elsewhere,
) -> None:
    """It is replaced by another machine after the manifest was read, and before the part is."""
    lines = [line for file in files for line in Path(file).read_text().splitlines()]
    middle = str(write_lines(tmp_path / "5_linear.ndjson", lines[20:60]))
    lm.ingest(files, store=url, jobs=1)
    elsewhere("the third")
    download, waiting = fetching._download, [lambda: st.compact(url)]

    def late(mirror: Mirror, part: st.Part, made: Path) -> None:
        if waiting:
            do = waiting.pop()
            elsewhere("the other")
            do()
            elsewhere("the third")
        download(mirror, part, made)

    monkeypatch.setattr(fetching, "_download", late)
    report = lm.ingest([middle], store=url, jobs=1)
    assert (report.exit_code, report.errors) == (0, [])
    assert not waiting
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def test_ingest__while_the_days_are_compacted(
    url: str, files: list[str], local: Path, between: Callable
) -> None:
    lm.ingest(files[:2], store=url, jobs=1)
    between(lambda: st.compact(url))
    assert lm.ingest(files, store=url, jobs=1).exit_code == 0
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def test_compact__while_another_ingests(url: str, files: list[str], local: Path, between: Callable) -> None:
    lm.ingest(files[:2], store=url, jobs=1)
    between(lambda: lm.ingest(files[2:], store=url, jobs=1))
    assert st.compact(url).files > 0
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def test_rm__while_another_ingests(url: str, files: list[str], local: Path, between: Callable) -> None:
    lm.ingest(files[:2], store=url, jobs=1)
    between(lambda: lm.ingest(files[2:], store=url, jobs=1))
    parts = st.select(url, *MARKET, last="2023-11-14")
    assert st.remove(url, parts).files == len(parts)
    assert len(own(lm.open_store(url).path)) == sum(r["ts"].day == 15 for r in own(local))
    tidy(url)


def test_two_processes__at_once(url: str, files: list[str], local: Path, tmp_path: Path) -> None:
    code = "import sys, liqmap as lm; sys.exit(lm.ingest(sys.argv[2:], store=sys.argv[1], jobs=1).exit_code)"
    orders = (files, files[::-1])
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, url, *order],
            env=os.environ | {"LIQMAP_CACHE": str(tmp_path / f"cache {number}")},
        )
        for number, order in enumerate(orders)
    ]
    assert [child.wait() for child in running] == [0, 0]
    assert own(lm.open_store(url).path) == own(local)
    assert remote_parts(url) == parts_of(local)
    tidy(url)


def pending(url: str, mirror: str, adds: list[str], drops: list[str]) -> None:
    """What a writer of another machine left, with the objects that it had put."""
    store = Client(address(url))
    for place in adds:
        store.put(place, b"a part")
    store.put(".pending/0123.json", claims.Pending(mirror, *MARKET, adds, drops, "0123").to_bytes())


PLACE = "depth/venue=bybit/symbol=BTCUSDT/feed=ob50/date=2023-11-14/merged-0123-4567.parquet"


def test_lease__a_living_writer_is_left_alone(url: str, files: list[str], service: StandIn) -> None:
    pending(url, "another", [PLACE], [])
    assert lm.ingest(files[:1], store=url, jobs=1).exit_code == 0
    assert PLACE in objects(url)
    assert ".pending/0123.json" in objects(url)
    assert [f.kind for f in st.check(url).findings] == ["unfinished"]


def test_lease__a_dead_writer_is_taken_over(
    url: str, files: list[str], local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm.ingest(files[:1], store=url, jobs=1)
    kept = next(path for path in objects(url) if path.endswith(".parquet"))
    pending(url, "another", [PLACE], [kept])
    before = json.loads(objects(url)[NAME].partition(b"\n")[2])["number"]
    now = claims._now
    monkeypatch.setattr(claims, "_now", lambda *args: now(*args) + timedelta(seconds=61))
    assert lm.ingest(files, store=url, jobs=1).exit_code == 0
    assert PLACE not in objects(url)
    assert kept in objects(url)
    after = json.loads(objects(url)[NAME].partition(b"\n")[2])["number"]
    assert after == before + 1 + 2  # the bump, by which a slow writer is refused; two sources
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def test_lease__who_was_taken_for_dead_does_it_anew(
    url: str, files: list[str], local: Path, between: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It slept longer than its lease: its put is refused, and nothing of that is left. Names of its parts
    are not used again, which the other may be about to remove."""
    lm.ingest(files[:1], store=url, jobs=1)
    now = claims._now

    def other() -> None:
        monkeypatch.setattr(claims, "_now", lambda *args: now(*args) + timedelta(seconds=61))
        assert lm.ingest(files[1:2], store=url, jobs=1).exit_code == 0

    put, names = Client.put, []

    def noted(self: Client, path: str, data: bytes | Path) -> Object:
        names.append(path)
        return put(self, path, data)

    monkeypatch.setattr(Client, "put", noted)
    between(other)
    report = lm.ingest(files[2:], store=url, jobs=1)
    assert (report.exit_code, report.errors) == (0, [])
    tried = [name for name in names if name.endswith(".parquet") and _source(files[2]) in name]
    assert len(tried) == len(set(tried)) == 2
    assert [name in objects(url) for name in tried] == [False, True]
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def _source(file: str) -> str:
    """How the names of its parts begin."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]


@pytest.mark.parametrize("noticed", [False, True], ids=["by the change", "by the thread"])
def test_lease__who_is_always_taken_for_dead_is_told(
    noticed: bool, url: str, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lm.ingest(files[:1], store=url, jobs=1)
    before = set(objects(url))
    put_over = Client.put_over
    open_claims: list[claims.Claim] = []
    say = claims.Claim.say

    def noted(self: claims.Claim, *args: Any) -> None:
        open_claims.append(self)
        say(self, *args)

    def late(self: Client, path: str, data: bytes, before: Object | None) -> Object:
        if path == NAME and before is not None:
            claim = open_claims[-1]
            put_over(self, claim.path, b"{}", Client.head(self, claim.path))
            self.delete([claim.path])
            if noticed:
                with pytest.raises(StoreError), claim._lock:
                    claim._write(claim.pending)
            raise Refused
        return put_over(self, path, data, before)

    monkeypatch.setattr(claims.Claim, "say", noted)
    monkeypatch.setattr(Client, "put_over", late)
    report = lm.ingest(files[1:2], store=url, jobs=1)
    assert report.exit_code == 2
    assert "in which others took this writer for dead. Set LIQMAP_LEASE_S to more" in report.errors[0]
    assert len({claim.token for claim in open_claims}) == 4
    left = {path for path in set(objects(url)) - before if not path.startswith(".sources/")}
    assert left == set()


def test_lease__is_renewed_while_a_writer_lives(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "lease_s", lambda: 0.06)
    claim = claims.Claim(mirror(url), "0123")
    claim.say(*MARKET, [PLACE], [])
    try:
        for _ in range(200):
            if json.loads(objects(url)[claim.path])["beat"] >= 3:
                break
            time.sleep(0.02)
        else:
            pytest.fail("not renewed")
    finally:
        claim.end(remove=True)
    assert claim.path not in objects(url)


def test_pending__of_who_only_asked_for_the_time(
    url: str, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And died before it removed that."""
    Client(address(url)).put(".pending/0123.now", b"")
    assert lm.ingest(files[:1], store=url, jobs=1).exit_code == 0
    assert ".pending/0123.now" in objects(url)
    now = claims._now
    monkeypatch.setattr(claims, "_now", lambda *args: now(*args) + timedelta(seconds=61))
    assert lm.ingest(files[1:2], store=url, jobs=1).exit_code == 0
    assert ".pending/0123.now" not in objects(url)


def test_pending__that_names_other_objects_removes_none(
    url: str, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lm.ingest(files[:1], store=url, jobs=1)
    now = claims._now
    monkeypatch.setattr(claims, "_now", lambda *args: now(*args) + timedelta(seconds=61))
    before = set(objects(url))
    pending(url, "another", [], [NAME, "../../out", f"depth/../{NAME}"])
    assert lm.ingest(files[1:2], store=url, jobs=1).exit_code == 0
    assert before <= set(objects(url))
    tidy(url)


def test_service__that_looks_at_no_condition_is_not_written_to(
    url: str, files: list[str], service: StandIn
) -> None:
    service.looks_away = True
    report = lm.ingest(files[:1], store=url, jobs=1)
    assert report.exit_code == 2
    assert "refuses writes whose condition does not hold" in report.errors[0]
    assert objects(url) == {}


def test_read_only__is_refused_before_anything_is_read(files: list[str], service: StandIn) -> None:
    for write in (
        lambda store: lm.ingest(files, store=store),
        lambda store: st.push("data/store", store),
    ):
        with pytest.raises(StoreError, match=r"expected a store|one that is only read"):
            write(f"{service.url}/bucket/store")
