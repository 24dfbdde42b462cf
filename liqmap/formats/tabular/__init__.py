"""Any table of depth or trades: CSV, Parquet, Arrow, Feather."""

from . import table as table
