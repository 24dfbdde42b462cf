"""Binance: streams captured, archives of trades, depth bands and T_DEPTH history."""

from . import bands as bands
from . import stream as stream
from . import t_depth as t_depth
from . import trades as trades
from . import unread as unread
