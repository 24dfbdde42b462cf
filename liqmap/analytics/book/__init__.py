"""What rests: the ladder of a book at one instant, and what was done to it."""

from .ladder import Ladder as Ladder
from .ladder import ladder_of as ladder_of
from .stacking import Stacking as Stacking
from .stacking import stacking as stacking
from .stacking import stacking_of as stacking_of
