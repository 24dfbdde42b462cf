import liqmap.live.follow as _follow

from .analytics import Calibration as Calibration
from .analytics import Footprint as Footprint
from .analytics import Quality as Quality
from .analytics import bars as bars
from .analytics import calibrate as calibrate
from .analytics import cumulative_delta as cumulative_delta
from .analytics import developing as developing
from .analytics import footprint as footprint
from .analytics import quality as quality
from .analytics import sweeps as sweeps
from .analytics import time_and_sales as time_and_sales
from .analytics import stacking as stacking
from .analytics import transfer as transfer
from .analytics import value_area as value_area
from .analytics import volume_profile as volume_profile
from .analytics import vwap as vwap
from .app import explore as explore
from .archives import FetchReport as FetchReport
from .archives import fetch as fetch
from .browser import standalone_html as standalone_html
from .carry import DROP as DROP
from .carry import HOLD as HOLD
from .carry import CarryModel as CarryModel
from .carry import Exponentials as Exponentials
from .carry import HalfLife as HalfLife
from .carry import Mixture as Mixture
from .carry import Presence as Presence
from .carry import Survival as Survival
from .fill import FillComparison as FillComparison
from .fill import compare_fill as compare_fill
from .fill import fill_forward as fill_forward
from .fill import snapshots as snapshots
from .grid import Grid as Grid
from .grid import GridAccessor as GridAccessor
from .grid import concat as concat
from .grid import open_grid as open_grid
from .grid import rasterize as rasterize
from .grid import save_grid as save_grid
from .ingestion import IngestReport as IngestReport
from .ingestion import ingest as ingest
from .ingestion import read as read
from .live.follow import Live as Live
from .live.follow import LiveSession as LiveSession
from .render import PRESETS as PRESETS
from .render import Look as Look
from .render import fill_picture as fill_picture
from .render import heatmap as heatmap
from .render import picture as picture
from .render import remove_preset as remove_preset
from .render import save_preset as save_preset
from .schema import Capture as Capture
from .schema import LiqmapError as LiqmapError
from .schema import Meta as Meta
from .session import Session as Session
from .session import Store as Store
from .session import ladder as ladder
from .session import open_store as open_store
from .simulation import simulate as simulate
from .spans import Spans as Spans
from .spans import replay as replay

__version__: str

live = _follow.live  # at run time the package of this name, which can be called
