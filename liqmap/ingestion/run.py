"""Raw files into a store, several at a time; a source that fails leaves the others alone."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from liqmap.formats import FORMATS, Hints, detect, open_file
from liqmap.formats.raw import RawFile
from liqmap.ingestion.in_order import Turn, in_order
from liqmap.ingestion.report import GapRow, IngestReport, SourceRow
from liqmap.ingestion.source import Flow
from liqmap.schema import TABLES, FormatError, LiqmapError, Rejected, StoreError, one_line
from liqmap.store import PART_MARK, Writer, clean, known

PathLike = str | os.PathLike[str]


def ingest(
    paths: PathLike | Iterable[PathLike],
    *,
    store: PathLike,
    venue: str | None = None,
    symbol: str | None = None,
    feed: str | None = None,
    tick_size: float | None = None,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,  # noqa: A002
    progress: bool | None = None,
    jobs: int | None = None,
) -> IngestReport:
    """Take raw files into a store; the same file again changes nothing.

    Parameters
    ----------
    paths : files, or directories whose files of known formats are all taken, sorted by name.
    store : directory; made if it is not there.
    venue, symbol, feed, tick_size, mapping, format : as `read`, for all of them.
    progress : show a bar of the bytes read; by default only on a terminal.
    jobs : how many files are read at one time, each in memory of its own, which is bounded; default: as many
        as there are cores. What comes of them does not depend on it: they enter the store in their order.

    Returns
    -------
    What came of each source. Sources that fail are rows of it with status ``failed`` and add nothing to
    the store.

    Raises
    ------
    FormatError : ``format`` is not one of the known names, or ``jobs`` is below 1.
    StoreError : ``store`` is an empty path.
    """
    if format is not None and format not in FORMATS:
        raise FormatError(f"format: expected one of {', '.join(FORMATS)}, got {format!r}")
    if jobs is not None and (not isinstance(jobs, int) or jobs < 1):
        raise FormatError(f"jobs: expected a whole number above 0, got {jobs!r}. Leave it out for all cores")
    report = IngestReport()
    hints = Hints(venue=venue, symbol=symbol, feed=feed, tick_size=tick_size, mapping=mapping)
    if os.fspath(store) == "":
        raise StoreError("store: expected a directory, got an empty path. Name one, such as data/store")
    files = list(_files(paths, Path(store), hints, format, report))
    clean(Path(store))
    with _Bar(files, progress) as bar:

        def one(number: int, turn: Turn) -> IngestReport:
            own = IngestReport()
            try:
                _one(files[number], store, hints, format, own, partial(bar.read, number), turn)
            except LiqmapError as error:
                own.errors.append(str(error))
                own.sources.append(SourceRow(path=files[number], format=format, status="failed"))
                if isinstance(error, StoreError):
                    own.untaken.append(files[number])
            bar.done(number)
            return own

        for own in in_order(one, range(len(files)), _cores() if jobs is None else jobs):
            report.add(own)
    return report


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one(
    path: str,
    store: PathLike,
    hints: Hints,
    form: str | None,
    report: IngestReport,
    read: Callable[[int], None],
    turn: Turn,
) -> None:
    """One source: nothing of it is in the store unless all of it was read."""
    if _is_part(path):
        raise FormatError(
            f"{path}: expected a raw file, got Parquet of liqmap's own: this is a part of a liqmap store. "
            "Open the store with open_store, or ingest its raw files"
        )
    flow = Flow.open(path, hints, form)
    key = f"{flow.form.name} {flow.reader.venue} {hints.symbol} {hints.feed} {hints.tick_size}"
    if named := getattr(flow.reader, "named", ""):
        key += f" named {named}"
    if hints.mapping:
        key += f" {sorted(hints.mapping.items())}"
    if _is_told(known(store, flow.source, key), flow, report):
        return

    def progress(position: int) -> None:
        turn.check()
        read(position)

    with Writer(store, flow.source) as writer:
        flow.pour(writer.append, progress)
        turn.wait()
        if _is_told(known(store, flow.source, key), flow, report):  # one before it was the same
            return
        own = IngestReport()
        made = flow.tell(own)
        writer.commit(
            {kind: flow.meta(kind) for kind in flow.kinds},
            follows=flow.chain.follows,
            key=key,
            told={name: [asdict(row) for row in getattr(own, name)] for name in ("sources", "lost")}
            | {"counts": flow.counts, "rejected": [[r.line, r.reason] for r in flow.quoted]},
        )
    for row in made:
        row.seconds = flow.seconds
    report.add(own)


def _is_told(told: Any, flow: Flow, report: IngestReport) -> bool:
    """Whether the store knows the source; then the report says what was told of it."""
    if told is None:
        return False
    path = flow.path
    report.sources += [
        SourceRow(**(row | {"path": path, "seconds": flow.seconds})) for row in told["sources"]
    ]
    report.lost += [GapRow(**(row | {"path": path})) for row in told["lost"]]
    report.reject(path, [Rejected(*line) for line in told.get("rejected", [])])
    report.notes += [*map(one_line, flow.reader.notes), f"{path}: already in the store, nothing changed"]
    return True


def _files(
    paths: PathLike | Iterable[PathLike], store: Path, hints: Hints, form: str | None, report: IngestReport
) -> Iterator[str]:
    """The files named, and those in the directories named that a format knows, or the one told can open; not
    the parts of the store itself."""
    tables = [(store / kind).resolve() for kind in TABLES]
    for path in [paths] if isinstance(paths, str | os.PathLike) else paths:
        folder = Path(path)
        if os.fspath(path) == "" or not folder.is_dir():
            yield os.fspath(path)
            continue
        inside = [p for p in sorted(folder.rglob("*")) if p.is_file() and not _hidden(p, folder)]
        inside = [p for p in inside if not (any(t in p.resolve().parents for t in tables) and _is_part(p))]
        found, reasons = [], []
        for file in inside:
            wrong = _what_is_wrong(file, hints, form)
            reasons += [wrong] if wrong else []
            found += [] if wrong else [str(file)]
        if not found:
            told = form is not None or hints.mapping
            why = f". The first: {reasons[0]}" if told and reasons else ""
            report.errors.append(
                f"{folder}: expected files of known formats, got none of {len(inside)} files{why}"
            )
            report.sources.append(SourceRow(path=str(folder), status="failed"))
        elif others := len(reasons):
            many = "file of no known format was" if others == 1 else "files of no known format were"
            report.notes.append(f"{folder}: {others} {many} left out")
        yield from found


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _what_is_wrong(path: Path, hints: Hints, form: str | None) -> str | None:
    """Why a file of a directory is left out; None if it is not."""
    if _is_part(path):
        return f"{path}: a part of a liqmap store"
    try:
        if form is None and not hints.mapping:
            detect(RawFile(path))
        else:
            open_file(str(path), hints, form)
    except FormatError as error:
        return str(error)
    return None


def _is_part(path: PathLike) -> bool:
    """Whether a file is Parquet that a store holds, or held."""
    try:
        if not Path(path).is_file():  # to open a pipe would wait for its writer
            return False
        with Path(path).open("rb") as file:
            if file.read(4) != b"PAR1":
                return False
        return PART_MARK in (pq.read_metadata(path).metadata or {})
    except (OSError, pa.ArrowException):
        return False


class _Bar:
    """A progress bar over the bytes of all files, or silence. Told by several threads."""

    def __init__(self, files: list[str], shown: bool | None) -> None:
        self._bar: Any = None
        self._sizes = [Path(f).stat().st_size if Path(f).is_file() else 0 for f in files]
        self._read = [0] * len(files)
        self._lock = threading.Lock()
        if shown if shown is not None else sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=sum(self._sizes), unit="B", unit_scale=True, desc="ingest")

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def read(self, number: int, position: int) -> None:
        """So many bytes of a file."""
        if self._bar is not None:
            with self._lock:
                self._read[number] = position
                self._bar.update(sum(self._read) - self._bar.n)

    def done(self, number: int) -> None:
        self.read(number, self._sizes[number])
