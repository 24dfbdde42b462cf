"""A recorded market as messages in time: what an exchange said of its book, its trades, its best prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.live.play.digits import Digits
from liqmap.schema import EVENTS, GAP, HEARD, SIDES, Meta, codes, int64

Kind = Literal["depth", "trades", "quotes"]
KINDS: tuple[Kind, ...] = ("depth", "trades", "quotes")

Level = tuple[int, float, float]
"""Side code, price, absolute size."""


class Trade(NamedTuple):
    """``ts`` in ns; ``aggressor`` and ``flag`` are words, None where nothing is known."""

    ts: int
    id: str | None
    aggressor: str | None
    price: float
    size: float
    flag: str | None


class Step(NamedTuple):
    """One message of a market: rows ``begin`` to ``end`` of one of its tables.

    ts : ns, never less than that of the step before. event, seq : of the book; 0 and -1 elsewhere.
    number : which of the book's messages it is, from 1; 0 elsewhere and for a gap.
    """

    ts: int
    kind: Kind
    event: int
    seq: int
    number: int
    begin: int
    end: int


@dataclass(frozen=True)
class Tape:
    """One market's tables, of which any may be missing, as steps.

    Notes
    -----
    Rows of a book that share time, id and event are one message. Trades of one time are one message.
    """

    venue: str
    symbol: str
    depth: pa.Table | None = None
    trades: pa.Table | None = None
    quotes: pa.Table | None = None

    @cached_property
    def meta(self) -> Meta:
        """Of the book, else of what there is."""
        have = (self.depth, self.trades, self.quotes)
        found = next(table for table in have if table is not None)
        return Meta.from_metadata(found.schema.metadata)

    @cached_property
    def digits(self) -> Digits:
        """How prices and sizes are written."""
        sizes = [t["size"].drop_null().to_numpy() for t in (self.depth, self.trades) if t is not None]
        ticks = [
            Meta.from_metadata(t.schema.metadata).tick_size
            for t in (self.depth, self.trades, self.quotes)
            if t is not None
        ]
        return Digits.of(ticks, sizes)

    @cached_property
    def steps(self) -> list[Step]:
        """All messages in time; of one time first the book, then trades, then best prices."""
        found = [*self._depth_steps(), *self._other_steps("trades"), *self._other_steps("quotes")]
        return sorted(found, key=lambda step: step.ts)

    @property
    def begin(self) -> int:
        """ns."""
        return self.steps[0].ts

    @property
    def end(self) -> int:
        """ns."""
        return self.steps[-1].ts

    @cached_property
    def numbers(self) -> int:
        """How many messages the book has."""
        return sum(step.number > 0 for step in self.steps)

    def levels(self, step: Step) -> list[Level]:
        """What a message says of the book."""
        if step.event in (GAP, HEARD):
            return []
        rows = slice(step.begin, step.end)
        side, price, size = (column[rows].tolist() for column in self._levels)
        return list(zip(side, price, size))

    def traded(self, step: Step) -> list[Trade]:
        """The trades of a message."""
        rows = slice(step.begin, step.end)
        ts, price, size = (column[rows].tolist() for column in self._traded_numbers)
        name, aggressor, flag = (column[rows].to_pylist() for column in self._traded_words)
        return [Trade(*row) for row in zip(ts, name, aggressor, price, size, flag)]

    @cached_property
    def trade_numbers(self) -> int:
        """How many numbers the ids of trades span, as far as they are numbers."""
        names = self.trades["id"].to_pylist() if self.trades is not None else []
        numbers = [int(name) for name in names if name and name.isdecimal()]
        return max(numbers) - min(numbers) + 1 if numbers else 0

    def quoted(self, step: Step) -> list[float]:
        """Bid, its size, ask, its size; 0 for a side that is empty."""
        return self._quotes[step.begin].tolist()

    @cached_property
    def _levels(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        assert self.depth is not None
        price, size = (self.depth[name].to_numpy() for name in ("price", "size"))
        return codes(self.depth["side"], SIDES), price, size

    @cached_property
    def _traded_numbers(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Times (ns), prices, sizes. Parts of arrays: a part of a table would take longer than all else."""
        assert self.trades is not None
        return int64(self.trades["ts"]), self.trades["price"].to_numpy(), self.trades["size"].to_numpy()

    @cached_property
    def _traded_words(self) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Ids, aggressors, flags."""
        assert self.trades is not None
        one, other, third = (self.trades[name].combine_chunks() for name in ("id", "aggressor", "flags"))
        return one, other, third

    @cached_property
    def _quotes(self) -> np.ndarray:
        assert self.quotes is not None
        names = ("bid", "bid_size", "ask", "ask_size")
        return np.nan_to_num(np.stack([self.quotes[name].to_numpy() for name in names], axis=1))

    def _depth_steps(self) -> Iterator[Step]:
        if self.depth is None or not self.depth.num_rows:
            return
        ts, seq = int64(self.depth["ts"]), int64(self.depth["seq"], null=-1)
        event = codes(self.depth["event"], EVENTS)
        alone = (event == GAP) | (event == HEARD)
        new = (np.diff(ts) != 0) | (np.diff(seq) != 0) | (np.diff(event) != 0) | alone[1:]
        begin = np.flatnonzero(np.concatenate([[True], new]))
        end = np.append(begin[1:], len(ts))
        number = np.cumsum(event[begin] != GAP)
        number[event[begin] == GAP] = 0
        times = np.maximum.accumulate(ts[begin])
        columns = (times, event[begin], seq[begin], number, begin, end)
        for at, what, name, count, first, last in zip(*(column.tolist() for column in columns)):
            yield Step(at, "depth", what, name, count, first, last)

    def _other_steps(self, kind: Literal["trades", "quotes"]) -> Iterator[Step]:
        table = self.trades if kind == "trades" else self.quotes
        if table is None or not table.num_rows:
            return
        ts = int64(table["ts"])
        seq = int64(table["seq"], null=-1) if kind == "quotes" else np.full(len(ts), -1)
        new = np.diff(ts) != 0 if kind == "trades" else np.ones(len(ts) - 1, np.bool_)
        begin = np.flatnonzero(np.concatenate([[True], new]))
        end = np.append(begin[1:], len(ts))
        times = np.maximum.accumulate(ts[begin])
        for at, name, first, last in zip(*(c.tolist() for c in (times, seq[begin], begin, end))):
            yield Step(at, kind, 0, name, 0, first, last)
