"""Kraken's channels: what a message of a market becomes."""

from __future__ import annotations

from collections import deque
from typing import Any
from zlib import crc32

import numpy as np

from liqmap.live.play.book import Cut
from liqmap.live.play.channel import Channel, Played, Told
from liqmap.live.play.digits import written
from liqmap.live.play.tape import Level, Step
from liqmap.schema import ASK, BID, GAP, HEARD, SNAPSHOT

COMPARED = 10
"""Levels a side that a checksum covers."""

SIZE_DECIMALS = 8
"""Of nearly every market; more where the recording has more."""

TOLD_AGAIN = 50
"""Trades that a new subscriber is told first."""


class Book(Channel):
    """``book`` of a depth. Where the recording is Kraken's and of that depth, each message has its levels, in
    their order; of one that shows more, what changes among the best of so many levels."""

    def __init__(self, played: Played, name: str, symbol: str, levels: int) -> None:
        super().__init__(played, name)
        self._symbol, self._levels = symbol, levels
        self._as_recorded = played.policy == "truncate" and played.levels == levels
        self._cut = Cut(levels, truncates=True)
        self._cut.see(played.book)
        self._begun = played.book.known

    def beginning(self, connection: Any) -> list[Told]:
        return [self._message("snapshot", self.played.book.top(self._levels))]

    def tell(self, step: Step, levels: list[Level]) -> list[Told]:
        if step.event == GAP:
            return []
        anew = step.event == SNAPSHOT and (self.played.policy != "snapshots" or not self._begun)
        self._begun = self._begun or anew
        if not self._as_recorded:
            changes = self._cut.see(self.played.book)
            levels = self.played.book.top(self._levels) if anew else changes
            if not levels and step.event != HEARD:
                return []
        return [self._message("snapshot" if anew else "update", levels)]

    @staticmethod
    def spoiled(told: Told) -> Told:
        head, mark, rest = told.text.rpartition('"checksum":')
        digits, comma, tail = rest.partition(",")
        return told._replace(text=f"{head}{mark}{int(digits) ^ 1}{comma}{tail}")

    def _message(self, kind: str, levels: list[Level]) -> Told:
        played = self.played
        digits, places = played.tape.digits, size_decimals(played)
        sides: tuple[list[str], list[str]] = ([], [])
        for side, price, size in levels:
            sides[side].append(f'{{"price":{digits.price(price)},"qty":{written(size, places)}}}')
        rows = [f'"{name}":[{",".join(of)}]' for name, of in zip(("bids", "asks"), sides)]
        if levels and levels[0][0] == ASK:
            rows.reverse()
        return Told(
            f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{self._symbol}",{",".join(rows)},'
            f'"checksum":{checksum(played)},"timestamp":"{iso(played.ts)}"}}]}}',
            -1,
        )


class Trades(Channel):
    """``trade``, with the recorded ids where they are numbers, else counted. One whose aggressor is not known
    cannot be said, and is left out. A new subscriber is told the last `TOLD_AGAIN` again."""

    kind = "trades"

    def __init__(self, played: Played, name: str, symbol: str) -> None:
        super().__init__(played, name)
        self._symbol = symbol
        self._count = 0
        self._last: deque[str] = deque(maxlen=TOLD_AGAIN)

    def beginning(self, connection: Any) -> list[Told]:
        return [self._message("snapshot", list(self._last))] if self._last else []

    def tell(self, step: Step, levels: list[Level]) -> list[Told]:
        digits, places = self.played.tape.digits, size_decimals(self.played)
        found = []
        for trade in self.played.traded(step):
            if trade.aggressor is None:
                continue
            self._count += 1
            number = int(trade.id) if trade.id and trade.id.isdecimal() else self._count
            found.append(
                f'{{"symbol":"{self._symbol}","side":"{trade.aggressor}","price":{digits.price(trade.price)},'
                f'"qty":{written(trade.size, places)},"ord_type":"market","trade_id":{number},'
                f'"timestamp":"{iso(trade.ts + self.played.shift)}"}}'
            )
        self._last += found
        return [self._message("update", found)] if found else []

    @staticmethod
    def _message(kind: str, trades: list[str]) -> Told:
        return Told(f'{{"channel":"trade","type":"{kind}","data":[{",".join(trades)}]}}', -1)


def checksum(played: Played) -> int:
    """The CRC32 of the digits of price and size of the best asks, then bids, without the point and without
    the zeros before the first digit."""
    digits, places, book = played.tape.digits, size_decimals(played), played.book
    levels = [*book.best(ASK, COMPARED), *book.best(BID, COMPARED)]
    numbers = (text for price, size in levels for text in (digits.price(price), written(size, places)))
    return crc32("".join(text.replace(".", "").lstrip("0") for text in numbers).encode())


def size_decimals(played: Played) -> int:
    """How many decimals a size is written with."""
    return max(played.tape.digits.size_decimals, SIZE_DECIMALS)


def iso(ts: int) -> str:
    """A time in UTC, ns, to the microsecond, or as fine as it is."""
    unit = "us" if ts % 1000 == 0 else "ns"
    return f"{np.datetime64(ts, 'ns').astype(f'datetime64[{unit}]')}Z"
