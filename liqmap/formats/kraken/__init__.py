"""Kraken: captures of its WebSocket streams, version 1 and 2."""

from . import stream as stream
from . import unread as unread
