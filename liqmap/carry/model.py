"""Carry models: how much of a size to believe when the book has been silent about it for an age."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from liqmap.carry.checks import check_model
from liqmap.carry.durations import Duration, nanoseconds, prune_of, spell
from liqmap.carry.exponential import integrals
from liqmap.schema import OPEN, GridError, Keyword, Meta, Sentence

if TYPE_CHECKING:
    from liqmap.carry.presence import Presence

Ages = np.ndarray
"""Ages, any shape, ns, at least 0."""


@runtime_checkable
class CarryModel(Protocol):
    """What `rasterize` asks of a model. A weight is from 0 to 1 and never rises with age.

    ``by_distance``: whether ``distance`` matters: how far from the touch a level was when the book last
    confirmed it, in basis points of the touch (NaN where there was none). Where it does not, it is None.

    A model with ``by_size`` (without it, it has none) is asked with a further argument: the size that the
    book last confirmed, in base units.
    """

    by_distance: bool

    def weight(self, age: Ages, distance: np.ndarray | None = None) -> np.ndarray:
        """Weight of an age."""

    def integral(self, young: Ages, old: Ages, distance: np.ndarray | None = None) -> np.ndarray:
        """Integral of the weight from one age to another, ns."""

    def reach(self, distance: np.ndarray | None = None) -> np.ndarray | int:
        """The age, int64 ns, from which the weight is 0; `OPEN` for never."""

    def attrs(self) -> dict[str, str]:
        """What a grid's attributes say of the model; keys ``half_life`` and ``prune`` at least."""


@runtime_checkable
class Calibrated(Protocol):
    """What has models for the markets that it is about, such as a `Calibration`."""

    def carry_for(self, market: Meta) -> CarryModel:
        """The carry model for a market; a `GridError` of any other."""

    def presence_for(self, market: Meta) -> Presence:
        """How likely its levels are still there; a `GridError` of any other, or where that is not known."""


def asked(
    carry: CarryModel, distance: np.ndarray | None, size: np.ndarray
) -> tuple[()] | tuple[np.ndarray | None] | tuple[np.ndarray | None, np.ndarray]:
    """What a model is asked by, after the ages: nothing else, the distance, or distance and size."""
    if goes_by_size(carry):
        return distance if carry.by_distance else None, size
    return (distance,) if carry.by_distance else ()


def goes_by_size(carry: CarryModel) -> bool:
    """Whether a model weighs large sizes otherwise than small ones."""
    return bool(getattr(carry, "by_size", False))


@dataclass(frozen=True)
class HalfLife:
    """w(a) = 2**(-a / half_life) for a < prune, else 0.

    Parameters
    ----------
    half_life : age at which a carried size weighs 1/2; None does not decay.
    prune : age at which a carried size is dropped; None never, 0 carries nothing.

    Raises
    ------
    GridError : not a duration, half-life not above zero, prune below zero.

    Attributes
    ----------
    half_life, prune : timedelta64[ns], or None.
    rate : 1 / half-life per ns; 0 without decay.
    prune_ns : prune in ns; `OPEN` for never.
    """

    half_life: Duration = "30s"
    prune: Duration = "5min"
    rate: float = field(init=False, repr=False, compare=False)
    prune_ns: int = field(init=False, repr=False, compare=False)
    by_distance = False

    def __post_init__(self) -> None:
        h, p = nanoseconds(self.half_life, "half_life"), prune_of(self.prune)
        if h is not None and h <= 0:
            raise GridError(
                argument="half_life", expected="a duration above zero or None", got=repr(self.half_life)
            )
        computed = {
            "half_life": None if h is None else np.timedelta64(h, "ns"),
            "prune": None if p is None else np.timedelta64(p, "ns"),
            "rate": 0.0 if h is None else 1.0 / h,
            "prune_ns": int(OPEN) if p is None else p,
        }
        for name, value in computed.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return "HalfLife({half_life!r}, {prune!r})".format(**self.attrs())

    def weight(self, age: Ages, distance: np.ndarray | None = None) -> np.ndarray:
        """Weight of each age, 0 to 1, of its shape; ``distance`` does not matter."""
        age = np.asarray(age, np.float64)
        return np.where(age < self.prune_ns, np.exp2(-age * self.rate), 0.0)

    def integral(self, young: Ages, old: Ages, distance: np.ndarray | None = None) -> np.ndarray:
        """Integral of the weight from ``young`` to ``old``, ns, of their common shape; in closed form."""
        ends = (np.minimum(np.asarray(a, np.float64), self.prune_ns) for a in (young, old))
        a, b = np.broadcast_arrays(*ends)
        return integrals(a.ravel(), b.ravel(), self.rate).reshape(a.shape)

    def reach(self, distance: np.ndarray | None = None) -> int:
        """The age, ns, from which the weight is 0: prune, or `OPEN`."""
        return self.prune_ns

    def attrs(self) -> dict[str, str]:
        """``half_life`` and ``prune`` in words such as ``30s`` or ``none``."""
        return {"half_life": spell(_count(self.half_life)), "prune": spell(_count(self.prune))}


def _for_all(carry: Calibrated, markets: Iterable[Meta]) -> CarryModel:
    """The model of what was calibrated, where it is about all of the markets."""
    models = [carry.carry_for(market) for market in markets]
    if not models:
        expected = "a carry model, where nothing says which market is asked about"
        remedy = "Pass the calibration's .carry"
        raise GridError(argument="carry", expected=expected, got=f"{carry!r:.60}", remedy=remedy)
    return models[0]


def _count(duration: Any) -> int | None:
    """Whole ns of a timedelta64[ns]."""
    return None if duration is None else int(duration.astype(np.int64))


HOLD = HalfLife(None, None)
"""No decay, no prune: the last size the book transmitted stays."""

DROP = HalfLife(None, 0)
"""Nothing is carried: what left the window is unknown."""


def carry_model(
    half_life: Duration, prune: Duration, carry: Any = None, markets: Iterable[Meta] = ()
) -> CarryModel:
    """The model that ``carry`` is or has, or that half-life and prune make where it is None.

    Parameters
    ----------
    markets : what it is to be used on; asked for only where ``carry`` is `Calibrated`.

    Raises
    ------
    GridError : half-life or prune out of range, or ``carry`` is no model, or one that breaks the rules of
        models (see `checks.check_model`), or was made for another market.
    """
    if carry is None:
        return HalfLife(half_life, prune)
    if isinstance(carry, Calibrated) and not isinstance(carry, type):
        return _for_all(carry, markets)
    if isinstance(carry, type) or not isinstance(carry, CarryModel):
        raise GridError(
            argument="carry",
            expected="a carry model such as HalfLife('30s', '5min') or Survival(ages, weights)",
            got=f"the class {carry.__name__}" if isinstance(carry, type) else f"{carry!r:.60}",
            remedy=f"Make one of it: {carry.__name__}(...)" if isinstance(carry, type) else "",
        )
    if not isinstance(carry, HalfLife):
        from liqmap.carry.exponentials import Exponentials
        from liqmap.carry.mixture import Mixture
        from liqmap.carry.presence_rate import PresenceRate
        from liqmap.carry.survival import Survival

        if isinstance(carry, PresenceRate):
            expected = "a weight that never rises with age"
            remedy = Sentence("Pass it as ", Keyword("presence"), ", inside a Presence or alone")
            raise GridError(argument="carry", expected=expected, got=repr(carry), remedy=remedy)
        if not isinstance(carry, (Exponentials, Mixture, Survival)):
            check_model(carry)
    return carry
