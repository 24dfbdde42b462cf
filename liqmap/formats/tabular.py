"""Any table: CSV, Parquet, Arrow or Feather, with columns that say what they hold or a mapping that does.

Layouts: trades; long depth updates (ts, side, price, size[, seq, event]); long snapshots (the rows of one
time are the book); wide snapshots (``bid1_price, bid1_size, ...`` in every row). A text without a mapping is
taken only if its header is plain; where more than one layout fits, none is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pyarrow as pa

from liqmap.formats._tabular_columns import check_mapping, find_columns, missing, with_layout
from liqmap.formats._tabular_rows import Piece, Rows, header, is_binary
from liqmap.formats._tabular_values import (
    AGGRESSORS,
    EVENTS,
    SIDES,
    TRUE,
    codes,
    is_said,
    numbers,
    times,
    unit_of,
    whole,
)
from liqmap.formats.decimals import Tick
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import FORMATS, Format, Hints, register
from liqmap.schema import (
    AGGRESSORS as AGGRESSOR_WORDS,
)
from liqmap.schema import (
    FLAGS,
    GAP,
    MISSING,
    SNAPSHOT,
    TIMESTAMP,
    TRADES,
    UPDATE,
    Batch,
    FormatError,
    Messages,
    Meta,
    Rejected,
    words,
)

_EVENTS = np.array([UPDATE, SNAPSHOT, GAP], np.int8)


class Tabular:
    """Reader of one table."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        check_mapping(hints.mapping or {})
        self.meta: dict[str, Meta] = {}
        self._raw, self._hints, self._rows = raw, hints, Rows(raw)
        self._columns = find_columns(self._rows.names, hints.mapping, raw.path)
        used = [
            *self._columns.at.values(),
            *(c for side in self._columns.levels for pair in side for c in pair),
        ]
        self._used = list(dict.fromkeys(used))
        first = self._rows.first(self._used)
        self._columns = with_layout(self._columns, first, raw.path)
        self.layout = str(self._columns.layout)
        if lacking := missing(self._columns):
            raise FormatError(
                f"{raw.path}: expected a column for {' and '.join(lacking)} of {self.layout}, got "
                f"{', '.join(self._rows.names)}. Name it: --map {lacking[0].split()[0]}=COLUMN"
            )
        self.venue = self._market("venue", hints.venue, first)
        self._symbol = self._market("symbol", hints.symbol, first)
        self._unit = self._time_unit(first)
        self.notes = [f"{raw.path.name}: read as {self.layout}, times {self._said()}"]
        self._tick = Tick(hints.tick_size)
        self._deepest = 1
        self._last = -1
        self._foreign = 0

    def batches(self) -> Iterator[Batch]:
        """A batch per piece; a message that goes on in the next piece waits for it."""
        held: tuple[np.ndarray, ...] | None = None
        late: list[Rejected] = []
        for piece in self._rows.pieces(self._used):
            rejected: list[Rejected] = list(piece.rejected)
            keep, common = self._common(piece, rejected)
            if self.layout == "trades":
                trades = self._trades(piece, keep, common, rejected)
                rejected.sort(key=lambda r: r.line)
                yield Batch(trades=trades, rejected=tuple(rejected), position=piece.position)
                continue
            read = self._wide if self.layout == "wide" else self._long
            rows = read(piece, keep, common, rejected)
            rows = rows if held is None else tuple(np.concatenate(p) for p in zip(held, rows))
            cut = self._last_message(rows)
            held = tuple(a[cut:] for a in rows)
            since = held[3][0] if len(held[3]) else piece.line[-1:].sum() + 1
            rejected = sorted([*late, *rejected], key=lambda r: r.line)
            late = [r for r in rejected if r.line > since]
            depth = self._messages(tuple(a[:cut] for a in rows))
            yield Batch(
                depth=depth, rejected=tuple(rejected[: len(rejected) - len(late)]), position=piece.position
            )
        if held is not None and (len(held[0]) or late):
            yield Batch(depth=self._messages(held), rejected=tuple(late), position=self._raw.size)
        if self._foreign:
            self.notes.append(f"{self._raw.path.name}: {self._foreign:,} rows of other markets were left out")

    def _common(self, piece: Piece, rejected: list[Rejected]) -> tuple[np.ndarray, np.ndarray]:
        """Which rows are of this market and have a time, and the times."""
        ts = times(self._column(piece, "ts"), self._unit)
        keep = np.ones(len(ts), np.bool_)
        for role, own, told in (
            ("venue", self.venue, self._hints.venue),
            ("symbol", self._symbol, self._hints.symbol),
        ):
            if role not in self._columns.at:
                continue
            same = np.array([str(v) == own for v in self._column(piece, role).to_pylist()], np.bool_)
            if role == "venue" and told is not None:
                continue  # the user's word goes before the file's
            if told is None:
                self._reject(
                    piece, keep & ~same, rejected, f"expected {role} {own}. Pass {role}= to take one"
                )
            else:
                self._foreign += int((~same).sum())
            keep &= same
        self._reject(piece, keep & (ts == 0), rejected, f"expected a time, {self._said()}")
        return keep & (ts != 0), ts

    def _reject(self, piece: Piece, which: np.ndarray, rejected: list[Rejected], reason: str) -> None:
        rejected += [Rejected(int(line), reason) for line in piece.line[which]]

    def _numbers(
        self, piece: Piece, keep: np.ndarray, rejected: list[Rejected], least: str
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Prices above 0, and sizes above (``trades``) or of at least 0."""
        price, size = (numbers(self._column(piece, role)) for role in ("price", "size"))
        self._reject(piece, keep & ~(price > 0), rejected, "expected a positive price")
        keep = keep & (price > 0)
        sound = size > 0 if least == "trades" else size >= 0
        more = "a positive size" if least == "trades" else "a size of 0 or more"
        self._reject(piece, keep & ~sound, rejected, f"expected {more}")
        return keep & sound, price, size

    def _trades(
        self, piece: Piece, keep: np.ndarray, ts: np.ndarray, rejected: list[Rejected]
    ) -> pa.RecordBatch | None:
        keep, price, size = self._numbers(piece, keep, rejected, "trades")
        if "side" in self._columns.at:
            side = codes(self._column(piece, "side"), AGGRESSORS)
        else:
            side = codes(self._column(piece, "buyer_maker"), TRUE)
        self._reject(piece, keep & (side < 0), rejected, "expected the aggressor to be buy or sell")
        keep &= side >= 0
        if not keep.any():
            return None
        self._see(price[keep])
        name = self._column(piece, "id").cast(pa.string()) if "id" in self._columns.at else None
        ids = name.filter(pa.array(keep)) if name is not None else pa.nulls(int(keep.sum()), pa.string())
        nothing = np.ones(int(keep.sum()), np.bool_)
        self.meta["trades"] = Meta(venue=self.venue, symbol=self._symbol, tick_size=self._tick.size)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(ts[keep]).view(TIMESTAMP),
                ids,
                words(side[keep], AGGRESSOR_WORDS),
                pa.array(price[keep]),
                pa.array(size[keep]),
                words(np.zeros(len(nothing)), FLAGS, null=nothing),
            ],
            schema=TRADES,
        )

    def _long(
        self, piece: Piece, keep: np.ndarray, ts: np.ndarray, rejected: list[Rejected]
    ) -> tuple[np.ndarray, ...]:
        keep, price, size = self._numbers(piece, keep, rejected, "depth")
        side = codes(self._column(piece, "side"), SIDES)
        self._reject(piece, keep & (side < 0), rejected, "expected side to be bid or ask")
        keep &= side >= 0
        seq = np.full(len(ts), -1)
        if "seq" in self._columns.at:
            seq = whole(self._column(piece, "seq"))
            self._reject(piece, keep & (seq < 0), rejected, "expected a sequence number of 0 or more")
            keep &= seq >= 0
        event = np.zeros(len(ts), np.int8)
        if "event" in self._columns.at:
            event = codes(self._column(piece, "event"), EVENTS)
            self._reject(piece, keep & (event < 0), rejected, "expected event to be update, snapshot or gap")
            keep &= event >= 0
        if self.layout == "snapshots":
            event = np.ones(len(ts), np.int8)
        self._see(price[keep])
        return tuple(a[keep] for a in (ts, seq, event, piece.line, side, price, size))

    def _wide(
        self, piece: Piece, keep: np.ndarray, ts: np.ndarray, rejected: list[Rejected]
    ) -> tuple[np.ndarray, ...]:
        """A row for each level of each book; no price, no size or a size of 0 is no level."""
        pairs = [(code, pair) for code, side in enumerate(self._columns.levels) for pair in side]
        price, size = (
            np.stack([numbers(piece.table.column(p[n])) for _, p in pairs], axis=1) for n in (0, 1)
        )
        said = np.stack([[is_said(piece.table.column(c)) for c in pair] for _, pair in pairs], axis=2)
        there = said.all(axis=0) & ~(size == 0)
        wrong = (there & ~((price > 0) & (size > 0))).any(axis=1)
        self._reject(piece, keep & wrong, rejected, "expected positive prices and sizes of 0 or more")
        self._reject(piece, keep & ~wrong & ~there.any(axis=1), rejected, "expected a book, got no level")
        there &= (keep & ~wrong)[:, None]
        row, column = np.nonzero(there)
        side = np.array([code for code, _ in pairs], np.int8)[column]
        self._see(price[there])
        seq = whole(self._column(piece, "seq")) if "seq" in self._columns.at else np.full(len(ts), -1)
        return (
            ts[row], seq[row], np.ones(len(row), np.int8), piece.line[row], side, price[there], size[there],
        )  # fmt: skip

    def _messages(self, rows: tuple[np.ndarray, ...]) -> Messages | None:
        """Consecutive rows of one time, id and event as one message. Without ids the time is the id, or the
        next number where time stands still."""
        ts, seq, event, line, side, price, size = rows
        if not len(ts):
            return None
        begin = np.flatnonzero(self._begins(rows))
        first = seq[begin]
        if "seq" not in self._columns.at:
            order = np.arange(len(begin))
            first = np.maximum(np.maximum.accumulate(ts[begin] - order), self._last + 1) + order
        prev = np.concatenate(([self._last], first[:-1]))
        self._last = int(first[-1])
        bounds = np.append(begin, len(ts))
        if self.layout in ("snapshots", "wide"):
            for code in (0, 1):
                counts = np.add.reduceat((side == code).astype(np.int64), begin)
                self._deepest = max(self._deepest, int(counts.max()))
        self._describe()
        return Messages(
            ts=ts[begin],
            ts_recv=np.full(len(begin), MISSING),
            seq=first,
            prev=prev,
            event=_EVENTS[event[begin]],
            rows=bounds,
            line=line[begin],
            side=side,
            price=price,
            size=size,
        )

    def _begins(self, rows: tuple[np.ndarray, ...]) -> np.ndarray:
        """Where a message begins: at another time, id or event; in a wide table with every row."""
        changed = np.ones(len(rows[0]), np.bool_)
        shared = rows[3:4] if self.layout == "wide" else rows[:3]
        changed[1:] = np.any([a[1:] != a[:-1] for a in shared], axis=0)
        return changed

    def _last_message(self, rows: tuple[np.ndarray, ...]) -> int:
        """Where the last message begins: the next piece may go on with it."""
        found = np.flatnonzero(self._begins(rows))
        return int(found[-1]) if len(found) else 0

    def _describe(self) -> None:
        whole_book = self.layout == "updates"
        self.meta["depth"] = Meta(
            venue=self.venue,
            symbol=self._symbol,
            feed=self._hints.feed or ("full" if whole_book else "snapshots"),
            tick_size=self._tick.size,
            depth_limit=None if whole_book else self._deepest,
            window_policy="full" if whole_book else "snapshots",
        )

    def _see(self, prices: np.ndarray) -> None:
        """Prices for the tick size, at the 12 digits that binary floats keep of decimals."""
        self._tick.add([Fraction(f"{p:.12g}") for p in np.unique(prices)])

    def _column(self, piece: Piece, role: str) -> pa.Array:
        return piece.table.column(self._columns.at[role])

    def _market(self, role: str, told: str | None, first: pa.RecordBatch) -> str:
        if told is not None:
            return told
        if role in self._columns.at:
            found = [v for v in first.column(self._columns.at[role]).to_pylist() if v]
            if found:
                return str(found[0])
        raise FormatError(
            f"{self._raw.path}: expected a {role} from a column or from you, got none. Pass {role}=..."
        )

    def _time_unit(self, first: pa.RecordBatch) -> str:
        name = self._columns.at["ts"]
        unit = unit_of(first.column(name))
        if unit is None:
            got = next((v for v in first.column(name).to_pylist() if v is not None), None)
            raise FormatError(
                f"{self._raw.path}: expected {name} to hold dates, or s, ms, us or ns since 1970, of the "
                f"years 2000 to 2099; got {got!r}. Name another column: --map ts=COLUMN"
            )
        return unit

    def _said(self) -> str:
        return "as dates, UTC" if self._unit == "datetime" else f"in {self._unit} since 1970"


def _detect(head: bytes) -> bool:
    """A container, or a header that names all that a layout needs and that no other format knows."""
    if is_binary(head):
        return True
    if any(form.detect(head) for form in FORMATS.values() if form.name != "tabular"):
        return False
    names = header(head)[1]
    try:
        found = find_columns(names, None, "")
    except FormatError:
        return False
    if found.layout == "wide":
        return "ts" in found.at
    return {"ts", "price", "size"} <= found.at.keys() and bool({"side", "buyer_maker"} & found.at.keys())


register(Format("tabular", "tables with named columns: csv, parquet, arrow", detect=_detect, open=Tabular))
