from .app import explore as explore
from .fill import fill_forward as fill_forward
from .fill import snapshots as snapshots
from .ingest import IngestReport as IngestReport
from .ingest import ingest as ingest
from .ingest import read as read
from .raster import rasterize as rasterize
from .render import heatmap as heatmap
from .replay import Spans as Spans
from .replay import replay as replay
from .schema import Capture as Capture
from .schema import LiqmapError as LiqmapError
from .schema import Meta as Meta
from .session import Session as Session
from .session import Store as Store
from .session import open_grid as open_grid
from .session import open_store as open_store
from .session import save_grid as save_grid
from .simulate import simulate as simulate

__version__: str
