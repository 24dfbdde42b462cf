"""Raw files into a store, several at a time; a source that fails leaves the others alone."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from liqmap.formats import FORMATS, Hints
from liqmap.ingestion.files import files_of, is_part, named, unforeseen
from liqmap.ingestion.in_order import Slot, Stopped, in_order
from liqmap.ingestion.joining import Piece, joins, report_pieces, without_pieces
from liqmap.ingestion.ledger import facts_of, report_again
from liqmap.ingestion.markets import jobs_of
from liqmap.ingestion.report import IngestReport, SourceRow
from liqmap.ingestion.source import Flow
from liqmap.schema import FormatError, LiqmapError, StoreError
from liqmap.schema.arguments import check_hints, path_text
from liqmap.store import Writer, folder_to_write, known, open_for_writing, write_errors

PathLike = str | os.PathLike[str]


def ingest(
    paths: PathLike | Any | Iterable[PathLike | Any],
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
    strict: bool = False,
) -> IngestReport:
    """Take raw files, or frames, into a store; the same again changes nothing.

    Parameters
    ----------
    paths : files, directories whose files of known formats are all taken, sorted by name, and frames of
        pandas, polars, Arrow or DuckDB, which are read as `read` does: one, or several. A capture of several
        markets of a venue whose lines name them (Kraken) fills all of them, each as a source of its own;
        so does one of several depth feeds of a market (Bitstamp's orders and books).
    store : directory, or address on object storage; made if it is not there.
    venue, symbol, feed, tick_size, mapping, format : as `read`, for all of them.
    progress : show a bar of the bytes read; by default only on a terminal.
    jobs : how many files are read at one time, each in memory of its own, which is bounded; default: as many
        as there are cores. What comes of them does not depend on it: they enter the store in their order.
    strict : raise at the end, when all others are stored, if a source failed or there was none: as
        `IngestReport.check` does.

    Returns
    -------
    What came of each source. Sources that fail are rows of it with status ``failed`` and add nothing to
    the store.

    Raises
    ------
    FormatError : ``format`` is not one of the known names, or ``jobs`` is below 1. With ``strict`` the error
        of the first source that failed.
    StoreError : ``store`` is an empty path, or an address that cannot be reached or written.
    """
    if format is not None and not (isinstance(format, str) and format in FORMATS):
        raise FormatError(argument="format", expected=f"one of {', '.join(FORMATS)}", got=repr(format))
    if jobs is not None and (not isinstance(jobs, int) or jobs < 1):
        raise FormatError(
            argument="jobs",
            expected="a whole number above 0",
            got=repr(jobs),
            remedy="Leave it out for all cores",
        )
    names, frames = named(paths)
    report = IngestReport()
    check_hints(venue, symbol, feed, mapping)
    hints = Hints(venue=venue, symbol=symbol, feed=feed, tick_size=tick_size, mapping=mapping)
    if path_text(store, "store", StoreError) == "":
        raise StoreError(
            argument="store",
            expected="a directory",
            got="an empty path",
            remedy="Name one, such as data/store",
        )
    store = folder_to_write(store)
    files = list(files_of(names, frames, Path(store), hints, format, report))
    with write_errors(Path(store)):
        open_for_writing(Path(store))
    found = joins([file for file in files if file not in frames], hints, format)
    jobs_to_do = jobs_of(files, frames, hints, format)
    with _Bar([job.path for job in jobs_to_do], progress) as bar:

        def one(number: int, slot: Slot) -> IngestReport:
            own = IngestReport()
            path, market, feed = job = jobs_to_do[number]
            own_hints = job.hints(hints)
            pieces = found.into.get(path, [])
            try:
                if path in found.refused:
                    raise found.refused[path]
                if path not in found.joined:
                    progressed, frame = partial(bar.read, number), frames.get(path)
                    _one(path, store, own_hints, format, own, progressed, slot, pieces, frame)
            except Stopped:
                raise
            except Exception as raised:  # whatever one file does to a library, the others are read
                error = raised if isinstance(raised, LiqmapError) else unforeseen(path, raised)
                own.fail(error)
                failed = SourceRow(path=path, format=format, symbol=market, feed=feed, status="failed")
                own.sources.append(failed)
                own.sources += [piece.row(None) for piece in pieces]
                if isinstance(error, StoreError):
                    own.not_stored.append(path)
            bar.done(number)
            return own

        for own in in_order(one, range(len(jobs_to_do)), _cores() if jobs is None else jobs):
            report.add(own)
    return report.check() if strict else report


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
    slot: Slot,
    pieces: Sequence[Piece],
    frame: Any = None,
) -> None:
    """One source, and what goes into it: nothing is in the store unless all of it was read."""
    if frame is None and is_part(path):
        raise FormatError(
            where=path,
            expected="a raw file",
            got="Parquet of liqmap's own: this is a part of a liqmap store",
            remedy="Open the store with open_store, or ingest its raw files",
        )
    snapshots = tuple(snapshot for piece in pieces for snapshot in piece.snapshots)
    flow = Flow.open(path, replace(hints, snapshots=snapshots), form, frame)
    flow.joined = tuple(piece.source for piece in pieces)
    key = key_of(flow, hints)
    if report_again(known(store, flow.source, key), flow, report):
        report_pieces(pieces, path, report)
        return

    def progress(position: int) -> None:
        slot.raise_if_stopped()
        read(position)

    with Writer(store, flow.source) as writer:
        flow.read(writer.append, progress)
        slot.wait_until_first()
        if report_again(known(store, flow.source, key), flow, report):  # one before it was the same
            report_pieces(pieces, path, report)
            return
        own = IngestReport()
        made = flow.report_to(own)
        without_pieces(made, pieces)
        writer.commit(
            {kind: flow.meta(kind) for kind in flow.kinds},
            follows=flow.chain.follows,
            key=key,
            facts=facts_of(flow, own),
            own_ids=flow.trade_ids is not None,
        )
    for row in made:
        row.seconds = flow.seconds
    report.add(own)
    report_pieces(pieces, path, report)


def key_of(flow: Flow, hints: Hints) -> str:
    """How a source is read: the same source read otherwise counts as another."""
    key = f"{flow.form.name} {flow.reader.venue} {hints.symbol} {hints.feed} {hints.tick_size}"
    if file_name := getattr(flow.reader, "named", ""):
        key += f" named {file_name}"
    if hints.mapping:
        key += f" {sorted(hints.mapping.items())}"
    if flow.joined:
        key += f" joined {' '.join(sorted(source.sha256 for source in flow.joined))}"
    if more := getattr(flow.reader, "also", ""):
        key += f" also {more}"
    return key


class _Bar:
    """A progress bar over the bytes of all files, or silence. Several threads may call it."""

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
