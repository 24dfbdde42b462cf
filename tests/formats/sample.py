"""What a small good file of a format is, and how to read its lines without liqmap."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Pairs = set[tuple[float, float]]


@dataclass(frozen=True)
class Sample:
    """A text format's good file.

    path : below any folder; it names market and symbol where the format does not.
    header : lines of it before the first row.
    bad : which line tests spoil; the tokens ``price``, ``size``, ``time`` and ``symbol`` stand in it (None:
        lines have no symbol).
    column : a name of the header that no reader can do without.
    pairs : the (price, size) that a plain reader finds in any line; for bands (depth, notional).
    beside : name and lines of a file that has to lie beside it.
    """

    format: str
    path: str
    lines: list[str]
    bad: int
    price: str
    size: str
    time: str
    symbol: str | None
    pairs: Callable[[str], Pairs]
    header: int = 0
    column: str | None = None
    hints: dict[str, Any] = field(default_factory=dict)
    beside: tuple[str, list[str]] | None = None

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
        return Sample(**{**vars(self), "lines": [self.lines[i] for i in keep], "beside": beside})


def numbers(line: str, *at: int) -> Pairs:
    """One pair from the cells at two places of a line; none where there is no number."""
    cells = line.rstrip("\r").split(",")
    try:
        return {(float(cells[at[0]]), float(cells[at[1]]))}
    except (ValueError, IndexError):
        return set()


def levels(line: str) -> Pairs:
    """Every [price, size] of the JSON in a line, and every ``p`` with its ``q`` or ``v``, as trades have."""
    found: list[Any] = []
    for start in "{[":
        try:
            found += _lists(json.JSONDecoder().raw_decode(line, line.index(start))[0])
        except (ValueError, RecursionError):
            continue
    pairs: Pairs = set()
    for item in found:
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
