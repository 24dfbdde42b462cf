"""Binance's streams: what a message of a market becomes."""

from __future__ import annotations

from liqmap.live.play.channel import Channel, Played, Told
from liqmap.live.play.tape import Level, Step
from liqmap.live.play.venues.venue import json_text
from liqmap.schema import BID, GAP, SNAPSHOT

SPOT = "binance"


class Diffs(Channel):
    """``@depth``: each message of the book, as a diff.

    Notes
    -----
    A snapshot of the recording is not sent: clients ask for it. Where the recording is of a feed that sends
    snapshots itself, one that comes later, with no message lost before it, becomes the diff to it.
    """

    def __init__(self, played: Played, name: str, venue: str) -> None:
        super().__init__(played, name)
        self._is_spot = venue == SPOT
        self._pair = f'"ps":"{played.symbol.split("_")[0]}",' if venue == "binance-delivery" else ""
        self._shown: dict[tuple[int, float], float] = {}
        if played.policy != "full":
            self._see()

    def tell(self, step: Step, levels: list[Level]) -> list[Told]:
        played = self.played
        if step.event == GAP:
            return []
        if step.event == SNAPSHOT:
            was_known = bool(self._shown)
            if played.policy == "full":
                return []
            levels = self._see()
            if not was_known or played.broken:
                return []
        elif played.policy != "full":
            self._see()
        before = played.before
        if played.broken:  # of the messages between, nothing is said
            before = min(before + 1, played.seq - 1)
        return [self._diff(before, levels)]

    def _see(self) -> list[Level]:
        """What changed in the book since the last look."""
        now = {(side, price): size for side, price, size in self.played.book.top()}
        changes = [(*key, size) for key, size in now.items() if self._shown.get(key) != size]
        changes += [(*key, 0.0) for key in self._shown if key not in now]
        self._shown = now
        return changes

    def _diff(self, before: int, levels: list[Level]) -> Told:
        played, digits = self.played, self.played.tape.digits
        ms, u = played.ts // 1_000_000, played.seq
        sides: dict[str, list[str]] = {"b": [], "a": []}
        if levels and levels[0][0] != BID:
            sides = {"a": [], "b": []}
        for side, price, size in levels:
            sides["ba"[side]].append(f'["{digits.price(price)}","{digits.size(size)}"]')
        rows = ",".join(f'"{key}":[{",".join(found)}]' for key, found in sides.items())
        first = before + 1
        times = f'"E":{ms},' if self._is_spot else f'"E":{ms},"T":{ms},'
        ids = f'"U":{first},"u":{u},' + ("" if self._is_spot else f'"pu":{before},{self._pair}')
        return Told(f'{{"e":"depthUpdate",{times}"s":"{played.symbol}",{ids}{rows}}}', u)


class Trades(Channel):
    """``@trade`` and ``@aggTrade``: a message each, whatever the recording has, with the recorded ids where
    they are numbers, else counted. One whose aggressor is not known cannot be said, and is left out."""

    kind = "trades"

    def __init__(self, played: Played, name: str, venue: str) -> None:
        super().__init__(played, name)
        self._is_spot = venue == SPOT
        self._aggregate = name.endswith("@aggTrade")
        self._count = 0

    def tell(self, step: Step, levels: list[Level]) -> list[Told]:
        digits, symbol = self.played.tape.digits, self.played.symbol
        found = []
        for trade in self.played.traded(step):
            if trade.aggressor is None:
                continue
            self._count += 1
            number = int(trade.id) if trade.id and trade.id.isdecimal() and int(trade.id) else self._count
            ms = (trade.ts + self.played.shift) // 1_000_000
            message: dict[str, object] = {
                "e": "aggTrade" if self._aggregate else "trade",
                "E": ms,
                "T": ms,
                "s": symbol,
                "a" if self._aggregate else "t": number,
                "p": digits.price(trade.price),
                "q": digits.size(trade.size),
            }
            if self._aggregate:
                message |= {"f": number, "l": number}
            elif not self._is_spot:
                message["X"] = "INSURANCE_FUND" if trade.flag == "liquidation" else "MARKET"
            message["m"] = trade.aggressor == "sell"
            if self._is_spot:
                message["M"] = True
            found.append(Told(json_text(message), number))
        return found


class Tickers(Channel):
    """``@bookTicker``, where the recording has them; it says nothing where there are none."""

    kind = "quotes"

    def __init__(self, played: Played, name: str, venue: str) -> None:
        super().__init__(played, name)
        self._is_spot = venue == SPOT

    def tell(self, step: Step, levels: list[Level]) -> list[Told]:
        digits, ms = self.played.tape.digits, (step.ts + self.played.shift) // 1_000_000
        bid, bid_size, ask, ask_size = self.played.tape.quoted(step)
        u = max(step.seq, 0)
        message: dict[str, object] = {} if self._is_spot else {"e": "bookTicker"}
        message |= {
            "u": u,
            "s": self.played.symbol,
            "b": digits.price(bid),
            "B": digits.size(bid_size),
            "a": digits.price(ask),
            "A": digits.size(ask_size),
        }
        if not self._is_spot:
            message |= {"T": ms, "E": ms}
        return [Told(json_text(message), u)]
