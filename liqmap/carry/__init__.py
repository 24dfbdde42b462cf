"""How much of a size to believe when the book has been silent about it: its weight, by age."""

from liqmap.carry.durations import Duration, nanoseconds, spell
from liqmap.carry.exponential import integral, mean_weight, weight
from liqmap.carry.exponentials import Exponentials
from liqmap.carry.mixture import Mixture
from liqmap.carry.model import (
    DROP,
    HOLD,
    Calibrated,
    CarryModel,
    HalfLife,
    asked,
    carry_model,
    goes_by_size,
)
from liqmap.carry.presence import Presence
from liqmap.carry.presence_rate import PresenceRate
from liqmap.carry.survival import Survival

__all__ = [
    "DROP",
    "HOLD",
    "Calibrated",
    "CarryModel",
    "Duration",
    "Exponentials",
    "HalfLife",
    "Mixture",
    "Presence",
    "PresenceRate",
    "Survival",
    "asked",
    "carry_model",
    "goes_by_size",
    "integral",
    "mean_weight",
    "nanoseconds",
    "spell",
    "weight",
]
