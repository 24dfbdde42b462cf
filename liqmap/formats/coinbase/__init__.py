"""Coinbase: captures of the streams of its Exchange and of Advanced Trade."""

from . import stream as stream
from . import unread as unread
