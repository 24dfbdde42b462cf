"""Exponentials by size and distance: what models that are sums of them in each class have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from liqmap.carry.durations import Duration, nanoseconds, prune_of
from liqmap.carry.exponential import integrals
from liqmap.carry.model import Ages
from liqmap.schema import OPEN, GridError
from liqmap.schema.arguments import numbers


class Summed:
    """w(a) = sum over k of shares[size, distance, k] 2**(-a / half_life_k) for a < prune, else 0.

    Attributes
    ----------
    rates : (K,) float64, 1 / half-life per ns; 0 without decay. shares : (S, D, K) float64.
    sizes : (S - 1,) edges, base units. distances : (D - 1,) edges, bps; the last class is for levels beyond
        the last edge or without a touch. prune : ns, or None.
    """

    by_size = True
    rates: np.ndarray
    shares: np.ndarray

    def __init__(self, sizes: Sequence[float], distances: Sequence[float], prune: Duration) -> None:
        self.sizes = np.atleast_1d(numbers(sizes, "sizes"))
        self.distances = np.atleast_1d(numbers(distances, "distances"))
        self.prune = prune_of(prune)
        self.by_distance = len(self.distances) > 0
        for name, unit in (("sizes", "sizes"), ("distances", "basis points")):
            edges = getattr(self, name)
            if edges.ndim != 1 or not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
                raise GridError(argument=name, expected=f"rising {unit}", got=f"{edges!s:.60}")

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
        return np.where(age < self._end, np.clip(whole, 0.0, 1.0), 0.0)

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

    def _shares(
        self, distance: np.ndarray | None, size: np.ndarray | None, shape: tuple[int, ...]
    ) -> np.ndarray:
        if size is None:
            raise GridError(where=repr(self), argument="size", expected="the size of each age", got="none")
        rows = np.broadcast_to(self.class_of(distance, np.asarray(size, np.float64)), shape)
        return self.shares.reshape(-1, len(self.rates))[rows]

    def _by_class(self, table: Any, name: str, columns: int, what: str) -> np.ndarray:
        """A table (S, D, columns), also given without distances.

        Raises
        ------
        GridError : another shape.
        """
        given = numbers(table, name)
        found = given[:, None, :] if given.ndim == 2 else given
        shape = len(self.sizes) + 1, len(self.distances) + 1, columns
        if found.shape != shape:
            expected = f"shape {shape} (sizes + 1, distances + 1, {what})"
            raise GridError(argument=name, expected=expected, got=str(found.shape))
        return found

    @property
    def _classes(self) -> str:
        """What the model goes by: ``by 16 sizes x 2 distances``."""
        by = [f"{len(self.sizes) + 1} sizes"] if len(self.sizes) else []
        by += [f"{len(self.distances) + 1} distances"] if self.by_distance else []
        return f"{' by ' * bool(by)}{' x '.join(by)}"

    @property
    def _end(self) -> int:
        return int(OPEN) if self.prune is None else self.prune


def durations_of(half_lives: Any) -> list[int | None]:
    """Half-lives as ns, or None.

    Raises
    ------
    GridError : no durations.
    """
    if isinstance(half_lives, (str, bytes)) or not isinstance(half_lives, Iterable):
        raise GridError(argument="half_lives", expected="durations or None", got=f"{half_lives!r:.60}")
    return [nanoseconds(h, "half_lives") for h in half_lives]
