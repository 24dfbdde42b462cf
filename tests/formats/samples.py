"""A small good file of every text format: those of each ``tests/formats/<vendor>/samples.py``.

A new format is found by its file being there. Tests spoil these files in every way that files come spoilt.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pyarrow.parquet as pq

from tests.formats.sample import Pairs as Pairs
from tests.formats.sample import Sample as Sample

SAMPLES: dict[str, Sample] = {}
"""By name: the text formats, some of them in several forms."""


def samples_of(folder: Path) -> dict[str, Sample]:
    """What the ``samples.py`` of a test folder has.

    Raises
    ------
    TypeError : it has no samples, or the folder is no package.
    """
    path = folder / "samples.py"
    if not (folder / "__init__.py").exists():
        raise TypeError(f"{folder}: expected an empty __init__.py, as in every folder of tests, got none")
    found = getattr(import_module(f"tests.formats.{folder.name}.samples"), "SAMPLES", None)
    if not (isinstance(found, dict) and found and all(isinstance(s, Sample) for s in found.values())):
        got = "none" if found is None else f"{found!r:.60}"
        raise TypeError(f'{path}: expected SAMPLES = {{"venue-depth": Sample(...)}}, got {got}')
    if taken := sorted(found.keys() & SAMPLES.keys()):
        raise TypeError(f"{path}: expected new names, got {', '.join(taken)}, which others have")
    return found


for _path in sorted(Path(__file__).parent.glob("*/samples.py")):
    SAMPLES |= samples_of(_path.parent)


def replaced(line: str, token: str, new: str, count: int = 1) -> str:
    """A line with another number, or word, where this one stands whole."""
    found, times = re.subn(rf"(?<![\w.]){re.escape(token)}(?![\w.])", lambda _: new, line, count=count)
    assert times, f"{token} does not stand in {line}"
    return found


def stored(store: Path) -> dict[str, list[tuple]]:
    """Rows of each table of a store: time in ns and what stands at it. Gap and heard rows are left out, and
    so are the ids of LOBSTER's trades, which count lines."""
    found: dict[str, list[tuple]] = {}
    for path in sorted(store.rglob("*.parquet")):
        kind = path.relative_to(store).parts[0]
        for row in pq.ParquetFile(path).read().to_pylist():
            if row.get("event") not in ("gap", "heard"):
                skip = {"ts", "ts_recv", "seq", "event", "flags"} | (
                    {"id"} if "venue=lobster" in str(path) else set()
                )
                what = tuple(v for k, v in row.items() if k not in skip)
                found.setdefault(kind, []).append((row["ts"].value, *what))
    return {kind: sorted(rows, key=repr) for kind, rows in found.items()}
