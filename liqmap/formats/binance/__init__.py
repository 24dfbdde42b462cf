"""Binance: streams captured, with REST snapshots among them, and the files of its archive.

``events`` are what a line says, ``snapshots`` books that stand alone and their places among diffs,
``archive`` the CSV files of trades, book tickers, depth bands and T_DEPTH history.
"""

from . import stream as stream
from . import unread as unread
from .archive import bands as bands
from .archive import book_ticker as book_ticker
from .archive import t_depth as t_depth
from .archive import trades as trades
