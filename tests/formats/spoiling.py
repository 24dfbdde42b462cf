"""What must hold of a file of any bytes: it is read, or refused in one line, and nothing is made up."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import liqmap as lm
from liqmap.schema import Capture, LiqmapError
from tests.formats.samples import SAMPLES, Pairs, Sample

_NUMBER = re.compile(r"[\d.]+(?:[eE][+-]?\d+)?")
FIRST, LAST = 946_684_800 * 10**9, 4_102_444_800 * 10**9


def read_or_refused(path: Path, sample: Sample, *, told: bool = False) -> Capture | None:
    """The capture of a file named as the sample's; None if it was refused, in one line.

    Raises
    ------
    AssertionError : a row that no line of the file tells, or a sentence that is no line.
    """
    try:
        capture = lm.read(path, **sample.hints, format=sample.format if told else None)
    except LiqmapError as error:
        refused = str(error)
    else:
        refused = None
    if refused is not None:
        assert refused.isprintable(), refused
        return None
    report = capture.report
    for sentence in [*report.notes, *(reason for _, _, reason in report.rejected)]:
        assert sentence.isprintable(), sentence
    lines = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    own = {s.format for s in report.sources} == {sample.format} and sample.format != "tabular"
    own &= not sample.format.startswith("tardis") or lines[0].rstrip("\r") == sample.lines[0]  # by position
    vendor = sample.format.split("-")[0]
    plain = [s.pairs for s in SAMPLES.values() if s.format.startswith(vendor)]
    _check_rows(capture, lines, plain if own else None)
    return capture


def _check_rows(capture: Capture, lines: list[str], plain: list[Callable[[str], Pairs]] | None) -> None:
    for table in (capture.depth, capture.trades, capture.bands, capture.quotes):
        for row in table.to_pylist() if table is not None else ():
            assert FIRST <= row["ts"].value < LAST, row
    found = {pair for table in (capture.depth, capture.trades) for pair in _pairs(table, "price", "size")}
    found |= _pairs(capture.quotes, "bid", "bid_size") | _pairs(capture.quotes, "ask", "ask_size")
    for price, size in found:
        assert 0 < price < math.inf
        assert 0 <= size < math.inf
    found |= _pairs(capture.bands, "depth", "notional")
    if plain is not None:
        allowed = {p for line in ["\n".join(lines), *lines] for pairs in plain for p in pairs(line)}
        if capture.orders is not None:  # a level is what some of its orders sum to
            allowed |= _sums(allowed)
        assert found <= allowed, found - allowed
        return
    words = [{float(w) for w in _NUMBER.findall(line) if _is_float(w)} for line in lines]
    words = [said | {0.0} if '"delete"' in line else said for said, line in zip(words, lines)]
    for pair in found:
        assert any(set(pair) <= said | {n / 10_000 for n in said} for said in words), pair


def _pairs(table, first: str, second: str) -> Pairs:  # type: ignore[no-untyped-def]
    if table is None:
        return set()
    rows = zip(table[first].to_pylist(), table[second].to_pylist())
    return {(a, b) for a, b in rows if a is not None}


def _sums(orders: Pairs) -> Pairs:
    """Each price with what any of the sizes that are said of it sum to."""
    sums: dict[float, set[Decimal]] = {}
    for price, size in orders:
        at = sums.setdefault(price, {Decimal(0)})
        at |= {Decimal(repr(size)) + before for before in at}
    return {(price, float(size)) for price, some in sums.items() for size in some}


def _is_float(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False
