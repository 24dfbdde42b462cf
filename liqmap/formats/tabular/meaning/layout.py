"""Which layout a table has: decided on certain evidence alone, else the user is asked.

Certain is an ``event`` column beside the words bid and ask (depth), a trade's id or an aggressor by that name
(trades), rows that can only be trades (`prints`), and levels side by side (wide) where no row tells a price
and a size of its own. A size of 0, the
words A, B, Buy and Sell, a ``seq`` and a plain ``id`` are in tables of each kind: they decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from liqmap.formats.tabular.meaning.columns import TRADE_IDS, Columns, plain, tells_of_orders
from liqmap.formats.tabular.meaning.level_columns import is_level
from liqmap.formats.tabular.meaning.prints import are_prints
from liqmap.formats.tabular.sides import AGGRESSORS, EVENTS, TRUE
from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

AGGRESSOR_NAMES = frozenset({"aggressor", "aggressorside", "takerside"})
ANYONES = frozenset({"side", "direction", "tradeside", "bookside"})
"""Plain names of columns: that only trades have, and of sides that may be anyone's."""

BOOK_SIDES = frozenset(["bid", "bids", "ask", "asks", "offer"])
DATABENTO = frozenset({"publisher_id", "instrument_id", "action", "side"})
DATABENTO_ACTIONS = frozenset("acmrtfn")
"""Add, cancel, modify, clear, trade, fill, none:
https://databento.com/docs/standards-and-conventions/common-fields-enums-types"""

ORDER_ACTIONS = frozenset({
    "add", "added", "cancel", "canceled", "cancelled", "create", "created", "done", "execute", "executed",
    "expire", "expired", "filled", "modify", "modified", "open", "order_changed", "order_created",
    "order_deleted", "place", "placed", "received", "reduce", "replace", "replaced",
})  # fmt: skip
"""What befalls an order, and no level."""

TRADE_ACTIONS = frozenset({"t", "trade", "f", "fill", "match"})


def check_names(names: Sequence[str], layout: str | None, where: object) -> None:
    """Refuse a table whose names alone say that it is of single orders.

    Raises
    ------
    FormatError : they do.
    """
    databento = "ts_event" in names or set(names) >= DATABENTO
    if layout not in ("trades", "wide", "orders") and tells_of_orders(names) and not databento:
        raise _orders(where, "order_id")


def with_layout(columns: Columns, first: pa.RecordBatch, where: object) -> Columns:
    """The columns with their layout, as the user or what is certain says.

    Parameters
    ----------
    first : the first rows of the table.

    Raises
    ------
    FormatError : more than one layout fits, or none: single orders, or what was done to them.
    """
    if columns.layout == "orders":
        return columns
    if columns.vendor and columns.vendor.layout == "orders" and columns.layout is None:
        return replace(columns, layout="orders")
    columns = _with_event(columns, first)
    seen = _Seen(columns, first)
    if columns.vendor and columns.vendor.all and not seen.only(columns.vendor.said):
        columns = replace(columns, vendor=None)
    _check_databento(columns, seen, where)
    _check_orders(columns, seen, where)
    _check_actions(columns, seen, where)
    if columns.layout is not None:
        return columns
    if columns.vendor and columns.vendor.layout and seen.only(columns.vendor.said):
        return replace(columns, layout=columns.vendor.layout)
    fits = _fitting(columns, seen)
    if not fits:
        return columns
    if _is_certain(fits[0], columns, seen) and len(fits) == 1:
        return replace(columns, layout=fits[0])
    others = f" (or {', '.join(fits[1:])})" if len(fits) > 1 else ""
    raise FormatError(
        where=where,
        expected="rows of one meaning",
        got=f"columns that fit {' and '.join(filter(None, [', '.join(fits[:-1]), fits[-1]]))}",
        remedy=Sentence("Say which: ", Keyword("mapping", {"layout": fits[0]}), others),
    )


def _with_event(columns: Columns, first: pa.RecordBatch) -> Columns:
    """An ``action`` that says update or snapshot is the event."""
    words = _Seen(columns, first).actions
    if "event" in columns.at or not words or not words <= EVENTS.keys():
        return columns
    return replace(columns, at={"event" if r == "action" else r: c for r, c in columns.at.items()})


