"""Any table: CSV, Parquet, Arrow or Feather, with columns that say what they hold or a mapping that does.

Layouts: trades; long depth updates (ts, side, price, size[, seq, event]); long snapshots (the rows of one
time are the book); wide snapshots (``bid1_price, bid1_size, ...`` in every row, or a quote); single orders
(ts, order_id, action, side, price, size[, seq]), which are summed to levels. A text without a
mapping is taken only if its header is plain; where more than one layout fits, none is taken (docs/tables.md).
Depth whose times fall (ids, where it has some) is refused: it is read in pieces, so it cannot be sorted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.raw import RawFile
from liqmap.formats.registry import FORMATS, Format, Hints, register
from liqmap.formats.tabular.digits import check_floats, check_types
from liqmap.formats.tabular.meaning.assumed import aggressor, clock, read_as, sizes
from liqmap.formats.tabular.meaning.columns import (
    SCALE,
    check_mapping,
    find_columns,
    is_table,
    missing,
    says_sides,
    tells_of_orders,
)
from liqmap.formats.tabular.meaning.first_rows import FirstRows
from liqmap.formats.tabular.meaning.layout import check_names, with_layout
from liqmap.formats.tabular.meaning.own_ids import own_ids
from liqmap.formats.tabular.meaning.padding import best_first
from liqmap.formats.tabular.meaning.prints import crossed_updates
from liqmap.formats.tabular.meaning.unused_columns import check_unused
from liqmap.formats.tabular.meaning.vendors import check_vendor
from liqmap.formats.tabular.pieces import Piece, Rows, Text, header, is_binary
from liqmap.formats.tabular.rows.book_checks import BookChecks, crossed_note
from liqmap.formats.tabular.rows.depth_messages import DepthRows
from liqmap.formats.tabular.rows.exact_rows import ExactRows
from liqmap.formats.tabular.rows.fast_lines import Depth, FastLines
from liqmap.formats.tabular.rows.order_rows import OrderColumns, OrderRows, check_scale, check_words
from liqmap.formats.tabular.sides import UNKNOWN
from liqmap.formats.tabular.singles import notes_of, were_singles
from liqmap.formats.tabular.values import said_unit, said_words
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.rejected_lines import RejectedLines, RejectedList
from liqmap.schema import (
    AGGRESSORS,
    FLAGS,
    TIMESTAMP,
    TRADES,
    Batch,
    FormatError,
    Messages,
    Meta,
    Rejected,
    words,
)
from liqmap.schema.wording import Keyword, Sentence

_FEEDS = {"updates": "full", "orders": "mbo"}


class Tabular:
    """Reader of one table."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        check_mapping(hints.mapping or {})
        self.meta: dict[str, Meta] = {}
        self._raw, self._hints, self._rows = raw, hints, Rows(raw, "header" not in (hints.mapping or {}))
        check_names(self._rows.names, (hints.mapping or {}).get("layout"), raw.path)
        self._columns = find_columns(self._rows.names, hints.mapping, raw.path)
        if self._columns.vendor:
            check_vendor(self._columns.vendor, raw.path)
        self._used = self._columns.used
        first = self._rows.first(self._used)
        check_unused(self._rows, self._used, raw.path)
        self._columns = with_layout(self._columns, first, raw.path)
        at = self._columns.at
        self.layout = self._columns.layout or "levels or trades"
        if lacking := missing(self._columns):
            raise FormatError(
                where=raw.path,
                expected=f"a column for {' and '.join(lacking)} of {self.layout}",
                got=", ".join(self._rows.names),
                remedy=Sentence("Name it: ", Keyword("mapping", {lacking[0].split()[0]: "COLUMN"})),
            )
        check_types(at, self._columns.levels, first, raw.path)
        check_floats(at, self._columns.levels, first, raw.path)
        self._columns, padded = best_first(self._columns, first, raw.path.name)
        said = FirstRows(first, self._columns, raw.path)
        self.venue = said.market("venue", hints.venue)
        self._symbol = said.market("symbol", hints.symbol)
        timed: list[str] = [role for role in ("ts", "ts_recv") if role in at]
        self._units = {role: said.time_unit(role) for role in timed}
        told = (hints.mapping or {}).get("size_unit")
        scale = self._scale(hints.mapping or {})
        if self.layout == "orders":
            check_words(said_words(first.column(at["action"])), at["action"], raw.path)
        self._size_unit = told or "coins"
        read = f"{raw.path.name}: {read_as(self._columns)}, times {said_unit(self._units['ts'])}, "
        self.notes: list[str] = [Sentence(read, sizes(told), aggressor(self._columns), clock(self._columns))]
        self.notes += padded
        if self.layout == "updates":
            self.notes += crossed_note(raw.path.name, *crossed_updates(self._columns, first))
        self.trade_ids = own_ids(self._columns, hints.mapping or {}, first)
        self._tick = Tick(hints.tick_size)
        self._books = BookChecks(raw.path, self.layout == "wide", says_sides(hints.mapping or {}))
        self._depth = DepthRows(raw.path, self.layout, "seq" in at, self._books)
        self._orders = OrderRows(raw.path, "seq" in at) if self.layout == "orders" else None
        asked = {r: str(getattr(hints, r)) for r in ("venue", "symbol") if getattr(hints, r) is not None}
        market = {"venue": said.venue_said(self.venue, hints.venue), "symbol": self._symbol}
        singles = self._singles(first)
        self._exact = ExactRows(
            raw.path, self._columns, self._units, market, asked, self._tick, self._books, singles, scale
        )
        in_bulk = self._rows.separator and not singles and self._orders is None
        self._fast = self._lines(first, market) if in_bulk else None

    def _lines(self, first: pa.RecordBatch, market: dict[str, str]) -> FastLines | None:
        """How to read many lines of text at once; None where times are dates, or rows may be others."""
        vendor = self._columns.vendor
        if "datetime" in self._units.values() or (vendor and vendor.said):
            return None
        fractions = {
            role
            for role in self._units
            if pc.any(pc.match_substring(first.column(self._columns.at[role]), ".")).as_py()
        }
        return FastLines(
            self._columns,
            self._rows.names,
            self._rows.separator,
            self._units,
            fractions,
            market,
            self._books,
        )

    def batches(self) -> Iterator[Batch]:
        """A batch per piece; a message that goes on in the next piece waits for it."""
        late = RejectedLines()
        for piece in self._rows.pieces(self._used):
            rejected = RejectedList()
            if self.layout == "trades":
                trades = self._trades(piece, rejected)
                yield Batch(trades=trades, rejected=tuple(rejected), position=piece.position)
                continue
            if self._orders is not None:
                depth, since = self._orders.take(self._events(piece, rejected)), self._orders.waiting_since
            else:
                depth = self._depth.take(self._read(piece, rejected))
                since = self._depth.waiting_since
            late.add(rejected)
            self._describe(depth)
            yield self._batch(depth, late.before(since), piece.position)
        left = late.before(None)
        if self.layout != "trades":
            depth = self._depth.finish() if self._orders is None else self._orders.finish()
            self._describe(depth)
            if depth is not None or left:
                yield self._batch(depth, left, self._raw.size)
        self.notes += self._depth.notes()
        if self._orders is not None:
            self.notes += self._orders.book.notes(self._raw.path.name)
        foreign = self._exact.foreign
        if foreign and not self.meta:
            raise FormatError(
                where=self._raw.path,
                expected=f"rows of {self.venue} {self._symbol}",
                got=f"{foreign:,} of other markets",
                remedy=Sentence(
                    "Pass ", Keyword("venue"), " and ", Keyword("symbol"), " as the table says them"
                ),
            )
        if foreign:
            self.notes.append(f"{self._raw.path.name}: {foreign:,} rows of other markets were left out")

    def _batch(self, depth: Messages | None, rejected: tuple[Rejected, ...], position: int) -> Batch:
        """Depth, with the events of single orders that it is of."""
        if self._orders is None:
            return Batch(depth=depth, rejected=rejected, position=position)
        rows, counts = self._orders.orders(self._tick.size), self._orders.counts()
        orders = None if rows is None else lambda: rows
        return Batch(depth=depth, orders=orders, rejected=rejected, position=position, counts=counts)

    def _events(self, piece: Piece | Text, rejected: list[Rejected]) -> OrderColumns:
        """Rows of single orders."""
        return self._exact.orders(
            self._rows.parse(piece, self._used) if isinstance(piece, Text) else piece, rejected
        )

    def _scale(self, mapping: Mapping[str, str]) -> str | None:
        """Base units that one of the sizes stands for, as the user or the table's maker says.

        Raises
        ------
        FormatError : none above 0, or of a table of another layout.
        """
        vendor, scale = self._columns.vendor, mapping.get(SCALE)
        check_scale(scale)
        if scale is not None and self.layout != "orders":
            raise FormatError(
                argument="mapping",
                expected=f"{SCALE} of a table of orders",
                got=f"one of {self.layout}",
                remedy="Write the sizes in base units",
            )
        return scale or (vendor.size_scale if vendor and self.layout == "orders" else None)

    def _read(self, piece: Piece | Text, rejected: list[Rejected]) -> Depth:
        """Rows of depth."""
        if isinstance(piece, Text):
            found = self._fast and self._fast.depth(piece.text, piece.line, piece.rows, self._tick)
            if found:
                return found
            piece = self._rows.parse(piece, self._used)
        return self._exact.depth(piece, rejected)

    def _trades(self, piece: Piece | Text, rejected: list[Rejected]) -> pa.RecordBatch | None:
        if isinstance(piece, Text):
            found = self._fast and self._fast.trades(piece.text, piece.rows, self._tick)
            if found:
                return self._record(*found)
            piece = self._rows.parse(piece, self._used)
        found = self._exact.trades(piece, rejected)
        return self._record(*found) if len(found.ts) else None

    def _record(
        self, ts: np.ndarray, ids: pa.Array | None, side: np.ndarray, price: np.ndarray, size: np.ndarray
    ) -> pa.RecordBatch:
        self.meta["trades"] = Meta(
            venue=self.venue,
            symbol=self._symbol,
            tick_size=self._tick.size,
            size_unit=self._size_unit,
            trade_ids=None if "id" in self._columns.at else "none",
        )
        return pa.RecordBatch.from_arrays(
            [
                pa.array(ts).view(TIMESTAMP),
                ids if ids is not None else pa.nulls(len(ts), pa.string()),
                words(side, AGGRESSORS, null=side == UNKNOWN),
                pa.array(price),
                pa.array(size),
                words(np.zeros(len(ts), np.int8), FLAGS, null=np.ones(len(ts), np.bool_)),
            ],
            schema=TRADES,
        )

    def _describe(self, depth: Messages | None) -> None:
        if depth is None:
            return
        whole_book = self.layout in ("updates", "orders")
        self.meta["depth"] = Meta(
            venue=self.venue,
            symbol=self._symbol,
            feed=self._hints.feed or _FEEDS.get(self.layout, "snapshots"),
            tick_size=self._tick.size,
            size_unit=self._size_unit,
            depth_limit=None if whole_book else self._depth.deepest,
            window_policy="full" if whole_book else "snapshots",
        )

    def _singles(self, first: pa.RecordBatch) -> bool:
        """Whether the prices were float32 before they became float64 or text."""
        at = self._columns.at
        pairs = [pair for side in self._columns.levels for pair in side]
        names = pairs if self.layout == "wide" else [(at["price"], at["size"])]
        prices, sizes = ([first.column(pair[n]) for pair in names] for n in (0, 1))
        self.notes += notes_of(self._raw.path.name, prices, sizes)
        return bool(were_singles(prices))


def _detect(head: bytes) -> bool:
    """A container, or a header that names all that a layout needs and that no other format knows."""
    if is_binary(head):
        return True
    if any(form.detect(head) for form in FORMATS.values() if form.name != "tabular"):
        return False
    names = header(head)[1]
    if tells_of_orders(names):
        return True  # to be opened, which says so
    try:
        found = find_columns(names, None, "")
    except FormatError:
        return is_table(names)  # likewise
    known = found.vendor is not None and found.vendor.decides
    return known or is_table(names) or (all(found.levels) and "ts" in found.at)


register(Format("tabular", "tables with named columns: csv, parquet, arrow", detect=_detect, open=Tabular))
