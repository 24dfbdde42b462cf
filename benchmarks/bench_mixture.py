"""A frame of a day under a fitted mixture, beside the same frame under a half-life.

Both run warm, in this process, in turns, on the same spans. What is kept of a frame for its sliders is thrown
away before each full frame; a step of the prune's slider is another prune over what is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable

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


def fitted(spans: lm.Spans, prune: str | None) -> Mixture:
    """5 half-lives by 24 sizes x 3 distances: large sizes stay, and near ones go."""
    sizes = np.quantile(np.concatenate([s.size[:: len(s.size) // 10**5 + 1] for s in spans.sides]), [0.01, 0.9999])
    stays = (np.arange(24)[:, None] / 23 + np.arange(3) / 2) / 2
    middle = 1 + 3 * stays[..., None]
    shares = np.exp(-((np.arange(5) - middle) ** 2))
    shares *= 0.95 / shares.sum(axis=-1, keepdims=True)
    return Mixture(["3s", "20s", "2min", "15min", None], shares, np.geomspace(*sizes, 23), [2.0, 10.0], prune)


def run(minutes: int = 1440, width: int = 1600, height: int = 1000) -> list[Result]:
    spans = lm.open_store(store_of(minutes)).session("bybit", "SIMUSDT").spans()
    size = f"{minutes / 60:.0f} h, {len(spans) / 1e6:.1f} M spans, {width} x {height}"
    edges = lattice_of(spans, width, height)
    results = []
    for agg in AGGREGATES:
        for prune in PRUNES:
            models = fitted(spans, prune), HalfLife("2min", prune)
            frames = [lambda m=m: fresh(spans, edges, m, agg) for m in models]
            name = f"{agg}, prune {prune or 'none'}"
            results.append(_compared(f"mixture, {name}", size, *frames))
    for agg in AGGREGATES:
        for prune in PRUNES:
            steps = [_slider(spans, edges, kind, agg, prune) for kind in (_mixtures(spans), _half_lives)]
            name = f"{agg}, prune {prune or 'none'}"
            results.append(_compared(f"slider step, {name}", size, *steps))
    return results


def fresh(spans: lm.Spans, edges: tuple[np.ndarray, np.ndarray], model: CarryModel, agg: str) -> None:
    """A full frame of which nothing is kept."""
    OBSERVED.forget(spans)
    paint(spans, *edges, model, agg)


def _mixtures(spans: lm.Spans) -> Callable[[str | None], CarryModel]:
    return lambda prune: fitted(spans, prune)


def _half_lives(prune: str | None) -> CarryModel:
    return HalfLife("2min", prune)


def _slider(
    spans: lm.Spans,
    edges: tuple[np.ndarray, np.ndarray],
    kind: Callable[[str | None], CarryModel],
    agg: str,
    prune: str | None,
) -> Callable[[], None]:
    """A step to a prune; the models are made beforehand, as an app holds them."""
    model = kind(prune)
    return lambda: paint(spans, *edges, model, agg, slider=True) and None  # type: ignore[func-returns-value]


def _compared(name: str, size: str, ours: Callable[[], None], peer: Callable[[], None]) -> Result:
    """The fastest of some runs of both, in turns."""
    seconds: list[list[float]] = [[], []]
    for turn in range(8):
        for k, work in enumerate((ours, peer)):
            begin = time.perf_counter()
            work()
            if turn:
                seconds[k].append(time.perf_counter() - begin)
    return Result(name, size, min(seconds[0]), "a half-life of 2 min", min(seconds[1]), ASKED)


if __name__ == "__main__":
    table(run())
