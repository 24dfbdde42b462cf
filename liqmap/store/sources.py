"""The ledger of a store, ``.sources/<sha256>.json``: which files a source went to, and facts about it.

An entry stands for one way to read a source. A ledger that is damaged counts as none: its source may be
ingested again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from liqmap.schema import Source
from liqmap.store.parts import open_part

SOURCES = ".sources"
FACTS = "told"
"""Key of an entry: what was kept of the source, for a report that says it again."""


def known(root: str | os.PathLike[str], source: Source, key: str = "") -> Any:
    """The facts kept of a source when it was ingested; None if it, or a file it went to, is not there."""
    for entry in _entries(_ledger(root, source)):
        if entry["key"] == key and _is_whole(root, entry):
            return entry[FACTS]
    return None


def ledger_entries(root: str | os.PathLike[str]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every source that is whole in the store: the file that describes it, and its entry (name, key, files,
    and under `FACTS` what was kept of it)."""
    for path in sorted((Path(root) / SOURCES).glob("*.json")):
        for entry in _entries(path):
            if _is_whole(root, entry):
                yield path, entry


def remember(root: Path, source: Source, key: str, files: Sequence[Path], facts: Any, work: Path) -> None:
    """A source, read as ``key`` says, went to these files; ``facts`` are what `known` gives back."""
    path = _ledger(root, source)
    path.parent.mkdir(exist_ok=True)
    entries = [e for e in _entries(path) if e["key"] != key]
    names = [f.relative_to(root).as_posix() for f in files]
    entries.append({"name": source.name, "key": key, "files": names, FACTS: facts})
    made = work / "source.json"
    made.write_text(json.dumps(entries, indent=1))
    os.replace(made, path)


def rename_sources(root: Path, names: Mapping[Path, Path | None], work: Path) -> None:
    """Files of sources have new names; a source is forgotten that has a file named None."""
    new = {
        old.relative_to(root).as_posix(): to and to.relative_to(root).as_posix() for old, to in names.items()
    }
    for path in sorted((root / SOURCES).glob("*.json")):
        entries = _entries(path)
        named = [e | {"files": list(dict.fromkeys(new.get(f, f) for f in e["files"]))} for e in entries]
        if named == entries:
            continue
        kept = [e for e in named if None not in e["files"]]
        made = work / path.name
        made.write_text(json.dumps(kept, indent=1))
        os.replace(made, path) if kept else path.unlink()


def settle(root: Path, folder: Path, work: Path) -> None:
    """Remove the files of a day that a joined one replaces, also where a process died before it could."""
    for file in sorted(folder.glob("joined-*.parquet")):
        names = open_part(file, file.relative_to(root).parts[0]).replaces
        there = [folder / name for name in names if (folder / name).exists()]
        if there:
            rename_sources(root, dict.fromkeys(there, file), work)
            for old in there:
                old.unlink()


def _ledger(root: str | os.PathLike[str], source: Source) -> Path:
    return Path(root) / SOURCES / f"{source.sha256}.json"


def _is_whole(root: str | os.PathLike[str], entry: dict[str, Any]) -> bool:
    return all((Path(root) / f).is_file() for f in entry["files"])


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return []
