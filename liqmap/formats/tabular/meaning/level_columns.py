"""Columns of a book side by side: ``bid1_price``, ``bids[0].amount``, ``ask_px_00``; or ``bid_price`` and
``bestBid`` of a quote, which is a book of one level."""

from __future__ import annotations

import re
from collections.abc import Mapping

from liqmap.schema import FormatError

Levels = tuple[list[tuple[str, str]], list[tuple[str, str]]]
"""(Price column, size column) by level, of bids and of asks."""

_PRICE = "price|px|p"
_SIZE = "size|siz|sz|sx|qty|quantity|amount|volume|vol|q|v|s"
_SIDE = r"(?P<side>bid|ask|offer|ofr)s?"
_WHAT = rf"(?:(?P<price>{_PRICE})|(?P<size>{_SIZE}))"
_NUMBERED = [
    re.compile(pattern.format(side=_SIDE, what=_WHAT, n=r"(?P<level>\d{1,4})", gap=r"[\W_]*"))
    for pattern in ("{side}{gap}{n}{gap}{what}", "{side}{gap}{what}{gap}{n}", "{what}{gap}{side}{gap}{n}")
]
_QUOTE = [
    re.compile(pattern.format(side=_SIDE, what=_WHAT, gap=r"[\W_]*"))
    for pattern in (r"(?:best|top)?{gap}{side}(?:{gap}{what})?", "{what}{gap}(?:best{gap})?{side}")
]
_NAMES = {"bid": "bid", "ask": "ask", "offer": "ask", "ofr": "ask"}


def is_level(label: str) -> bool:
    """Whether a name is that of a price or a size of a level."""
    return any(p.fullmatch(label.strip().lower()) for p in (*_NUMBERED, *_QUOTE))


def find_levels(labels: Mapping[str, str], where: object) -> Levels:
    """Price and size columns of each level; none where there are no numbered ones and no whole quote.

    Parameters
    ----------
    labels : what each column is called, by the column.

    Raises
    ------
    FormatError : a level lacks its price or size, or levels are not numbered through.
    """
    found = _found(labels, _NUMBERED, where)
    if not found:
        quote = _found(labels, _QUOTE, "")
        sides = [quote.get((side, 0), {}) for side in ("bid", "ask")]
        if any(len(side) < 2 for side in sides):
            return [], []
        return [(sides[0]["price"], sides[0]["size"])], [(sides[1]["price"], sides[1]["size"])]
    levels: Levels = ([], [])
    for side, out in zip(("bid", "ask"), levels):
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
        out += [(found[side, n]["price"], found[side, n]["size"]) for n in numbers]
    return levels


def _found(
    labels: Mapping[str, str], patterns: list[re.Pattern[str]], where: object
) -> dict[tuple[str, int], dict[str, str]]:
    """Side and number of a level -> its columns.

    Raises
    ------
    FormatError : two columns of one meaning.
    """
    found: dict[tuple[str, int], dict[str, str]] = {}
    for column, label in labels.items():
        match = next((m for p in patterns if (m := p.fullmatch(label.strip().lower()))), None)
        if not match:
            continue
        said = match.groupdict()
        what = "size" if said["size"] else "price"
        level = found.setdefault((_NAMES[said["side"]], int(said.get("level") or 0)), {})
        if what in level:
            raise FormatError(
                where=where,
                expected=f"one {what} of {said['side']} {said.get('level') or ''}".rstrip(),
                got=f"columns {level[what]} and {column}",
                remedy="Rename one",
            )
        level[what] = column
    return found
