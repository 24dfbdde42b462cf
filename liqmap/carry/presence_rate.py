"""The probability that a level is still there by its age, size and distance: a curve that may rise again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from liqmap.carry.durations import Duration, spell
from liqmap.carry.mixture import Mixture
from liqmap.carry.summed import Summed, durations_of
from liqmap.schema import GridError


class PresenceRate(Summed):
    """p(a) = sum over k of steps[size, distance, k] B_k(a) for a < prune, else 0; k from 0 to K.

    Whether a level is there is another question than how much of a size to draw: an order that was cancelled
    and another one placed at its price later count as there. So unlike the weight of a carried size, this may
    rise with age.

    Parameters
    ----------
    half_lives : (K,) durations, rising.
    steps : (S, K + 1) by size, or (S, D, K + 1) by size and distance: the probability well below the first
        half-life, between each two, and well beyond the last. 0 to 1.
    sizes, distances, prune : as of a `Mixture`.

    Raises
    ------
    GridError : half-lives, steps or edges that are no such table, prune below zero.

    Attributes
    ----------
    half_lives : ns of each, and None, which ends the last step. steps : (S, D, K + 1) float64.
    shares : (S, D, K + 1) float64, of the exponentials that the curve is the sum of; some may be below 0.

    Notes
    -----
    With e_k(a) = 2**(-a / half_life_k), e_0 = 0 and e_K+1 = 1 (no decay), the parts are

        B_k(a) = e_k+1(a) - e_k(a),   B_k >= 0,   sum over k of B_k = 1

    so at every age p is a mean of the steps: it lies in 0 to 1 where they do, it falls where they fall, and a
    curve whose steps are nowhere above another's lies nowhere above it. As a sum of exponentials

        p(a) = sum over k of (steps_k-1 - steps_k) e_k(a) + steps_K

    its integral is in closed form.
    """

    def __init__(
        self,
        half_lives: Sequence[Duration],
        steps: Any,
        sizes: Sequence[float] = (),
        distances: Sequence[float] = (),
        prune: Duration = None,
    ) -> None:
        lives = durations_of(half_lives)
        known = [h for h in lives if h is not None]
        if len(known) < len(lives) or (np.diff([0, *known]) <= 0).any():
            got = ", ".join(map(spell, lives))
            raise GridError(argument="half_lives", expected="rising durations above zero", got=got)
        self.half_lives: list[int | None] = [*lives, None]
        super().__init__(sizes, distances, prune)
        self.steps = self._by_class(steps, "steps", len(lives) + 1, "half-lives + 1")
        if not ((self.steps >= 0) & (self.steps <= 1)).all():
            raise GridError(argument="steps", expected="probabilities from 0 to 1")
        self.shares = self.steps - np.append(self.steps[..., 1:], np.zeros_like(self.steps[..., :1]), axis=2)
        self.rates = np.array([*(1.0 / h for h in known), 0.0])

    def __repr__(self) -> str:
        lives = ", ".join(map(spell, self.half_lives[:-1]))
        return f"PresenceRate({lives}{self._classes}, prune={spell(self.prune)})"

    def reach(self, distance: np.ndarray | None = None, size: np.ndarray | None = None) -> np.ndarray | int:
        """The age, int64 ns, from which the probability is 0: prune, or `OPEN`."""
        if size is None:
            return self._end
        return np.full(np.shape(self.class_of(distance, size)), self._end, np.int64)

    def attrs(self) -> dict[str, str]:
        """``half_life`` (``none``), ``prune`` and the model in short (``carry``), in words."""
        return {"half_life": "none", "prune": spell(self.prune), "carry": repr(self)}

    def terms(self) -> Iterator[tuple[float, Mixture]]:
        """Factors and mixtures, which fall with age, whose sum this is: what adds, and what takes away."""
        lives = [None if h is None else np.timedelta64(h, "ns") for h in self.half_lives]
        prune = None if self.prune is None else np.timedelta64(self.prune, "ns")
        for sign in (1.0, -1.0):
            part = np.maximum(sign * self.shares, 0.0)
            whole = float(part.sum(axis=2).max())
            if whole > 0:
                edges = self.sizes.tolist(), self.distances.tolist()
                yield sign * whole, Mixture(lives, part / whole, *edges, prune)
