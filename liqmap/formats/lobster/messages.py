"""LOBSTER: a message file gives the trades, the orderbook file beside it the book after each message.

Neither has a header. Messages are ``seconds after midnight in New York, type, order id, size, price x 10^4,
direction``, the direction being the resting order's (1 buy, -1 sell). Types: 1 new, 2 partly cancelled, 3
deleted, 4 execution of a visible order, 5 of a hidden one, 6 cross trade, 7 halt (price -1), quoting (0) or
trading (1) again. A cross trade is the sum of an auction: it has no aggressor, and the flag ``block`` because
it does not act on the book. Books are ``ask, size, bid, size`` per level, price +-9999999999 and size 0 where
there is no level. Only the name of a file, ``TICKER_2012-06-21_34200000_57600000_message_10.csv``, has the
ticker, date and hours.
Source: https://lobsterdata.com/info/DataStructure.php,
http://help.lobsterdata.com/en/articles/859578-event-type-6

Orderbook files have no clock: row i is the book after message i of the file of that name with ``message``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from liqmap.formats.market import named
from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.csv_columns import PLAIN, WHOLE, Column, Lines, count_lines
from liqmap.formats.text.csv_reader import parts
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.far_prices import far_prices
from liqmap.formats.text.reader import TextReader
from liqmap.formats.text.rejected_lines import RejectedList
from liqmap.schema import AGGRESSORS, FLAGS, TIMESTAMP, TRADES, Batch, FormatError, Meta, Rejected, words

_NAME = re.compile(
    r"^(?P<symbol>[^_]+)_(?P<date>20\d{2}-\d{2}-\d{2})_(?P<begin>\d{1,8})_(?P<end>\d{1,8})"
    r"_(?P<kind>message|orderbook)_\d+\b",
    re.ASCII,
)
MESSAGE = re.compile(rb"(\d{1,5}(?:\.\d{1,18})?),([1-7]),(-?\d{1,18}),(\d{1,15}),(-?\d{1,15}),(-1|1)\r?")
_LINES = Lines([Column(PLAIN), *[Column(WHOLE)] * 5])
_DAY = 86_400 * 10**9
_VISIBLE, _HIDDEN, _CROSS, _HALT = 4, 5, 6, 7
PER_UNIT = 10_000
"""Prices are whole numbers of 1/10000 dollar."""


@dataclass(frozen=True)
class Name:
    """What the name of a file says: ticker, the UTC time (ns) of 00:00 in New York on its day, and the first
    and the last second after it that may be in the file."""

    symbol: str
    midnight: int
    begin: int
    end: int

    @classmethod
    def of(cls, path: Path, symbol: str | None) -> Name:
        """Of one file.

        Raises
        ------
        FormatError : the name has no date, or another symbol than the one asked for.
        """
        found = _NAME.match(path.name)
        try:
            day = datetime.strptime(found["date"] if found else "", "%Y-%m-%d")
        except ValueError:
            raise FormatError(
                where=path,
                expected="a name like AAPL_2012-06-21_34200000_57600000_message_10.csv, which has the date",
                got=repr(path.name),
                remedy="Give it the name that LOBSTER gave it",
            ) from None
        assert found is not None
        # clocks change at night: the offset at noon is that of the trading day
        noon = day.replace(hour=12, tzinfo=ZoneInfo("America/New_York"))
        begin, end = int(found["begin"]) // 1_000, -(-int(found["end"]) // 1_000)
        if not begin < end <= _DAY // 10**9:
            raise FormatError(where=path, expected="ms of a day in the name", got=f"{begin}000 to {end}000")
        return cls(
            str(named(path, found["symbol"], symbol, sure=True)),
            (int(noon.timestamp()) - 12 * 3600) * 10**9,
            begin,
            end,
        )


def sibling(path: Path, kind: str) -> Path | None:
    """The other file of a pair, packed or not, by its name; None if it is not there."""
    other = "orderbook" if kind == "message" else "message"
    name = re.sub(r"(\.csv)?(\.gz|\.zip)?$", "", path.name).replace(f"_{other}_", f"_{kind}_")
    endings = (".csv", ".csv.gz", ".csv.zip", ".gz", ".zip", "")
    return next((p for e in endings if (p := path.with_name(name + e)).is_file() and p != path), None)


class Columns(NamedTuple):
    """Per line (L,) int64: ns after midnight, -1 where the line is none; type, order id, size, price in
    units, direction."""

    time: np.ndarray
    kind: np.ndarray
    order: np.ndarray
    size: np.ndarray
    price: np.ndarray
    direction: np.ndarray


class Stretch(NamedTuple):
    """Consecutive messages, after ``line`` others, and what is wrong with those that are none."""

    line: int
    columns: Columns
    rejected: list[Rejected]
    position: int


def stretches(raw: RawFile, name: Name) -> Iterator[Stretch]:
    """The messages of a file, chunk by chunk; times in ns after midnight, of those that its name says."""
    for part in parts(ahead(raw.chunks())):
        rejected: list[Rejected] = []
        found = _fast(part.text)
        if found is None:
            found = _slow(part.text, part.line, rejected)
        time = found.time
        outside = (time >= 0) & ((time < name.begin * 10**9) | (time > name.end * 10**9))
        if outside.any():
            why = f"expected seconds from {name.begin} to {name.end}, as the name says, got "
            odd = np.flatnonzero(outside)
            rejected += [Rejected(part.line + 1 + int(i), f"{why}{time[i] / 1e9:.9g}") for i in odd]
            rejected.sort(key=lambda r: r.line)
            time, kind = np.where(outside, -1, time), np.where(outside, 0, found.kind)
            found = found._replace(time=time, kind=kind)
        yield Stretch(part.line, found, rejected, part.position)


def _ns(seconds: np.ndarray) -> np.ndarray:
    """Seconds of a day to the ns, which float64 holds; some files carry the noise of floats after it."""
    return np.rint(np.where(np.abs(seconds) < 1e9, seconds, -1) * 1e9).astype(np.int64)


def _fast(text: bytes) -> Columns | None:
    """All lines at once; None if any of them needs a closer look."""
    read = _LINES.read(text, Tick(), count_lines(text))
    if read is None:
        return None
    time = _ns(read.number[0])
    kind, _, size, price, direction = rest = list(read.whole)
    sound = (
        ((time >= 0) & (time < _DAY)).all()
        and ((kind >= 1) & (kind <= _HALT)).all()
        and (np.abs(direction) == 1).all()
        and (size >= 0).all()
        and (size[kind != _HALT] > 0).all()
        and (price[kind != _HALT] > 0).all()
    )
    return Columns(time, *rest) if sound else None


def _slow(text: bytes, line: int, rejected: list[Rejected]) -> Columns:
    """Line by line; ``line`` lines came before."""
    rows = []
    for raw in text.split(b"\n")[:-1]:
        line += 1
        found = MESSAGE.fullmatch(raw)
        wrong = None if found else f"expected time,type,id,size,price,direction, got {raw[:60]!r}"
        if found:
            time = int(_ns(np.array(float(found[1]))))
            rest = [int(v) for v in found.groups()[1:]]
            kind, _, size, price, _ = rest
            if time >= _DAY:
                wrong = f"expected seconds after midnight, got {found[1].decode()}"
            elif kind != _HALT and price <= 0:
                wrong = f"expected a positive price x 10^4, got {price}"
            elif kind != _HALT and size <= 0:
                wrong = f"expected a positive size, got {size}"
        if wrong:
            rejected.append(Rejected(line, wrong))
            rows.append([-1, 0, 0, 0, 0, 0])
        else:
            rows.append([time, *rest])
    return Columns(*np.array(rows, np.int64).reshape(-1, 6).T)


class LobsterMessages(TextReader):
    """Reader of a message file: its trades."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw)
        self._name = Name.of(raw.path, hints.symbol)
        self.named = f"{self._name.symbol} {self._name.midnight}"
        self.venue = hints.venue or "lobster"
        self._tick = Tick(hints.tick_size)
        self._halts = 0
        book = sibling(raw.path, "orderbook")
        where = f"its book is in {book.name}" if book else "no orderbook file of its name lies beside it"
        self.notes = [f"{raw.path.name}: a message file gives trades only; {where}"]

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; decompression runs ahead in a thread."""
        line = 0
        for part in stretches(self.raw, self._name):
            line = part.line + len(part.columns.time)
            self._halts += int((part.columns.kind == _HALT).sum())
            rejected = RejectedList(part.rejected)
            trades = self._trades(part.columns, part.line, rejected)
            yield Batch(trades=trades, rejected=tuple(rejected), position=part.position)
        yield from self.finish(self.damage(line))

    def last_notes(self) -> list[str]:
        halts = f"{self.raw.path.name}: trading halted or resumed {self._halts} times"
        return [halts] if self._halts else []

    def _trades(self, part: Columns, line: int, rejected: list[Rejected]) -> pa.RecordBatch | None:
        """Those whose prices fit. ``id`` is the line of the message: LOBSTER numbers orders, not trades."""
        at = np.flatnonzero(np.isin(part.kind, (_VISIBLE, _HIDDEN, _CROSS)))
        if not len(at):
            return None
        price = part.price[at]
        self._tick.add([Fraction(int(np.gcd.reduce(price)), PER_UNIT), Fraction(int(price.max()), PER_UNIT)])
        wrong = far_prices(self._tick, price / PER_UNIT, at + line + 1, rejected)
        if wrong is not None:
            at, price = at[~wrong], price[~wrong]
        if not len(at):
            return None
        self.meta["trades"] = Meta(
            venue=self.venue,
            symbol=self._name.symbol,
            tick_size=self._tick.size,
            size_unit="contracts",
            trade_ids="row",
        )
        # who meets a resting buy order sells
        side = (part.direction[at] > 0).astype(np.int8)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(part.time[at] + self._name.midnight).view(TIMESTAMP),
                pa.array(at + line + 1).cast(pa.string()),
                words(side, AGGRESSORS, null=part.kind[at] == _CROSS),
                pa.array(price / PER_UNIT),
                pa.array(part.size[at].astype(np.float64)),
                words(np.full(len(at), FLAGS.index("block")), FLAGS, null=part.kind[at] != _CROSS),
            ],
            schema=TRADES,
        )


def _is_messages(head: bytes) -> bool:
    lines = [line for line in head.split(b"\n")[:100] if line]
    times = [float(m[1]) for line in lines if (m := MESSAGE.fullmatch(line))]
    steps_back = sum(a > b for a, b in pairwise(times))
    return 2 * len(times) > len(lines) and 20 * steps_back <= max(20, len(times)) and min(times) < 86_400


register(
    Format(
        "lobster-messages", "LOBSTER message file, csv, zip or gz", detect=_is_messages, open=LobsterMessages
    )
)
