"""Every notebook runs from its folder, and is committed without outputs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_outputs_are_committed(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert cell.source.count("\n") < 25, "a longer cell moves into the package"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_reads_as_an_essay(path: Path) -> None:
    first, imports, *_, last = nbformat.read(path, as_version=4).cells
    assert re.search(r"^\*\*.+\?\*\*$", first.source, re.MULTILINE), "a question comes first"
    (picture,) = re.findall(r"!\[.+\]\((.+)\)", first.source)
    assert (path.parent / picture).is_file()
    assert imports.cell_type == "code"
    places = [last.source.index(f"**{word}.**") for word in ("Finding", "Limits", "Next")]
    assert places == sorted(places)
    for link in re.findall(r"\]\((\w+\.ipynb)\)", last.source):
        assert path.with_name(link) in NOTEBOOKS


def test_pictures__are_small_and_all_of_a_notebook() -> None:
    pictures = sorted((ROOT / "data" / "pictures").glob("*"))
    shown = {p for path in NOTEBOOKS for p in pictures if p.name in path.read_text()}
    assert shown == set(pictures)
    assert sum(p.stat().st_size for p in pictures) < 2_000_000


@pytest.mark.notebook
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
@pytest.mark.filterwarnings("ignore:Proactor:RuntimeWarning")
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    from nbclient import NotebookClient

    shutil.copytree(ROOT / "data" / "sample", tmp_path / "data" / "sample")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.write(notebook, tmp_path / path.name)
    warned = [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr" and "Warning" in output.text
    ]
    assert not warned
