"""Write a capture as the files of Bybit's public archive."""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa

from liqmap.schema import (
    AGGRESSORS,
    ASK,
    BID,
    EVENTS,
    SIDES,
    SNAPSHOT,
    UPDATE,
    Capture,
    Meta,
    SchemaError,
    codes,
    int64,
)
from liqmap.simulation.text import (
    LINE,
    ROW,
    TICK_MOVE,
    DepthLines,
    Pieces,
    TradeLines,
    ascii_bytes,
    write_messages,
    write_prints,
)

DAY = 86_400_000
BLOCK = 1 << 17
HEADER = "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional\n"


def write_bybit(capture: Capture, directory: str | Path, *, compression: int = 4) -> list[Path]:
    """Write depth and trades as Bybit's daily archives, the same bytes for the same capture.

    Parameters
    ----------
    capture : top-N depth whose every UTC day opens with a snapshot, and trades (or None), as `simulate`
        gives them: prices in whole ticks, sizes in whole 0.001 coin, times in whole ms.
    directory : is created if missing; files of the same names are replaced.
    compression : zlib level, 1 to 9.

    Returns
    -------
    The files written: ``YYYY-MM-DD_SYMBOL_obN.data.zip`` and ``SYMBOLYYYY-MM-DD.csv.gz`` for each day.

    Raises
    ------
    SchemaError : rows that the format cannot hold.

    Notes
    -----
    Forms: docs of Bybit v5 ``orderbook`` (public stream), archives at quote-saver and public.bybit.com.
    """
    if capture.depth is None:
        raise SchemaError(where="write_bybit", expected="a capture with depth", got="none")
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    meta = Meta.from_metadata(capture.depth.schema.metadata)
    if meta.depth_limit is None or meta.tick_size is None:
        raise SchemaError(where="write_bybit", expected="depth metadata with `depth_limit` and `tick_size`")
    places = price_places(meta.tick_size)
    paths = []
    for day, rows in _days(capture.depth):
        path = folder / f"{day}_{meta.symbol}_ob{meta.depth_limit}.data.zip"
        _write_zip(path, _depth_blocks(rows, meta, places), compression)
        paths.append(path)
    for day, rows in _days(capture.trades) if capture.trades is not None else ():
        path = folder / f"{meta.symbol}{day}.csv.gz"
        _write_gzip(path, _trade_blocks(rows, meta, places), compression)
        paths.append(path)
    return paths


def price_places(tick_size: float) -> int:
    """Decimals that Bybit writes of a price: as many as the tick needs, at least two."""
    exact = Fraction(repr(float(tick_size)))
    places = 2
    while (exact * 10**places).denominator != 1:
        places += 1
    return places


# ------------------------------------------------------------------ rows to bytes


