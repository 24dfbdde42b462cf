"""Partitioned Parquet: write, list, scan."""

from liqmap.store.parts import check_store as check_store
from liqmap.store.scan import connect as connect
from liqmap.store.scan import read_depth as read_depth
from liqmap.store.scan import read_trades as read_trades
from liqmap.store.scan import sessions as sessions
from liqmap.store.write import Writer as Writer
from liqmap.store.write import known as known
