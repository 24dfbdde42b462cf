"""The skeleton of readers of captured streams: one market is read of those that a capture has."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator

from liqmap.formats.market import spelled
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Hints
from liqmap.formats.streams.gathered import GatheredDepth, GatheredTrades
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.far_prices import near_levels
from liqmap.formats.text.json_reader import JsonLinesReader
from liqmap.schema import Batch, FormatError, Meta, Rejected
from liqmap.schema.wording import Keyword, Sentence


class CapturedStream(JsonLinesReader):
    """A reader says what a line means (`exact`) and what its tables are (`depth_meta`, `trades_meta`).

    Attributes
    ----------
    symbol : of the market that is read: the one asked for, or the commonest of the head.
    tick : of the depth. depth, trades : what was found since the last batch.
    """

    symbol: str

    def __init__(self, raw: RawFile, hints: Hints, found: Counter[str]) -> None:
        super().__init__(raw)
        names = [name for name, _ in found.most_common()]
        if hints.symbol is not None:
            self.symbol = spelled(hints.symbol, names) or hints.symbol.upper()
        else:
            self.symbol = names[0] if names else ""
        self.hints = hints
        self.tick = Tick(hints.tick_size)
        self.depth, self.trades = GatheredDepth(), GatheredTrades(hints.tick_size)

    @abstractmethod
    def depth_meta(self) -> Meta:
        """What is stated of the depth found so far."""

    @abstractmethod
    def trades_meta(self) -> Meta:
        """What is stated of the trades found so far."""

    def take(self, rejected: list[Rejected], position: int) -> Batch:
        depth = near_levels(self.tick, self.depth.take(), rejected)
        trades = self.trades.take(rejected)
        if depth is not None or "depth" in self.meta:
            self.meta["depth"] = self.depth_meta()
        if trades is not None or "trades" in self.meta:
            self.meta["trades"] = self.trades_meta()
        return Batch(depth=depth, trades=trades, rejected=tuple(rejected), position=position)

    def last_lines(self) -> list[Rejected]:
        """Give out what waited for lines after it; those of it that are lost."""
        return []

    def finish(self, damage: list[Rejected]) -> Iterator[Batch]:
        lost = self.last_lines()
        self.broken |= bool(lost)
        yield self.take(lost, self.raw.position)
        yield from super().finish(damage)

    def foreign(self, symbol: str, line: int) -> Rejected | None:
        """A line of another market: left out, where that of ours was asked for."""
        if self.hints.symbol is not None:
            if not self.hints.each_market:
                self.skipped[f"symbol {symbol}"] += 1
            return None
        why = f"expected symbol {self.symbol}, got {symbol}. "
        why = Sentence(why, "Pass ", Keyword("symbol"), " to take one of several")
        return Rejected(line, why, foreign=True)

    def nothing_found(self) -> FormatError:
        remedy = Sentence("Pass ", Keyword("symbol"), " of one of these, or leave it out")
        return self.skipped.instead(self.raw.path, f"lines of symbol {self.symbol}", remedy)
