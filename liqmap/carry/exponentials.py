"""A sum of exponentials as a carry model: sizes that leave at several rates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from liqmap.carry.durations import Duration, nanoseconds, prune_of, spell
from liqmap.carry.exponential import integrals
from liqmap.carry.model import Ages
from liqmap.schema import OPEN, GridError
from liqmap.schema.arguments import numbers

ROUNDING = 1e-9
"""What shares may come to above 1, as sums of decimals do."""


class Exponentials:
    """w(a) = sum over k of share_k 2**(-a / half_life_k) for a < prune, else 0.

    Some orders are gone within seconds and some rest for hours: one half-life is wrong for both.

    Parameters
    ----------
    parts : (K,) pairs of a share and a half-life; a half-life of None does not decay. Shares are above 0 and
        come to at most 1: what they leave over is gone at once.
    prune : age at which a carried size is dropped; None never, 0 carries nothing.

    Raises
    ------
    GridError : no such pairs, a half-life not above zero, shares of more than 1, prune below zero.

    Attributes
    ----------
    shares : (K,) float64. rates : (K,) float64, 1 / half-life per ns; 0 without decay.
    half_lives : ns, or None, of each part. prune : ns, or None.

    Notes
    -----
    An integral is that of each half-life in closed form, a sum of positive terms.
    """

    by_distance = False

    def __init__(self, parts: Sequence[tuple[float, Duration]], prune: Duration = None) -> None:
        pairs = _pairs(parts)
        self.shares = np.atleast_1d(numbers([share for share, _ in pairs], "parts"))
        self.half_lives = [nanoseconds(half_life, "parts") for _, half_life in pairs]
        self.prune = prune_of(prune)
        self._check()
        self.rates = np.array([0.0 if h is None else 1.0 / h for h in self.half_lives])

    def _check(self) -> None:
        if any(h is not None and h <= 0 for h in self.half_lives):
            got = ", ".join(map(spell, self.half_lives))
            raise GridError(argument="parts", expected="half-lives above zero or None", got=got)
        if not (self.shares > 0).all() or self.shares.sum() > 1 + ROUNDING:
            got = ", ".join(f"{share:g}" for share in self.shares)
            raise GridError(argument="parts", expected="shares above 0 that come to at most 1", got=got)

    def __repr__(self) -> str:
        return f"{self.words[:-1]}, prune={spell(self.prune)})"

    @property
    def words(self) -> str:
        """The model without its prune, as titles say it: ``Exponentials(0.6 10s, 0.4 none)``."""
        parts = (f"{share:g} {spell(h)}" for share, h in zip(self.shares, self.half_lives))
        return f"Exponentials({', '.join(parts)})"

    def weight(self, age: Ages, distance: np.ndarray | None = None) -> np.ndarray:
        """Weight of each age (ns), 0 to 1, of its shape; ``distance`` does not matter."""
        age = np.asarray(age, np.float64)
        whole = sum(share * np.exp2(-age * rate) for share, rate in zip(self.shares, self.rates))
        return np.where(age < self._end, np.minimum(whole, 1.0), 0.0)

    def integral(self, young: Ages, old: Ages, distance: np.ndarray | None = None) -> np.ndarray:
        """Integral of the weight from ``young`` to ``old``, ns, of their common shape; in closed form."""
        ends = (np.minimum(np.asarray(a, np.float64), self._end) for a in (young, old))
        a, b = np.broadcast_arrays(*ends)
        out = np.zeros(a.size)
        for share, rate in zip(self.shares, self.rates):
            out += share * integrals(a.ravel(), b.ravel(), rate)
        return out.reshape(a.shape)

    def reach(self, distance: np.ndarray | None = None) -> int:
        """The age, ns, from which the weight is 0: prune, or `OPEN`."""
        return self._end

    def attrs(self) -> dict[str, str]:
        """``half_life`` (``none``: there is not one), ``prune`` and the parts (``carry``), in words."""
        return {"half_life": "none", "prune": spell(self.prune), "carry": repr(self)}

    @property
    def _end(self) -> int:
        return int(OPEN) if self.prune is None else self.prune


def _pairs(parts: Any) -> list[tuple[Any, Any]]:
    """The pairs of a share and a half-life, at least one.

    Raises
    ------
    GridError : something else.
    """
    listed = [] if isinstance(parts, (str, bytes)) or not isinstance(parts, Iterable) else list(parts)
    pairs = [tuple(p) for p in listed if isinstance(p, Iterable) and not isinstance(p, (str, bytes))]
    if not pairs or len(pairs) != len(listed) or any(len(pair) != 2 for pair in pairs):
        expected = "pairs of a share and a half-life, such as [(0.6, '10s'), (0.4, '10min')]"
        raise GridError(argument="parts", expected=expected, got=f"{parts!r:.60}")
    return [(share, half_life) for share, half_life in pairs]
