"""A market's messages spread over files: snapshots saved apart come to their place among the updates.

A snapshot of the state after the update ``seq`` belongs before the update of the ids (prev, u] with ``prev
<= seq < u``, or after the last of all. It is joined where that, its prices and any symbol that it says
leave one market; else it is read alone, if it has a time and a symbol, or refused. Updates are read twice
for that, but only where snapshots are given with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from liqmap.formats import FORMATS, Format, Hints, RawFile, detect
from liqmap.formats.registry import Apart
from liqmap.ingestion.places import Place, bare, places
from liqmap.ingestion.report import IngestReport, SourceRow
from liqmap.ingestion.source import digest
from liqmap.schema import MISSING, FormatError, Messages, Source

MOST = 1_000
"""Snapshots without updates that are read together: they are held."""


PAUSE = 3_600 * 10**9
"""ns; snapshots farther apart are no series: what lies between them is unknown."""


@dataclass
class Piece:
    """A file of snapshots that is read with the updates they fall among."""

    path: str
    source: Source
    form: str
    snapshots: list[Messages]
    place: Place
    times: list[int]

    @property
    def levels(self) -> int:
        """Of all its snapshots."""
        return sum(len(s.price) for s in self.snapshots)

    def row(self, among: SourceRow | None) -> SourceRow:
        """Its row of the report, beside the one of the file that it went into; None where that failed."""
        if among is None:
            return SourceRow(path=self.path, format=self.form, status="failed")
        return SourceRow(
            path=self.path,
            format=self.form,
            venue=among.venue,
            symbol=among.symbol,
            feed=among.feed,
            kind="depth",
            messages=len(self.snapshots),
            rows=self.levels,
            start=min(self.times),
            end=max(self.times),
        )


@dataclass
class Joins:
    """Of the files of an ingest: the pieces that go ``into`` each, the paths of all ``joined``, and those
    ``refused``, with the error."""

    into: dict[str, list[Piece]] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    refused: dict[str, FormatError] = field(default_factory=dict)


def joins(files: Sequence[str], hints: Hints, name: str | None) -> Joins:
    """What belongs together of these files. ``name``: of the format that the user says."""
    found = Joins()
    for form in FORMATS.values():
        if form.snapshots is None or name not in (None, form.name) or hints.mapping or len(files) < 2:
            continue
        plain = [path for path in files if Path(path).is_file()]  # a pipe can be read but once
        lone = {path: snapshots for path in plain if (snapshots := _snapshots(path, form))}
        if not lone:
            continue
        others = [path for path in dict.fromkeys(plain) if path not in lone and _is_of(path, form, name)]
        for path, snapshots in lone.items():
            if (wrong := _of_another(path, snapshots, hints)) is not None:
                found.refused[path] = wrong
        lone = {path: snapshots for path, snapshots in lone.items() if path not in found.refused}
        if others:
            every = [apart for snapshots in lone.values() for apart in snapshots]
            places_of = _places(others, form, hints, every)
            for path, snapshots in lone.items():
                _join(found, path, form, snapshots, [places_of[id(apart)] for apart in snapshots], hints)
        done = {*found.joined, *found.refused}
        _line_up(found, form, {path: of for path, of in lone.items() if path not in done}, hints)
    return found


def _of_another(path: str, snapshots: list[Apart], hints: Hints) -> FormatError | None:
    """Why a file that says another symbol than the user is not taken for that of the user's."""
    if hints.symbol is None:
        return None
    told = (apart.symbol for apart in snapshots if apart.symbol)
    said = next((symbol for symbol in told if bare(symbol) != bare(hints.symbol)), None)
    if said is None:
        return None
    return FormatError(
        where=path,
        expected=f"snapshots of {hints.symbol}, as you say",
        got=f"some of {said}, as the file or its name says",
        remedy="Leave it out, or read it alone",
    )


def _line_up(found: Joins, form: Format, lone: dict[str, list[Apart]], hints: Hints) -> None:
    """Snapshots of one market in several files, without updates, are books one by one: all go into the file
    of the first."""
    of_symbol: dict[str, list[tuple[int, str]]] = {}
    for path, snapshots in lone.items():
        symbols = {bare(str(hints.symbol or apart.symbol or "")) for apart in snapshots}
        times = [_time(apart.message) for apart in snapshots]
        if len(symbols) == 1 and "" not in symbols and MISSING not in times:
            of_symbol.setdefault(symbols.pop(), []).append((min(times), path))
    for files in of_symbol.values():
        room, target, last = 0, "", 0
        for ts, path in sorted(files):
            times = [_time(apart.message) for apart in lone[path]]
            room -= len(lone[path])
            new = room < 0 or ts > last + PAUSE
            last = max(times)
            if new:
                room, target = MOST - len(lone[path]), path
                continue
            place = Place(target, "", "", ts, False, None)
            messages = [apart.message for apart in lone[path]]
            piece = Piece(path, digest(Path(path)), form.name, messages, place, times)
            found.into.setdefault(target, []).append(piece)
            found.joined.add(path)


