"""Which columns of a table mean what, from their names and what the user says; and which layout they make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

NAMES = {
    "ts": "ts timestamp time datetime ts_event event_time exchange_time transact_time t",
    "ts_recv": "ts_recv local_timestamp local_time recv_time receive_time received_at",
    "side": "side aggressor aggressor_side taker_side direction",
    "price": "price px p",
    "size": "size qty quantity amount volume vol sz q",
    "seq": "seq sequence update_id u last_update_id sequence_number",
    "event": "event is_snapshot update_type",
    "action": "action",
    "id": "id trade_id tradeid tid",
    "order_id": "order_id orderid oid order_reference",
    "maker_side": "maker_side",
    "buyer_maker": "is_buyer_maker isbuyermaker buyer_maker taker_side_sell",
    "buyer_taker": "is_buyer_taker isbuyertaker buyer_taker taker_is_buyer taker_side_buy",
    "is_bid": "is_bid isbid side_is_bid is_buy isbuy",
    "symbol": "symbol instrument ticker pair",
    "venue": "venue exchange",
}
"""Role -> the names that columns of it commonly have, lower case."""

SAID = ("maker_side", "side", "is_bid", "buyer_maker", "buyer_taker")
"""What tells the aggressor of a trade; they may not contradict each other."""

LAYOUTS = ("trades", "updates", "snapshots", "wide")
"""Trades; long depth updates; long snapshots (the rows of one time are the book); a book in every row."""

UNITS = ("coins", "contracts")

_ROLES = {name: role for role, names in NAMES.items() for name in names.split()}
_PRICE = "price|px|p"
_SIZE = "size|sz|qty|quantity|amount|volume|vol|q|v|s"
_SIDE = r"(?P<side>bid|ask)s?"
_WHAT = rf"(?:(?P<price>{_PRICE})|(?P<size>{_SIZE}))"
_WIDE = [
    re.compile(pattern.format(side=_SIDE, what=_WHAT, n=r"(?P<level>\d{1,4})", gap=r"[\W_]*"))
    for pattern in ("{side}{gap}{n}{gap}{what}", "{side}{gap}{what}{gap}{n}", "{what}{gap}{side}{gap}{n}")
]


@dataclass(frozen=True)
class Columns:
    """``at``: role -> column. ``levels``: (price column, size column) by level, bids and asks.
    ``layout`` is None where the user does not say. ``names``: of all columns."""

    at: dict[str, str]
    levels: tuple[list[tuple[str, str]], list[tuple[str, str]]] = field(default=([], []))
    layout: str | None = None
    names: tuple[str, ...] = ()


def check_mapping(mapping: Mapping[str, str]) -> None:
    """Refuse what is no role.

    Raises
    ------
    FormatError : a role that no table has, or a layout or a unit of sizes that is none.
    """
    for role, column in mapping.items():
        if role not in NAMES and role not in ("layout", "size_unit"):
            raise FormatError(
                argument="mapping", expected=f"one of {', '.join(NAMES)}, layout, size_unit", got=repr(role)
            )
        if not isinstance(column, str) or not column:
            raise FormatError(
                argument="mapping", expected=f"the name of a column for {role}", got=repr(column)
            )
    if mapping.get("layout", LAYOUTS[0]) not in LAYOUTS:
        raise FormatError(
            argument="mapping", expected=f"layout={'|'.join(LAYOUTS)}", got=repr(mapping["layout"])
        )
    if mapping.get("size_unit", UNITS[0]) not in UNITS:
        raise FormatError(
            argument="mapping", expected=f"size_unit={'|'.join(UNITS)}", got=repr(mapping["size_unit"])
        )


def find_columns(names: Sequence[str], mapping: Mapping[str, str] | None, where: object) -> Columns:
    """What the columns of a table mean.

    Raises
    ------
    FormatError : a column is not there, or stands twice, or two may mean the same.
    """
    mapped = {role: column for role, column in (mapping or {}).items() if role != "size_unit"}
    layout = mapped.pop("layout", None)
    for role, column in mapped.items():
        if column not in names:
            raise FormatError(
                where=where,
                expected=f"a column {column!r} for {role}",
                got=", ".join(names),
                remedy="Mend the mapping",
            )
    if twice := next((n for n in names if list(names).count(n) > 1), None):
        raise FormatError(
            where=where, expected="columns of different names", got=f"{twice!r} twice", remedy="Rename one"
        )
    at = dict(mapped)
    for role in NAMES:
        found = [n for n in names if _ROLES.get(n.strip().lower()) == role and n not in mapped.values()]
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
    return Columns(at, _levels(names, where), layout, tuple(names))


def is_table(names: Sequence[str]) -> bool:
    """Whether a header names all that trades or long depth need, each once or more."""
    roles = {_ROLES.get(name.strip().lower()) for name in names}
    return roles >= {"ts", "price", "size"} and any(role in roles for role in SAID)


def missing(columns: Columns) -> list[str]:
    """Roles that the layout needs and no column has."""
    if columns.layout == "wide":
        needed = ["ts"] if all(columns.levels) else ["ts", "bid1_price ... ask1_size"]
    else:
        sides = SAID if columns.layout == "trades" else ("side", "is_bid")
        side = [] if any(role in columns.at for role in sides) else ["side"]
        needed = ["ts", "price", "size", *side]
    return [role for role in needed if role not in columns.at]


def _levels(names: Sequence[str], where: object) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Price and size columns of each level of a wide table.

    Raises
    ------
    FormatError : a level lacks its price or size, or levels are not numbered through.
    """
    found: dict[tuple[str, int], dict[str, str]] = {}
    for name in names:
        match = next((m for p in _WIDE if (m := p.fullmatch(name.strip().lower()))), None)
        if match:
            what = "price" if match["price"] else "size"
            level = found.setdefault((match["side"], int(match["level"])), {})
            if what in level:
                raise FormatError(
                    where=where,
                    expected=f"one {what} of {match['side']} {match['level']}",
                    got=f"columns {level[what]} and {name}",
                    remedy="Rename one",
                )
            level[what] = name
    sides: list[list[tuple[str, str]]] = []
    for side in ("bid", "ask"):
        numbers = sorted(n for s, n in found if s == side)
        for place, number in enumerate(numbers, numbers[0] if numbers and numbers[0] < 2 else 1):
            have = found.get((side, place), {})
            if number != place or len(have) < 2:
                wanting = "price" if "price" not in have else "size"
                raise FormatError(
                    where=where,
                    expected=f"a {wanting} of {side} level {place}",
                    got="no column for it",
                    remedy="Levels have a price and a size each, numbered through",
                )
        sides.append([(found[side, n]["price"], found[side, n]["size"]) for n in numbers])
    return sides[0], sides[1]
