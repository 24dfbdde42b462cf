"""A session that grows, looked at ten times a second: against a replay put in order anew each time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from liqmap.raster.mipmap import MIPMAPS
from liqmap.render.frames.frame import screen
from liqmap.schema import Meta, int64
from liqmap.session.shown_prices import price_range
from liqmap.spans import Growing, Replayer, Spans

from .report import Result, Told, table
from .sample import capture

STEP = 10**8
"""ns of the market between two looks."""

LOOKS, PEER_LOOKS = 300, 5


def run(sizes: tuple[int, ...] = (300_000, 5_000_000)) -> list[Result | Told]:
    found: list[Result | Told] = []
    for wanted in sizes:
        found += _one(wanted)
    return found


def _one(wanted: int) -> list[Result | Told]:
    """A session that has so many spans when it is first looked at."""
    depth = capture(int(wanted * 1.6)).depth
    assert depth is not None
    depth = depth.combine_chunks()
    meta, ts = Meta.from_metadata(depth.schema.metadata), int64(depth["ts"])
    begin = ts[-1] - (LOOKS + PEER_LOOKS) * STEP
    cuts = np.searchsorted(ts, np.append(begin + STEP * np.arange(LOOKS + PEER_LOOKS), ts[-1] + 1))
    growing, plain = Growing(Replayer(meta)), Replayer(meta)
    for replay in (growing, plain):
        replay.feed(depth.slice(0, int(cuts[0])))
    spans = growing.spans()
    prices = price_range(spans, spans.begin, spans.last) or (0.0, 1.0)
    frames: dict[str, Callable[[Spans], object]] = {
        "all of it": lambda s: screen(s, (s.begin, s.last), prices, 1200, 600),
        "its last minute": lambda s: screen(s, (s.last - 60 * 10**9, s.last), prices, 1200, 600),
    }
    for draw in frames.values():
        draw(spans)  # compile, and the mipmaps of what has settled
    fed, looked, drawn = [], [], {name: [] for name in frames}
    for a, b in pairwise(cuts[: LOOKS + 1]):
        fed.append(_time(growing.feed, depth.slice(int(a), int(b - a))))
        looked.append(_time(growing.spans))
        for name, draw in frames.items():
            drawn[name].append(_time(draw, growing.spans()))
    plain.feed(depth.slice(int(cuts[0]), int(cuts[LOOKS] - cuts[0])))
    anew = [_time(plain.spans) for _ in range(PEER_LOOKS)]
    if not (whole := plain.spans()).to_arrow().equals(growing.spans().to_arrow()):
        raise AssertionError("the session that grew is not the replay")
    size = f"{len(whole) / 1e6:.1f} M spans, {len(fed)} looks"
    share = 10 * (statistics.mean(fed) + statistics.mean(looked))
    results: list[Result | Told] = [
        Result("a look", size, statistics.median(looked), "all spans in order anew", statistics.median(anew)),
        Told("growth, 10 looks/s", size, f"{share:.1%}", "at most 10%", "of one core, rows taken in"),
    ]
    for name, draw in frames.items():
        peers = []
        for _ in range(PEER_LOOKS):
            fresh = plain.spans()
            MIPMAPS.give(fresh, [None, None])  # to make them would take longer still
            peers.append(_time(draw, fresh))
        ours, longest = statistics.median(drawn[name]), max(drawn[name])
        peer = statistics.median(peers)
        results.append(Result(f"frame of {name}", size, ours, "of spans put in order anew", peer))
        results.append(Told("... the longest", size, f"{longest * 1e3:.0f} ms", "", name))
    return results


def _time(work: Callable[..., object], *given: object) -> float:
    begin = time.perf_counter()
    work(*given)
    return time.perf_counter() - begin


if __name__ == "__main__":
    table(run())
