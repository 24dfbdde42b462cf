"""Spans beside the store, replayed once: ``<store>/.spans/venue=.../symbol=.../feed=.../<digest>/``.

An entry is a folder with the files of `span_files` and ``manifest.json``: what it depends on in full (its
digest is the folder's name), the size of every file, and the digest of its bytes. A process that first maps
an entry reads it once, at about the speed of memory; one that is damaged is made anew. An entry whose depth
has changed has another name, is never opened again, and is removed when the next one of its feed is made.
Folders appear complete or not at all, and everything under ``.spans`` may be removed at any time, also while
it is in use: it is made anew.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from liqmap.printable import printable
from liqmap.raster import mipmap
from liqmap.schema import LiqmapError, StoreError
from liqmap.session.array_files import read_arrays, write_arrays
from liqmap.session.checkpoints import Checkpoints, replay_days
from liqmap.session.replay_plan import VERSION, ReplayPlan, between, digest
from liqmap.session.seals import SEAL, check_seal, place_sealed
from liqmap.session.span_files import read_spans, write_spans
from liqmap.session.stored_spans import MANIFEST, StoredSpans, entry_is_sound
from liqmap.spans import Derivation, Spans
from liqmap.store import (
    SPANS_FOLDER,
    Part,
    check_store,
    digest_file,
    locked,
    market_folder,
    staged,
    write_errors,
)

T = TypeVar("T")

CHECKPOINTS = "checkpoints"


@dataclass(frozen=True)
class DerivedFile(Generic[T]):
    """A derivation whose value is worth keeping on disk too, as a file beside the spans.

    name : of the file; it names the version of its content too.
    to_arrays, from_arrays : the value as named arrays, and back from the same arrays, mapped.
    """

    name: str
    derivation: Derivation[T]
    to_arrays: Callable[[T], dict[str, np.ndarray]]
    from_arrays: Callable[[Mapping[str, np.ndarray]], T]


DERIVED_FILES: tuple[DerivedFile[Any], ...] = (
    DerivedFile("mipmaps-3", mipmap.MIPMAPS, mipmap.to_arrays, mipmap.from_arrays),
)
"""Kept beside all spans on disk."""


def open_spans(
    root: Path,
    plan: ReplayPlan,
    parts: Sequence[Part],
    depth_limit: int | None = None,
    may_write: bool = True,
) -> Spans:
    """The spans of a plan: mapped where they are on disk, else replayed and kept there if it can be written.

    Parameters
    ----------
    root : the store. parts : all files of the feed.
    may_write : False: what is on disk serves, and nothing is kept or removed there.

    Raises
    ------
    ReplayError : depth that cannot be replayed.
    """
    entries = _Entries(root, plan, parts, depth_limit, may_write)
    spans = entries.find()
    if spans is None and not may_write:
        spans = entries.replayed()
    elif spans is None:
        with entries.mine():
            spans = entries.find()  # another process may have been faster
            if spans is None:
                spans = entries.make()
    spans.stored = StoredSpans(Path(os.path.abspath(entries.entry)))
    return spans


def damaged_spans(root: Path) -> list[Path]:
    """Entries of spans in a store, and files beside them, that are not what was written."""
    found = []
    for path in sorted((root / SPANS_FOLDER).rglob(MANIFEST)):
        try:
            sound = entry_is_sound(path.parent)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            sound = False
        if not sound:
            found.append(path.parent)
    for path in sorted((root / SPANS_FOLDER).rglob(f"*{SEAL}")):
        try:
            check_seal(path.with_name(path.name.removesuffix(SEAL)))
        except StoreError:
            found.append(path.with_name(path.name.removesuffix(SEAL)))
    return found


class _Entries:
    """The entries of one feed, one of which is wanted."""

    def __init__(
        self,
        root: Path,
        plan: ReplayPlan,
        parts: Sequence[Part],
        depth_limit: int | None,
        may_write: bool,
    ) -> None:
        self.root, self.plan, self.parts, self.depth_limit = root, plan, parts, depth_limit
        self._may_write = may_write
        self.folder = root / SPANS_FOLDER / Path(*market_folder("depth", plan.meta).parts[1:])
        self.key = plan.key(root, depth_limit)
        self.entry = self.folder / digest(self.key)
        self._checkpoints = Checkpoints(root, self.folder / CHECKPOINTS, parts, may_write)

    def find(self) -> Spans | None:
        """The spans of the entry, None where it is not there or damaged."""
        try:
            if not entry_is_sound(self.entry):
                return None
            spans = read_spans(self.entry)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, LiqmapError):
            return None
        self._derive(spans, self.entry)
        return spans

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Alone with the entry, so that it is replayed once; where no lock can be had, several may."""
        lock = self.folder / f".{self.entry.name}.lock"
        with ExitStack() as locks:
            with suppress(OSError, StoreError):
                self.folder.mkdir(parents=True, exist_ok=True)
                locks.enter_context(locked(lock))
            yield
            with suppress(OSError):
                lock.unlink()

    def replayed(self) -> Spans:
        """Replay."""
        return replay_days(self.plan, self.depth_limit, self._checkpoints)

    def make(self) -> Spans:
        """Replay, and keep the spans if the store can be written."""
        spans = self.replayed()
        try:
            with staged(self.root) as work:
                made = work / self.entry.name
                made.mkdir()
                write_spans(made, spans)
                spans = read_spans(made)  # those in memory are let go of
                self._describe(made, len(spans))
                self._derive(spans, made)
                self._place(made, work)
                self._remove_stale(work)
                self._checkpoints.remove_stale()
        except OSError as error:
            where, got = printable(str(self.root)), printable(error.strerror or str(error))
            warnings.warn(
                f"{where}: expected a store in which spans can be kept, got {got}. "
                "Sessions are replayed each time they are opened",
                stacklevel=2,
            )
        return spans

    def _derive(self, spans: Spans, folder: Path) -> None:
        """Give the spans what was derived from them; what is not there, or damaged, is made."""
        for file in DERIVED_FILES:
            path = folder / f"{file.name}.arrow"
            try:
                check_seal(path)
                arrays = read_arrays(path)
            except StoreError:
                if not self._may_write:
                    continue  # it is made where it is asked for
                arrays = file.to_arrays(file.derivation.of(spans))
                with suppress(OSError), staged(self.root) as work:
                    write_arrays(work / path.name, arrays)
                    place_sealed(work / path.name, path)
                    arrays = read_arrays(path)
            file.derivation.give(spans, file.from_arrays(arrays))

    def _describe(self, made: Path, spans: int) -> None:
        files = sorted(made.iterdir())
        sizes = {path.name: path.stat().st_size for path in files}
        digests = {path.name: digest_file(path) for path in files}
        manifest = {"spans": spans, "files": sizes, "xxh3_128": digests, "key": self.key}
        (made / MANIFEST).write_text(json.dumps(manifest, indent=1))

    def _place(self, made: Path, work: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(made, self.entry)
        except OSError:
            if not self.entry.exists():
                raise
            with suppress(OSError):  # one that is damaged; or another process was faster, with the same
                os.rename(self.entry, work / "before")
                os.rename(made, self.entry)

    def _remove_stale(self, work: Path) -> None:
        """Remove entries of depth that is no longer what it was."""
        for entry in self.folder.iterdir():
            if entry.is_dir() and entry.name != CHECKPOINTS and not self._holds(entry):
                with suppress(OSError):  # another process removes it too
                    os.rename(entry, work / f"stale-{entry.name}")

    def _holds(self, entry: Path) -> bool:
        """Whether an entry is of the files that there are now (or of a newer version of liqmap)."""
        try:
            key = json.loads((entry / MANIFEST).read_text())["key"]
            if key["version"] > VERSION:
                return True
            first, last = key["days"]
            since = key["looks_back_to"] or first
            back = tuple(p for p in self.parts if since <= p.date < first)
            own = between(self.parts, first, last)
            return (
                bool(own) and ReplayPlan(back, own, key["horizon"]).key(self.root, key["depth_limit"]) == key
            )
        except (OSError, ValueError, KeyError, TypeError):
            return False


def check_spans(root: str | os.PathLike[str], repair: bool = False) -> list[Path]:
    """Spans on disk that are not what was written; with ``repair`` they are removed, and made anew when they
    are wanted.

    Raises
    ------
    StoreError : the store cannot be written.
    """
    folder = check_store(root)
    found = damaged_spans(folder)
    if repair and found:
        with write_errors(folder), staged(folder) as work:
            for number, path in enumerate(found):
                os.rename(path, work / f"damaged-{number}")
    return found
