"""Tardis: incremental books, book snapshots and trades, as CSV."""

from . import book as book
from . import trades as trades
from . import unread as unread
