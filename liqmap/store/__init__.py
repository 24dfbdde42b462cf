"""Partitioned Parquet: write, list, scan."""

from liqmap.store.compaction import compact as compact
from liqmap.store.migration import migrate as migrate
from liqmap.store.parts import DAY as DAY
from liqmap.store.parts import PART_MARK as PART_MARK
from liqmap.store.parts import Part as Part
from liqmap.store.parts import check_store as check_store
from liqmap.store.parts import day_name as day_name
from liqmap.store.parts import market_folder as market_folder
from liqmap.store.rereading import steady as steady
from liqmap.store.scan import connect as connect
from liqmap.store.scan import depth_groups as depth_groups
from liqmap.store.scan import depth_parts as depth_parts
from liqmap.store.scan import last_message as last_message
from liqmap.store.scan import read_depth as read_depth
from liqmap.store.scan import read_trades as read_trades
from liqmap.store.scan import sessions as sessions
from liqmap.store.sources import known as known
from liqmap.store.sources import told_of as told_of
from liqmap.store.staging import clean as clean
from liqmap.store.staging import locked as locked
from liqmap.store.staging import staged as staged
from liqmap.store.upkeep import SPANS_FOLDER as SPANS_FOLDER
from liqmap.store.upkeep import Done as Done
from liqmap.store.upkeep import remove as remove
from liqmap.store.upkeep import select as select
from liqmap.store.write import Writer as Writer
