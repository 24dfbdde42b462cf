"""Tardis ``quotes`` and ``book_ticker``: ``exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,
bid_price,bid_amount``.

``book_ticker`` is what the exchange itself tells, ``quotes`` the best levels of Tardis' book. Neither has
ids. A side that is empty has empty cells.
Source: https://docs.tardis.dev/downloadable-csv-files
"""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.formats.registry import Format, register
from liqmap.formats.tardis.file import COMMON, TardisFile
from liqmap.formats.text import best_prices
from liqmap.formats.text.csv_columns import NUMBER, PRICE, Column, Read
from liqmap.formats.text.csv_reader import Exact
from liqmap.schema import Meta, Quotes, Rejected

_NAMES = (*COMMON, "ask_amount", "ask_price", "bid_price", "bid_amount")
_SIDES = ("bid_price", "bid_amount", "ask_price", "ask_amount")


class TardisQuotes(TardisFile[Quotes]):
    """Reader of one file of quotes or book tickers."""

    types = {  # noqa: RUF012
        name: Column(PRICE if name.endswith("price") else NUMBER, empty=True) for name in _SIDES
    }

    def chunk(self, read: Read, ts: np.ndarray, local: np.ndarray, line: int) -> Quotes | None:
        sides = [read.column(self.names.index(name)) for name in _SIDES]
        return best_prices.at_once((ts * 1000, local * 1000, np.full(len(ts), -1)), sides, blank=True)

    def one(self, cell: dict[str, str], ts: int, local: int) -> Exact:
        bid, bid_size, ask, ask_size = (cell[name] or "0" for name in _SIDES)
        sides = best_prices.exact_sides((bid, bid_size), (ask, ask_size), self.tick)
        return sides if isinstance(sides, str) else (ts * 1000, local * 1000, -1, *sides)

    def near(
        self, columns: list[tuple[Any, ...]] | None, rejected: list[Rejected]
    ) -> list[tuple[Any, ...]] | None:
        return best_prices.near_rows(self.tick, columns, rejected)

    def gather(self, columns: list[tuple[Any, ...]]) -> Quotes:
        return best_prices.gathered(columns)

    def found(self, rows: Quotes | None, last: bool) -> dict[str, Any]:
        if rows is None:
            return {}
        self.meta["quotes"] = Meta(
            venue=self.venue, symbol=self.symbol, tick_size=self.tick.size, **self.sizes
        )
        return {"quotes": rows}


register(
    Format(
        "tardis-quotes",
        "Tardis quotes or book_ticker, csv or csv.gz",
        detect=lambda head: tuple(head.split(b"\n", 1)[0].decode("latin-1").strip().split(",")) == _NAMES,
        open=TardisQuotes,
    )
)
