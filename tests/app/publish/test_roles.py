"""Who may have anything written: proved by the file system."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import matplotlib.font_manager  # noqa: F401 (it writes its list of fonts when it is first needed)
import pytest

import liqmap as lm
from liqmap.app import explore
from liqmap.app.data.sample import make_sample
from liqmap.app.publish.access import Access
from liqmap.app.publish.login.who import visitor as looking
from liqmap.app.publish.roles import may_write
from liqmap.schema import LiqmapError, StoreError
from tests.app.publish.hearing import Hearing, served

CLOSED: dict[str, Any] = {"basic_auth": "file"}
GITHUB: dict[str, Any] = {"oauth": "github", "oauth_key": "key", "oauth_secret": "secret"}


@pytest.mark.parametrize(
    ("access", "user", "may"),
    [
        ({}, None, True),  # the one who is at this machine
        ({"read_only": True}, None, False),
        ({"no_auth": True}, None, False),
        ({"origins": ("charts.example.org",)}, None, False),
        ({"no_auth": True, "editors": ("*",)}, None, True),
        (CLOSED, "ann", False),
        (CLOSED | {"editors": ("ann",)}, "ann", True),
        (CLOSED | {"editors": ("ann",)}, "Ann", False),  # of a file of passwords another user
        (CLOSED | {"editors": ("ann",)}, "bob", False),
        (CLOSED | {"editors": ("ann",)}, None, False),
        (CLOSED | {"editors": ("*",)}, "bob", True),
        (CLOSED | {"read_only": True}, "ann", False),
        (GITHUB, "ann", False),
        (GITHUB | {"editors": ("Ann",)}, "ann", True),
        (GITHUB | {"editors": ("ann",)}, "anna", False),
        (GITHUB | {"editors": ("@example.org",)}, "ann@example.org", False),  # names alone
    ],
)
def test_role(access: dict[str, Any], user: str | None, may: bool) -> None:
    assert may_write(Access(**access), user) is may


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"editors": ("ann",)}, "expected beside basic_auth=... or oauth=..."),
        (CLOSED | {"editors": ("ann",), "read_only": True}, "expected none where nothing is written"),
        (CLOSED | {"editors": (" ",)}, "expected names"),
    ],
)
def test_access__refuses_editors(given: dict[str, Any], message: str) -> None:
    with pytest.raises(LiqmapError) as refused:
        Access(**given)
    assert message in str(refused.value)


# ------------------------------------------------------------------ by the file system


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("whole")
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=8), folder / "raw")
    assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return folder / "store"


@pytest.fixture
def place(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that nobody has opened, and home, presets and cache beside it."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("LIQMAP_CONFIG", raising=False)
    shutil.copytree(whole, tmp_path / "store")
    shutil.rmtree(tmp_path / "store" / ".spans", ignore_errors=True)
    (tmp_path / "empty").mkdir()
    return tmp_path


def files_of(place: Path) -> dict[str, tuple[Any, ...]]:
    """Whatever is in a folder: size, times of change, inode, rights, digest of the bytes."""
    found: dict[str, tuple[Any, ...]] = {}
    for path in sorted([place, *place.rglob("*")]):
        at = path.lstat()
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        size = at.st_size if path.is_file() else 0
        found[os.fspath(path.relative_to(place))] = (
            size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino, at.st_mode, digest,
        )  # fmt: skip
    return found


async def drive(store: Path, access: Access) -> int:
    async with served(store, access) as url:
        visitor = Hearing(url)
        await visitor.open("?page=calibration")
        await visitor.settle()
        count = await visitor.drive()
        await visitor.settle()
        if store.name != "empty":  # once there is an answer
            await visitor.tell("keep", "press", {"name": "keep"})
        await visitor.settle()
        visitor.leave()
    return count


@pytest.mark.parametrize(
    ("store", "access"),
    [
        pytest.param("store", {"read_only": True}, id="read-only"),
        pytest.param("empty", {"no_auth": True}, id="viewer, empty store", marks=pytest.mark.long),
        pytest.param("store", {"no_auth": True}, id="viewer", marks=pytest.mark.long),
        pytest.param("empty", {"read_only": True}, id="read-only, empty store", marks=pytest.mark.long),
    ],
)
def test_viewer__changes_nothing_on_disk(store: str, access: dict[str, Any], place: Path) -> None:
    before = files_of(place)
    assert asyncio.run(drive(place / store, Access(**access))) > (300 if store == "store" else 1)
    after = files_of(place)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == set()


@pytest.mark.long
def test_editor__changes_what_a_viewer_may_not(place: Path) -> None:
    """Else the test before could not fail."""
    asyncio.run(drive(place / "store", Access(no_auth=True, editors=("*",))))
    there = files_of(place)
    assert any(name.startswith("store/.spans/") for name in there)
    assert any(name.endswith("presets.json") for name in there)


def test_editor__is_who_gets_the_page(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    access = Access(basic_auth="file", editors=("ann",))
    for user, may in (("ann", True), ("bob", False), (None, False)):
        looking.set(user)
        app = explore(lm.open_store(place / "empty"), read_only=not may_write(access, looking.get()))
        assert app.data.source.read_only is not may
    looking.set(None)


def test_store__for_reading_is_not_written_to(place: Path) -> None:
    store = lm.open_store(place / "store").for_reading()
    before = files_of(place)
    assert len(store.session("bybit", "SIMUSDT").sel(start="00:00:02").spans()) > 0
    with pytest.raises(StoreError, match="expected a store to write to"):
        store.save_calibration(None)
    with pytest.raises(StoreError, match="expected a store to write to"):
        store.check(repair=True)
    app = explore(store)
    make_sample(app.data, minutes=0.1)
    assert files_of(place) == before
