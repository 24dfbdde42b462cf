"""Whether two commits give the same rows, spans, grids and pixels, over a folder of captures.

    python -m tests.unchanged BEFORE [AFTER] --data FOLDER [FOLDER ...]

Each commit is checked out into a folder of its own, and what it says of every file is hashed by a
process that imports nothing but that commit's public names. AFTER is the working tree where it is left
out. Prints how many hashes there are of each kind, and every one that differs; the exit code is 1 if any
does. Texts (notes, rejected lines, refusals) are kinds of their own: a refactor may word them better,
and this shows which.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PARTLY = 300_000
"""Rows of depth from which on a file is replayed in full, but drawn at fewer settings."""

CARRIES: tuple[tuple[Any, Any], ...] = (("30s", "5min"), (None, None), ("2s", "10s"), ("30s", "0s"))


def digest(*parts: Any) -> str:
    """A short hash of arrays, tables and texts."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, pa.Table):
            for name in part.schema.names:
                found.update(f"{name} {part.schema.field(name).type}".encode())
                found.update(column_bytes(part[name]))
        elif isinstance(part, pd.DataFrame):
            found.update(part.to_csv().encode())
        elif isinstance(part, np.ndarray):
            found.update(repr((part.shape, part.dtype.str)).encode())
            found.update(np.ascontiguousarray(part).tobytes())
        else:
            found.update(repr(part).encode())
    return found.hexdigest()[:16]


