"""What can be read out of spans and trades: measures, not pictures."""

from .flow import Bars as Bars
from .flow import Profile as Profile
from .flow import bars as bars
from .flow import volume_profile as volume_profile
from .quality import Quality as Quality
from .quality import quality as quality
