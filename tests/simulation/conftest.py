"""A small market, and the slow way to read one: dictionaries, message by message."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from liqmap.schema import Capture
from liqmap.simulation import simulate

Message = tuple[int, int, str, list[tuple[str, float, float]]]
Books = dict[str, dict[float, float]]


def _messages(depth: pa.Table) -> Iterator[Message]:
    """(seq, ns, event, rows of (side, price, size)) of each message."""
    columns = [depth[name].to_pylist() for name in ("seq", "event", "side", "price", "size")]
    times = depth["ts"].cast(pa.int64()).to_pylist()
    rows: list[tuple[str, float, float]] = []
    last: tuple[int, int, str] | None = None
    for ns, seq, event, side, price, size in zip(times, *columns):
        if last is not None and last[0] != seq:
            yield *last, rows
            rows = []
        last = (seq, ns, event)
        rows.append((side, price, size))
    if last is not None:
        yield *last, rows


def _apply(books: Books, event: str, rows: list[tuple[str, float, float]]) -> None:
    if event == "snapshot":
        for levels in books.values():
            levels.clear()
    for side, price, size in rows:
        if size == 0:
            del books[side][price]  # a removal of what is not there is an error
        else:
            assert size > 0
            books[side][price] = size


@pytest.fixture(scope="session")
def messages():
    """Function: depth table -> iterator of messages."""
    return _messages


@pytest.fixture(scope="session")
def apply():
    """Function: put one message into ``{"bid": {price: size}, "ask": {...}}``."""
    return _apply


@pytest.fixture(scope="session")
def market() -> Capture:
    """Four minutes with the truth."""
    return simulate(minutes=4, seed=3)
