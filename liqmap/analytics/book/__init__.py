"""What rests: the ladder of a book at one instant."""

from .ladder import Ladder as Ladder
from .ladder import ladder_of as ladder_of
