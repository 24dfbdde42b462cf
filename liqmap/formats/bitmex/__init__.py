"""BitMEX: captures of its streams of the whole book and of trades."""

from . import stream as stream
from . import unread as unread
