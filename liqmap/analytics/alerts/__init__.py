"""Thresholds on measures: conditions as people write them, and when they began to hold."""

from .condition import Condition as Condition
from .condition import condition_of as condition_of
from .condition import conditions_of as conditions_of
from .crossings import Alert as Alert
from .crossings import Crossings as Crossings
from .table import table_of as table_of
