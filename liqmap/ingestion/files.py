"""Which files an ingest reads: those named, and those of known formats in the directories named."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from liqmap.formats import Hints, detect, open_file
from liqmap.formats.raw import RawFile
from liqmap.frames import KINDS, frame_kind
from liqmap.ingestion.report import IngestReport, SourceRow
from liqmap.printable import printable, printable_lines
from liqmap.schema import TABLES, FormatError, Sentence
from liqmap.schema.arguments import path_text
from liqmap.store import PART_MARK

PathLike = str | os.PathLike[str]

log = logging.getLogger("liqmap.ingest")


def named(paths: Any) -> tuple[list[str], dict[str, Any]]:
    """Sources as names, in their order, and the frames among them by name.

    Raises
    ------
    FormatError : one that is neither a path nor a frame.
    """
    alone = isinstance(paths, str | os.PathLike) or frame_kind(paths) is not None
    if not alone and (not isinstance(paths, Iterable) or isinstance(paths, bytes | Mapping)):
        raise not_readable("paths", paths)
    names: list[str] = []
    frames: dict[str, Any] = {}
    for source in [paths] if alone else paths:
        kind = frame_kind(source)
        if kind is not None:
            of_kind = sum(name.startswith(f"<{kind}") for name in frames)
            names.append(f"<{kind} {of_kind + 1}>" if of_kind else f"<{kind}>")
            frames[names[-1]] = source
        elif isinstance(source, str | os.PathLike):
            names.append(path_text(source, "paths", FormatError))
        else:
            raise not_readable("paths", source)
    return names, frames


def not_readable(argument: str, given: object) -> FormatError:
    """That a source is neither a path nor a frame."""
    return FormatError(
        argument=argument,
        expected=f"a path, or a frame of {KINDS}",
        got=f"a {type(given).__name__}",
    )


def files_of(
    paths: Iterable[str],
    frames: Container[str],
    store: Path,
    hints: Hints,
    form: str | None,
    report: IngestReport,
) -> Iterator[str]:
    """The files and frames named, and those in the directories named that a format knows, or the given one
    can open; not the parts of the store itself. What a directory lacks goes to the report."""
    tables = [(store / kind).resolve() for kind in TABLES]
    for path in paths:
        if path in frames:
            yield path
            continue
        folder = Path(path)
        if os.fspath(path) == "" or not folder.is_dir():
            yield os.fspath(path)
            continue
        inside = [p for p in sorted(folder.rglob("*")) if p.is_file() and not _hidden(p, folder)]
        inside = [p for p in inside if not (any(t in p.resolve().parents for t in tables) and is_part(p))]
        found: list[str] = []
        reasons: list[FormatError] = []
        for file in inside:
            wrong = _what_is_wrong(file, hints, form)
            reasons += [wrong] if wrong else []
            found += [] if wrong else [str(file)]
        if not found:
            given = form is not None or hints.mapping
            report.fail(
                FormatError(
                    where=folder,
                    expected="files of known formats",
                    got=f"none of {len(inside)} files",
                    remedy=Sentence("The first: ", reasons[0].sentence) if given and reasons else "",
                )
            )
            report.sources.append(SourceRow(path=str(folder), status="failed"))
        elif others := len(reasons):
            many = "file of no known format was" if others == 1 else "files of no known format were"
            report.notes.append(f"{folder}: {others} {many} left out")
        yield from found


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _what_is_wrong(path: Path, hints: Hints, form: str | None) -> FormatError | None:
    """Why a file of a directory is left out; None if it is not."""
    if is_part(path):
        return FormatError(where=path, got="a part of a liqmap store")
    try:
        if form is None and not hints.mapping:
            detect(RawFile(path))
        else:
            open_file(str(path), hints, form)
    except FormatError as error:
        return error
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        return unforeseen(path, error)
    return None


def unforeseen(path: PathLike, raised: Exception) -> FormatError:
    """What a reader, or a library under it, said of a file that it could not cope with, as one line."""
    first = next(iter(str(raised).strip().splitlines()), "")
    if isinstance(raised, pa.ArrowException | OSError | UnicodeError | OverflowError | MemoryError):
        remedy = "Write it anew with plain columns (text, numbers, times), or convert it to CSV"
    else:
        traced = "".join(traceback.format_exception(raised))  # it may quote what the file holds
        log.error("%s: a reader failed\n%s", printable(str(path)), printable_lines(traced))
        remedy = "Please report it with the beginning of the file"
    got = f"what ended in {type(raised).__name__}: {first:.200}"
    return FormatError(where=path, expected="a file that can be read to its end", got=got, remedy=remedy)


def is_part(path: PathLike) -> bool:
    """Whether a file is Parquet of a store, or once of one."""
    try:
        if not Path(path).is_file():  # to open a pipe would wait for its writer
            return False
        with Path(path).open("rb") as file:
            if file.read(4) != b"PAR1":
                return False
        return PART_MARK in (pq.read_metadata(path).metadata or {})
    except (OSError, pa.ArrowException):
        return False
