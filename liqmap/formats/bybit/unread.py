"""Bybit's lines that are not read: the book with retail orders, the whole book, answers of its REST
interface.

A level of ``orderbook.rpi`` has two sizes, ``["121975.1","0.114259","0"]``: without and of retail orders.
Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook-rpi
"""

from __future__ import annotations

from liqmap.formats.unread import Unread, begins_with, register_unread

_CAPTURE = "Capture orderbook.N of the same symbol, such as orderbook.200"

register_unread(
    Unread(
        "Bybit's orderbook.rpi: a book whose levels have two sizes, without and of retail orders",
        _CAPTURE,
        begins_with(rb'"topic"\s*:\s*"orderbook\.rpi\.'),
    ),
    Unread(
        "Bybit's orderbook.full: the whole book, which has no levels N to tell what left its window",
        _CAPTURE,
        begins_with(rb'"topic"\s*:\s*"orderbook\.full\.'),
    ),
    Unread(
        "Bybit's lines without a book or trades",
        _CAPTURE,
        begins_with(rb'"topic"\s*:\s*"(?:tickers|kline|liquidation|allLiquidation)\.'),
    ),
    Unread(
        "an answer of Bybit's REST interface",
        "Capture its streams, orderbook.N and publicTrade, or take its daily archives",
        begins_with(rb'"retCode"\s*:\s*\d+\s*,\s*"retMsg"\s*:'),
    ),
)
