"""A frame of a day under a fitted mixture, beside the same frame under a half-life.

Both run warm, in this process, in turns, on the same spans. What is kept of a frame for its sliders is thrown
away before each full frame; a step of the prune's slider is another prune over what is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

import liqmap as lm
from liqmap.carry import CarryModel, HalfLife, Mixture
from liqmap.raster.observed import OBSERVED
from liqmap.raster.paint import paint

from .bench_open import store_of
from .report import Result, table
from .sample import lattice_of

AGGREGATES = ("mean", "peak", "last")
PRUNES = ("5min", "1h", None)
ASKED = "at least 0.33"
TURNS = 7


def run(minutes: int = 1440, width: int = 1600, height: int = 1000) -> list[Result]:
    spans = lm.open_store(store_of(minutes)).session("bybit", "SIMUSDT").spans()
    edges = lattice_of(spans, width, height)
    cells = " x ".join(str(len(e) - 1) for e in edges)
    size = f"{minutes / 60:.0f} h, {len(spans) / 1e6:.1f} M spans, {cells}"
    results = []
    for work, what in ((fresh, "mixture"), (step, "slider step")):
        for agg in AGGREGATES:
            for prune in PRUNES:
                models = fitted(spans, prune), HalfLife("2min", prune)
                ours, peer = in_turns([partial(work, spans, edges, model, agg) for model in models])
                name = f"{what}, {agg}, prune {prune or 'none'}"
                results.append(Result(name, size, ours, "a half-life of 2 min", peer, ASKED))
    return results


def fitted(spans: lm.Spans, prune: str | None) -> Mixture:
    """5 half-lives by 24 sizes x 3 distances: large sizes stay, and near ones go."""
    some = np.concatenate([side.size[:: len(side.size) // 10**5 + 1] for side in spans.sides])
    least, most = np.quantile(some, [0.01, 0.9999])
    sizes = np.geomspace(least, most, 23)
    middle = 1 + 1.5 * (np.arange(24)[:, None, None] / 23 + np.arange(3)[:, None] / 2)
    shares = np.exp(-((np.arange(5) - middle) ** 2))
    shares *= 0.95 / shares.sum(axis=-1, keepdims=True)
    return Mixture(["3s", "20s", "2min", "15min", None], shares, sizes, [2.0, 10.0], prune)


def fresh(spans: lm.Spans, edges: tuple[np.ndarray, np.ndarray], model: CarryModel, agg: str) -> None:
    """A full frame of which nothing is kept."""
    OBSERVED.forget(spans)
    paint(spans, *edges, model, agg)


def step(spans: lm.Spans, edges: tuple[np.ndarray, np.ndarray], model: CarryModel, agg: str) -> None:
    """The frame under another prune, over what is kept of it."""
    paint(spans, *edges, model, agg, slider=True)


def in_turns(works: Sequence[Callable[[], None]]) -> list[float]:
    """Seconds of the fastest of some runs of each, one after the other, after two to warm up."""
    best = [np.inf] * len(works)
    for turn in range(TURNS + 2):
        for k, work in enumerate(works):
            begin = time.perf_counter()
            work()
            if turn > 1:
                best[k] = min(best[k], time.perf_counter() - begin)
    return best


if __name__ == "__main__":
    table(run())
