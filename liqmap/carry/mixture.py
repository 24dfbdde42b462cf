"""Exponentials by size and distance as a carry model: large orders stay where small ones are gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from liqmap.carry.durations import Duration, nanoseconds, prune_of, spell
from liqmap.carry.exponential import integrals
from liqmap.carry.exponentials import ROUNDING
from liqmap.carry.model import Ages
from liqmap.schema import OPEN, GridError
from liqmap.schema.arguments import numbers


class Mixture:
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

    by_size = True

    def __init__(
        self,
        half_lives: Sequence[Duration],
        shares: Any,
        sizes: Sequence[float] = (),
        distances: Sequence[float] = (),
        prune: Duration = None,
    ) -> None:
        if isinstance(half_lives, (str, bytes)) or not isinstance(half_lives, Iterable):
            raise GridError(argument="half_lives", expected="durations or None", got=f"{half_lives!r:.60}")
        self.half_lives = [nanoseconds(h, "half_lives") for h in half_lives]
        self.sizes = np.atleast_1d(numbers(sizes, "sizes"))
        self.distances = np.atleast_1d(numbers(distances, "distances"))
        given = numbers(shares, "shares")
        self.shares = given[:, None, :] if given.ndim == 2 else given
        self.prune = prune_of(prune)
        self.by_distance = len(self.distances) > 0
        self._check()
        self.rates = np.array([0.0 if h is None else 1.0 / h for h in self.half_lives])

    def _check(self) -> None:
        if not self.half_lives or any(h is not None and h <= 0 for h in self.half_lives):
            got = ", ".join(map(spell, self.half_lives)) or "none of them"
            raise GridError(argument="half_lives", expected="durations above zero or None", got=got)
        for name, unit in (("sizes", "sizes"), ("distances", "basis points")):
            edges = getattr(self, name)
            if edges.ndim != 1 or not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
                raise GridError(argument=name, expected=f"rising {unit}", got=f"{edges!s:.60}")
        shape = len(self.sizes) + 1, len(self.distances) + 1, len(self.half_lives)
        if self.shares.shape != shape:
            expected = f"shape {shape} (sizes + 1, distances + 1, half-lives)"
            raise GridError(argument="shares", expected=expected, got=str(self.shares.shape))
        if not ((self.shares >= 0).all() and (self.shares.sum(axis=2) <= 1 + ROUNDING).all()):
            raise GridError(
                argument="shares", expected="shares of at least 0 that come to at most 1 over the half-lives"
            )

    def __repr__(self) -> str:
        return f"{self.words[:-1]}, prune={spell(self.prune)})"

    @property
    def words(self) -> str:
        """The model without its prune, as titles say it: ``Mixture(10s, 5min, none by 16 sizes)``."""
        by = [f"{len(self.sizes) + 1} sizes"] if len(self.sizes) else []
        by += [f"{len(self.distances) + 1} distances"] if self.by_distance else []
        return f"Mixture({', '.join(map(spell, self.half_lives))}{' by ' * bool(by)}{' x '.join(by)})"

    def class_of(self, distance: np.ndarray | None, size: np.ndarray) -> np.ndarray:
        """The row of ``shares.reshape(-1, K)`` of each size and distance, int64, of their common shape."""
        rows = np.searchsorted(self.sizes, size, side="right")
        if not self.by_distance or distance is None:
            return rows * (len(self.distances) + 1)
        return rows * (len(self.distances) + 1) + np.searchsorted(self.distances, distance, side="right")

    def weight(
        self, age: Ages, distance: np.ndarray | None = None, size: np.ndarray | None = None
    ) -> np.ndarray:
        """Weight of each age (ns), 0 to 1, of its shape, at its distance (basis points) and size."""
        age = np.asarray(age, np.float64)
        shares = self._shares(distance, size, age.shape)
        whole = np.zeros(age.shape)
        for k, rate in enumerate(self.rates):
            whole += shares[..., k] * np.exp2(-age * rate)
        return np.where(age < self._end, np.minimum(whole, 1.0), 0.0)

    def integral(
        self, young: Ages, old: Ages, distance: np.ndarray | None = None, size: np.ndarray | None = None
    ) -> np.ndarray:
        """Integral of the weight from ``young`` to ``old``, ns, of their common shape; in closed form."""
        ends = (np.minimum(np.asarray(a, np.float64), self._end) for a in (young, old))
        a, b = np.broadcast_arrays(*ends)
        shares = self._shares(distance, size, a.shape)
        out = np.zeros(a.shape)
        for k, rate in enumerate(self.rates):
            out += shares[..., k] * integrals(a.ravel(), b.ravel(), rate).reshape(a.shape)
        return out

    def reach(self, distance: np.ndarray | None = None, size: np.ndarray | None = None) -> np.ndarray | int:
        """The age, int64 ns, from which the weight is 0: prune, or `OPEN`; 0 for a class without shares."""
        if size is None:
            return self._end
        some = self.shares.sum(axis=2).ravel() > 0
        return np.where(some, self._end, 0)[self.class_of(distance, size)]

    def attrs(self) -> dict[str, str]:
        """``half_life`` (``none``), ``prune`` and the model in short (``carry``), in words."""
        return {"half_life": "none", "prune": spell(self.prune), "carry": repr(self)}

    def _shares(
        self, distance: np.ndarray | None, size: np.ndarray | None, shape: tuple[int, ...]
    ) -> np.ndarray:
        if size is None:
            raise GridError(where=repr(self), argument="size", expected="the size of each age", got="none")
        rows = np.broadcast_to(self.class_of(distance, np.asarray(size, np.float64)), shape)
        return self.shares.reshape(-1, len(self.rates))[rows]

    @property
    def _end(self) -> int:
        return int(OPEN) if self.prune is None else self.prune
