"""What Databento's records become, whatever file they stand in: depth, trades and orders.

``mbo`` is summed to levels (feed ``mbo``, policy ``full``). ``mbp-1`` and ``mbp-10`` become what changed
among the N best levels (feeds ``mbp1`` and ``mbp10``, policy ``top_n``). ``tbbo`` and ``trades`` have only
trades. Those are the T records, whose side is the aggressor's; F records are the resting orders' part of the
same trades and stand among the orders. Sizes are contracts. Sequence numbers are the channel's, shared with
other instruments: their jumps say nothing. A price that leaves no tick size for the others costs the order,
level or trade that has it, never its record.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.formats.databento import mbo as mbo
from liqmap.formats.databento.mbp import PriceBook
from liqmap.formats.databento.orders import order_rows
from liqmap.formats.databento.records import (
    F_LAST,
    F_MAYBE_BAD_BOOK,
    F_MBP,
    F_SNAPSHOT,
    SCHEMAS,
    SELL,
    TRADE,
    Changes,
    chosen,
    joined,
    priceless,
    prices,
    received,
    sideless,
    stamps,
    without_far,
    wrong,
)
from liqmap.formats.registry import Hints
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.rejected_lines import RejectedLines
from liqmap.schema import (
    AGGRESSORS,
    FLAGS,
    TIMESTAMP,
    TRADES,
    Batch,
    Messages,
    Meta,
    Rejected,
    words,
)

UNENDED = 1 << 17
"""Records without an end of an event, after which their times are taken for it."""


class Numbered(NamedTuple):
    """Records and their lines: here those of an event that may go on."""

    records: np.ndarray
    line: np.ndarray


class DatabentoRows:
    """One market's records, from call to call."""

    def __init__(self, path: Path, schema: str, symbol: str, hints: Hints) -> None:
        self.venue = hints.venue or "databento"
        self.meta: dict[str, Meta] = {}
        self._path, self._schema, self._symbol = path, schema, symbol
        self._feed = hints.feed or schema.replace("-", "")
        self._tick = Tick(hints.tick_size)
        self._levels = {"mbp-1": 1, "mbp-10": 10}.get(schema)
        self._orders = mbo.OrderBook() if schema == "mbo" else None
        self._shown = PriceBook(self._levels) if self._levels else None
        self._open = Numbered(np.empty(0, SCHEMAS[schema][1]), np.empty(0, np.int64))
        self._rejected = RejectedLines()
        self._since = 0
        self._seq = -1
        self._publisher: int | None = None
        self._instrument: int | None = None
        self._ended, self._by_time = False, False
        self._counts: Counter[str] = Counter()
        self._reported: Counter[str] = Counter()

    def take(
        self, records: np.ndarray, line: np.ndarray, rejected: list[Rejected], position: int, last: bool
    ) -> Batch:
        """The batch of one instrument's next records, with their lines; more of their last event may follow
        unless they are the ``last``."""
        if len(records):
            records, line, rejected = self._sound(records, line, rejected)
        self._counts["maybe_bad_book"] += int(np.count_nonzero(records["flags"] & F_MAYBE_BAD_BOOK))
        trades = self._trades(records)
        depth = self._depth(records, line, last) if self._orders or self._shown else None
        self._describe(depth is not None, trades is not None)
        self._rejected.add(rejected)
        return Batch(
            depth=depth,
            trades=trades,
            orders=partial(order_rows, records, self._tick) if self._orders else None,
            rejected=self._rejected.before(int(self._open.line[0]) if len(self._open.line) else None),
            position=position,
            counts=self._new_counts(),
        )

    def _sound(
        self, records: np.ndarray, line: np.ndarray, rejected: list[Rejected]
    ) -> tuple[np.ndarray, np.ndarray, list[Rejected]]:
        """The records that can be used, without the levels and prices of them that cannot, and their lines;
        and the others beside those ``rejected`` before."""
        found = wrong(records, self._tick)
        bad, levels, own = found
        if levels or own:
            records = without_far(records, found)
            far = [(i, why) for (i, *_), why in levels.items()] + list(own.items())
            lost = [Rejected(int(line[i]), why, level=True) for i, why in far if i not in bad]
            rejected = sorted([*rejected, *lost], key=lambda one: one.line)
        if bad:
            rejected = [*rejected, *(Rejected(int(line[i]), why) for i, why in bad.items())]
            sound = np.delete(np.arange(len(records)), list(bad))
            records, line = chosen(records, sound), line[sound]
        return records, line, rejected

    def _describe(self, depth: bool, trades: bool) -> None:
        """Bring the meta up to date, of the tables that there are."""
        about: dict[str, Any] = {
            "venue": self.venue, "symbol": self._symbol, "tick_size": self._tick.size,
            "size_unit": "contracts",
        }  # fmt: skip
        if depth:
            policy = "top_n" if self._levels else "full"
            self.meta["depth"] = Meta(
                **about, feed=self._feed, depth_limit=self._levels, window_policy=policy
            )
        if trades:
            self.meta["trades"] = Meta(**about, trade_ids="message")
        for kind, meta in self.meta.items():
            self.meta[kind] = replace(meta, tick_size=self._tick.size)

    def notes(self) -> list[str]:
        """What was left out, and what did not fit."""
        meanings = {name: means for name, (_, means) in mbo.COUNTS.items()} | {
            "maybe_bad_book": "records have the flag F_MAYBE_BAD_BOOK: packets were missed, a gap"
            " each time it begins",
            "price_levels": "records have the flag F_MBP: they are price levels, not orders",
            "other_publishers": "records of other publishers were left out of the depth: a book is of one",
        }
        found = [f"{self._path.name}: {n:,} {meanings[name]}" for name, n in self._reported.items() if n]
        if self._by_time:
            found.append(
                f"{self._path.name}: records do not end events (F_LAST); those of one ts_event are a message"
            )
        return found

    def _new_counts(self) -> dict[str, int]:
        """What was counted since the last time."""
        now = self._counts + Counter(self._orders.counts() if self._orders else {})
        new = {name: n - self._reported[name] for name, n in now.items()}
        self._reported = now
        return new

    def _depth(self, records: np.ndarray, line: np.ndarray, last: bool) -> Messages | None:
        """The messages of the events that are complete."""
        if self._publisher is None and len(records):
            self._publisher = int(records["publisher_id"][0])
        own = records["publisher_id"] == self._publisher
        self._counts["other_publishers"] += int(len(own) - own.sum())
        records = joined([self._open.records, chosen(records, own)])
        line = np.concatenate([self._open.line, line[own]])
        ends = self._ends(records, last)
        complete = int(np.flatnonzero(ends)[-1]) + 1 if ends.any() else 0
        self._open = Numbered(records[complete:], line[complete:])
        records, line, ends = records[:complete], line[:complete], ends[:complete]
        if not complete:
            return None
        begins = np.diff(records["instrument_id"].astype(np.int64), prepend=self._instrument or 0) != 0
        begins[0] &= self._instrument is not None
        self._instrument = int(records["instrument_id"][-1])
        flagged = (records["flags"] & F_MAYBE_BAD_BOOK) > 0
        stops = np.flatnonzero(ends)
        starts = np.concatenate([[0], stops[:-1] + 1])
        since = np.append(self._since, line[stops[:-1]] + 1)
        self._since = int(line[-1]) + 1
        if self._orders is not None:
            self._counts["price_levels"] += int(np.count_nonzero(records["flags"] & F_MBP))
            found = self._orders.apply(records, ends, begins)
            messages = self._messages(records, line, found)
            return messages and replace(messages, since=since[np.searchsorted(stops, found.last)])
        assert self._shown is not None
        both = (np.logical_or.reduceat(found, starts) for found in (flagged, begins))
        found = self._shown.apply(chosen(records, stops)["levels"], *both)
        return self._messages(chosen(records, stops), line[stops], found)

    def _ends(self, records: np.ndarray, last: bool) -> np.ndarray:
        """Which records end an event. Where each shows a whole book, another time does so too: the last of an
        event may have been out of sight. Those of a snapshot are one event."""
        ends = (records["flags"] & F_LAST) > 0
        self._ended |= bool(ends.any())
        endless = len(records) > UNENDED or (last and not self._ended and len(records) > 0)
        by_time = self._orders is not None and not ends.any() and endless
        self._by_time |= by_time
        if self._shown or by_time:
            ts = records["ts_event"]
            ends[:-1] |= ts[1:] != ts[:-1]
        snapshot = (records["flags"] & F_SNAPSHOT) > 0
        ends |= snapshot
        ends[:-1] &= ~(snapshot[:-1] & snapshot[1:])
        ends[-1:] &= ~snapshot[-1:]
        if last:
            ends[-1:] = True
        return ends

    def _messages(self, records: np.ndarray, line: np.ndarray, found: Changes) -> Messages | None:
        """Messages whose last records are known; the channel's numbers repeat within a packet, ours rise."""
        at, event, first, rows = found
        if not len(at):
            return None
        records = chosen(records, at)
        steps = np.arange(len(at))
        seq = np.maximum(records["sequence"].astype(np.int64), self._seq + 1)
        seq = np.maximum.accumulate(seq - steps) + steps
        prev = np.concatenate([[self._seq], seq[:-1]])
        self._seq = int(seq[-1])
        return Messages(
            ts=stamps(records),
            ts_recv=received(records),
            seq=seq,
            prev=prev,
            event=event,
            rows=first,
            line=line[at],
            side=rows[:, 0].astype(np.int8),
            price=prices(rows[:, 1], self._tick),
            size=rows[:, 2].astype(np.float64),
            gap_reason="maybe bad book",
        )

    def _trades(self, records: np.ndarray) -> pa.RecordBatch | None:
        """The T records, but those whose price cannot be said; ``id`` is the sequence number."""
        found = chosen(records, (records["action"] == TRADE) & ~priceless(records["price"]))
        if not len(found):
            return None
        return pa.RecordBatch.from_arrays(
            [
                pa.array(stamps(found)).view(TIMESTAMP),
                pa.array(found["sequence"]).cast(pa.string()),
                words((found["side"] == SELL).astype(np.int8), AGGRESSORS, null=sideless(found)),
                pa.array(prices(found["price"], self._tick)),
                pa.array(found["size"].astype(np.float64)),
                words(np.zeros(len(found)), FLAGS, null=np.ones(len(found), np.bool_)),
            ],
            schema=TRADES,
        )
