"""Depth written straight to a store, in as many sources as wanted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from liqmap.schema import SIDES, Meta, Source, int64
from liqmap.store import Writer
from tests.compare import window_steps

DAY = 86_400 * 10**9
MARKET = ("test", "TEST")


def write_source(root: Path, name: str, depth: pa.Table, follows: int = -1) -> None:
    """One source of depth; ``follows``: the seq of the message before it, -1 for none."""
    source = Source(name=name, sha256=f"{name:0>64}")
    meta = replace(Meta.from_metadata(depth.schema.metadata), sources=(source,))
    with Writer(root, source) as writer:
        for batch in depth.combine_chunks().to_batches():
            writer.append("depth", batch)
        writer.commit({"depth": meta}, follows=follows)


def write_sources(root: Path, depth: pa.Table, cuts: list[int]) -> None:
    """Depth in several sources that continue each other, cut before some rows, first ones of messages."""
    bounds = sorted({0, len(depth), *cuts})
    seq = int64(depth["seq"])
    for number, (a, b) in enumerate(zip(bounds, bounds[1:])):
        write_source(root, str(number), depth[a:b], follows=int(seq[a - 1]) if a else -1)


def slowly(messages: list, factor: int) -> list:
    """The messages, times as far apart."""
    start = messages[0][1]
    return [(event, start + (ts - start) * factor, rows) for event, ts, rows in messages]


def spans_of(spans) -> set:  # type: ignore[no-untyped-def]
    """(side, tick, start, seen, end, size) of every span."""
    found = set()
    for name, s in zip(SIDES, spans.sides):
        columns = (s.tick, s.start, s.seen, s.end, s.size)
        found |= set(zip([name] * len(s), *(c.tolist() for c in columns)))
    return found


def steps_after(spans, ns: int) -> list:  # type: ignore[no-untyped-def]
    """Steps of the window after an instant, but for those that say nothing new."""
    return [step for step in window_steps(spans) if step[1] > ns]


def same(a, b) -> bool:  # type: ignore[no-untyped-def]
    """Whether two spans are alike in every array, and in what they are about."""
    arrays = all(
        np.array_equal(x, y) and x.dtype == y.dtype
        for pair in (*zip(a.sides, b.sides), *zip(a.windows, b.windows))
        for x, y in zip(vars(pair[0]).values(), vars(pair[1]).values())
    )
    return arrays and a.meta == b.meta and a.since == b.since
