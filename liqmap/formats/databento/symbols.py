"""Which instrument is whose: what the metadata of a DBN file and the messages of a live session say.

A live session's metadata names no instruments; its SymbolMappingMsg records (rtype 22) do, each for one
instrument id from there on. What an id is first called holds for its records before, too.
Source: https://databento.com/docs/schemas-and-data-formats/symbol-mapping
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

MAPPING = 0x16
"""The record type of a SymbolMappingMsg."""

_PLACES = {80: (16, 38, 22), 176: (17, 89, 71)}
"""By the length of the record (DBN 1, and from 2 on): where both symbols begin, and their length."""


class Mapping(NamedTuple):
    """An instrument id, the symbol that was subscribed to (it may stand for many), and its own name."""

    instrument: int
    asked: str
    name: str


def mapping_of(record: bytes) -> Mapping | None:
    """What one SymbolMappingMsg says; None where it has the length of none."""
    if len(record) not in _PLACES:
        return None
    asked, own, size = _PLACES[len(record)]
    first, second = (
        record[at : at + size].split(b"\0", 1)[0].decode("utf-8", "replace") for at in (asked, own)
    )
    name = first if not second or second.isdecimal() else second
    return Mapping(int.from_bytes(record[4:8], "little"), first, name)


class Owned:
    """The instruments of one symbol, which the messages of a live session change."""

    def __init__(self, symbol: str, instruments: Iterable[int]) -> None:
        self.symbol = symbol
        self.instruments = set(instruments)
        self.changes = 0

    def hear(self, said: Mapping) -> None:
        """One message: from here on its instrument is ours, or another's."""
        ours = said.instrument in self.instruments
        if (said.name == self.symbol or self.symbol == str(said.instrument)) != ours:
            self.changes += 1
            self.instruments ^= {said.instrument}


def of_session(
    path: Path, said: list[Mapping], instruments: set[int], asked: str | None, named: list[str]
) -> Owned:
    """The symbol to take of a file whose metadata maps none, by its messages and the ids of its records.

    Raises
    ------
    FormatError : several, of which none was asked for, or none of that name.
    """
    first: dict[int, Mapping] = {}
    for mapping in said:
        first.setdefault(mapping.instrument, mapping)
    names = sorted({m.name for m in said if m.instrument in instruments} or {m.name for m in said})
    nameless = sorted(map(str, instruments - set(first)))
    known = [*names, *nameless]
    if not names and len(nameless) <= 1:
        return Owned(asked or (named[0] if len(named) == 1 else "unnamed"), instruments)
    if asked is not None and asked not in names:
        own = sorted({m.name for m in said if m.asked == asked})
        asked = own[0] if len(own) == 1 else asked
    symbol = asked or (known[0] if len(known) == 1 else "")
    if symbol.isdecimal() and int(symbol) in instruments:
        return Owned(symbol, [int(symbol)])
    if symbol not in {m.name for m in said}:
        raise _which(path, known, symbol)
    return Owned(symbol, [i for i, m in first.items() if m.name == symbol])


def of_metadata(path: Path, header: Any, asked: str | None) -> Owned | None:
    """The symbol to take by the metadata's mappings; None where it has none.

    Raises
    ------
    FormatError : several, of which none was asked for, or none of that name; or one that stands for several
        instruments at a time.
    """
    spans: dict[str, list[tuple[Any, Any, int]]] = {}
    for name, intervals in header.mappings.items():
        for i in intervals:
            symbol, number = (name, i["symbol"]) if i["symbol"].isdecimal() else (i["symbol"], name)
            if number.isdecimal():
                spans.setdefault(symbol, []).append((i["start_date"], i["end_date"], int(number)))
    names = sorted(spans)
    if not names:
        return None
    symbol = asked or (names[0] if len(names) == 1 else "")
    if symbol.isdecimal() and symbol not in names:
        return Owned(symbol, [int(symbol)])
    if symbol not in names:
        raise _which(path, names, symbol)
    order = sorted(spans[symbol], key=lambda s: (s[0], s[1]))
    if any(a[1] > b[0] and a[2] != b[2] for a, b in zip(order, order[1:])):
        several = ", ".join(str(s[2]) for s in order)
        raise FormatError(
            where=path,
            expected=f"one instrument of {symbol} at a time",
            got=several[:100],
            remedy=Sentence("Pass ", Keyword("symbol", str(order[0][2])), ", or another id"),
        )
    return Owned(symbol, {s[2] for s in order})


def _which(path: Path, known: list[str], symbol: str) -> FormatError:
    """That one of the symbols of a file is to be named."""
    return FormatError(
        where=path,
        expected=f"one symbol of {', '.join(known)[:200]}",
        got=symbol or "none",
        remedy=Sentence("Pass ", Keyword("symbol")),
    )
