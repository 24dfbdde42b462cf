"""How much of the size of a carried level is really there: an interval, and the probability of nothing."""

from .ask import size_interval as size_interval
from .intervals import SizeIntervals as SizeIntervals
from .judge import SizeCoverage as SizeCoverage
from .judge import sized as sized
