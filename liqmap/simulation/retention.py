"""How long orders rest, where that is a law: lifetimes drawn from it, and a calendar of when orders end.

A law is a sum of exponentials by class of size and of distance: an order of a class takes one of the
half-lives by its share, and rests for ``half_life * -log2(u)``. All of it is integers, so that a seed is the
same market everywhere.
"""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

import numpy as np

from liqmap.carry import Exponentials, HalfLife, Mixture, nanoseconds
from liqmap.schema import OPEN, GridError
from liqmap.simulation.chance import MASK32, inner_kernel, random_bits

MOST_RESTING = 1 << 20
"""Orders that may wait for their end at one time."""

FREE, USED, LOST = range(3)
"""Positions in Resting.counts: the last freed place, places ever used, orders for which there was none."""

BITS = 1024
_LOGARITHM = np.round(np.log2(1 + (np.arange(BITS) + 0.5) / BITS) * 65536).astype(np.int64)
"""log2 of 1 to 2, 1/65536, between the steps of its first ten binary digits."""


class Law(NamedTuple):
    """How long orders rest. All integers; without shares there is no law.

    ``shares`` (S * D, K) of 2**32, summed up over the half-lives: an order beyond the last is gone at once;
    ``half_lives`` (K,) 1/256 step, 0 for ever; ``sizes`` (S - 1,) lots and ``distances`` (D - 1,) 1/1000
    basis point, from which the next class is; ``prune`` (1,) the longest life, steps; ``logarithm`` of binary
    digits (see `_LOGARITHM`).
    """

    shares: np.ndarray
    half_lives: np.ndarray
    sizes: np.ndarray
    distances: np.ndarray
    prune: np.ndarray
    logarithm: np.ndarray


class Resting(NamedTuple):
    """Orders by the step that they end with: ``first`` (steps,) of a list, -1 for none.

    Of an order ``after`` (the next of its list), ``tick``, ``lots`` (negative: an ask), and ``then``, how
    often its price had been emptied when it came: one that was since has lost it. ``emptied`` (ticks,).
    ``counts``: see `FREE`.
    """

    first: np.ndarray
    after: np.ndarray
    tick: np.ndarray
    lots: np.ndarray
    then: np.ndarray
    emptied: np.ndarray
    counts: np.ndarray


def new_resting(ticks: int, steps: int) -> Resting:
    """Nothing rests yet; ``steps`` 0: nothing ever will."""
    most = MOST_RESTING if steps else 0
    return Resting(
        first=np.full(steps, -1, np.int32),
        after=np.empty(most, np.int32),
        tick=np.empty(most, np.int32),
        lots=np.empty(most, np.int32),
        then=np.empty(most, np.int32),
        emptied=np.zeros(ticks, np.int32),
        counts=np.array([-1, 0, 0], np.int64),
    )


def law_of(retention: Any, interval_ms: int, lots_per_coin: int) -> tuple[Law, Mixture | None]:
    """The law in integers, and as the carry model that it is; none for None.

    Raises
    ------
    GridError : no duration above zero, and no model of exponentials.
    """
    if retention is None:
        return NO_LAW, None
    model = _mixture(retention)
    step = interval_ms * 10**6
    shares = model.shares.reshape(-1, len(model.half_lives))
    prune = 1 << 40 if model.prune is None else max(1, -(-model.prune // step))
    law = Law(
        shares=np.round(np.minimum(np.cumsum(shares, axis=1), 1.0) * (MASK32 + 1)).astype(np.int64),
        half_lives=np.array([0 if h is None else max(1, round(h * 256 / step)) for h in model.half_lives]),
        sizes=np.array([ceil(edge * lots_per_coin - 1e-6) for edge in model.sizes], np.int64),
        distances=np.array([round(edge * 1000) for edge in model.distances], np.int64),
        prune=np.array([prune], np.int64),
        logarithm=_LOGARITHM,
    )
    return law, model


def _mixture(retention: Any) -> Mixture:
    """A law as users write it, as a mixture."""
    if isinstance(retention, Mixture):
        return retention
    if isinstance(retention, Exponentials):
        parts = [None if h is None else np.timedelta64(h, "ns") for h in retention.half_lives]
        prune = None if retention.prune is None else np.timedelta64(retention.prune, "ns")
        return Mixture(parts, retention.shares[None], prune=prune)
    if isinstance(retention, HalfLife):
        prune = None if retention.prune_ns == OPEN else np.timedelta64(retention.prune_ns, "ns")
        return Mixture([retention.half_life], [[1.0]], prune=prune)
    if isinstance(retention, (str, int, float)) or hasattr(retention, "total_seconds"):
        half_life = nanoseconds(retention, "retention")
        if half_life is not None and half_life > 0:
            return Mixture([np.timedelta64(half_life, "ns")], [[1.0]])
    raise GridError(
        where="simulate",
        argument="retention",
        expected="a half-life such as '2min', or a HalfLife, Exponentials or Mixture",
        got=f"{retention!r:.60}",
    )


NO_LAW = Law(
    shares=np.zeros((0, 1), np.int64),
    half_lives=np.zeros(0, np.int64),
    sizes=np.zeros(0, np.int64),
    distances=np.zeros(0, np.int64),
    prune=np.zeros(1, np.int64),
    logarithm=_LOGARITHM,
)
"""Makers cancel as they please."""


@inner_kernel
def lifetime(rng: np.ndarray, law: Law, lots: int, away: int, best: int) -> int:
    """Steps that an order rests, 1 or more: P(lifetime > n) = w(n) of its class.

    ``away`` is its distance, ticks, from the ``best`` price of its side.
    """
    row = np.searchsorted(law.sizes, lots, side="right") * (law.distances.shape[0] + 1)
    row += np.searchsorted(law.distances, away * 10_000_000 // best, side="right")
    u, k = random_bits(rng), 0
    while k < law.half_lives.shape[0] and u >= law.shares[row, k]:
        k += 1
    if k == law.half_lives.shape[0]:
        return 1
    if law.half_lives[k] == 0:
        return law.prune[0]
    r = random_bits(rng) | 1
    octave = 31
    while r >> octave == 0:
        octave -= 1
    digits = ((r << 10) >> octave) & (BITS - 1)
    halvings = (32 - octave) * 65536 - law.logarithm[digits]
    return min(1 + (law.half_lives[k] * halvings >> 24), law.prune[0])


@inner_kernel
def rests_until(r: Resting, step: int, tick: int, lots: int) -> None:
    """Write down that an order ends with a step, unless nobody will live to see it."""
    if step >= r.first.shape[0]:
        return
    order = r.counts[FREE]
    if order >= 0:
        r.counts[FREE] = r.after[order]
    elif r.counts[USED] < r.after.shape[0]:
        order = r.counts[USED]
        r.counts[USED] += 1
    else:
        r.counts[LOST] += 1
        return
    r.tick[order] = tick
    r.lots[order] = lots
    r.then[order] = r.emptied[tick]
    r.after[order] = r.first[step]
    r.first[step] = order
