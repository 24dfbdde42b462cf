"""One raw file while it is recorded: on the disk as it was heard, and in the store as its reader reads it.

The lines of a flush are one frame of the raw file, and on the disk, before rows of theirs enter the store:
what the store has can always be read again. Lines are read by the same readers, in the same order, as when
the file is ingested.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from liqmap.formats import Hints
from liqmap.formats.registry import detect
from liqmap.ingestion import IngestReport, ingest
from liqmap.ingestion.ledger import facts_of
from liqmap.ingestion.run import key_of
from liqmap.ingestion.source import Flow
from liqmap.live.market import Market
from liqmap.live.recorder.growing_file import PATIENCE_S, GrowingFile
from liqmap.live.recorder.raw_log import RawLog
from liqmap.schema import LiqmapError, Meta, Source, together
from liqmap.store.growing import GrowingSource, closing_gap

Take = Callable[[Any, str, pa.RecordBatch, Meta], None]
"""What rows are given to as they come: (recording, table, rows, what is known of the table)."""

READER_S = 1.0
"""How long a flush waits for the reader; what it has not read by then comes with the next."""

MOST_ROWS = 4_000_000
"""Rows that may wait for the store."""

MOST_BATCHES, LONG = 1_000, 1 << 16
"""Batches that may wait for it before they are put together, to so many rows: single ones take far more
memory than their rows."""


class _Rows(NamedTuple):
    """Rows of a table, as they came."""

    kind: str
    rows: pa.RecordBatch


class Recording:
    """Its lines are heard by one thread (`hear`), read by its own, flushed by another (`flush`, `finish`).

    Attributes
    ----------
    source : name and sha256 of what is on the disk. report : what came of the file, once it is finished.
    error : why it is not in the store as far as it was heard; empty where it is.
    """

    def __init__(
        self,
        market: Market,
        folder: Path,
        begin: int,
        store: Path,
        take: Take | None = None,
        on_depth: Callable[[], None] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.market = market
        self._store = store
        self._give, self._on_depth = take, on_depth
        self._log = RawLog(folder, begin)
        self._growing = GrowingFile(self._log.path, patience_s=patience_s)
        self._pending: list[bytes] = []
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._read = threading.Condition()
        self._rows: list[_Rows] = []
        self._count = 0
        self._marks: list[tuple[int, int]] = []
        self._flow: Flow | None = None
        self._failed: BaseException | None = None
        self._lost_rows = False
        self._in_store = GrowingSource(store)
        self.heard = self.pending_bytes = self.flushed = 0
        self.report = IngestReport()
        self.error = ""
        self._thread = threading.Thread(target=self._run, name=f"liqmap-{market.symbol}", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        return self._log.path

    @property
    def bytes_written(self) -> int:
        """Of the raw file."""
        return self._log.bytes

    @property
    def is_overrun(self) -> bool:
        """Whether its reader could not keep up: the store gets the rest of the file once it is finished."""
        return self._growing.overrun

    @property
    def begun(self) -> bool:
        """Whether anything was heard."""
        return self.heard > 0

    def hear(self, line: bytes) -> None:
        """A line; never waits."""
        with self._lock:
            self._pending.append(line)
            self.pending_bytes += len(line)
            self.heard += len(line)
        self._growing.add(line)

    def write(self) -> None:
        """Put what was heard on the disk. Two threads may call it: one for the disk alone, so that it waits
        for no store.

        Raises
        ------
        OSError : the raw file cannot be written; the lines wait.
        """
        with self._writing:
            with self._lock:
                lines, self._pending = self._pending, []
            if not lines:
                return
            data = b"".join(lines)
            try:
                self._log.write(data)
            except BaseException:
                with self._lock:
                    self._pending = [*lines, *self._pending]
                raise
            with self._lock:
                self.pending_bytes -= len(data)
            self.flushed += len(data)
            with self._read:
                self._put_together()

    def flush(self) -> None:
        """Put what was heard on the disk, and what was read of it into the store.

        Raises
        ------
        OSError : the raw file cannot be written; the lines wait.
        StoreError : the store cannot be written; the rows wait.
        """
        self.write()
        flow = self._flow
        if flow is None or self._lost_rows:
            return
        self._wait_for_reader(self.flushed, time.monotonic() + READER_S)
        rows = self._ready()
        if rows:
            try:
                self._in_store.add(_by_kind(rows), self._metas(flow), self._log.source, flow.chain.follows)
            except BaseException:
                self._put_back(rows)
                raise

    def give_up(self) -> None:
        """Rows of it contradict the store: they are not tried again before all of it is."""
        with self._read:
            self._lost_rows = True
            self._bound()

    def end_reading(self) -> None:
        """No more lines come: wait until all are read, and given on."""
        self._growing.end()
        self._thread.join()

    def finish(self, force: bool = False) -> int:
        """End the file: all of it is in the store, as if it had been ingested. To be called again where it
        raised.

        Parameters
        ----------
        force : give up lines that the disk does not take.

        Returns
        -------
        Lines that were given up.

        Raises
        ------
        OSError : the raw file cannot be written; the lines wait.
        StoreError : the store cannot be written; what it lacks comes with the next start.
        """
        lost = 0
        self.end_reading()
        try:
            self.write()
        except OSError:
            if not force:
                raise
            with self._lock:
                lost, self._pending, self.pending_bytes = len(self._pending), [], 0
        self._log.close()
        if self._log.bytes:
            unread = lost or self._failed is not None or self._lost_rows or self._growing.overrun
            if unread or self._flow is None:
                self._ingest()
            else:
                self._end(self._flow)
        return lost

    def _wait_for_reader(self, position: int, until: float) -> None:
        """Until the reader is there, or it takes too long."""
        with self._read:
            while self._thread.is_alive() and (not self._marks or self._marks[-1][0] < position):
                if not self._read.wait(max(until - time.monotonic(), 0)):
                    return

    def _ready(self) -> list[_Rows]:
        """Rows of lines that are on the disk; a gap at their end waits for what comes after it."""
        with self._read:
            done = [count for position, count in self._marks if position <= self.flushed]
            if not done:
                return []
            rows, self._rows = self._rows[: done[-1]], self._rows[done[-1] :]
            last = self._marks[-1][0]
            self._marks = [(p, n - done[-1]) for p, n in self._marks if p > self.flushed] or [(last, 0)]
            at = next((i for i in reversed(range(len(rows))) if rows[i].kind == "depth"), None)
            if at is not None and (gaps := closing_gap(rows[at].rows)):
                whole = rows[at].rows
                kept = whole.slice(0, whole.num_rows - gaps)
                self._rows.insert(0, _Rows("depth", whole.slice(whole.num_rows - gaps)))
                self._marks = [(p, n + 1) for p, n in self._marks]
                rows[at] = _Rows("depth", kept)
            self._count -= sum(r.rows.num_rows for r in rows)
            return [r for r in rows if r.rows.num_rows]

    def _put_together(self) -> None:
        """Make few batches of the rows whose lines are on the disk, while the store does not take them."""
        done = [mark for mark in self._marks if mark[0] <= self.flushed]
        if not done:
            return
        position, count = done[-1]
        kept = self._rows[:count]
        if count > MOST_BATCHES:
            kept = [_Rows(kind, rows) for kind, every in _by_kind(kept).items() for rows in _long(every)]
        self._rows[:count] = kept
        fewer = count - len(kept)
        self._marks = [(position, len(kept)), *((p, n - fewer) for p, n in self._marks[len(done) :])]

    def _put_back(self, rows: list[_Rows]) -> None:
        """Rows that the store did not take wait for the next time, unless there are too many."""
        with self._read:
            self._rows = [*rows, *self._rows]
            self._marks = [(p, n + len(rows)) for p, n in self._marks]
            self._count += sum(r.rows.num_rows for r in rows)
            self._bound()

    def _bound(self) -> None:
        if self._count > MOST_ROWS:
            self._lost_rows = True
        if self._lost_rows:
            self._rows, self._count = [], 0
            self._marks = [(p, 0) for p, _ in self._marks[-1:]]

    def _metas(self, flow: Flow) -> dict[str, Meta]:
        return {kind: replace(flow.meta(kind), sources=()) for kind in flow.kinds}

    def _end(self, flow: Flow) -> None:
        """The last rows, and the file as a whole."""
        with self._read:
            rows, self._rows = [r for r in self._rows if r.rows.num_rows], []
        flow.source = source = self._log.source
        own = IngestReport()
        made = flow.report_to(own)
        facts = facts_of(flow, own)
        self._in_store.end(
            _by_kind(rows), self._metas(flow), source, flow.chain.follows, key_of(flow, Hints()), facts
        )
        for row in made:
            row.seconds = flow.seconds
        self.report.add(own)

    def _ingest(self) -> None:
        """Take the file into the store as any other: what it has of it stays, what it lacks is added."""
        self.report.add(ingest_raw(self.path, self.market, self._store))

    def _run(self) -> None:
        """Read the lines as they come."""
        try:
            hints = Hints(venue=self.market.venue)
            form = detect(self._growing)
            reader = form.open(self._growing, hints)
            placeholder = Source(name=self.path.name, sha256="")
            flow = Flow(str(self.path), form, self._growing, reader, placeholder)
            self._flow = flow
            flow.read(self._take, self._mark)
        except LiqmapError as error:
            self._fail(error, str(error))
        except Exception as error:
            self._fail(error, f"{self.path.name}: the reader failed: {type(error).__name__}: {error}")
        finally:
            with self._read:
                self._marks.append((self._growing.size, len(self._rows)))
                self._read.notify_all()

    def _fail(self, error: BaseException, line: str) -> None:
        self._failed, self.error = error, " ".join(line.split())
        self._growing.abandon()

    def _take(self, kind: str, rows: pa.RecordBatch) -> None:
        assert self._flow is not None
        with self._read:
            self._rows.append(_Rows(kind, rows))
            self._count += rows.num_rows
            self._bound()
        if kind == "depth" and self._on_depth is not None:
            tell, self._on_depth = self._on_depth, None
            tell()
        if self._give is not None:
            self._give(self, kind, rows, replace(self._flow.meta(kind), sources=()))

    def _mark(self, position: int) -> None:
        with self._read:
            self._marks.append((position, len(self._rows)))
            self._read.notify_all()


def ingest_raw(path: Path, market: Market, store: Path) -> IngestReport:
    """A raw file that is not written any more, into the store: what it lacks of it is added.

    Raises
    ------
    StoreError : the store cannot be written.
    """
    return ingest(path, store=store, venue=market.venue, progress=False, jobs=1, strict=True)


def _by_kind(rows: list[_Rows]) -> dict[str, list[pa.RecordBatch]]:
    found: dict[str, list[pa.RecordBatch]] = {}
    for kind, batch in rows:
        found.setdefault(kind, []).append(batch)
    return found


def _long(batches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches that are long."""
    short: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        if batch.num_rows:
            short.append(batch)
            count += batch.num_rows
        if count >= LONG:
            yield together(short)
            short, count = [], 0
    if short:
        yield together(short)