def _days(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each UTC day, in order."""
    day = int64(table["ts"]) // (DAY * 1_000_000)
    cuts = [0, *(np.flatnonzero(np.diff(day)) + 1).tolist(), len(day)]
    for a, b in zip(cuts[:-1], cuts[1:]):
        if b > a:
            yield str(np.datetime64(int(day[a]), "D")), table.slice(a, b - a)


def _milliseconds(table: pa.Table) -> np.ndarray:
    ns = int64(table["ts"])
    if (ns % 1_000_000).any():
        raise SchemaError(where="write_bybit", expected="times in whole ms")
    return ns // 1_000_000


def _units(column: pa.ChunkedArray, places: int, name: str) -> np.ndarray:
    """A float column as whole units of 10**-places."""
    value = column.to_numpy()
    units = np.rint(value * 10**places).astype(np.int64)
    if not np.array_equal(units / 10**places, value):
        raise SchemaError(where="write_bybit", expected=f"`{name}` to have at most {places} decimals")
    return units


def _depth_blocks(table: pa.Table, meta: Meta, places: int) -> Iterator[np.ndarray]:
    """JSON lines of one day, some ten thousand at a time."""
    event, side, seq = codes(table["event"], EVENTS), codes(table["side"], SIDES), int64(table["seq"])
    if event[0] != SNAPSHOT:
        raise SchemaError(where="write_bybit", expected="each day to open with a snapshot", got="an update")
    if not (np.isin(event, (UPDATE, SNAPSHOT)).all() and np.isin(side, (BID, ASK)).all()):
        raise SchemaError(where="write_bybit", expected="updates and snapshots only", got="a gap or `heard`")
    time, price = _milliseconds(table), _units(table["price"], places, "price")
    lots = _units(table["size"], 3, "size")
    starts = np.flatnonzero(np.diff(seq, prepend=seq[0] - 1, append=seq[-1] - 1))
    asks = starts[:-1] + np.add.reduceat(side == BID, starts[:-1])
    topic = f"orderbook.{meta.depth_limit}.{meta.symbol}"
    texts = [f'{{"topic":"{topic}","type":"', "snapshot", "delta", '","ts":']
    texts += [f',"data":{{"s":"{meta.symbol}","b":[', '],"a":[', '],"u":', ',"seq":', '},"cts":', "}\n"]
    constant = Pieces.of(texts)
    first = 0
    while first < len(asks):
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + BLOCK, "right")) - 1)
        m = starts[first:last]
        rows = starts[last] - starts[first]
        out = np.empty(rows * ROW + len(m) * (LINE + 2 * len(meta.symbol)), np.uint8)
        own = (starts[first : last + 1], asks[first:last], time[m], seq[m], event[m] == SNAPSHOT)
        n = write_messages(out, DepthLines(*own, price=price, lots=lots), places, constant)
        yield out[:n]
        first = last


def _trade_blocks(table: pa.Table, meta: Meta, places: int) -> Iterator[np.ndarray]:
    """CSV lines of one day, the header first."""
    yield ascii_bytes(HEADER)
    texts = [f",{meta.symbol},Buy,", f",{meta.symbol},Sell,"]
    texts += [f",{word}," for word in ("PlusTick", "MinusTick", "ZeroPlusTick", "ZeroMinusTick")]
    constant = Pieces.of(texts)
    before = np.zeros(1, TICK_MOVE)
    for a in range(0, table.num_rows, BLOCK):
        rows = table.slice(a, BLOCK)
        price, lots = _units(rows["price"], places, "price"), _units(rows["size"], 3, "size")
        if a == 0:
            before["price"] = price[0]
        ids = pa.concat_arrays(rows["id"].chunks)
        _, offsets, data = ids.buffers()
        id_ends = np.frombuffer(offsets, np.int32)[ids.offset : ids.offset + len(ids) + 1]
        size = len(ids) * (6 * ROW + 2 * len(meta.symbol)) + int(id_ends[-1] - id_ends[0])
        out = np.empty(size, np.uint8)
        buy = codes(rows["aggressor"], AGGRESSORS) == 0
        own = TradeLines(_milliseconds(rows), buy, price, lots, np.frombuffer(data, np.uint8), id_ends)
        n = write_prints(out, own, places, constant, before)
        yield out[:n]


# ------------------------------------------------------------------ bytes to files


def _write_zip(path: Path, blocks: Iterator[np.ndarray], compression: int) -> None:
    """A zip of one member with a fixed date, named as the archive names it."""
    member = zipfile.ZipInfo(path.name.removesuffix(".zip"), (1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    member.create_system = 3
    member._compresslevel = compression  # type: ignore[attr-defined]

    def fill(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w") as archive, archive.open(member, "w", force_zip64=True) as inner:
            for block in blocks:
                inner.write(block.data)

    _complete(path, fill)


def _write_gzip(path: Path, blocks: Iterator[np.ndarray], compression: int) -> None:
    """A gzip without date or name in its header."""

    def fill(file: IO[bytes]) -> None:
        with gzip.GzipFile("", "wb", compression, file, mtime=0) as inner:
            for block in blocks:
                inner.write(block.data)

    _complete(path, fill)


def _complete(path: Path, fill: Callable[[IO[bytes]], None]) -> None:
    """Fill a file beside ``path`` and move it there: it appears complete or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb") as file:
            fill(file)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
