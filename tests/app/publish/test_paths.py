"""No path of the server's machine is in anything that a visitor is sent."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xarray as xr
from PIL import Image

import liqmap as lm
from liqmap.app.data.data import Data
from liqmap.app.data.exports import View, write
from liqmap.app.publish.access import Access
from tests.app.publish.hearing import Hearing, served

MARK = "Zq7Mark"
"""What every folder about the store is called; it is nowhere else."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small store."""
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("whole")
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=8), folder / "raw")
    assert lm.ingest(raw, store=folder / "store").exit_code == 0
    return folder / "store"


@pytest.fixture
def marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a store, with a blank and a quote in its name; home, presets and cache lie beside it."""
    place = tmp_path / f"{MARK} home" / f"{MARK}'s"
    place.mkdir(parents=True)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LIQMAP_CONFIG"):
        monkeypatch.setenv(name, str(place / name))
    return place / f"{MARK}-store"


def _empty(store: Path) -> None:
    store.mkdir()


def _damaged(store: Path) -> None:
    for path in store.rglob("*.parquet"):
        path.write_bytes(b"PAR1" + bytes(100) + b"PAR1")


def _half_written(store: Path) -> None:
    for path in store.rglob("*.parquet"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _no_manifest(store: Path) -> None:
    """All but the spans, which are mapped: who cuts off what is mapped ends whoever reads it."""
    for path in (p for p in store.rglob("*") if p.is_file() and p.suffix != ".parquet"):
        if ".spans" not in path.parts:
            path.write_bytes(b'{"half": ')


def _gone(store: Path) -> None:
    shutil.rmtree(store)


def _a_file(store: Path) -> None:
    shutil.rmtree(store)
    store.write_text("no store")


def _folders_for_files(store: Path) -> None:
    """What may not be read, for whoever runs this: root reads whatever has no rights."""
    for path in list(store.rglob("*.parquet")):
        path.unlink()
        path.mkdir()


def _links(store: Path) -> None:
    for path in list(store.rglob("*.parquet")):
        path.unlink()
        path.symlink_to(store.parent / "elsewhere")


def _presets(store: Path) -> None:
    place = store.parent / "LIQMAP_CONFIG"
    place.mkdir()
    (place / "presets.json").write_text("{")


def _of_calibrations(store: Path) -> None:
    for path in list(store.rglob("feed=*")):
        place = store / "calibrations" / path.relative_to(store / path.relative_to(store).parts[0])
        place.mkdir(parents=True, exist_ok=True)
        (place / "calibration.json").write_text("{")


FAULTS: list[Callable[[Path], None]] = [
    _damaged, _half_written, _no_manifest, _gone, _a_file, _folders_for_files, _links, _presets,
    _of_calibrations,
]  # fmt: skip


async def _visit(store: Path, break_it: Callable[[Path], None], shown_first: bool) -> Hearing:
    async with served(store, Access(editors=("*",))) as url:
        if not shown_first:
            break_it(store)
        visitor = Hearing(url)
        await visitor.open("?preset=none&page=picture&market=/etc/passwd")
        visitor.leave()
        await visitor.open("?carry=fitted")
        await visitor.settle()
        if shown_first:
            break_it(store)
        await visitor.drive(forged=("../../etc/passwd",))
        await visitor.settle()
        await visitor.fetch("/no-such-page")
        await visitor.fetch("/static/js/none.js")
        visitor.leave()
        return visitor


def _check(visitor: Hearing, store: Path) -> None:
    text = visitor.words
    assert MARK not in text, text[max(text.find(MARK) - 300, 0) : text.find(MARK) + 200]
    ours, folder = str(Path(lm.__file__).parent), str(store.parent.parent.parent)
    for secret in (ours, folder, "site-packages", "Traceback"):
        at = text.find(secret)
        assert at < 0, text[max(at - 300, 0) : at + 200]


@pytest.mark.parametrize("break_it", FAULTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("shown_first", [False, True], ids=["before", "while shown"])
@pytest.mark.long
def test_no_path__of_a_store_that_fails(
    whole: Path, marked: Path, break_it: Any, shown_first: bool, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(whole, marked)
    _check(asyncio.run(_visit(marked, break_it, shown_first)), marked)


def test_no_path__of_an_empty_store(marked: Path) -> None:
    marked.mkdir()
    visitor = asyncio.run(_visit(marked, lambda store: None, False))
    _check(visitor, marked)
    assert "--store STORE" in visitor.words


def test_no_path__in_any_file_that_is_saved(whole: Path, marked: Path) -> None:
    shutil.copytree(whole, marked)
    view = View(Data(lm.open_store(marked)))
    files = {kind: write(view, kind) for kind in ("Parquet", "NetCDF", "HTML", "PNG")}
    for name, content in files.values():
        assert MARK not in name
        assert MARK.encode() not in content
    table = pq.read_table(io.BytesIO(files["Parquet"][1]))
    (whole.parent / "grid.nc").write_bytes(files["NetCDF"][1])
    grid = xr.open_dataset(whole.parent / "grid.nc", engine="netcdf4")
    picture = Image.open(io.BytesIO(files["PNG"][1]))
    attributes = [grid.attrs, *(variable.attrs for variable in grid.variables.values())]
    for one in [table.schema.metadata, table.schema, *attributes, picture.info]:
        assert MARK not in str(one)
        assert str(marked.parent.parent.parent) not in str(one)


@pytest.mark.parametrize(
    "place", ["liqmap.app.main.Explorer.__panel__", "liqmap.app.views.picture.Picture._get_properties"]
)
def test_page__that_cannot_be_made_tells_no_more_than_that(
    place: str, marked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it fails while the app is put together, or while it is made the models of a page."""

    def broken(*_: Any, **__: Any) -> None:
        raise FileNotFoundError(2, "No such file", str(marked))

    marked.mkdir()
    monkeypatch.setattr(place, broken)

    async def visit() -> str:
        async with served(marked) as url:
            visitor = Hearing(url)
            await visitor.open()
            visitor.leave()
            return visitor.words

    words = asyncio.run(visit())
    assert "This page cannot be made" in words
    assert MARK not in words
    assert "Traceback" not in words
