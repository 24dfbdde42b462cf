"""The folder of a market's raw files: where it is, whose it is, and what the store lacks of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from liqmap.ingestion import IngestReport
from liqmap.ingestion.places import bare
from liqmap.live.market import Market
from liqmap.live.recorder.frames import cut_torn
from liqmap.live.recorder.raw_log import ENDING
from liqmap.live.recorder.recording import ingest_raw
from liqmap.schema import LiqmapError, LiveError, StoreError
from liqmap.store.commit.durable import sync_folder
from liqmap.store.layout import RAW
from liqmap.store.locks import NoLocks, lock
from liqmap.store.remote.address import is_address
from liqmap.store.sources import REMOVED, all_entries, ledger_entries, markets_of_entry

LOCK = ".lock"


def raw_folder(store: str | os.PathLike[str], raw: str | os.PathLike[str] | None) -> Path:
    """Where raw files go: ``raw``, or the folder of that name in the store.

    Raises
    ------
    LiveError : the store is on object storage, where no file can grow.
    """
    if raw is not None:
        return Path(raw)
    if is_address(store):
        raise LiveError(
            argument="raw",
            expected="a folder for the raw files, as the store is on object storage",
            got="none",
            remedy="Name one on this machine, such as data/raw",
        )
    return Path(store) / RAW


def folder_of(raw: Path, market: Market) -> Path:
    """The folder of a market's raw files; its name tells the venue when they are ingested."""
    return raw / quote(market.venue, safe="") / quote(market.symbol, safe="")


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """The folder of a market, which no other recorder writes meanwhile.

    Raises
    ------
    LiveError : another one does.
    """
    _make(folder)
    with (folder / LOCK).open("ab") as file:
        try:
            free = lock(file, wait=False)
        except NoLocks:
            free = True
        if not free:
            raise LiveError(
                where=folder,
                expected="a folder that no other recorder writes",
                got="one that another process records into",
                remedy="Stop that one, or name another folder with --raw",
            )
        yield


def _make(folder: Path) -> None:
    """A folder, and those above it; their names outlast a loss of power."""
    missing = [path for path in (folder, *folder.parents) if not path.is_dir()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def raw_files(folder: Path) -> list[Path]:
    """The raw files of a market, the oldest first."""
    return sorted(path for path in folder.glob(f"*{ENDING}") if path.is_file())


def recover(files: Sequence[Path], market: Market, store: Path) -> IngestReport:
    """Put right what a recorder that died left: torn ends are cut off, and the store gets what it lacks.

    Parameters
    ----------
    files : that nobody writes any more.

    Raises
    ------
    StoreError : the store cannot be written.
    OSError : the raw files cannot be.
    """
    report = IngestReport()
    known = _known(store, market) if store.is_dir() else set()
    for path in files:
        if path.name in known:
            continue
        if cut := cut_torn(path):
            report.notes.append(f"{path}: {cut:,} bytes of a frame that was not finished were cut off")
        if path.stat().st_size == 0:
            path.unlink()
            continue
        try:
            report.add(ingest_raw(path, market, store))
        except StoreError:
            raise
        except LiqmapError as error:
            report.fail(error, path)
    return report


def _known(store: Path, market: Market) -> set[str]:
    """Names of raw files that are whole in the store, or of which something was removed on purpose."""
    names = {entry["name"] for _, entry in ledger_entries(store) if _is_of(entry, market)}
    return names | {e["name"] for _, e in all_entries(store) if e.get(REMOVED, False) and _is_of(e, market)}


def _is_of(entry: dict[str, Any], market: Market) -> bool:
    of = {(venue, bare(symbol)) for venue, symbol in markets_of_entry(entry)}
    return (market.venue, bare(market.symbol)) in of
