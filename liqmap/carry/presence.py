"""How probable it is that a level is still there: kept apart from how much of its size to believe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from liqmap.carry.checks import AGES, SLACK, check_model
from liqmap.carry.classes import by_class
from liqmap.carry.exponentials import Exponentials
from liqmap.carry.mixture import Mixture
from liqmap.carry.model import Calibrated, CarryModel, HalfLife, asked
from liqmap.carry.presence_rate import PresenceRate
from liqmap.carry.survival import Survival
from liqmap.schema import GridError, Meta
from liqmap.schema.arguments import is_number


@dataclass(frozen=True)
class Presence:
    """The probability that a level which nobody sees any more is still there, and how sure that rate is.

    Parameters
    ----------
    likely : a `PresenceRate`, or a carry model, whose weight of an age is the probability that a level, last
        confirmed so long ago, is still there with any size. Unlike a carry's it may rise with age.
    low, high : the ends of the interval of that rate, as models too; nowhere above or below ``likely``.
    level : how often the interval is meant to hold the rate, between 0 and 1.

    Raises
    ------
    GridError : no such models, a low end above ``likely`` or a high end below it, a level out of range.

    Notes
    -----
    The interval is of the rate among levels of one age (and size, and distance), not of a single level: that
    one is there or not.
    """

    likely: CarryModel
    low: CarryModel
    high: CarryModel
    level: float = 0.9

    def __post_init__(self) -> None:
        for name in ("likely", "low", "high"):
            check_rate(getattr(self, name), name)
        if not (is_number(self.level) and 0 < self.level < 1):
            raise GridError(argument="level", expected="a share between 0 and 1", got=f"{self.level!r:.60}")
        self._check_order()

    def _check_order(self) -> None:
        models = (self.low, self.likely, self.high)
        far, size = by_class(*models)
        ages, far, size = np.repeat(AGES, len(far)), np.tile(far, len(AGES)), np.tile(size, len(AGES))
        low, likely, high = (model.weight(ages, *asked(model, far, size)) for model in models)
        if (low > likely + SLACK).any() or (likely > high + SLACK).any():
            k = int(np.argmax(np.maximum(low - likely, likely - high)))
            rates = f"{low[k]:.6g}, {likely[k]:.6g} and {high[k]:.6g}"
            got = f"{rates} at {ages[k] / 1e9:.6g} s, {far[k]:.6g} bps, size {size[k]:.6g}"
            raise GridError(argument="likely", expected="rates that rise from low to high", got=got)


def check_rate(model: Any, argument: str) -> None:
    """Refuse what is no model of a rate: a carry model, but that its weight may rise with age.

    Raises
    ------
    GridError : it is none, or breaks the rules of models (see `checks.check_model`).
    """
    if model is None or isinstance(model, (type, Presence)) or not isinstance(model, CarryModel):
        expected = "a carry model such as HalfLife('5min', None) or Survival(ages, weights)"
        raise GridError(argument=argument, expected=expected, got=f"{model!r:.60}")
    if not isinstance(model, (HalfLife, Exponentials, Mixture, PresenceRate, Survival)):
        check_model(model, argument, may_rise=True)


def presence_of(presence: Any, markets: Iterable[Meta] = ()) -> Presence | CarryModel | None:
    """The presence that is given, or that what was calibrated has for all of the markets; None for None.

    Parameters
    ----------
    markets : what it is to be used on; asked for only where it is `Calibrated`.

    Raises
    ------
    GridError : made for another market, or too short a time to know any; else nothing is checked here.
    """
    if isinstance(presence, type) or not isinstance(presence, Calibrated):
        return cast("Presence | CarryModel | None", presence)  # which `rates_of` looks at
    found = [presence.presence_for(market) for market in markets]
    if not found:
        expected = "a Presence, where nothing says which market is asked about"
        remedy = "Pass the calibration's .presence"
        raise GridError(argument="presence", expected=expected, got=f"{presence!r:.60}", remedy=remedy)
    return found[0]


def rates_of(presence: Presence | CarryModel) -> dict[str, CarryModel]:
    """The models of the variables that a grid has of presence, by their names: one of a bare model.

    Raises
    ------
    GridError : neither a `Presence` nor a carry model.
    """
    if isinstance(presence, Presence):
        names = ("presence", "presence_low", "presence_high")
        return dict(zip(names, (presence.likely, presence.low, presence.high)))
    check_rate(presence, "presence")
    return {"presence": presence}