def column_bytes(column: Any) -> bytes:
    """The values of a column of Arrow, and which there are; however it is chunked or encoded."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = column.combine_chunks()
    if pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_decode()
    there = pc.is_valid(whole).to_numpy(zero_copy_only=False).tobytes()
    if not (pa.types.is_primitive(whole.type) and len(whole)):
        return there + repr(whole.to_pylist()).encode()
    if pa.types.is_timestamp(whole.type):
        whole = whole.cast(pa.int64())
    if pa.types.is_boolean(whole.type):
        whole = whole.cast(pa.int8())
    return there + pc.fill_null(whole, 0).to_numpy(zero_copy_only=False).tobytes()


# ------------------------------------------------------ what one commit says, in a process of its own


def of_files(folders: list[Path], root: Path) -> Iterator[tuple[str, str]]:
    """Each file by itself: its tables and texts, and of its depth spans and grids."""
    import liqmap as lm

    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = str(path.relative_to(folder.parent))
            try:
                capture = lm.read(path)
            except lm.LiqmapError as error:
                yield f"refusal {name}", digest(plain(str(error), folder))
                continue
            for kind in ("depth", "trades", "bands", "orders", "quotes"):
                table = getattr(capture, kind, None)
                if table is not None:
                    yield f"rows {name} {kind}", digest(table)
                    yield f"metadata {name} {kind}", digest(sorted((table.schema.metadata or {}).items()))
            report = capture.report
            yield f"notes {name}", digest([plain(str(note), folder) for note in report.notes])
            yield f"rejected {name}", digest([plain(str(line), folder) for line in report.rejected])
            if capture.depth is not None and len(capture.depth):
                yield from of_depth(name, capture.depth)


def of_depth(name: str, depth: Any) -> Iterator[tuple[str, str]]:
    """Spans of a depth table, whole and cut to fewer levels, and grids of them."""
    import liqmap as lm

    for limit in (None, 10):
        try:
            spans = lm.replay(depth, depth_limit=limit)
        except lm.LiqmapError as error:
            yield f"refusal {name} replay {limit}", digest(str(error))
            continue
        yield f"spans {name} {limit}", digest(spans.to_arrow(), spans.window)
        if limit is None and len(spans):
            yield from of_spans(name, spans, len(depth) < PARTLY)


def of_spans(name: str, spans: Any, every: bool) -> Iterator[tuple[str, str]]:
    """Grids of a book: every aggregate, several carries, with and without parts, another lattice."""
    import numpy as np

    import liqmap as lm

    begin, last = spans.begin, spans.last
    ticks = np.concatenate([side.tick for side in spans.sides])
    low, high = np.quantile(ticks, [0.1, 0.9])
    step = max((last - begin) // 50, 1)  # ten columns reach beyond the last message
    times = (begin + step * np.arange(61)).astype("datetime64[ns]")
    rows = np.unique(np.linspace(np.floor(low), np.ceil(high) + 1, 41).round()) * spans.tick_size
    for agg in ("mean", "peak", "last"):
        for half_life, prune in CARRIES if every else CARRIES[:1]:
            grid = lm.rasterize(spans, times, rows, half_life, prune, agg, parts=every)
            key = f"grid {name} {agg} {half_life} {prune}"
            yield key, digest(*(grid[variable].values for variable in sorted(grid.data_vars)))
            yield f"attributes {key}", digest(sorted(map(str, grid.attrs.items())))
    curve = lm.Survival(["0s", "1s", "10s"], [1.0, 0.6, 0.1])
    grid = lm.rasterize(spans, times[::3], rows[::2], carry=curve)
    yield f"grid {name} survival", digest(grid.liquidity.values, grid.state.values)
    if every:
        frame = lm.snapshots(spans, every="2s", levels=20)
        yield f"grid {name} snapshots", digest(frame)
        yield f"grid {name} fill_forward", digest(lm.fill_forward(frame))


def of_store(folders: list[Path], root: Path) -> Iterator[tuple[str, str]]:
    """All files in one store: what the report says, and each market as a session and as pictures."""
    import numpy as np

    import liqmap as lm

    report = lm.ingest(folders, store=root / "store", jobs=1)
    places = [plain(str(line), *folders) for line in [*report.notes, *report.errors, *report.rejected]]
    yield "texts of the ingest", digest(sorted(places))
    table = report.table.drop(columns=["seconds"]).sort_values(["path", "kind"]).reset_index(drop=True)
    yield "rows report", digest(table.assign(path=[Path(p).name for p in table["path"]]))
    gaps = report.gaps.assign(path=[Path(p).name for p in report.gaps["path"]])
    yield "rows gaps", digest(gaps.sort_values(list(gaps.columns[:1])).reset_index(drop=True).astype(str))
    store = lm.open_store(root / "store")
    sessions = store.sessions()
    yield "rows sessions", digest(sessions.drop(columns=["bytes"]))
    markets = sessions[sessions["kind"] == "depth"][["venue", "symbol", "feed"]].drop_duplicates()
    for venue, symbol, feed in markets.itertuples(index=False):
        session = store.session(venue, symbol, feed=feed)
        name = f"{venue} {symbol} {feed}"
        yield f"rows {name}", digest(session.depth(), session.trades())
        yield f"rows {name} gaps", digest(session.gaps())
        yield f"spans {name}", digest(session.spans().to_arrow(), session.spans().window)
        yield f"rows {name} bbo", digest(session.bbo())
        begin, end = (t.astype("int64") for t in session.time_range)
        middle = np.datetime64(int(begin + (end - begin) * 2 // 3), "ns")
        yield f"rows {name} book", digest(session.book(middle))
        yield f"rows {name} quality", digest(str(session.quality()))
        try:
            grid = session.grid()
            yield f"grid {name}", digest(grid.liquidity.values, grid.state.values)
        except lm.LiqmapError as error:
            yield f"refusal {name} grid", digest(str(error))
        yield from of_pictures(name, session, root)


def of_pictures(name: str, session: Any, root: Path) -> Iterator[tuple[str, str]]:
    """A market as PNG, as a chart, and as a page."""
    import holoviews as hv
    import matplotlib.image
    import numpy as np

    import liqmap as lm

    everything = {"overlays": ("candles", "bbo", "mid", "bubbles"), "panels": ("ladder", "profile", "delta")}
    variants: dict[str, dict[str, Any]] = {
        "plain": {},
        "light": {"theme": "light", "palette": "classic", **everything},
        "held": {
            "preset": "extended market depth",
            "look": lm.Look(scaling="linear", carried_shown="outline"),
        },
        "mean": {"agg": "mean", "half_life": "2min", "prune": None, "row_ticks": 3, "stable": True},
        "curve": {"carry": lm.Survival(["0s", "1s", "10s"], [1.0, 0.6, 0.1]), "panels": ("ladder",)},
    }
    path = root / "picture.png"
    for variant, options in variants.items():
        try:
            lm.picture(session, path, width=900, height=600, **options)
        except lm.LiqmapError as error:
            yield f"refusal {name} {variant}", digest(str(error))
            continue
        yield f"pixels {name} png {variant}", digest(matplotlib.image.imread(path))
        chart = lm.heatmap(session, dynamic=False, width=1200, **options)
        images = chart.traverse(lambda element: element, [hv.RGB])
        arrays = [np.dstack([im.dimension_values(d, flat=False) for d in im.vdims]) for im in images]
        yield f"pixels {name} chart {variant}", digest(len(arrays), *arrays)
    page = lm.standalone_html(session, root / "page.html").read_text(encoding="utf-8")
    packed = re.search(r'id="spans">(.*?)</script>', page, re.DOTALL)
    assert packed is not None
    yield f"pixels {name} page", digest(packed[1])


def of_simulation(folders: list[Path], root: Path) -> Iterator[tuple[str, str]]:
    """The simulator, which is seeded."""
    import liqmap as lm

    capture = lm.simulate(minutes=3, seed=5)
    yield "rows simulated", digest(capture.depth, capture.trades)
    yield "spans simulated", digest(lm.replay(capture.depth).to_arrow())


def plain(text: str, *folders: Path) -> str:
    """A text without where its files lie."""
    for folder in folders:
        text = text.replace(str(folder), folder.name)
    return text


def hashes(folders: list[Path], out: Path) -> None:
    """All hashes of the commit that is imported, as JSON."""
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as root:
        for part in (of_simulation, of_files, of_store):
            found |= dict(part(folders, Path(root)))
    out.write_text(json.dumps(found))


# ------------------------------------------------------ two commits side by side


def run(tree: Path, folders: list[Path], out: Path) -> subprocess.Popen[bytes]:
    """Hash what the tree says, in a process of its own."""
    command = [
        sys.executable,
        str(Path(__file__).resolve()),
        "--hashes",
        str(out),
        "--data",
        *map(str, folders),
    ]
    return subprocess.Popen(command, cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)})


def compare(before: dict[str, str], after: dict[str, str]) -> int:
    """Print what is the same and what is not; the exit code."""
    names = sorted(before.keys() | after.keys())
    differ = [name for name in names if before.get(name) != after.get(name)]
    kinds, odd = Counter(n.split()[0] for n in names), Counter(n.split()[0] for n in differ)
    for kind, count in sorted(kinds.items()):
        print(f"{kind:12} {count:6,} hashes, {odd[kind]:4,} differ")
    for name in differ:
        there = "only before" if name not in after else "only after" if name not in before else "differs"
        print(f"  {there}: {name}")
    return 1 if differ else 0


def main() -> int:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("commits", nargs="*", help="one or two; the second is the working tree if left out")
    parser.add_argument("--data", nargs="+", type=Path, required=True, help="folders of captures")
    parser.add_argument("--hashes", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    folders = [folder.resolve() for folder in args.data]
    if args.hashes:
        hashes(folders, args.hashes)
        return 0
    if not 1 <= len(args.commits) <= 2:
        parser.error("expected one or two commits")
    with tempfile.TemporaryDirectory() as temporary:
        trees = []
        for commit in args.commits:
            trees.append(Path(temporary, f"tree{len(trees)}"))
            subprocess.run(
                ["git", "worktree", "add", "--quiet", "--detach", trees[-1], commit], cwd=ROOT, check=True
            )
        try:
            trees += [ROOT] * (2 - len(trees))
            outs = [Path(temporary, f"{k}.json") for k in range(2)]
            running = [run(tree, folders, out) for tree, out in zip(trees, outs)]
            codes = [process.wait() for process in running]
            if any(codes):
                return 2
            return compare(*(json.loads(out.read_text()) for out in outs))
        finally:
            for tree in trees[: len(args.commits)]:
                subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=False)


if __name__ == "__main__":
    sys.exit(main())
