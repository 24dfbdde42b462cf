"""What can be read out of spans and trades: measures, not pictures."""

from .book import stacking as stacking
from .calibration import Calibration as Calibration
from .calibration import calibrate as calibrate
from .calibration import transfer as transfer
from .flow import Bars as Bars
from .flow import Footprint as Footprint
from .flow import Profile as Profile
from .flow import ValueArea as ValueArea
from .flow import bars as bars
from .flow import cumulative_delta as cumulative_delta
from .flow import developing as developing
from .flow import footprint as footprint
from .flow import sweeps as sweeps
from .flow import time_and_sales as time_and_sales
from .flow import value_area as value_area
from .flow import volume_profile as volume_profile
from .flow import vwap as vwap
from .quality import Quality as Quality
from .quality import quality as quality
