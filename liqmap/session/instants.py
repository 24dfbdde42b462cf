"""Instants as users write them (see `liqmap.schema.times`)."""

from liqmap.schema.times import Instant, TimeRange, instant, interval, spell

__all__ = ["Instant", "TimeRange", "instant", "interval", "spell"]