class _Seen:
    """What the first rows say, by role: words in lower case."""

    def __init__(self, columns: Columns, first: pa.RecordBatch) -> None:
        self._at, self._first, self._events = columns.at, first, columns.events.keys()
        self._names = columns.names
        self.actions = self.words("action")
        self.sides = self.words("side")

    def words(self, role: str) -> set[str]:
        return self._words(self._at[role]) if role in self._at else set()

    def only(self, said: Mapping[str, frozenset[str]]) -> bool:
        """Whether columns say these words alone."""
        return all(self._words(column) <= words for column, words in said.items())

    def _words(self, column: str) -> set[str]:
        said = self._first.column(column).cast(pa.string()).drop_null().to_pylist()
        return {str(word).strip().lower() for word in said} - {"", "nan"}

    def is_mostly(self, role: str) -> bool:
        """Whether three rows of four say something."""
        said = self._first.column(self._at[role]).cast(pa.string()).to_pylist()
        return 4 * len([cell for cell in said if cell not in (None, "", "nan")]) >= 3 * len(said) > 0

    def is_full(self, role: str) -> bool:
        """Whether every row says something."""
        if role not in self._at:
            return False
        said = self._first.column(self._at[role]).cast(pa.string())
        return bool(len(said)) and not {None, "", "nan"} & set(said.to_pylist())

    @property
    def event(self) -> bool:
        """Whether a column says of every row that it is an update, of a snapshot, or a gap."""
        return self.is_full("event") and self.words("event") <= self._events

    @property
    def book_sides(self) -> bool:
        """Whether sides are called bid and ask, or a column asks whether it is a bid."""
        asked = "bid" in plain(self._at.get("is_bid", "")) and self.words("is_bid") & TRUE.keys()
        return bool(asked or (self.sides and self.sides <= BOOK_SIDES))

    @property
    def trades(self) -> bool:
        """Whether there is a column that only trades have, and it says something."""
        trade_id = plain(self._at.get("id", "")) in TRADE_IDS and self.is_mostly("id")
        named = plain(self._at.get("side", "")) in AGGRESSOR_NAMES and self.sides & AGGRESSORS.keys()
        maker = self.words("maker_side") & AGGRESSORS.keys()
        booleans = (self.words("buyer_maker") | self.words("buyer_taker")) & TRUE.keys()
        return bool(trade_id or named or maker or booleans or are_prints(self._at, self._names, self._first))


def _fitting(columns: Columns, seen: _Seen) -> list[str]:
    """The layouts that the columns and the first rows allow; one that is certain alone."""
    at = columns.at
    rows = {"ts", "price", "size"} <= at.keys()
    sided = rows and bool({"side", "is_bid"} & at.keys())
    fits = ["updates", "snapshots"] if sided and not (seen.actions or seen.trades) else []
    if rows and (sided or seen.trades):
        fits.append("trades")
    if all(columns.levels):
        telling = {"side", "is_bid", "event", "action"} & at.keys() or seen.trades
        return [*fits, "wide"] if {"price", "size"} <= at.keys() and telling else ["wide"]
    if seen.event and seen.book_sides and not seen.trades and not {"id", "action"} & at.keys():
        return ["updates"]
    if seen.trades and "event" not in at:
        return ["trades"]
    if seen.trades:
        return ["updates", "snapshots", "trades"]  # what its columns say does not go together
    if seen.book_sides and not {"id", "action"} & at.keys():
        return [layout for layout in fits if layout != "trades"]
    return fits


def _is_certain(layout: str, columns: Columns, seen: _Seen) -> bool:
    return layout == "wide" or (seen.trades if layout == "trades" else seen.event and seen.book_sides)


def _check_databento(columns: Columns, seen: _Seen, where: object) -> None:
    """Refuse Databento's records as a frame writes them: single orders, or what was done, are no levels.

    Raises
    ------
    FormatError : they are.
    """
    letters = bool(seen.actions) and seen.actions <= DATABENTO_ACTIONS and not seen.actions <= TRADE_ACTIONS
    theirs = "ts_event" in columns.names or any(map(is_level, columns.names))
    if set(columns.names) >= DATABENTO or (letters and theirs and columns.layout != "wide"):
        raise FormatError(
            where=where,
            expected="a table of levels or trades",
            got="Databento's records",
            remedy="Pass the DBN or CSV file that they came from",
        )


def _check_orders(columns: Columns, seen: _Seen, where: object) -> None:
    """Refuse rows of single orders, of which a level may have many.

    Raises
    ------
    FormatError : they are.
    """
    told, at = columns.layout, columns.at
    doing = next((r for r in ("action", "event") if seen.words(r) & ORDER_ACTIONS), None)
    if told == "wide" or (told == "trades" and doing is None):
        return
    if doing is None and (
        not seen.words("order_id") or (seen.trades and not {"action", "event"} & at.keys())
    ):
        return
    raise _orders(where, at.get("order_id", at.get(str(doing))))


def _orders(where: object, column: str | None) -> FormatError:
    return FormatError(
        where=where,
        expected="a table of levels or trades",
        got=f"one of single orders (see its column {column})",
        remedy=Sentence("Say so: ", Keyword("mapping", {"layout": "orders"}), ", or keep the trades alone"),
    )


def _check_actions(columns: Columns, seen: _Seen, where: object) -> None:
    """Refuse rows that tell what was done, with the price and size of that: none of them is a level's.

    Raises
    ------
    FormatError : they do.
    """
    told, others = columns.layout, seen.actions - TRADE_ACTIONS
    if others and told != "wide":
        raise FormatError(
            where=where,
            expected=f"rows of {told or 'levels or trades'}",
            got=f"rows of what was done: {columns.at['action']} {min(others)!r:.40}",
            remedy="Write each with the new size of its level, 0 where it is gone",
        )
    if seen.actions and told in ("updates", "snapshots"):
        raise FormatError(
            where=where,
            expected=f"rows of {told}",
            got=f"trades: {columns.at['action']} {min(seen.actions)!r:.40}",
            remedy=Sentence("Pass ", Keyword("mapping", {"layout": "trades"})),
        )
