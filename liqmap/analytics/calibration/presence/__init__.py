"""How probable it is that a carried level is still there, with an interval that blocks of time bear out."""

from .classes import classes_of as classes_of
from .counts import Counting as Counting
from .fit import fit_presence as fit_presence
from .judge import Fits as Fits
from .judge import Reliability as Reliability
from .judge import fits_of as fits_of
from .judge import judge_presence as judge_presence
from .judge import present as present
