"""Push and pull: what one store has comes to be in the other, beside what that has."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.cli.main import main
from liqmap.schema import SessionError, StoreError
from liqmap.simulation import write_bybit
from liqmap.store.remote import copying
from liqmap.store.remote.client import Client, Object
from liqmap.store.remote.faults import Unreachable
from tests.archives.archive import Archive, serving
from tests.formats.bybit.lines import depth_line, write_lines
from tests.store.commit.sources import MARKET, MIDNIGHT, own, write_raw
from tests.store.remote.standin import StandIn, objects
from tests.store.remote.test_mirror import parts_of, raw, remote_parts
from tests.store.remote.test_writers import tidy

Elsewhere = Callable[[str], None]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    write_raw(tmp_path / "raw")
    return raw(tmp_path)


@pytest.fixture
def local(files: list[str], tmp_path: Path) -> Path:
    assert lm.ingest(files, store=tmp_path / "local", jobs=1).exit_code == 0
    return tmp_path / "local"


def test_push_and_pull__there_and_back(url: str, files: list[str], local: Path, tmp_path: Path) -> None:
    sent = st.push(local, url)
    assert (sent.files, sent.there) == (4, 0)
    assert sent.bytes == sum(map(len, parts_of(local)))
    assert remote_parts(url) == parts_of(local)
    tidy(url)
    assert st.push(local, url) == st.Copied(0, 0, 4)
    got = st.pull(url, tmp_path / "back")
    assert (got.files, got.there) == (4, 0)
    assert parts_of(tmp_path / "back") == parts_of(local)
    assert own(tmp_path / "back") == own(local)
    assert st.check(tmp_path / "back").findings == ()
    for store in (url, tmp_path / "back"):
        notes = lm.ingest(files, store=store, jobs=1).notes
        assert sum("already in the store" in note for note in notes) == 3
    assert st.pull(url, tmp_path / "back").files == 0


def test_push__keeps_what_is_there(url: str, files: list[str], local: Path, tmp_path: Path) -> None:
    """Of another market, of other days, and of the same day: sources that overlap are merged."""
    far = write_lines(
        tmp_path / "9_linear.ndjson",
        [depth_line(1, [("9", "1")], [], kind="snapshot", ts=MIDNIGHT + 5 * 86_400_000)],
    )
    assert lm.ingest([*files[1:], str(far)], store=url, jobs=1).exit_code == 0
    sent = st.push(local, url)
    assert (sent.files, sent.there) == (1, 3)
    have = own(lm.open_store(url).path)
    assert have[: len(own(local))] == own(local)
    assert len(have) > len(own(local))
    assert st.partial_sources(lm.open_store(url).path) == []
    tidy(url)
    st.compact(local)
    assert st.push(local, url).files == 0
    assert own(lm.open_store(url).path) == have


def test_push__what_overlaps_is_merged(url: str, files: list[str], local: Path, tmp_path: Path) -> None:
    lines = [line for file in files for line in Path(file).read_text().splitlines()]
    middle = write_lines(tmp_path / "5_linear.ndjson", lines[20:60])
    assert lm.ingest([str(middle)], store=url, jobs=1).exit_code == 0
    st.push(local, url)
    assert own(lm.open_store(url).path) == own(local)
    assert st.partial_sources(lm.open_store(url).path) == []
    notes = lm.ingest([*files, str(middle)], store=url, jobs=1).notes
    assert sum("already in the store" in note for note in notes) == 4
    assert st.push(local, url).files == 0
    tidy(url)


def test_push__days_and_markets(url: str, files: list[str], local: Path) -> None:
    assert st.push(local, url, *MARKET, first="2023-11-15").files == 2
    assert lm.open_store(url).sessions()["date"].tolist() == ["2023-11-15"]
    with pytest.raises(SessionError, match="nothing of bybit 2024-01-01"):
        st.push(local, url, "bybit", first="2024-01-01")
    with pytest.raises(SessionError, match="nothing of kraken"):
        st.push(local, url, "kraken")
    notes = lm.ingest(files, store=url, jobs=1).notes
    assert sum("already in the store" in note for note in notes) == 1
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def test_push__goes_on_where_it_ended(
    url: str, local: Path, service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "STEP_FILES", 1)

    def cut(number: int) -> None:
        service.down = service.down or ("manifest.json" in service.log[-1] and have() == 2)

    def have() -> int:
        return sum("manifest.json" in line and line.startswith("PUT") for line in service.log)

    service.after = cut
    with pytest.raises(StoreError, match="no network"):
        st.push(local, url)
    service.reset()
    sent = st.push(local, url)
    assert (sent.files, sent.there) == (2, 2)
    parts = [line for line in service.log if line.startswith("PUT") and line.endswith(".parquet")]
    assert len(parts) == 2
    assert own(lm.open_store(url).path) == own(local)
    tidy(url)


def test_pull__of_an_older_store_and_of_none(url: str, local: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="got nothing there"):
        st.pull(url, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    with pytest.raises(StoreError, match="the address of a store"):
        st.pull("data/store", tmp_path / "back")
    for path in (local / ".markets").rglob("manifest.json"):
        path.unlink()
    with pytest.raises(StoreError):
        st.push(local, url)
    assert objects(url) == {}


def test_pull__that_cannot_have_what_is_known_of_the_sources(
    url: str, files: list[str], local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused: a store that has the rows and does not know it would take them in again."""
    st.push(local, url)
    listing = Client.list

    def cut(self: Client, folder: str = "") -> list[Object]:
        if folder == ".sources":
            raise Unreachable(where=url, expected="an answer", got="none")
        return listing(self, folder)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "list", cut)
        with pytest.raises(StoreError, match="expected an answer"):
            st.pull(url, tmp_path / "back")
    st.pull(url, tmp_path / "back")
    notes = lm.ingest(files, store=tmp_path / "back", jobs=1).notes
    assert sum("already in the store" in note for note in notes) == 3


