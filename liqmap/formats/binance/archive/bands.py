"""Binance's ``bookDepth`` archives (CSV): cumulative depth in percent bands about every 30 s. Not a book.

``timestamp,percentage,depth,notional``, the time as ``2023-01-01 00:06:07`` in UTC. At times the archive
repeats old values for minutes or hours: the notes name such frozen stretches.
Source: https://data.binance.vision/?prefix=data/futures/um/daily/bookDepth/
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.binance.archive.symbol_and_time import file_symbol
from liqmap.formats.market import binance_sizes, binance_venue
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.csv_columns import NUMBER, TEXT, Column, Lines, Read
from liqmap.formats.text.csv_header import check_header, first_cells
from liqmap.formats.text.csv_reader import CsvReader, Exact
from liqmap.formats.text.decimals import number
from liqmap.schema import BANDS, TIMESTAMP, Batch, Meta, Rejected

FROZEN = 10
"""So many equal values of a band in a row are no chance: about 5 minutes."""

_COLUMNS = ("timestamp", "percentage", "depth", "notional")
_TIME = r"^20\d{2}-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?$"
_PERCENT = r"^-?\d{1,3}(\.\d{1,6})?$"


class BinanceBands(CsvReader[pa.RecordBatch]):
    """Reader of one archive."""

    lines = Lines([Column(TEXT), Column(TEXT), Column(NUMBER), Column(NUMBER)])

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        check_header(raw.path, "binance-bands", _COLUMNS, first_cells(raw.head()))
        super().__init__(raw, hints.tick_size)
        self._symbol = file_symbol(raw, hints)
        self.named = "" if hints.symbol else self._symbol
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, None)
        self.notes = [note] if note else []
        self._frozen = Frozen()

    def take(self, rows: pa.RecordBatch | None, rejected: list[Rejected], position: int) -> Batch:
        if rows is not None:
            self._frozen.push(rows)
            sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
            self.meta["bands"] = Meta(venue=self.venue, symbol=self._symbol, **sizes)
        return Batch(bands=rows, rejected=tuple(rejected), position=position)

    def last_notes(self) -> list[str]:
        return [f"{self.raw.path.name}: {what}" for what in self._frozen.sentences()]

    def at_once(self, read: Read, line: int) -> pa.RecordBatch | None:
        times, percents = (read.column(i).dictionary_encode() for i in (0, 1))
        if not (_all_match(times.dictionary, _TIME) and _all_match(percents.dictionary, _PERCENT)):
            return None
        try:
            ts = times.dictionary.cast(pa.timestamp("us")).cast(pa.timestamp("ns")).view(pa.int64())
        except pa.ArrowInvalid:
            return None
        percent = percents.dictionary.cast(pa.float64())
        if not percent.to_numpy().all():
            return None
        depth, notional = read.number
        return _record(ts.take(times.indices), percent.take(percents.indices).to_numpy(), depth, notional)

    def gather(self, columns: list[tuple[Any, ...]]) -> pa.RecordBatch:
        ts, *values = columns[:4]
        return _record(pa.array(ts, pa.int64()), *(np.array(v) for v in values))

    def exact(self, cells: list[str], line: int) -> Exact:
        if len(cells) != len(_COLUMNS):
            return f"expected {len(_COLUMNS)} columns, got {len(cells)}"
        time, percent, depth, notional = cells
        if not re.fullmatch(_TIME, time, re.ASCII):
            return f"expected a time such as 2023-01-01 00:06:07, of 2000 to 2099, got {time!r:.40}"
        try:
            ts = int(np.datetime64(time, "us").astype(np.int64)) * 1000
        except ValueError:
            return f"expected a time of the calendar, got {time!r:.40}"
        if not re.fullmatch(_PERCENT, percent, re.ASCII) or float(percent) == 0:
            return f"expected a percentage other than 0, got {percent!r:.40}"
        amounts = number(depth), number(notional)
        for name, cell, amount in zip(_COLUMNS[2:], (depth, notional), amounts):
            if amount is None:
                return f"expected a {name} of 0 or more, got {cell!r:.40}"
        return ts, float(percent), float(amounts[0]), float(amounts[1])  # type: ignore[arg-type]


class Frozen:
    """Finds the stretches in which a band keeps its depth and notional, across batches."""

    def __init__(self) -> None:
        self._open: dict[float, tuple[float, float, int, int, int]] = {}
        self.found: list[tuple[int, int, int, float]] = []

    def push(self, bands: pa.RecordBatch) -> None:
        """The next rows, in the order of the file."""
        ts = bands.column("ts").view(pa.int64()).to_numpy()
        percent, depth, notional = (bands.column(n).to_numpy() for n in BANDS.names[1:])
        for band in np.unique(percent):
            mine = percent == band
            self._band(float(band), ts[mine], depth[mine], notional[mine])

    def _band(self, band: float, ts: np.ndarray, depth: np.ndarray, notional: np.ndarray) -> None:
        changes = np.flatnonzero((np.diff(depth) != 0) | (np.diff(notional) != 0)) + 1
        starts, ends = np.append(0, changes), np.append(changes, len(ts))
        matter = ends - starts >= FROZEN
        matter[[0, -1]] = True  # these may go on in another batch
        for a, b in zip(starts[matter], ends[matter]):
            before = self._open.get(band)
            now = float(depth[a]), float(notional[a])
            if a == 0 and before is not None and before[:2] == now:
                self._open[band] = (*now, before[2] + int(b - a), before[3], int(ts[b - 1]))
                continue
            self._close(band)
            self._open[band] = (*now, int(b - a), int(ts[a]), int(ts[b - 1]))

    def _close(self, band: float) -> None:
        if (run := self._open.pop(band, None)) is not None and run[2] >= FROZEN:
            self.found.append((run[3], run[4], run[2], band))

    def sentences(self) -> list[str]:
        """A sentence on the frozen stretches, or none."""
        for band in list(self._open):
            self._close(band)
        if not self.found:
            return []
        start, end, rows, band = max(self.found, key=lambda run: (run[2], -run[0]))
        begun, ended = (str(np.datetime64(t, "ns").astype("datetime64[s]")) for t in (start, end))
        return [
            f"{len(self.found):,} frozen stretches of {FROZEN} or more equal values in a band; the longest, "
            f"{rows:,} values at {band:g} %, lasts from {begun} to {ended}"
        ]


def _all_match(column: pa.Array, pattern: str) -> bool:
    """Whether every cell is of this form."""
    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())


def _record(ts: pa.Array, percent: np.ndarray, depth: np.ndarray, notional: np.ndarray) -> pa.RecordBatch:
    columns = [ts.view(TIMESTAMP), pa.array(percent), pa.array(depth), pa.array(notional)]
    return pa.RecordBatch.from_arrays(columns, schema=BANDS)


register(
    Format(
        "binance-bands",
        "Binance bookDepth archive (percent bands), csv or zip",
        detect=lambda head: tuple(first_cells(head)) == _COLUMNS,
        open=BinanceBands,
    )
)
