"""What is shown. Presentation only."""

from liqmap.app.views.address import Address as Address
from liqmap.app.views.alerts import Alerts as Alerts
from liqmap.app.views.bar import Bar as Bar
from liqmap.app.views.body import Body as Body
from liqmap.app.views.calibration import CalibrationPage as CalibrationPage
from liqmap.app.views.head import Head as Head
from liqmap.app.views.heatmap import Heatmap as Heatmap
from liqmap.app.views.live import Feed as Feed
from liqmap.app.views.player import Player as Player
from liqmap.app.views.saver import Saver as Saver
from liqmap.app.views.strip import Strip as Strip