def _time(message: Messages) -> int:
    """Its own, else that of its arrival, MISSING where it has neither."""
    return int(message.ts[0] if message.ts[0] != MISSING else message.ts_recv[0])


def report_pieces(pieces: Sequence[Piece], path: str, report: IngestReport) -> None:
    """Report what went into the file at ``path``."""
    among = next((row for row in report.sources if (row.path, row.kind) == (path, "depth")), None)
    for piece in pieces:
        report.sources.append(piece.row(among))
        count = len(piece.snapshots)
        many = "its snapshot was" if count == 1 else f"its {count:,} snapshots were"
        report.notes.append(f"{piece.path}: {many} read with {path}, in the order of ids")


def without_pieces(rows: Sequence[SourceRow], pieces: Sequence[Piece]) -> None:
    """Leave out of a file's rows what is counted in those of its pieces."""
    for row in rows:
        if row.kind == "depth":
            row.messages -= sum(len(piece.snapshots) for piece in pieces)
            row.rows -= sum(piece.levels for piece in pieces)


def _join(
    found: Joins, path: str, form: Format, snapshots: list[Apart], of_each: list[list[Place]], hints: Hints
) -> None:
    """Put the snapshots of one file where they belong, or say why they are refused."""
    chosen = [_choice(path, apart, of) for apart, of in zip(snapshots, of_each)]
    wrong = next((c for c in chosen if isinstance(c, FormatError)), None)
    if wrong is not None:
        timed = all(a.message.ts[0] != MISSING or a.message.ts_recv[0] != MISSING for a in snapshots)
        among = any(of_each)  # its ids fall among updates whose prices, or symbol, are not its own
        if among or not (timed and (hints.symbol or all(a.symbol for a in snapshots))):
            found.refused[path] = wrong
        return
    found.joined.add(path)
    source = digest(Path(path))
    into: dict[str, Piece] = {}
    for apart, place in zip(snapshots, chosen):
        assert isinstance(place, Place)
        piece = into.setdefault(place.path, Piece(path, source, form.name, [], place, []))
        piece.snapshots.append(apart.message)
        piece.times.append(place.ts)
    for target, piece in into.items():
        found.into.setdefault(target, []).append(piece)


def _choice(path: str, apart: Apart, found: list[Place]) -> Place | FormatError:
    """The one place of a snapshot, or why there is none."""
    number = int(apart.message.seq[0])
    if not found:
        return FormatError(
            where=path,
            expected=f"updates around id {number}, which the snapshot has",
            got="none in the files given with it",
            remedy="Give it with the file of the diffs that it falls among",
        )
    fitting = [place for place in found if place.wrong is None]
    markets = {(place.venue, place.symbol) for place in fitting}
    if not fitting:
        place = found[0]
        return FormatError(
            where=path,
            expected=f"a snapshot of {place.symbol}, as id {number} falls among its updates ({place.path})",
            got=place.wrong or "",
            remedy="Give it with the file of its own market's diffs",
        )
    if len(markets) > 1:
        names = " and ".join(sorted(symbol for _, symbol in markets))
        return FormatError(
            where=path,
            expected=f"a snapshot whose id {number} and prices fit one market",
            got=f"one that fits {names}",
            remedy="Put the symbol into the file's name, or give the files of each market alone",
        )
    return next((place for place in fitting if place.spans), fitting[0])


def _snapshots(path: str, form: Format) -> list[Apart] | None:
    """The snapshots of a file that has nothing else."""
    try:
        assert form.snapshots is not None
        return form.snapshots(RawFile(path))
    except Exception:  # whatever is wrong with the file is said when it is read
        return None


def _is_of(path: str, form: Format, name: str | None) -> bool:
    try:
        return detect(RawFile(path), name) is form
    except Exception:
        return False


def _places(paths: list[str], form: Format, hints: Hints, snapshots: list[Apart]) -> dict[int, list[Place]]:
    """Where each of these (by its identity) falls among the updates of these files."""
    found: dict[int, list[Place]] = {id(apart): [] for apart in snapshots}
    for path in paths:
        try:
            for apart, place in places(path, form.open(RawFile(path), hints), snapshots):
                found[id(apart)].append(place)
        except Exception:  # it is said when the file is read
            continue
    return found
