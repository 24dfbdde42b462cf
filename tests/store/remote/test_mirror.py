"""A store on object storage is what the same store would be here: rows, parts, spans, errors in one line."""

from __future__ import annotations

import errno
import json
import os
import urllib.request
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.cli.main import _in_one_line, main
from liqmap.schema import SessionError, StoreError
from liqmap.store.commit.digests import digest_bytes
from liqmap.store.remote import client as remote_client
from liqmap.store.remote import fetching, ledger
from liqmap.store.remote import mirror as remote_mirror
from liqmap.store.remote.address import address, is_address
from liqmap.store.remote.client import Client
from liqmap.store.remote.mirror import mirror
from tests.archives.archive import Archive, serving
from tests.store.commit.sources import MARKET, own, write_raw
from tests.store.remote.standin import StandIn, objects

Elsewhere = Callable[[str], None]


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A store by itself, of the sources that a test puts elsewhere too."""
    write_raw(tmp_path / "raw")
    assert lm.ingest(raw(tmp_path), store=tmp_path / "local", jobs=1).exit_code == 0
    return tmp_path / "local"


def raw(folder: Path) -> list[str]:
    return sorted(map(str, (folder / "raw").iterdir()))


def filled(url: str, folder: Path) -> None:
    report = lm.ingest(raw(folder), store=url, jobs=1)
    assert (report.exit_code, report.errors) == (0, [])


def parts_of(store: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in store.rglob("*.parquet"))


def remote_parts(url: str) -> list[bytes]:
    return sorted(data for path, data in objects(url).items() if path.endswith(".parquet"))


def test_ingest__same_parts_byte_for_byte(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    filled(url, tmp_path)
    assert remote_parts(url) == parts_of(local)
    elsewhere("a reader")
    store = lm.open_store(url)
    assert not list(store.path.rglob("*.parquet"))
    assert own(store.path) == own(local)
    columns = ["venue", "symbol", "feed", "kind", "date", "start", "end", "rows", "bytes"]
    assert store.sessions()[columns].equals(lm.open_store(local).sessions()[columns])
    assert len(store.files("depth")) == 4
    assert str(store).startswith(f"<liqmap.Store {url}:")
    again = lm.ingest(raw(tmp_path), store=url, jobs=1)
    assert sum("already in the store" in note for note in again.notes) == 3
    assert remote_parts(url) == parts_of(local)


def test_session__spans_beside_the_mirror(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    filled(url, tmp_path)
    elsewhere("a reader")
    session = lm.open_store(url).session(*MARKET, start="2023-11-15")
    here = lm.open_store(local).session(*MARKET, start="2023-11-15")
    assert session.spans().to_arrow().equals(here.spans().to_arrow())
    assert list((lm.open_store(url).path / ".spans").rglob("manifest.json"))
    assert session.sql("select count(*) from depth").fetchall() == here.sql(
        "select count(*) from depth"
    ).fetchall()  # fmt: skip
    with pytest.raises(SessionError, match="bybit ETHUSDT"):
        lm.open_store(url).session("bybit", "ETHUSDT")


def test_upkeep__as_in_a_store_by_itself(url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere) -> None:
    filled(url, tmp_path)
    reader = lm.open_store(url)
    elsewhere("upkeep")
    assert st.compact(url) == st.compact(local)
    assert remote_parts(url) == parts_of(local)
    assert own(reader.path) == own(local)
    assert st.migrate(url).files == 0
    for store in (url, local):
        day = st.select(store, *MARKET, first="2023-11-15")
        assert st.remove(store, day).files == 1
    assert remote_parts(url) == parts_of(local)
    assert own(lm.open_store(url).path) == own(local)
    filled(url, tmp_path)
    lm.ingest(raw(tmp_path), store=local, jobs=1)
    assert own(lm.open_store(url).path) == own(local)
    st.remove(url, st.select(url, *MARKET))
    assert not len(lm.open_store(url).sessions())
    left = [path for path in objects(url) if not path.startswith(".markets/")]
    assert left == []


def test_reading__goes_on_where_a_day_was_compacted(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    filled(url, tmp_path)
    elsewhere("a reader")
    mirror = lm.open_store(url).path
    elsewhere("upkeep")
    st.compact(url)
    assert own(mirror) == own(local)


def test_damage__is_told_and_comes_again(url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere) -> None:
    filled(url, tmp_path)
    store = Client(address(url))
    name = next(path for path in sorted(objects(url)) if path.endswith(".parquet"))
    data = objects(url)[name]
    here = lm.open_store(url).path / name
    here.write_bytes(data[:100] + b"?" + data[101:])
    assert own(lm.open_store(url).path) == own(local)
    assert here.read_bytes() == data
    store.put(name, data[:100] + b"?" + data[101:])
    elsewhere("a reader")
    mirror = lm.open_store(url).path
    with pytest.raises(StoreError, match=r"expected the [0-9,]+ bytes that were written, got other bytes"):
        own(mirror)
    (found,) = st.check(url).findings
    assert (found.kind, found.where) == ("damaged", f"{url}/{name}")
    checked = st.check(url, repair=True)
    assert checked.repaired
    assert len(checked.sources) == 1
    assert (mirror / ".damaged" / f"{name}.damaged").exists()
    assert name not in objects(url)
    filled(url, tmp_path)
    assert own(lm.open_store(url).path) == own(local)
    assert st.check(url).findings == ()


def test_damage__a_source_ingested_again_mends_it(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    filled(url, tmp_path)
    name = next(path for path in sorted(objects(url)) if path.endswith(".parquet"))
    Client(address(url)).put(name, b"short")
    elsewhere("a writer")
    filled(url, tmp_path)
    assert own(lm.open_store(url).path) == own(local)
    assert remote_parts(url) == parts_of(local)


def test_damaged_manifest__costs_its_market_and_is_made_anew(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    filled(url, tmp_path)
    name = ".markets/venue=bybit/symbol=BTCUSDT/manifest.json"
    Client(address(url)).put(name, objects(url)[name].replace(b"ob50", b"ob51"))
    elsewhere("a reader")
    with pytest.warns(UserWarning, match="other bytes than were written"):
        assert not len(lm.open_store(url).sessions())
    with pytest.raises(StoreError, match="other bytes than were written"):
        own(lm.open_store(url).path)
    assert lm.ingest(raw(tmp_path), store=url, jobs=1).exit_code == 2
    assert [f.kind for f in st.check(url).findings] == ["manifest"]
    st.check(url, repair=True)
    assert own(lm.open_store(url).path) == own(local)
    assert st.check(url).findings == ()
    filled(url, tmp_path)
    assert remote_parts(url) == parts_of(local)


@pytest.mark.parametrize(
    ("name", "is_market"),
    [
        (".markets/venue=../symbol=../manifest.json", True),
        (".markets/venue=bybit/symbol=..%2F..%2Fout/manifest.json", True),
        (".markets/venue=bybit/symbol=%2E%2E/manifest.json", False),
        (".markets/venue=bybit/symbol=" + "x" * 300 + "/manifest.json", False),
        (".markets/venue=bybit/manifest.json", False),
    ],
)
def test_hostile_names__lead_nowhere(
    name: str, is_market: bool, url: str, local: Path, tmp_path: Path
) -> None:
    """One that a market may have has a folder in the mirror, and is told to be damaged; others have none."""
    filled(url, tmp_path)
    Client(address(url)).put(name, b"hostile")
    before = {path for path in tmp_path.rglob("*") if "cache" not in path.parts}
    with pytest.warns(UserWarning, match="expected the manifest of a market") if is_market else nullcontext():
        assert own(lm.open_store(url).path) == own(local)
        lm.open_store(url).sessions()
    assert {path for path in tmp_path.rglob("*") if "cache" not in path.parts} == before
    found = sorted(p.name for p in (lm.open_store(url).path / ".markets").glob("*/*"))
    assert len(found) == 1 + is_market


@pytest.mark.parametrize(
    "change",
    [
        lambda have: have["parts"][0].update(name="../../../out.parquet"),
        lambda have: have["parts"][0].update(kind="../out"),
        lambda have: have["parts"][0].update(date="../../out"),
        lambda have: have["parts"][0].update(bytes="many"),
        lambda have: have["metas"][0].update(venue="../out"),
        lambda have: have.update(parts="none"),
    ],
)
def test_hostile_manifest__is_refused(
    change: Callable[[dict], object], url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    filled(url, tmp_path)
    name = ".markets/venue=bybit/symbol=BTCUSDT/manifest.json"
    have = json.loads(objects(url)[name].partition(b"\n")[2])
    change(have)
    body = json.dumps(have).encode()
    head = json.dumps({"liqmap": "manifest", "xxh3_128": digest_bytes(body)}).encode()
    Client(address(url)).put(name, head + b"\n" + body + b"\n")
    elsewhere("a reader")
    with pytest.raises(StoreError, match="expected the manifest of a market"):
        own(lm.open_store(url).path)


def test_no_network__what_is_here_serves(url: str, local: Path, tmp_path: Path, service: StandIn) -> None:
    filled(url, tmp_path)
    service.down = True
    with pytest.warns(UserWarning, match=r"no network.*what was read .* ago is shown"):
        store = lm.open_store(url)
    with pytest.warns(UserWarning, match="ago is shown"):
        session = store.session(*MARKET)
    assert session.depth().to_pylist() == own(local)
    assert len(session.spans())
    for place in (url, store.path):
        with pytest.raises(StoreError, match="no network"):
            lm.ingest(raw(tmp_path), store=place, jobs=1)
    with pytest.warns(UserWarning, match="ago is shown"), pytest.raises(StoreError, match="no network"):
        st.compact(url)
    with pytest.raises(StoreError, match="no network"):
        lm.open_store(f"{url}-of-which-nothing-is-here")


def test_no_room__in_one_line(
    url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(url, tmp_path)
    elsewhere("a reader")
    mirror = lm.open_store(url).path

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(fetching, "_download", full)
        with pytest.raises(StoreError, match=r"expected room for .* got No space left"):
            own(mirror)
    assert own(mirror) == own(local)


@pytest.mark.parametrize("where", [remote_mirror, ledger])
def test_no_room__for_what_is_agreed_on(
    where: ModuleType, url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    filled(url, tmp_path)
    elsewhere("a reader")

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        lm.open_store(url) if where is ledger else mirror(url)
        patch.setattr(where, "replace_file", full)
        assert main(["store", "check", "--store", url]) == 2
    said = capsys.readouterr().err
    assert said.startswith("liqmap store: ")
    assert f"expected a folder that can be written, for what is read of {url}, got No space left" in said
    assert own(lm.open_store(url).path) == own(local)


def test_command_line__warns_in_one_line(
    url: str, local: Path, tmp_path: Path, service: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(url, tmp_path)
    service.down = True
    with pytest.warns(st.OfflineWarning, match="ago is shown") as told:
        assert main(["info", "--store", url]) == 0
    assert "BTCUSDT" in capsys.readouterr().out
    one = told[0]
    said = _in_one_line(one.message, one.category, one.filename, one.lineno)
    assert said == f"liqmap: {one.message}\n"
    assert "file.py:3: " in _in_one_line("other", UserWarning, "file.py", 3)


def test_errors__in_one_line(url: str, service: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match=r"expected a store, which has \.markets/, got nothing there"):
        lm.open_store(url)
    Client(address(url)).put("depth/other.txt", b"")
    with pytest.raises(StoreError, match="got other objects"):
        lm.open_store(url)
    with pytest.raises(StoreError, match="expected a bucket that is there, got none of this name"):
        lm.open_store("s3://no-such-bucket/store")
    with pytest.raises(StoreError, match="expected a bucket that is there"):
        lm.ingest([], store="s3://no-such-bucket/store")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "false")
    with pytest.raises(StoreError, match=r"expected an endpoint with TLS \(https\), got one without"):
        lm.open_store(f"{url}-x")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setattr(remote_client, "RETRIES", 1)
    service.down = True
    with pytest.raises(StoreError, match="expected an answer, got none: no network"):
        lm.open_store(f"{url}-y")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("s3://key:hidden@bucket/store", "without a user, a password or a query"),
        ("s3://bucket/store?token=hidden", "without a user, a password or a query"),
        ("https://user:hidden@example.org/store", "without a user, a password or a query"),
        ("s3://", "an address such as s3://bucket/store"),
        ("s3://bucket/../store", "an address such as"),
        ("s3://bucket/a//b", "an address such as"),
        ("ftp://bucket/store", "begins with one of s3,"),
        ("s3:/bucket/store", "Write two slashes"),
        ("S3:/bucket/store", "Write two slashes"),
    ],
)
def test_address__refused_without_its_secrets(text: str, said: str, service: StandIn) -> None:
    with pytest.raises(StoreError) as caught:
        lm.open_store(text)
    assert said in str(caught.value)
    assert "hidden" not in str(caught.value)
    with pytest.raises(StoreError):
        lm.ingest([], store=text)


def test_address__that_became_a_path(service: StandIn) -> None:
    for text in ("s3://bucket/store", "S3://bucket/store"):
        with pytest.raises(StoreError, match="expected the address of a store as text, got a Path"):
            lm.open_store(Path(text))
    assert not is_address("data/store")
    assert not is_address(Path("data/store"))
    assert not is_address("C:\\store")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AWS_ACCESS_KEY_ID", "hidden\n", "AWS_ACCESS_KEY_ID: expected a value of one line"),
        ("AWS_SECRET_ACCESS_KEY", "hidden\n", "AWS_SECRET_ACCESS_KEY: expected a value of one line"),
        ("AWS_SESSION_TOKEN", "hidden\r\n", "AWS_SESSION_TOKEN: expected a value of one line"),
        ("AWS_REGION", "eu-\x00hidden", "AWS_REGION: expected a value of one line"),
        ("AWS_ENDPOINT_URL", "127.0.0.1:9", "expected an endpoint such as https://s3.example.org"),
        ("AWS_ENDPOINT_URL", "http://[bad", "expected an endpoint such as https://s3.example.org"),
        ("AWS_SKIP_SIGNATURE", "hidden", "settings and credentials in the environment (AWS_...) that can be"),
        ("AWS_ENDPOINT_URL", "http://a b", "expected credentials, a region and an endpoint that can stand"),
    ],
)
def test_environment__that_cannot_be_used(
    name: str, value: str, said: str, service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library would panic, which is no exception of Python's."""
    if "\x00" in value:
        monkeypatch.setattr(os, "environ", os.environ.copy() | {name: value})
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreError) as caught:
        lm.open_store("s3://bucket/store")
    assert said in str(caught.value)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("store", "name", "value"),
    [
        ("gs://bucket/store", "GOOGLE_SERVICE_ACCOUNT_KEY", '{"private_key": "hidden"}'),
        ("az://account/container/store", "AZURE_STORAGE_ACCOUNT_KEY", "hidden*"),
    ],
)
def test_environment__of_other_clouds(
    store: str, name: str, value: str, service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StoreError, match=rf"settings and credentials .*{name[:6]}.*that can be read") as told:
        lm.open_store(store)
    assert "hidden" not in str(told.value)


