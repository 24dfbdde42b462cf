"""What can be read out of spans and trades: measures, not pictures."""

from liqmap.analytics.bars import Bars as Bars
from liqmap.analytics.bars import bars as bars
from liqmap.analytics.profile import Profile as Profile
from liqmap.analytics.profile import volume_profile as volume_profile
from liqmap.analytics.quality import Quality as Quality
from liqmap.analytics.quality import quality as quality
