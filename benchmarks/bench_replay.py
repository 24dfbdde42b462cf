"""Replay: the kernel against a dict per side in plain Python, on the same rows, to the same spans."""

from __future__ import annotations

import time

import pyarrow as pa

import liqmap as lm
from liqmap.schema import SIDES, codes, int64

from .report import Result, table
from .sample import capture


def dict_replay(depth: pa.Table, limit: int, tick_size: float) -> list[tuple]:
    """Spans (side, tick, start, seen, end, size) by one dict a side: what one writes in an afternoon.

    Snapshots are taken only at the start, and gaps not at all: the peer does less than `replay`.
    """
    ts, seq = int64(depth["ts"]).tolist(), int64(depth["seq"]).tolist()
    side = codes(depth["side"], SIDES).tolist()
    ticks = [round(p / tick_size) for p in depth["price"].to_pylist()]
    size = depth["size"].to_pylist()
    books: tuple[dict, dict] = ({}, {})  # tick -> (start, size)
    carried: tuple[dict, dict] = ({}, {})  # tick -> (start, seen, size)
    spans: list[tuple] = []
    removed: tuple[list, list] = ([], [])
    bound = [-(2**40), 2**40]

    def settle(t: int) -> None:
        """After a message: judge the removals, end what the window covers again."""
        for s in (0, 1):
            book = books[s]
            if len(book) >= limit:
                worst = min(book) if s == 0 else max(book)
                for tick, (start, z) in removed[s]:
                    if (tick < worst) if s == 0 else (tick > worst):
                        carried[s][tick] = (start, t, z)
                    elif start < t:
                        spans.append((s, tick, start, t, t, z))
                if (worst < bound[s]) if s == 0 else (worst > bound[s]):  # the window reaches further
                    for tick in [k for k in carried[s] if (k > worst if s == 0 else k < worst)]:
                        start, seen, z = carried[s].pop(tick)
                        spans.append((s, tick, start, seen, t, z))
                bound[s] = worst
            removed[s].clear()

    last = None
    for i in range(len(ts)):
        if seq[i] != last:
            if last is not None:
                settle(ts[i - 1])
            last = seq[i]
        s, tick, z, t = side[i], ticks[i], size[i], ts[i]
        book = books[s]
        if z > 0:
            old = book.get(tick)
            if old is None:
                left = carried[s].pop(tick, None)
                if left is not None:
                    spans.append((s, tick, left[0], left[1], t, left[2]))
                book[tick] = (t, z)
            elif old[1] != z:
                if old[0] < t:
                    spans.append((s, tick, old[0], t, t, old[1]))
                book[tick] = (t, z)
        elif tick in book:
            removed[s].append((tick, book.pop(tick)))
    settle(ts[-1])
    for s in (0, 1):
        spans += [(s, tick, start, ts[-1], None, z) for tick, (start, z) in books[s].items()]
        spans += [(s, tick, start, seen, None, z) for tick, (start, seen, z) in carried[s].items()]
    return spans


def run(rows: int = 5_000_000) -> list[Result]:
    depth = capture(rows).depth
    assert depth is not None
    lm.replay(depth.slice(0, 10_000))  # compile
    best = min(_time(lambda: lm.replay(depth)) for _ in range(7))
    spans = lm.replay(depth)
    begin = time.perf_counter()
    peer = dict_replay(depth, spans.meta.depth_limit or 0, spans.tick_size)
    plain = time.perf_counter() - begin
    if len(peer) != len(spans):
        raise AssertionError(f"the peer found {len(peer):,} spans, replay {len(spans):,}")
    size = f"{depth.num_rows / 1e6:.1f} M updates, {len(spans) / 1e6:.1f} M spans"
    return [Result("replay", size, best, "dict per side in Python, same spans", plain, "at least 50")]


def _time(work: object) -> float:
    begin = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begin


if __name__ == "__main__":
    table(run())