def test_environment__that_forbids_conditions(
    url: str, local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONDITIONAL_PUT", "disabled")
    report = lm.ingest(raw(tmp_path)[:1], store=url, jobs=1)
    assert report.exit_code == 2
    assert "Unset AWS_CONDITIONAL_PUT" in report.errors[0]


def test_service__that_knows_no_bucket_and_says_no_code(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """404, and a page of its own: there is no object that could be missing."""
    served = Archive()
    with serving(served):
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url)
        for use in (lm.open_store, lambda store: lm.ingest([], store=store), st.compact):
            with pytest.raises(StoreError, match="expected a bucket that is there, got none of this name"):
                use(url)


def test_credentials__are_nowhere(url: str, local: Path, tmp_path: Path) -> None:
    filled(url, tmp_path)
    store = lm.open_store(url)
    said = [repr(store), repr(Client(address(url))), *map(repr, vars(store).values())]
    assert not any("a-secret" in text or "testing" in text for text in said)
    for path in (tmp_path / "cache").rglob("*"):
        assert not path.is_file() or b"a-secret" not in path.read_bytes()


def test_mirror__of_another_folder_is_refused(url: str, local: Path, tmp_path: Path) -> None:
    filled(url, tmp_path)
    mirror = lm.open_store(url).path
    os.rename(mirror, tmp_path / "moved")
    with pytest.raises(StoreError, match="that of another folder"):
        lm.open_store(tmp_path / "moved").sessions()


MIRRORED = (
    ".remote.json",
    ".sources.json",
    ".markets/venue=bybit/symbol=BTCUSDT/manifest.json",
    ".markets/venue=bybit/symbol=BTCUSDT/remote.json",
)
DAMAGES = (b"", b"[]", b"{}", None)
"""What a file of the mirror holds instead; None: other digits. ``make test`` takes one of each file."""


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param(name, data, marks=[] if i == k else pytest.mark.long)
        for i, name in enumerate(MIRRORED)
        for k, data in enumerate(DAMAGES)
    ],
)
def test_mirror__that_is_damaged_comes_again(
    name: str, data: bytes | None, url: str, local: Path, tmp_path: Path
) -> None:
    """Whoever opens the store by its address notices nothing of it."""
    filled(url, tmp_path)
    file = lm.open_store(url).path / name
    if not file.exists():
        assert name == ".sources.json"
        st.partial_sources(file.parent)
    was = file.read_bytes()
    file.write_bytes(was.replace(b"0", b"1") if data is None else data)
    assert own(lm.open_store(url).path) == own(local)
    filled(url, tmp_path)
    assert st.check(url).findings == ()
    assert st.check(url, repair=True).sources == ()
    assert remote_parts(url) == parts_of(local)


