"""Books and trades as ccxt hands them out: lines that liqmap writes while it listens."""

from . import stream as stream
