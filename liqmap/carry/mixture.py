"""Exponentials by size and distance as a carry model: large orders stay where small ones are gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from liqmap.carry.durations import Duration, spell
from liqmap.carry.exponentials import ROUNDING
from liqmap.carry.summed import Summed, durations_of
from liqmap.schema import GridError


class Mixture(Summed):
    """w(a) = sum over k of shares[size, distance, k] 2**(-a / half_life_k) for a < prune, else 0.

    All sizes leave at the same few rates, and how much of a size leaves at which one goes by how large it is
    and how far from the touch it was: each class is a sum of exponentials (see `Exponentials`).

    Parameters
    ----------
    half_lives : (K,) durations; None does not decay.
    shares : (S, K) by size, or (S, D, K) by size and distance; at least 0, at most 1 in sum over k. What
        they leave over is gone at once.
    sizes : (S - 1,) edges, rising, base units, between the classes of size.
    distances : (D - 1,) edges, rising, basis points of the touch; the last class is for levels beyond the
        last edge or without a touch.
    prune : age at which a carried size is dropped; None never, 0 carries nothing.

    Raises
    ------
    GridError : half-lives, shares or edges that are no such table, prune below zero.

    Attributes
    ----------
    half_lives : ns, or None, of each part. rates : (K,) float64, 1 / half-life per ns; 0 without decay.
    shares : (S, D, K) float64. sizes, distances : float64 edges. prune : ns, or None.

    Notes
    -----
    The size is the one last confirmed, the distance that of the level when it was.
    """

    def __init__(
        self,
        half_lives: Sequence[Duration],
        shares: Any,
        sizes: Sequence[float] = (),
        distances: Sequence[float] = (),
        prune: Duration = None,
    ) -> None:
        self.half_lives = durations_of(half_lives)
        if not self.half_lives or any(h is not None and h <= 0 for h in self.half_lives):
            got = ", ".join(map(spell, self.half_lives)) or "none of them"
            raise GridError(argument="half_lives", expected="durations above zero or None", got=got)
        super().__init__(sizes, distances, prune)
        self.shares = self._by_class(shares, "shares", len(self.half_lives), "half-lives")
        if not ((self.shares >= 0).all() and (self.shares.sum(axis=2) <= 1 + ROUNDING).all()):
            raise GridError(
                argument="shares", expected="shares of at least 0 that come to at most 1 over the half-lives"
            )
        self.rates = np.array([0.0 if h is None else 1.0 / h for h in self.half_lives])

    def __repr__(self) -> str:
        return f"{self.words[:-1]}, prune={spell(self.prune)})"

    @property
    def words(self) -> str:
        """The model without its prune, as titles say it: ``Mixture(10s, 5min, none by 16 sizes)``."""
        return f"Mixture({', '.join(map(spell, self.half_lives))}{self._classes})"

    def reach(self, distance: np.ndarray | None = None, size: np.ndarray | None = None) -> np.ndarray | int:
        """The age, int64 ns, from which the weight is 0: prune, or `OPEN`; 0 for a class without shares."""
        if size is None:
            return self._end
        some = self.shares.sum(axis=2).ravel() > 0
        return np.where(some, self._end, 0)[self.class_of(distance, size)]

    def attrs(self) -> dict[str, str]:
        """``half_life`` (``none``), ``prune`` and the model in short (``carry``), in words."""
        return {"half_life": "none", "prune": spell(self.prune), "carry": repr(self)}
