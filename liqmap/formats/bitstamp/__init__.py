"""Bitstamp: logs of its streams of orders, trades and books."""

from . import log as log
