"""What can be read out of spans and trades: measures, not pictures."""

from .calibration import Calibration as Calibration
from .calibration import calibrate as calibrate
from .calibration import transfer as transfer
from .flow import Bars as Bars
from .flow import Profile as Profile
from .flow import bars as bars
from .flow import volume_profile as volume_profile
from .quality import Quality as Quality
from .quality import quality as quality