def test_pull__into_a_file(url: str, local: Path, tmp_path: Path) -> None:
    st.push(local, url)
    (tmp_path / "file").write_text("other")
    with pytest.raises(StoreError, match="expected a store that can be written, got File exists"):
        st.pull(url, tmp_path / "file")


def test_command_line(url: str, local: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "push", url, "--store", str(local), "--to", "2023-11-14", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == 2
    assert main(["store", "pull", url, "--store", str(tmp_path / "back")]) == 0
    assert capsys.readouterr().out.startswith("got 2 files, ")
    assert main(["info", "--store", url, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["sessions"]) == 1
    assert main(["store", "compact", "--store", url]) == 0
    assert main(["store", "check", "--store", url]) == 0
    assert f"{url} is sound" in capsys.readouterr().out
    assert main(["store", "rm", *MARKET, "--yes", "--store", url]) == 0
    assert main(["info", "--store", f"{url}-none"]) == 2
    assert main(["store", "push", "elsewhere", "--store", str(local)]) == 2
    said = capsys.readouterr().err
    assert "address: expected the address of a store" in said
    assert "Traceback" not in said


def test_app__shows_it(url: str, local: Path, elsewhere: Elsewhere) -> None:
    from liqmap.app.data.data import Data

    st.push(local, url)
    elsewhere("a reader")
    data = Data(lm.open_store(url))
    assert data.notice == ""
    assert data.session.symbol == "BTCUSDT"
    assert list(data.markets) == list(Data(lm.open_store(local)).markets)


def test_fetch__into_a_bucket(url: str, tmp_path: Path) -> None:
    """Days that are there are not fetched again, by whoever asks."""
    day = "2026-01-05"
    market = lm.simulate(minutes=0.2, seed=5, keep_truth=False, start=f"{day} 10:00")
    files = write_bybit(market, tmp_path / "files")
    served = Archive()
    for path in files:
        folder = "orderbook/linear" if path.name.endswith(".zip") else "trading"
        served.files[f"{folder}/SIMUSDT/{path.name}"] = path.read_bytes()
    with serving(served):
        for status in ("fetched", "there"):
            report = lm.fetch(
                "bybit", "SIMUSDT", day, day, kind=["depth", "trades"], store=url, base_url=served.url,
                progress=False,
            )  # fmt: skip
            assert report.exit_code == 0
            assert all((file.status == "fetched") == (status == "fetched") for file in report.files)
    lm.ingest(files, store=tmp_path / "local", venue="bybit", symbol="SIMUSDT")
    assert remote_parts(url) == parts_of(tmp_path / "local")


@pytest.fixture
def website(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server of plain files, and the folder that it serves."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    folder = tmp_path / "website"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/store", folder / "store"
    server.shutdown()
    thread.join()
    server.server_close()


def test_website__is_read(
    url: str, local: Path, website: tuple[str, Path], tmp_path: Path, service: StandIn, files: list[str]
) -> None:
    """As it was pushed to a bucket, by anything that serves its objects."""
    page, folder = website
    with pytest.raises(StoreError, match="`liqmap store push` writes it"):
        lm.open_store(page)
    st.push(local, url)
    for path, data in objects(url).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    store = lm.open_store(page)
    assert own(store.path) == own(local)
    session = store.session(*MARKET)
    assert len(session.spans())
    assert sorted(session.quality().sources["name"]) == [Path(file).name for file in files]
    assert st.check(page).findings == ()
    got = st.pull(page, tmp_path / "back")
    assert got.files == 4
    assert own(tmp_path / "back") == own(local)
    for write in (
        lambda: lm.ingest(files, store=page),
        lambda: st.compact(page),
        lambda: st.push(local, page),
    ):
        with pytest.raises(
            StoreError, match="expected a store that can be written, got one that is only read"
        ):
            write()
    part = next(folder.rglob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-5] + b"later")
    assert [f.kind for f in st.check(page).findings] == ["damaged"]
    part.write_bytes(part.read_bytes()[:-5] + b"again")
    (manifest,) = folder.rglob("manifest.json")
    manifest.unlink()
    with pytest.warns(UserWarning, match="BTCUSDT is in the list of markets, and has no manifest there"):
        lm.open_store(page)
    listing = folder / ".markets" / "listing.json"
    listing.write_text(json.dumps({"liqmap": "listing", "markets": []}))
    with (
        pytest.warns(UserWarning, match="bybit BTCUSDT is not in the list of markets any more"),
        pytest.raises(StoreError, match=r"expected a store, which has \.markets/, got nothing there"),
    ):
        lm.open_store(page)
