"""One source, read to its end: its batches become rows, wherever they go."""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats import Format, Hints, Reader, open_file
from liqmap.formats.raw import RawFile, RawFrame
from liqmap.formats.registry import LONGEST_NAME, TradeIds
from liqmap.formats.text.times import EARLIEST_NS, LATEST_NS
from liqmap.frames import frame_kind, to_arrow
from liqmap.ingestion.agreed import MOST
from liqmap.ingestion.chain import Chain
from liqmap.ingestion.quoted import Quoted
from liqmap.ingestion.repeats import Repeats
from liqmap.ingestion.report import REMEMBERED, GapRow, IngestReport, SourceRow
from liqmap.schema import (
    MISSING,
    POLICIES,
    TABLES,
    Batch,
    FormatError,
    Keyword,
    Meta,
    Rejected,
    Sentence,
    Source,
    int64,
    one_line,
)
from liqmap.schema.trust import Proof, kept

LONGEST_FOLDER = 255
"""Bytes of a folder's name, as file systems have it."""

Receive = Callable[[str, pa.RecordBatch], None]
"""What the rows are given to: (table, batch)."""

Progress = Callable[[int], None]
"""Called with the number of raw bytes read so far."""


def digest(path: Path) -> Source:
    """Name and sha256 of a raw file."""
    with path.open("rb") as file:
        return Source(name=path.name, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def check_not_own(frame: object, where: str) -> None:
    """Refuse a table of liqmap's: it says its market, unit and window policy, which a reading would lose.

    Raises
    ------
    FormatError : it is one.
    """
    metadata = frame.schema.metadata if isinstance(frame, pa.Table | pa.RecordBatch) else None
    if metadata and b"liqmap_version" in metadata:
        meta = Meta.from_metadata(metadata)
        raise FormatError(
            where=where,
            expected="a table of another's",
            got=f"liqmap's own, of {meta.venue} {meta.symbol}",
            remedy="Give it to lm.replay, or ingest the raw file that it came from",
        )


@dataclass
class Flow:
    """One opened source and what was counted while it was read."""

    path: str
    form: Format
    raw: RawFile
    reader: Reader
    source: Source
    tick_size: float | None = None
    joined: tuple[Source, ...] = ()
    chain: Chain = field(default_factory=Chain)
    repeats: Repeats = field(default_factory=Repeats)
    quoted_book: Quoted = field(default_factory=Quoted)
    rejected: int = 0
    quoted: list[Rejected] = field(default_factory=list)
    tallies: Counter[str] = field(default_factory=Counter)
    _orders: list[pa.RecordBatch] = field(default_factory=list)
    _rows: dict[str, int] = field(default_factory=dict)
    _priced: bool = False
    _range: dict[str, tuple[int, int]] = field(default_factory=dict)
    _begun: float = field(default_factory=time.perf_counter)

    @classmethod
    def open(cls, path: str, hints: Hints, form: str | None, frame: Any = None) -> Flow:
        """Detect, open and digest one file, or a frame, whose name ``path`` is.

        Raises
        ------
        FormatError : as `liqmap.formats.open_file`, and as `liqmap.frames.to_arrow`.
        """
        begun = time.perf_counter()
        if frame is None:
            known, raw, reader = open_file(path, hints, form)
            source = digest(raw.path)
        else:
            check_not_own(frame, path)
            rows = RawFrame(to_arrow(frame, path), path)
            known, raw, reader = open_file(rows, hints, form)
            source = Source(name=str(frame_kind(frame)), sha256=rows.sha256)
        return cls(path, known, raw, reader, source, hints.tick_size, _begun=begun)

    def read(self, receive: Receive, progress: Progress | None = None) -> None:
        """Read the source to its end.

        Raises
        ------
        FormatError : not one line of it could be used, its prices are no multiples of the tick size given, or
            its reader does not say what every reader has to.
        """
        for batch in self.reader.batches():
            self._check_times(batch)
            self.rejected += sum(lost.count for lost in batch.rejected)
            self.quoted += batch.rejected[: REMEMBERED - len(self.quoted)]
            self.tallies.update(batch.counts)
            broken = [line for line in batch.rejected if not (line.foreign or line.level)]
            self._priced |= batch.depth is not None and len(batch.depth.price) > 0
            if batch.depth is not None and self._stated("depth").window_policy == "truncate":
                self.chain.end_gaps_by_snapshots()
            if getattr(self.reader, "restarts", False):
                self.chain.let_ids_begin_anew()
            depth = self.chain.rows(batch.depth, broken)
            trades = self._new_trades(batch.trades)
            for kind, rows in (("depth", depth), ("trades", trades), ("bands", batch.bands)):
                self._give(kind, rows, receive)
            for rows in self._new_orders(batch):
                self._give("orders", rows, receive)
            self._give("quotes", self.quoted_book.rows(batch.quotes), receive)
            if progress:
                progress(batch.position)
        tail = self.chain.finish()
        if tail is not None:
            self._count("depth", tail)
            receive("depth", tail)
        self._give("quotes", self.quoted_book.finish(), receive)
        if not self._rows:
            first = self.quoted[0] if self.quoted else None
            got = Sentence(f"line {first.line}: ", first.reason) if first else "none"
            raise FormatError(
                where=self.path,
                expected=f"lines of {self.form.name}",
                got=got,
                remedy="Nothing could be used",
            )
        self._check_facts()
        if self.tick_size is not None:
            self._check_tick(float(self.tick_size))

    def _give(self, kind: str, rows: pa.RecordBatch | None, receive: Receive) -> None:
        """Pass rows of a table on, counted."""
        if rows is not None and rows.num_rows:
            if kind not in self._rows:
                self._check_names(kind)
            self._count(kind, rows)
            receive(kind, rows)

    def _new_orders(self, batch: Batch) -> list[pa.RecordBatch]:
        """Single orders, kept back until the reader has said which market they are of."""
        if batch.orders is not None:
            self._orders.append(batch.orders())
        if not ({"depth", "trades"} & set(self.reader.meta)):
            return []
        orders, self._orders = self._orders, []
        return orders

    def _check_times(self, batch: Batch) -> None:
        """That times are ns of 2000 to 2099: others are of another unit, or none."""
        given = {"depth": batch.depth, "quotes": batch.quotes}
        found = {kind: rows.ts for kind, rows in given.items() if rows is not None}
        for kind, rows in (("trades", batch.trades), ("bands", batch.bands)):
            if rows is not None:
                found[kind] = int64(rows.column("ts"), null=MISSING)
        for kind, ts in found.items():
            if len(ts) and not EARLIEST_NS <= ts.min() <= ts.max() < LATEST_NS:
                wrong = ts[np.argmax((ts < EARLIEST_NS) | (ts >= LATEST_NS))]
                raise self._unfit(f"times of {kind} in ns, of 2000 to 2099", str(wrong))

    def _check_facts(self) -> None:
        """That the reader says what a replay has to know of the tables it filled."""
        for kind in self.kinds:
            meta = self._stated(kind)
            if kind != "depth":
                continue
            if meta.window_policy not in POLICIES:
                known = f"a window policy of depth, one of {', '.join(POLICIES)}"
                raise self._unfit(known, repr(meta.window_policy))
            tick = meta.tick_size
            if self._priced and not (tick is not None and 0 < tick < math.inf):
                raise self._unfit("a tick size of depth that divides its prices", repr(tick))

    def _check_names(self, kind: str) -> None:
        """That a market has names that a store, which makes folders of them, can hold."""
        meta = self._stated(kind)
        for name in ("venue", "symbol", "feed"):
            value = getattr(meta, name) or ""
            if len(value) > LONGEST_NAME or len(f"{name}={quote(value, safe='')}") > LONGEST_FOLDER:
                raise FormatError(
                    where=self.path,
                    expected=f"a {name} of at most {LONGEST_NAME} characters, and that a folder can have",
                    got=f"{value[:20]!r} and so on, {len(value):,} characters",
                    remedy=Sentence("Pass ", Keyword(name), " if the file is sound"),
                )

    def _stated(self, kind: str) -> Meta:
        """What the reader says of a table."""
        if kind == "orders":
            meta = self.reader.meta.get("depth") or self.reader.meta["trades"]
            return replace(meta, feed=None, window_policy=None, depth_limit=None, trade_ids=None)
        if kind not in self.reader.meta:
            raise self._unfit(f"meta[{kind!r}] with the first rows of {kind}", "none")
        return self.reader.meta[kind]

    def _unfit(self, expected: str, got: str) -> FormatError:
        """That the reader of a format is at fault, not the file."""
        return FormatError(
            where=self.path,
            expected=f"the reader of {self.form.name} to give {expected}",
            got=got,
            remedy="Mend the reader: the file may be sound",
        )

    def _new_trades(self, trades: pa.RecordBatch | None) -> pa.RecordBatch | None:
        """Those that did not come before."""
        if trades is None:
            return None
        return self.repeats.drop(trades, self._stated("trades").trade_ids, self.trade_ids)

    @property
    def trade_ids(self) -> TradeIds | None:
        """The ids that number the trades of this source alone, if it has such."""
        return getattr(self.reader, "trade_ids", None)

    def _check_tick(self, tick_size: float) -> None:
        """Prices between the ticks would share a level with others."""
        for kind in self.kinds:
            found = self._stated(kind).tick_size
            if found is not None and found != tick_size:
                raise FormatError(
                    where=self.path,
                    expected=f"{kind} prices in whole multiples of tick_size {tick_size!r}",
                    got="some between",
                    remedy=Sentence(
                        "Pass ", Keyword("tick_size", found), ", which divides all, or leave it out"
                    ),
                )

    def meta(self, kind: str) -> Meta:
        """Of one table, with this source, and those joined to it."""
        joined = self.joined if kind == "depth" else ()
        return replace(self._stated(kind), sources=(self.source, *joined))

    @property
    def seconds(self) -> float:
        """Since it was opened."""
        return round(time.perf_counter() - self._begun, 3)

    @property
    def counts(self) -> dict[str, int]:
        """What was mended: repeated messages and trades ignored, clocks set to the time before; and what the
        reader counted."""
        repeats = self.chain.repeats + self.repeats.count
        quotes = {"repeated quotes": self.quoted_book.repeats, "clamped quotes": self.quoted_book.clamped}
        some = {what: count for what, count in quotes.items() if count}
        return {"repeats": repeats, "clamped": self.chain.clamped, **some, **self.tallies}

    @property
    def trust(self) -> dict[str, Any]:
        """What the store keeps of its depth, for `Session.trust`."""
        proof: Proof = getattr(self.reader, "proof", Proof())
        agreed = self.chain.agreed
        chained = proof.chained and len(agreed.doubted) < MOST
        return kept(proof._replace(chained=chained), agreed.runs, agreed.doubted)

    @property
    def kinds(self) -> list[str]:
        return [k for k in TABLES if k in self._rows]

    def report_to(self, report: IngestReport) -> list[SourceRow]:
        """Add what happened to a report; returns the rows."""
        rows = []
        for number, kind in enumerate(self.kinds):
            meta, depth = self._stated(kind), kind == "depth"
            rejected = self.rejected if number == 0 else 0
            rows.append(
                SourceRow(
                    path=self.path,
                    format=self.form.name,
                    venue=meta.venue,
                    symbol=meta.symbol,
                    feed=meta.feed,
                    kind=kind,
                    status="partial" if rejected else "ok",
                    messages=self.chain.messages if depth else self._rows[kind],
                    rows=self._rows[kind],
                    gaps=self.chain.gaps if depth else 0,
                    rejected=rejected,
                    start=self._range[kind][0],
                    end=self._range[kind][1],
                    seconds=self.seconds,
                    verified=self.chain.verified if depth else None,
                )
            )
        report.sources += rows
        report.reject(self.path, self.quoted)
        report.notes += [one_line(note) for note in self.reader.notes]
        if self.raw.unended:
            report.notes.append(
                f"{self.path}: the last line has no newline; if the file was cut there, so is its last number"
            )
        report.lost += self._gaps()
        for count, what in (
            (self.chain.repeats, "repeated or older messages were ignored"),
            (self.repeats.count, "trades that came before were ignored"),
            (
                self.repeats.alike,
                "trades are as one before them of the same id in all that is read, and were kept: other "
                "columns may tell them apart. If they are told twice, leave out one of each",
            ),
            (self.repeats.other, "trades have the id of another that differs, and were kept"),
            (
                self.chain.clamped,
                "messages had a clock that stepped back, or stood far ahead of those around it, and take "
                "the time of the one before",
            ),
            (self.quoted_book.repeats, "repeated or older book tickers were ignored"),
            (
                self.quoted_book.clamped,
                "book tickers had a clock that stepped back, or stood far ahead of those around it, and take "
                "the time of the one before",
            ),
        ):
            if count:
                report.notes.append(f"{self.path}: {count:,} {what}")
        return rows

    def _gaps(self) -> list[GapRow]:
        if "depth" not in self.reader.meta:
            return []
        meta = self.reader.meta["depth"]
        market: dict[str, Any] = {
            "path": self.path,
            "venue": meta.venue,
            "symbol": meta.symbol,
            "feed": meta.feed,
        }
        return [GapRow(**market, **asdict(gap)) for gap in self.chain.lost]

    def _count(self, kind: str, rows: pa.RecordBatch) -> None:
        self._rows[kind] = self._rows.get(kind, 0) + rows.num_rows
        ts = rows.column("ts").view(pa.int64())
        if kind == "depth":
            low, high = ts[0].as_py(), ts[-1].as_py()
        else:
            low, high = (v.as_py() for v in pc.min_max(ts).values())
        first, last = self._range.get(kind, (low, high))
        self._range[kind] = (min(first, low), max(last, high))
