"""How much of a size to believe when the book has been silent about it: its weight, by age."""

from .durations import Duration, nanoseconds, spell
from .exponential import integral, mean_weight, weight
from .model import DROP, HOLD, CarryModel, HalfLife, carry_model
from .survival import Survival

__all__ = [
    "DROP",
    "HOLD",
    "CarryModel",
    "Duration",
    "HalfLife",
    "Survival",
    "carry_model",
    "integral",
    "mean_weight",
    "nanoseconds",
    "spell",
    "weight",
]
