"""What a small good file of a format is, and how to read its lines without liqmap."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

Pairs = set[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A text format's good file: six lines or more, all sound; of depth, with both sides at the end.

    format : the name it is registered with.
    path : below any folder; it names market and symbol where the format does not.
    lines : all of them, the header too, without newlines.
    header : lines of it before the first row; 0 where there is none.
    column : a name of the header that no reader can do without; None where there is no header.
    bad : which of ``lines``, from 0, tests spoil: neither the first row nor the last, and it holds both a
        price and a size.
    price, size, time, symbol : what stands in that line, spelled as there: ``"42004.50"``, not ``"42004.5"``.
        No other number of the line is spelled like one of them before it. An empty ``time`` and None for
        ``symbol``: lines have none.
    fine : of these tokens, what does no harm in place of them, though it would in other formats:
        ``{"price": ("0",)}``.
    pairs : the (price, size) that a plain reader finds in any line; for bands (depth, notional). `levels`
        finds them in JSON, `numbers` and `book` in CSV.
    hints : what `liqmap.ingest` has to be told.
    beside : name and lines of a file that has to lie beside it.
    kinds : the tables that it fills.
    first : the first event of its depth: ``update`` where the format has no snapshots.
    gaps : how many the file has.
    checked : whether its lines carry checksums, by which a price that was changed is found.
    often : whether the laws of all formats are tried with it in `make test`; else in the long tests alone, as
        most of its reader is tried with another sample.
    """

    format: str
    path: str
    lines: list[str]
    header: int = 0
    column: str | None = None
    bad: int
    price: str
    size: str
    time: str
    symbol: str | None
    fine: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pairs: Callable[[str], Pairs]
    hints: dict[str, Any] = field(default_factory=dict)
    beside: tuple[str, list[str]] | None = None
    kinds: tuple[str, ...] = ("depth",)
    first: str = "snapshot"
    gaps: int = 0
    checked: bool = False
    often: bool = True

    @property
    def is_json(self) -> bool:
        """Whether its lines are objects or lists of JSON; else they are cells of CSV."""
        return "{" in self.lines[0] or self.lines[0].startswith("[")

    def write(self, folder: Path, lines: list[str] | None = None, end: str = "\n") -> Path:
        """The file with these lines, and what has to lie beside it."""
        path = folder / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("\n".join(self.lines if lines is None else lines).encode() + end.encode())
        if self.beside:
            path.with_name(self.beside[0]).write_text("\n".join(self.beside[1]) + "\n")
        return path

    def without(self, *gone: int) -> Sample:
        """The sample without some of its lines."""
        keep = [i for i in range(len(self.lines)) if i not in gone]
        beside = self.beside and (self.beside[0], [self.beside[1][i] for i in keep])
        return replace(self, lines=[self.lines[i] for i in keep], beside=beside)


def numbers(line: str, *at: int) -> Pairs:
    """One pair from the cells at two places of a line; none where there is no number."""
    cells = line.rstrip("\r").split(",")
    try:
        return {(float(cells[at[0]]), float(cells[at[1]]))}
    except (ValueError, IndexError):
        return set()


def named(line: str, *names: tuple[str, str]) -> Pairs:
    """Of every object of the JSON in a line the values of two keys, for each of the names of such."""
    pairs: Pairs = set()
    for item in _found(line):
        for price, size in names:
            try:
                pairs.add((float(item[price]), float(item[size])))
            except (TypeError, ValueError, KeyError):
                continue
    return pairs


def listed(line: str, least: int, most: int | None = None, price: int = 0) -> Pairs:
    """Of every list of the JSON in a line that has so many values, that at a place and the next one."""
    pairs: Pairs = set()
    for item in _found(line):
        if isinstance(item, list) and least <= len(item) <= (most or len(item)):
            try:
                pairs.add((float(item[price]), float(item[price + 1])))
            except (TypeError, ValueError):
                continue
    return pairs


def _found(line: str) -> list[Any]:
    """All values of the JSON in a line."""
    found: list[Any] = []
    for start in "{[":
        try:
            found += _lists(json.JSONDecoder().raw_decode(line, line.index(start))[0])
        except (ValueError, RecursionError):
            continue
    return found


def levels(line: str) -> Pairs:
    """Every [price, size] of the JSON in a line, and every ``p`` with its ``q`` or ``v``, as trades have."""
    pairs: Pairs = set()
    for item in _found(line):
        try:
            price, size = item if isinstance(item, list) else (item["p"], item.get("q", item.get("v")))
            pairs.add((float(price), float(size)))
        except (TypeError, ValueError, KeyError):
            continue
    return pairs


def _lists(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _lists(inner)


def book(line: str, scale: float) -> Pairs:
    """Price, size, price, size, ... of every level."""
    pairs: Pairs = set()
    cells = line.rstrip("\r").split(",")
    for price, size in zip(cells[::2], cells[1::2]):
        try:
            pairs.add((float(price) / scale, float(size)))
        except ValueError:
            continue
    return pairs
