"""What a reader of a table took it for, in words, and what to pass where that is wrong."""

from __future__ import annotations

from liqmap.formats.tabular.meaning.columns import RECEIVED_NAMES, SAID, UNITS, Columns, plain
from liqmap.formats.tabular.meaning.layout import ANYONES
from liqmap.schema.wording import Keyword, Sentence


def read_as(columns: Columns) -> str:
    """The layout, and whose table it is."""
    return f"read as {columns.layout}" + (f" ({columns.vendor.name})" if columns.vendor else "")


def clock(columns: Columns) -> str:
    """Whose clock it is, where it is not the exchange's."""
    name = columns.at["ts"]
    return f", {name} taken for the exchange's" if plain(name) in RECEIVED_NAMES else ""


def aggressor(columns: Columns) -> str:
    """Whose a side is, where its name does not tell and no other column does."""
    at, vendor = columns.at, columns.vendor
    if columns.layout != "trades" or (vendor and vendor.aggressor):
        return ""
    if any(role in at for role in SAID if role not in ("side", "is_bid")):
        return ""
    name = at.get("side", at.get("is_bid", ""))
    if "side" in at and plain(name) not in ANYONES:
        return ""
    mapping = Keyword("mapping", {"maker_side" if "side" in at else "buyer_maker": name})
    return Sentence(f", {name} taken as the aggressor's (else ", mapping, ")")


def sizes(told: str | None) -> str:
    """What sizes count, and whether the user said so."""
    if told:
        return f"sizes in {told}"
    mapping = Keyword("mapping", {"size_unit": UNITS[1]})
    return Sentence(f"sizes in {UNITS[0]} (assumed; else ", mapping, ")")
