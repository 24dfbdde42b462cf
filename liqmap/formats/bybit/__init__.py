"""Bybit v5: depth archives and captures of its streams, and archives of trades."""

from . import stream as stream
from . import trades as trades
from . import unread as unread
