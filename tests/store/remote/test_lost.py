"""What an accident in the bucket costs: the manifest that is gone or damaged, while a writer was at work or
not; and that repair neither doubles rows, nor takes damaged ones for sound, nor loses the last good copy."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.schema import StoreError
from liqmap.store.remote import claims
from liqmap.store.remote.address import address
from liqmap.store.remote.client import Client
from liqmap.store.remote.faults import Unreachable
from tests.formats.bybit.lines import depth_line, write_lines
from tests.store.commit.sources import MARKET, own, write_raw
from tests.store.remote.standin import StandIn, objects
from tests.store.remote.test_mirror import filled, raw, remote_parts
from tests.store.remote.test_writers import NAME, tidy

pytestmark = pytest.mark.long

Elsewhere = Callable[[str], None]


@pytest.fixture
def local(tmp_path: Path) -> Path:
    write_raw(tmp_path / "raw")
    assert lm.ingest(raw(tmp_path), store=tmp_path / "local", jobs=1).exit_code == 0
    return tmp_path / "local"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """All leases have run out."""
    now = claims._now
    monkeypatch.setattr(claims, "_now", lambda *args: now(*args) + timedelta(seconds=61))


def parquet(url: str) -> list[str]:
    return sorted(path for path in objects(url) if path.endswith(".parquet"))


def dies_compacting(url: str, service: StandIn, at: str) -> None:
    """Once the first joined part is there (``joined-``), or the first manifest is (``manifest.json``)."""

    def cut(number: int) -> None:
        service.down = service.down or (at in service.log[-1] and service.log[-1].startswith("PUT"))

    service.after = cut
    with pytest.raises(StoreError, match="no network"):
        st.compact(url)
    assert service.down
    service.reset()


@pytest.mark.parametrize("at", ["joined-", "manifest.json"])
@pytest.mark.parametrize("gone", [False, True])
def test_repair__beside_a_compaction_that_died_doubles_no_row(
    at: str, gone: bool, url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere, service: StandIn
) -> None:
    filled(url, tmp_path)
    dies_compacting(url, service, at)
    store = Client(address(url))
    store.delete([NAME]) if gone else store.put(NAME, b"damaged")
    elsewhere("who repairs")
    with pytest.warns(UserWarning, match="no manifests, and parts of 1 markets") if gone else nullcontext():
        checked = st.check(url, repair=True)
    assert [f.kind for f in checked.findings] == ["unfinished", "manifest"]
    elsewhere("a reader")
    assert own(lm.open_store(url).path) == own(local)
    assert checked.sources == ()


def test_repair__after_a_change_that_had_begun_to_remove(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere, service: StandIn
) -> None:
    filled(url, tmp_path)
    before = parquet(url)
    dies_compacting(url, service, "manifest.json")
    store = Client(address(url))
    (joined,) = set(parquet(url)) - set(before)
    day = joined.rpartition("/")[0]
    store.delete([next(path for path in before if path.startswith(day))])
    store.put(NAME, b"damaged")
    elsewhere("who repairs")
    st.check(url, repair=True)
    elsewhere("a reader")
    assert own(lm.open_store(url).path) == own(local)


def test_repair__leaves_out_a_source_that_was_on_its_way_and_names_it(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere, service: StandIn, later: None
) -> None:
    lm.ingest(raw(tmp_path)[:1], store=url, jobs=1)
    before = own(lm.open_store(url).path)

    def cut(number: int) -> None:
        service.down = service.down or service.log[-1].endswith(".parquet")

    service.after = cut
    assert lm.ingest(raw(tmp_path)[1:2], store=url, jobs=1).exit_code == 2
    service.reset()
    Client(address(url)).put(NAME, b"damaged")
    elsewhere("who repairs")
    assert st.check(url, repair=True).sources == ("1_linear.ndjson",)
    assert own(lm.open_store(url).path) == before
    filled(url, tmp_path)
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


@pytest.mark.parametrize("at", [4, 500, -60])
def test_repair__takes_no_damaged_part_for_a_sound_one(
    at: int, url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    filled(url, tmp_path)
    place = parquet(url)[0]
    data = bytearray(objects(url)[place])
    data[at] ^= 4
    store = Client(address(url))
    store.put(place, bytes(data))
    store.put(NAME, b"damaged")
    elsewhere("who repairs")
    checked = st.check(url, repair=True)
    assert [(f.kind, f.where) for f in checked.findings[1:]] == [("damaged", f"{url}/{place}")]
    assert place not in objects(url)
    assert (lm.open_store(url).path / ".damaged" / place).read_bytes() == bytes(data)
    filled(url, tmp_path)
    assert own(lm.open_store(url).path) == own(local)
    assert st.check(url).findings == ()


def test_repair__leaves_strangers(url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere) -> None:
    """A copy of a part, in its folder and in another, and a file of others."""
    filled(url, tmp_path)
    store = Client(address(url))
    place = parquet(url)[0]
    folder, _, name = place.rpartition("/")
    strangers = [f"{folder}/copy.parquet", f"{folder}/deeper/{name}", f"{folder}/other.parquet"]
    for path, data in zip(strangers, [objects(url)[place], objects(url)[place], b"other"]):
        store.put(path, data)
    store.put(NAME, b"damaged")
    elsewhere("who repairs")
    st.check(url, repair=True)
    assert own(lm.open_store(url).path) == own(local)
    assert set(strangers) <= set(objects(url))
    assert [f.where for f in st.check(url).findings] == [f"{url}/{path}" for path in sorted(strangers)]


def test_repair__leaves_out_nothing_where_no_answer_comes(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(url, tmp_path)
    Client(address(url)).put(NAME, b"damaged")
    elsewhere("who repairs")
    chunks, away = Client.chunks, parquet(url)[1]

    def cut(self: Client, path: str) -> object:
        if path == away:
            raise Unreachable(where=url, expected="an answer", got="none")
        return chunks(self, path)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "chunks", cut)
        with pytest.raises(StoreError, match="expected an answer"):
            st.check(url, repair=True)
    assert objects(url)[NAME] == b"damaged"
    st.check(url, repair=True)
    assert own(lm.open_store(url).path) == own(local)


def test_repair__does_not_undo_another(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine repairs it, and takes in a source, after this one has listed what is there."""
    lm.ingest(raw(tmp_path)[:1], store=url, jobs=1)
    Client(address(url)).put(NAME, b"damaged")
    elsewhere("who is slow")
    chunks, waiting = Client.chunks, [0, 1]

    def late(self: Client, path: str) -> object:
        if waiting:
            waiting.clear()
            cache = os.environ["LIQMAP_CACHE"]
            elsewhere("who is faster")
            st.check(url, repair=True)
            filled(url, tmp_path)
            monkeypatch.setenv("LIQMAP_CACHE", cache)
        return chunks(self, path)

    monkeypatch.setattr(Client, "chunks", late)
    with pytest.raises(StoreError, match="expected nobody else to change the market"):
        st.check(url, repair=True)
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def test_manifest_gone__is_told_and_not_written_over(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    lm.ingest(raw(tmp_path)[:2], store=url, jobs=1)
    have = parquet(url)
    reader = lm.open_store(url)
    Client(address(url)).delete([NAME])
    with pytest.warns(UserWarning, match="bybit BTCUSDT has no manifest any more"):
        assert not len(reader.sessions())
    elsewhere("a writer")
    report = lm.ingest(raw(tmp_path)[2:], store=url, jobs=1)
    assert report.exit_code == 2
    assert "expected the manifest of a market, got none, and files that have one" in report.errors[0]
    assert parquet(url) == have
    with pytest.warns(UserWarning, match="no manifests, and parts of 1 markets"):
        assert [f.kind for f in st.check(url).findings] == ["manifest"]
    with pytest.warns(UserWarning, match="no manifests, and parts of 1 markets"):
        st.check(url, repair=True)
    filled(url, tmp_path)
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def test_manifest__that_was_put_back_is_warned_of(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    """By something that is not liqmap: a backup, say. A repair is none."""
    lm.ingest(raw(tmp_path)[:1], store=url, jobs=1)
    earlier = objects(url)[NAME]
    filled(url, tmp_path)
    store = Client(address(url))
    store.put(NAME, earlier)
    with pytest.warns(UserWarning, match="manifest of bybit BTCUSDT is older than the one that was there"):
        lm.open_store(url)
    assert {f.kind for f in st.check(url).findings} == {"foreign"}
    store.put(NAME, b"damaged")
    with pytest.warns(UserWarning, match="expected the manifest of a market"):
        lm.open_store(url).sessions()
    st.check(url, repair=True)
    assert own(lm.open_store(url).path) == own(local)


@pytest.mark.parametrize("what", ["compact", "ingest"])
def test_manifest_gone__of_a_dead_writer_nothing_is_removed(
    what: str, url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere, service: StandIn, later: None
) -> None:
    lm.ingest(raw(tmp_path)[:2], store=url, jobs=1)
    if what == "compact":
        dies_compacting(url, service, "joined-")
    else:
        service.after = lambda number: setattr(service, "down", service.log[-1].endswith(".parquet"))
        assert lm.ingest(raw(tmp_path)[2:], store=url, jobs=1).exit_code == 2
        service.reset()
    Client(address(url)).delete([NAME])
    have = parquet(url)
    elsewhere("a writer")
    assert lm.ingest(raw(tmp_path)[2:], store=url, jobs=1).exit_code == 2
    assert parquet(url) == have
    with pytest.warns(UserWarning, match="no manifests, and parts of 1 markets"):
        st.check(url, repair=True)
    filled(url, tmp_path)
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


@pytest.mark.parametrize("fault", ["short", "other", "gone"])
def test_part__is_put_back_from_a_mirror_that_has_it(
    fault: str, url: str, local: Path, tmp_path: Path
) -> None:
    filled(url, tmp_path)
    place = parquet(url)[0]
    data, store = objects(url)[place], Client(address(url))
    if fault == "gone":
        store.delete([place])
    else:
        store.put(place, data[:-1] if fault == "short" else data[:-1] + b"?")
    assert len(st.check(url).findings) == 1
    assert (lm.open_store(url).path / place).read_bytes() == data
    checked = st.check(url, repair=True)
    assert checked.sources == ()
    assert objects(url)[place] == data
    assert own(lm.open_store(url).path) == own(local)
    assert st.check(url).findings == ()


def test_part_gone__is_noticed_by_ingest_although_the_mirror_has_it(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    filled(url, tmp_path)
    Client(address(url)).delete([parquet(url)[0]])
    filled(url, tmp_path)
    elsewhere("a reader")
    assert own(lm.open_store(url).path) == own(local)
    assert len(remote_parts(url)) == 4


def test_mirror__that_is_removed_while_it_is_open(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    """What is written afterwards is not taken for a store by itself."""
    lm.ingest(raw(tmp_path)[:1], store=url, jobs=1)
    store = lm.open_store(url)
    session = store.session(*MARKET)
    shutil.rmtree(store.path)
    for use in (store.sessions, session.depth, lambda: st.compact(store.path)):
        with pytest.raises(
            StoreError, match=r"expected the mirror of a store, got one that was removed|a store \(a dir"
        ):
            use()
    with pytest.raises(StoreError, match="expected the mirror of a store, got one that was removed"):
        lm.ingest(raw(tmp_path)[1:], store=store.path, jobs=1)
    assert not store.path.exists() or not list(store.path.rglob("*.parquet"))
    filled(url, tmp_path)
    assert own(lm.open_store(url).path) == own(local)


def test_mirror__that_another_process_makes_anew(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    """A session that is open goes on with what the store has, never with nothing."""
    filled(url, tmp_path)
    store = lm.open_store(url)
    session = store.session(*MARKET)
    marker = (store.path / ".remote.json").read_bytes()
    shutil.rmtree(store.path)
    store.path.mkdir()
    (store.path / ".remote.json").write_bytes(marker)  # so far did the other come
    assert session.sql("select count(*) from depth").fetchall() == [(len(own(local)),)]
    shutil.rmtree(store.path / ".markets")
    assert session.depth().to_pylist() == own(local)


def test_market__that_the_bucket_has_no_more_is_no_older_store(url: str, local: Path, tmp_path: Path) -> None:
    line = depth_line(1, [("9", "1")], [], kind="snapshot", symbol="ETHUSDT")
    other = str(write_lines(tmp_path / "9_linear.ndjson", [line]))
    lm.ingest([*raw(tmp_path), other], store=url, jobs=1)
    store = lm.open_store(url)
    assert len(store.files("depth")) == 5
    gone = [path for path in objects(url) if "ETHUSDT" in path]
    Client(address(url)).delete(gone)
    with pytest.warns(UserWarning, match="bybit ETHUSDT has no manifest any more"):
        assert st.pull(url, tmp_path / "back").files == 4
    assert own(tmp_path / "back") == own(local)


def test_listing__of_two_writers_at_once_has_both(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = depth_line(1, [("9", "1")], [], kind="snapshot", symbol="ETHUSDT")
    other = str(write_lines(tmp_path / "9_linear.ndjson", [line]))
    put_over, waiting = Client.put_over, [1]

    def late(self: Client, path: str, data: bytes, before: object) -> object:
        if path == ".markets/listing.json" and waiting:
            waiting.clear()
            cache = os.environ["LIQMAP_CACHE"]
            elsewhere("the other")
            assert lm.ingest([other], store=url, jobs=1).exit_code == 0
            monkeypatch.setenv("LIQMAP_CACHE", cache)
        return put_over(self, path, data, before)  # type: ignore[arg-type]

    monkeypatch.setattr(Client, "put_over", late)
    filled(url, tmp_path)
    said = json.loads(objects(url)[".markets/listing.json"])["markets"]
    assert said == [["bybit", "BTCUSDT"], ["bybit", "ETHUSDT"]]
