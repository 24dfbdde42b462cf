"""Binance's files that are not read: candles, liquidations and figures of its archive and streams.

Source: https://github.com/binance/binance-public-data
"""

from __future__ import annotations

from liqmap.formats.unread import Unread, begins_with, header_has, register_unread

_DEPTH = "Capture @depth with a REST snapshot for a book; for trades take the archive's trades or aggTrades"

register_unread(
    Unread(
        "Binance's liquidationSnapshot: orders of liquidations, which are not trades",
        "For trades take the archive's trades or aggTrades",
        header_has("side", "order_type", "original_quantity", "average_price", "order_status"),
        always=True,
    ),
    Unread(
        "Binance's klines: candles, which hold neither a book nor trades",
        _DEPTH,
        header_has("open_time", "open", "high", "low", "close", "close_time"),
    ),
    Unread(
        "Binance's metrics: open interest and ratios",
        _DEPTH,
        header_has("create_time", "sum_open_interest"),
    ),
    Unread("Binance's funding rates", _DEPTH, header_has("calc_time", "last_funding_rate")),
    Unread(
        "a capture of Binance's liquidations (forceOrder), which are not trades",
        "Capture @trade or @aggTrade for trades",
        begins_with(rb'"e"\s*:\s*"forceOrder"'),
    ),
    Unread(
        "a capture of Binance's streams without a book or trades",
        "Capture @depth with a REST snapshot, or @depth20, and @trade",
        begins_with(rb'"e"\s*:\s*"(?:kline|continuous_kline|markPriceUpdate|24hrTicker|24hrMiniTicker)"'),
    ),
)
