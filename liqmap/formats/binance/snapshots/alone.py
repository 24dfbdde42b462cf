"""REST snapshots saved alone: one, or a list of them, as the exchange sent them, in a file without diffs.

Neither spot's nor USD-M's says its symbol, and spot's has no time: only the diffs, in another file, say both.
"""

from __future__ import annotations

import re

import orjson

from liqmap.formats.binance.events.exact import exact_snapshot, snapshot_message
from liqmap.formats.binance.events.first_lines import first_bytes, snapshot_in
from liqmap.formats.market import named_symbol
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Apart
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.json_escapes import unescaped
from liqmap.formats.text.times import local_time
from liqmap.schema import MISSING

MOST_BYTES = 64 * 1024 * 1024
MOST = 1_000
"""Bytes and snapshots of a file that are held; a larger one is a feed of its own."""

_WORDS = (b'"depthUpdate"', b'"stream"', b'"e"')


def lone_snapshots(raw: RawFile) -> list[Apart] | None:
    """The snapshots of a file that holds nothing else; None where it holds anything else."""
    head = unescaped(first_bytes(raw))
    if b'"lastUpdateId"' not in head or any(word in head for word in _WORDS):
        return None
    found: list[Apart] = []
    size = line = 0
    name = named_symbol(raw.path)
    for chunk, _ in raw.chunks():
        size += len(chunk)
        if size > MOST_BYTES:
            return None
        for text in chunk.splitlines():
            line += 1
            if not text.strip():
                continue
            apart = _snapshot(text, line, name)
            if apart is None or len(found) == MOST:
                return None
            found.append(apart)
    return found if found and not raw.damage else None


def _snapshot(text: bytes, line: int, name: str | None) -> Apart | None:
    clock, brace, body = text.partition(b"{")
    if not re.fullmatch(rb"\s*\d*\s*", clock):
        return None
    local = local_time(clock.strip() or None)
    try:
        event = snapshot_in(orjson.loads(brace + body))
    except orjson.JSONDecodeError:
        return None
    if local is None or event is None:
        return None
    book = exact_snapshot(event, Tick())
    if isinstance(book, str) or not all(size for _, _, size in book.levels):
        return None
    symbol = event.get("symbol", name)
    if not (symbol is None or isinstance(symbol, str)):
        return None
    return Apart(snapshot_message(book, line, local or MISSING), symbol)