def test_names__that_are_no_paths_are_told(url: str, local: Path, tmp_path: Path, service: StandIn) -> None:
    filled(url, tmp_path)
    key = f"{service.url}/bucket/{url.removeprefix('s3://bucket/')}/depth//other.parquet"
    urllib.request.urlopen(urllib.request.Request(key, data=b"other", method="PUT")).close()
    assert own(lm.open_store(url).path) == own(local)
    with pytest.raises(StoreError, match="expected objects whose names are paths, got one with an empty"):
        st.check(url)


def test_errors__name_the_address(url: str, local: Path, tmp_path: Path, elsewhere: Elsewhere) -> None:
    """Not the folder of the mirror, of which its user knows nothing."""
    filled(url, tmp_path)
    with pytest.raises(SessionError) as caught:
        lm.open_store(url).session("bybit", "ETHUSDT")
    assert str(caught.value).startswith(f"{url}: expected a market of the store")
    with pytest.raises(StoreError) as told:
        st.select(url, "bybit", "ETHUSDT")
    assert str(told.value).startswith(f"{url}: expected a market of the store")
    place = next(path for path in sorted(objects(url)) if path.endswith(".parquet"))
    Client(address(url)).put(place, objects(url)[place][:-1] + b"?")
    elsewhere("a reader")
    with pytest.raises(StoreError) as told:
        own(lm.open_store(url).path)
    assert str(told.value).startswith(f"{url}/{place}: expected the ")
