"""What the guides name is there: files, folders, targets of make, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PATHS = re.compile(r"`((?:liqmap|tests|docs|notebooks|benchmarks|data/sample)/[\w./-]*)")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_paths_and_links__exist(guide: Path) -> None:
    text = guide.read_text()
    missing = [name for name in PATHS.findall(text) if not (ROOT / name.rstrip(".")).exists()]
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    missing += [link for link in links if not (guide.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_targets_of_make__exist(guide: Path) -> None:
    known = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    named = re.findall(r"(?:^|`)make ([a-z]+(?: [a-z]+)*)", guide.read_text(), re.MULTILINE)
    assert {word for words in named for word in words.split()} <= known


def test_map__has_every_room() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rooms = [path.parent for path in sorted((ROOT / "liqmap").glob("*/__init__.py"))]
    assert [room.name for room in rooms if f"`liqmap/{room.name}/" not in text] == []
    for folder, example in re.findall(r"(?m)^\| `(liqmap/[\w/]+)` .*\| `([\w/.]+)`", text):
        assert (ROOT / folder / example).exists(), (folder, example)
