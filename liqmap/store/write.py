"""Into the store: a source appears complete or not at all.

Rows go to files under ``.staging/`` in the store; when the source has been read to its end they become a
`Change` of its market, under a lock. A process that dies before leaves only staged files, one that dies in
the change a journal: the next write begins with settling either.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.schema import OWN_IDS, TABLES, Meta, Source, StoreError, int64
from liqmap.store.commit.change import Change
from liqmap.store.commit.manifest import Manifest, Reading
from liqmap.store.commit.recovery import open_for_writing, recover
from liqmap.store.layout import DAY, LOCK
from liqmap.store.locks import locked
from liqmap.store.merge.parts import overlapping
from liqmap.store.merge.placing import beside, merge_into
from liqmap.store.merge.trades import once
from liqmap.store.part_writer import PartWriter
from liqmap.store.parts import LOST, Part, are_sound
from liqmap.store.remote.publishing import until_agreed
from liqmap.store.sources import remember
from liqmap.store.staging import make_folder, remove_folder
from liqmap.store.upkeep.adoption import adopted

ROW_GROUP = 1 << 19

Market = tuple[str, str]


class Writer:
    """Takes the rows of one source; `commit` makes them visible, leaving without it removes them.

    Raises
    ------
    StoreError : the store cannot be written.
    """

    def __init__(self, root: str | os.PathLike[str], source: Source) -> None:
        self.root = Path(root)
        self._source = source
        self._made_root = not self.root.exists()
        self._parts: dict[tuple[str, int], PartWriter] = {}
        self._pending: dict[tuple[str, int], list[pa.RecordBatch]] = {}
        with write_errors(self.root):
            open_for_writing(self.root)
            self._folder, self._alive = make_folder(self.root)
        self._jobs: queue.Queue[tuple[str, pa.RecordBatch] | None] = queue.Queue(3)
        self._error: BaseException | None = None
        self._merged = 0
        self._begun, self._done = threading.Lock(), threading.Event()
        try:
            threading.Thread(target=self._work, name="liqmap-write", daemon=True).start()
        except BaseException as error:  # no thread to be had, or Ctrl-C while it starts
            if self._begun.acquire(blocking=False):
                self._done.set()
            self.__exit__(type(error), error, None)
            raise

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._error = self._error or error  # what is still to be written need not be
        try:
            self._finish()
        finally:
            self._remove()

    def _remove(self) -> None:
        for part in self._parts.values():
            with suppress(OSError, pa.ArrowException):
                part.abort()
        remove_folder(self.root, self._folder, self._alive)
        if self._made_root:
            with suppress(OSError):
                self.root.rmdir()

    def append(self, kind: str, rows: pa.RecordBatch) -> None:
        """Rows of one table, in the order of the source; written by another thread."""
        if self._error is not None:
            self._fail()
        self._jobs.put((kind, rows))

    def commit(
        self,
        metas: Mapping[str, Meta],
        follows: int = -1,
        key: str = "",
        facts: Any = None,
        own_ids: bool = False,
    ) -> None:
        """Make everything appended visible.

        Parameters
        ----------
        metas : of each table.
        follows : seq that the first depth message says it follows; -1 for a snapshot.
        key : how the source was read; the same source read otherwise counts as another.
        facts : kept with the source and returned by `known`.
        own_ids : whether each id names one trade of the source, whatever ``metas`` say of other sources.

        Raises
        ------
        StoreError : a part of it contradicts what another source said, or the store cannot be written.
        """
        self._finish()
        if self._error is not None:
            self._fail()
        with write_errors(self.root):
            staged = self._close(metas, follows, own_ids)
            with locked(self.root / LOCK):
                recover(self.root)
                markets: dict[Market, list[Part]] = {}
                for part in staged:
                    markets.setdefault((part.meta.venue, part.meta.symbol), []).append(part)
                went: dict[Market, tuple[str, ...]] = {}
                until_agreed(self.root, self._folder, lambda: self._commit(markets, went, key, facts))

    def _commit(
        self,
        markets: Mapping[Market, Sequence[Part]],
        went: dict[Market, tuple[str, ...]],
        key: str,
        facts: Any,
    ) -> None:
        """Each market in one step; nearly all sources are of one. ``went``: the files of those that are done,
        for when this is done again."""
        changes = {}
        for market, parts in sorted(markets.items()):
            if market in went:
                continue
            change = Change(adopted(self.root, *market, self._folder), self._folder)
            reading = self._there(change.manifest, key)
            if reading is not None:  # another writer was faster, with the same
                went[market] = reading.parts
                continue
            places = [place for n, part in enumerate(parts) for place in self._place(change, part, n)]
            change.reading = Reading(self._source.sha256, key, tuple(dict.fromkeys(places)))
            changes[market] = change
        files = [place for places in went.values() for place in places]
        files += [place for change in changes.values() if change.reading for place in change.reading.parts]
        remember(self.root, self._source, key, files, facts, self._folder)
        for market, change in changes.items():
            change.commit()
            assert change.reading is not None
            went[market] = change.reading.parts

    def _there(self, manifest: Manifest, key: str) -> Reading | None:
        """The source, if it is whole in a market already."""
        for reading in manifest.readings:
            if (reading.sha256, reading.key) == (self._source.sha256, key):
                parts = [part for part in manifest.parts if manifest.place(part) in reading.parts]
                return reading if are_sound(parts) else None
        return None

    def _place(self, change: Change, part: Part, number: int) -> list[str]:
        """Where a staged part goes, as paths below the store: its own file, or those it is merged into."""
        manifest = change.manifest
        there = beside(part, manifest.parts)
        for old in there:
            if {s.sha256 for s in old.meta.sources} == {self._source.sha256} and not old.is_sound:
                change.drop(old)  # damaged, and all that was in it comes again
                there = [p for p in there if p is not old]
        shared = overlapping(part, there)
        if not shared:
            return [manifest.place(change.add(part, f"{self._source.sha256[:16]}-{number:04d}"))]
        self._merged += 1
        return merge_into(change, part, shared, self._merged)

    def _close(self, metas: Mapping[str, Meta], follows: int, own_ids: bool) -> list[Part]:
        """Finish the staged parts, in time order; a later day follows the last message of the day before."""
        parts = []
        for kind in TABLES:
            before = follows if kind == "depth" else -1
            for _, writer in sorted((k, w) for k, w in self._parts.items() if k[0] == kind):
                part = writer.close(metas[kind], before)
                if not writer.ordered and kind not in ("orders", "quotes"):  # in the order of their source
                    part = sorted_trades(part, own_ids or part.meta.trade_ids in OWN_IDS)
                before = LOST if part.ends_in_gap else part.facts.last_seq
                parts.append(part)
        self._parts = {}
        return parts

    def _finish(self) -> None:
        """Wait until the thread has written everything; Ctrl-C meanwhile is raised afterwards.

        Nothing may be closed or removed under a running thread, and ``Thread.join`` will not do: interrupted,
        CPython 3.11 takes the thread for ended.
        """
        interrupt: BaseException | None = None
        asked = False
        while not self._done.is_set():
            try:
                if not asked:
                    self._jobs.put(None)
                    asked = True
                self._done.wait()
            except (KeyboardInterrupt, SystemExit) as error:
                interrupt = error
        if interrupt is not None:
            raise interrupt

    def _fail(self) -> None:
        error = self._error
        if isinstance(error, OSError):
            raise _unwritable(self.root, error) from error
        raise error  # type: ignore[misc]

    def _work(self) -> None:
        if not self._begun.acquire(blocking=False):
            return
        try:
            while (job := self._jobs.get()) is not None:
                if self._error is None:
                    self._try(self._split, *job)
            for key in list(self._pending):
                if self._error is None:
                    self._try(self._flush, key)
        finally:
            self._done.set()

    def _try(self, step: Callable[..., None], *args: Any) -> None:
        try:
            step(*args)
        except BaseException as error:  # raised again by append or commit
            self._error = self._error or error

    def _split(self, kind: str, rows: pa.RecordBatch) -> None:
        days = int64(rows.column("ts")) // DAY
        if days[0] == days[-1] and (kind == "depth" or (days == days[0]).all()):
            return self._gather((kind, int(days[0])), rows)
        for day in np.unique(days):
            self._gather((kind, int(day)), rows.filter(pa.array(days == day)))

    def _gather(self, key: tuple[str, int], rows: pa.RecordBatch) -> None:
        pending = self._pending.setdefault(key, [])
        pending.append(rows)
        if sum(r.num_rows for r in pending) >= ROW_GROUP:
            self._flush(key)

    def _flush(self, key: tuple[str, int]) -> None:
        pending = self._pending.pop(key, [])
        if not pending:
            return
        if key not in self._parts:
            self._parts[key] = PartWriter(self._folder / f"{key[0]}-{key[1]}.parquet", key[0])
        self._parts[key].write(pa.Table.from_batches(pending))


def sorted_trades(part: Part, own_ids: bool) -> Part:
    """Trades that came out of order, by time; those of one time keep their order. Where ids are their own,
    equal ones stay once."""
    with part.open() as file:
        table = file.read().replace_schema_metadata(None)
    if own_ids:
        table = once(table)
    order = np.argsort(int64(table["ts"]), kind="stable")
    writer = PartWriter(part.path.with_suffix(".sorted"), part.kind)
    for start in range(0, len(order), ROW_GROUP):
        writer.write(table.take(order[start : start + ROW_GROUP]))
    return writer.close(part.meta)


def _unwritable(root: Path, error: OSError) -> StoreError:
    return StoreError(
        where=root,
        expected="a store that can be written",
        got=str(error.strerror or error),
        remedy="Choose another place or mend its permissions",
    )


@contextmanager
def write_errors(root: Path) -> Iterator[None]:
    """What the system says against writing, as a `StoreError`."""
    try:
        yield
    except OSError as error:
        raise _unwritable(root, error) from error
