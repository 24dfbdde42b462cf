"""OKX: captures of its WebSocket streams of books and trades."""

from . import stream as stream
from . import unread as unread
