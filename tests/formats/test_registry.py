"""Formats are found by their folders, and each file by exactly one of them, in any order."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import liqmap.formats
from liqmap.formats import FORMATS, detect
from liqmap.formats.raw import RawFile
from tests.formats.samples import SAMPLES, samples_of

FOLDER = Path(liqmap.formats.__file__).parent


@pytest.mark.parametrize("name", SAMPLES)
def test_detect__one_format_knows_a_file(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = RawFile(SAMPLES[name].write(tmp_path))
    known = [form.name for form in FORMATS.values() if form.detect(raw.head())]
    assert known == [SAMPLES[name].format]
    for order in (sorted(FORMATS), sorted(FORMATS, reverse=True)):
        forms = {key: FORMATS[key] for key in order}
        monkeypatch.setattr("liqmap.formats.registry.FORMATS", forms)
        assert detect(raw).name == SAMPLES[name].format


def test_detect__depth_among_trades_is_depth(tmp_path: Path) -> None:
    lines = [*SAMPLES["bybit-stream-trades"].lines, *SAMPLES["bybit-depth"].lines]
    head = RawFile(SAMPLES["bybit-depth"].write(tmp_path, lines)).head()
    assert [form.name for form in FORMATS.values() if form.detect(head)] == ["bybit-depth"]


def test_formats__are_registered_by_packages_of_vendors_alone() -> None:
    """What readers share registers none, so it does not matter what is imported first."""
    folders = {p.relative_to(FOLDER).parts[0] for p in FOLDER.rglob("*.py") if "register(" in p.read_text()}
    shared = {"orders", "raw", "streams", "text", "registry.py", "market.py"}
    assert not folders & (shared - {"registry.py"})
    packages = {p.parent.name for p in FOLDER.glob("*/__init__.py")} - shared
    assert folders - shared == packages
    alone = [form for form in FORMATS if form.split("-")[0] not in packages]
    assert alone == [], f"expected names that begin with that of a folder: {sorted(packages)}"
    assert {form.split("-")[0] for form in FORMATS} == packages


def test_vendors__share_raw_and_text_never_each_other() -> None:
    """So that any of them could be taken away, and the next one touches no other folder."""
    shared = {"orders", "raw", "streams", "text", "registry", "market", "unread"}
    found = []
    for path in sorted(FOLDER.glob("*/**/*.py")):
        own = path.relative_to(FOLDER).parts[0]
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            rooms = {name.split(".")[2] for name in names if name.startswith("liqmap.formats.")}
            allowed = shared if own in shared else shared | {own}
            found += [f"{path.relative_to(FOLDER)} -> {room}" for room in sorted(rooms - allowed)]
    assert found == []


def test_samples__of_a_folder_that_lacks_something_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(__file__).parent / "tardis"
    with pytest.raises(TypeError, match=r"samples.py: expected new names, got tardis-incremental, .* have"):
        samples_of(folder)
    monkeypatch.delattr("tests.formats.tardis.samples.SAMPLES")
    with pytest.raises(TypeError, match=r"samples.py: expected SAMPLES = .*, got none"):
        samples_of(folder)
    with pytest.raises(TypeError, match=r"expected an empty __init__.py"):
        samples_of(tmp_path)
