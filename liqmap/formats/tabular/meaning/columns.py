"""Which columns of a table mean what, from their names and what the user says; and which layout they make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from liqmap.formats.tabular.meaning.level_columns import Levels, find_levels, is_level
from liqmap.formats.tabular.meaning.vendors import Vendor, vendor_of
from liqmap.formats.tabular.sides import EVENTS, TRUE
from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

ENGINE, EXCHANGE, PLAIN, DAY, RECEIVED = "engine", "exchange", "plain", "day", "received"

TIMES = {
    ENGINE: "transact_time transaction_time trade_time match_time engine_time origin_time",
    EXCHANGE: "ts_event event_time exchange_time exchange_timestamp time_exchange exchange_ts created_time",
    PLAIN: "ts timestamp time datetime t",
    DAY: "date",
    RECEIVED: "ts_recv local_timestamp local_time recv_time receive_time received_at received_time "
    "receipt_timestamp receive_timestamp received_timestamp recv_timestamp recv_ts local_ts",
}
"""Whose clock -> the names that its times commonly have. The engine's goes before the time of publication; a
date beside another time is a day; what was received is the time only where there is no other."""

NAMES = {
    "ts": " ".join(TIMES[clock] for clock in (ENGINE, EXCHANGE, PLAIN, DAY)),
    "ts_recv": TIMES[RECEIVED],
    "side": "side aggressor aggressor_side taker_side direction trade_side book_side",
    "price": "price px p trade_price",
    "size": "size qty quantity amount volume vol sz q base_amount base_quantity base_qty base_volume",
    "seq": "seq sequence update_id u last_update_id sequence_number seq_num change_id",
    "event": "event is_snapshot update_type",
    "action": "action",
    "id": "id trade_id tid agg_trade_id",
    "order_id": "order_id oid order_reference",
    "maker_side": "maker_side",
    "buyer_maker": "is_buyer_maker buyer_maker buyer_is_maker taker_side_sell",
    "buyer_taker": "is_buyer_taker buyer_taker buyer_is_taker taker_is_buyer taker_side_buy",
    "is_bid": "is_bid side_is_bid is_buy",
    "symbol": "symbol instrument ticker pair instrument_name currency_pair symbol_id product_id coin "
    "inst_id sym",
    "venue": "venue exchange exchange_name",
}
"""Role -> the names that columns of it commonly have, in any case, the words apart or together."""

TRADE_IDS = frozenset({"tradeid", "tid", "aggtradeid"})
"""Plain names of a trade's id; a plain ``id`` may be a level's."""

SAID = ("maker_side", "side", "is_bid", "buyer_maker", "buyer_taker")
"""What tells the aggressor of a trade; they may not contradict each other."""

LAYOUTS = ("trades", "updates", "snapshots", "wide", "orders")
"""Trades; long depth updates; long snapshots (the rows of one time are the book); a book in every row; what
befell single orders."""

UNITS = ("coins", "contracts")
CHOICES = {"layout": LAYOUTS, "size_unit": UNITS, "header": ("none",)}
SCALE = "size_scale"
SAYS = (*CHOICES, SCALE)
"""What a mapping says beside roles: words to choose from, and base units that one of the sizes stands for."""


def plain(name: str) -> str:
    """A name without case, separators, and the unit of its times: ``Trade ID`` and ``tradeId`` are one."""
    return _SEPARATORS.sub("", _base(name)[0].lower())


def unit_in(name: str) -> str | None:
    """The unit that the name of a column of times says: ``ts_ms``, ``timestampNs``."""
    return _base(name)[1]


_SEPARATORS = re.compile(r"[\W_]+")
_UNIT = re.compile(r"(?P<base>.*[^\W_])(?:[\W_]+(?P<unit>[A-Za-z]+)|(?<=[a-z])(?P<camel>[A-Z][a-z]+))")
_SPELLINGS = {
    "s": "s sec secs second seconds",
    "ms": "ms msec msecs milli millis millisecond milliseconds",
    "us": "us usec usecs micro micros microsecond microseconds",
    "ns": "ns nsec nsecs nano nanos nanosecond nanoseconds",
}
_UNITS = {word: unit for unit, words in _SPELLINGS.items() for word in words.split()}
_CLOCKS = {_SEPARATORS.sub("", name): clock for clock, of in TIMES.items() for name in of.split()}
RECEIVED_NAMES = frozenset(name for name, clock in _CLOCKS.items() if clock == RECEIVED)


def _base(name: str) -> tuple[str, str | None]:
    """The name of a column of times without its unit, and the unit; another name as it is."""
    match = _UNIT.fullmatch(name.strip())
    unit = match and _UNITS.get((match["unit"] or match["camel"]).lower())
    if not match or not unit or _SEPARATORS.sub("", match["base"].lower()) not in _CLOCKS:
        return name, None
    return match["base"], unit


_ROLES = {_SEPARATORS.sub("", name): role for role, names in NAMES.items() for name in names.split()}


@dataclass(frozen=True)
class Columns:
    """``at``: role -> column. ``levels``: (price column, size column) by level, bids and asks.
    ``layout`` is None where the user does not say. ``names``: of all columns.
    ``vendor``: whose table it is, if that is known."""

    at: dict[str, str]
    levels: Levels = field(default=([], []))
    layout: str | None = None
    names: tuple[str, ...] = ()
    vendor: Vendor | None = None

    @property
    def events(self) -> dict[str, int]:
        """The words of the event: yes and no only where its column asks whether it is a snapshot. Numbers of
        an ``event`` may mean anything."""
        asks = plain(self.at.get("event", "")) not in ("event", "updatetype", "action")
        return EVENTS | TRUE if asks else EVENTS

    @property
    def used(self) -> list[str]:
        """The columns to read."""
        levels = (column for side in self.levels for pair in side for column in pair)
        said = self.vendor.said if self.vendor else ()
        return list(dict.fromkeys([*self.at.values(), *levels, *said]))


def check_mapping(mapping: Mapping[str, str]) -> None:
    """Refuse what is no role.

    Raises
    ------
    FormatError : a role that no table has, or a layout or a unit of sizes that is none.
    """
    for role, column in mapping.items():
        if role not in NAMES and role not in SAYS and not is_level(role):
            raise FormatError(
                argument="mapping", expected=f"one of {', '.join((*NAMES, *SAYS))}", got=repr(role)
            )
        if not isinstance(column, str) or not column:
            raise FormatError(
                argument="mapping", expected=f"the name of a column for {role}", got=repr(column)
            )
    for role, choices in CHOICES.items():
        if mapping.get(role, choices[0]) not in choices:
            raise FormatError(
                argument="mapping", expected=f"{role}={'|'.join(choices)}", got=repr(mapping[role])
            )


def says_sides(mapping: Mapping[str, str]) -> bool:
    """Whether the user says what rows are, or which side a column is of."""
    return any(role in ("layout", "side", "is_bid") or is_level(role) for role in mapping)


def find_columns(names: Sequence[str], mapping: Mapping[str, str] | None, where: object) -> Columns:
    """What the columns of a table mean.

    Raises
    ------
    FormatError : a column is not there, or stands twice, or two may mean the same.
    """
    mapped = {role: column for role, column in (mapping or {}).items() if role not in SAYS}
    layout = (mapping or {}).get("layout")
    _check_names(names, mapped, mapping or {}, where)
    vendor = None if "header" in (mapping or {}) else vendor_of(names)
    if vendor:
        theirs = {r: c for r, c in vendor.at.items() if c in names and c not in mapped.values()}
        mapped = theirs | mapped
    at = {role: column for role, column in mapped.items() if role in NAMES}
    for role in NAMES:
        found = [n for n in names if _ROLES.get(plain(n)) == role and n not in mapped.values()]
        if role == "ts":
            found = _clock(found)
        if role == "id":
            found = [name for name in found if plain(name) in TRADE_IDS] or found
        if role in mapped or not found:
            continue
        if len(found) > 1:
            raise FormatError(
                where=where,
                expected=f"one column for {role}",
                got=" and ".join(found),
                remedy=Sentence("Say which: ", Keyword("mapping", {role: found[0]})),
            )
        at[role] = found[0]
    if "ts" not in at and "ts_recv" in at and "ts_recv" not in mapped:
        at["ts"] = at.pop("ts_recv")
    return Columns(at, _levels(names, mapped, layout, where), layout, tuple(names), vendor)


def _clock(found: list[str]) -> list[str]:
    """Of columns of times those of the best clock: the engine's, else the exchange's; a day is the last."""
    by_clock: dict[str, list[str]] = {}
    for name in found:
        by_clock.setdefault(_CLOCKS[plain(name)], []).append(name)
    others = [name for clock, names in by_clock.items() if clock != DAY for name in names]
    if PLAIN in by_clock:
        return others
    return by_clock.get(ENGINE) or others or by_clock.get(DAY, [])


def _check_names(
    names: Sequence[str], mapped: Mapping[str, str], mapping: Mapping[str, str], where: object
) -> None:
    """Refuse names that are not there, or twice.

    Raises
    ------
    FormatError : they are.
    """
    for role, column in mapped.items():
        if column in names:
            continue
        if "header" in mapping:
            raise FormatError(
                where=where,
                expected=f"a number of a column from 1 to {len(names)} for {role}",
                got=repr(column),
                remedy="Mend the mapping",
            )
        raise FormatError(
            where=where,
            expected=f"a column {column!r} for {role}",
            got=", ".join(names),
            remedy=_first_line(names) or "Mend the mapping",
        )
    if twice := next((n for n in names if list(names).count(n) > 1), None):
        raise FormatError(
            where=where,
            expected="columns of different names",
            got=f"{twice!r} twice",
            remedy=_first_line(names) or "Rename one",
        )


def _first_line(names: Sequence[str]) -> Sentence | None:
    """What to do where the first line holds numbers: it is none of names."""
    if sum(bool(re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", n)) for n in names) < 2:
        return None
    example = Keyword("mapping", {"header": "none", "ts": "1", "price": "2"})
    return Sentence("If the first line is no header, number the columns from 1: ", example)


def _levels(names: Sequence[str], mapped: Mapping[str, str], layout: str | None, where: object) -> Levels:
    """The columns of levels, those that are mapped among them; rows told to be long have none."""
    if layout not in (None, "wide"):
        return [], []
    of_roles = {column for role, column in mapped.items() if role in NAMES}
    labels = {name: name for name in names if name not in of_roles}
    labels |= {column: role for role, column in mapped.items() if role not in NAMES}
    return find_levels(labels, where)


def is_table(names: Sequence[str]) -> bool:
    """Whether a header names all that trades or long depth need, each once or more."""
    roles = {_ROLES.get(plain(name)) for name in names}
    timed = bool(roles & {"ts", "ts_recv"})
    return timed and roles >= {"price", "size"} and any(role in roles for role in SAID)


def tells_of_orders(names: Sequence[str]) -> bool:
    """Whether names are those of what befalls single orders: an order's id, and what was done or why."""
    words = {plain(name) for name in names}
    roles = {_ROLES.get(word) for word in words}
    doing = bool({"action", "event"} & roles or {"type", "reason", "messagetype"} & words)
    return {"order_id", "price"} <= roles and doing and not TRADE_IDS & words


def missing(columns: Columns) -> list[str]:
    """Roles that the layout needs and no column has."""
    if columns.layout == "wide":
        needed = ["ts"] if all(columns.levels) else ["ts", "bid1_price ... ask1_size"]
    else:
        sides = SAID if columns.layout == "trades" else ("side", "is_bid")
        side = [] if any(role in columns.at for role in sides) else ["side"]
        orders = ["order_id", "action"] if columns.layout == "orders" else []
        needed = ["ts", *orders, "price", "size", *side]
    return [role for role in needed if role not in columns.at]
