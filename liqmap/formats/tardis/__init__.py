"""Tardis: incremental books, book snapshots, quotes and trades, as CSV."""

from . import book as book
from . import quotes as quotes
from . import trades as trades
from . import unread as unread
