"""What can be read out of spans and trades: measures, not pictures."""

from liqmap.analytics.quality import Quality as Quality
from liqmap.analytics.quality import quality as quality
