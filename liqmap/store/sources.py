"""Which files the sources of a store went to: ``.sources/<sha256>.json``, and what joined files replace."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from liqmap.store.parts import open_part

SOURCES = ".sources"


def rename_sources(root: Path, names: Mapping[Path, Path | None], work: Path) -> None:
    """Files of sources have new names; a source is forgotten that has a file named None."""
    new = {
        old.relative_to(root).as_posix(): to and to.relative_to(root).as_posix() for old, to in names.items()
    }
    for path in sorted((root / SOURCES).glob("*.json")):
        entries = json.loads(path.read_text())
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
