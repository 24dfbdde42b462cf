"""What was traded: trades as arrays, bars, volume by price."""

from .bars import Bars as Bars
from .bars import bars as bars
from .profile import Profile as Profile
from .profile import volume_profile as volume_profile
