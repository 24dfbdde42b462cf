"""What was traded: bars, footprint, volume by price, delta, VWAP, sweeps, time and sales."""

from .bars import Bars as Bars
from .bars import bars as bars
from .cumulative import cumulative_delta as cumulative_delta
from .developing import developing as developing
from .footprint import Footprint as Footprint
from .footprint import footprint as footprint
from .profile import Profile as Profile
from .profile import volume_profile as volume_profile
from .sweeps import sweeps as sweeps
from .time_and_sales import time_and_sales as time_and_sales
from .value_area import ValueArea as ValueArea
from .value_area import value_area as value_area
from .vwap import vwap as vwap
