"""Rows of a table, each of them found: those that are none are rejected with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.orders import Action
from liqmap.formats.tabular.digits import TimeDigits, coarse_times
from liqmap.formats.tabular.meaning.columns import SAID, Columns
from liqmap.formats.tabular.meaning.layout import TRADE_ACTIONS
from liqmap.formats.tabular.meaning.vendors import Vendor
from liqmap.formats.tabular.pieces import Piece
from liqmap.formats.tabular.rows.book_checks import BookChecks
from liqmap.formats.tabular.rows.fast_lines import Depth, TradeColumns
from liqmap.formats.tabular.rows.order_rows import ACTIONS as ORDER_ACTIONS
from liqmap.formats.tabular.rows.order_rows import OrderColumns, scaled
from liqmap.formats.tabular.sides import FALSE, SIDES, aggressors
from liqmap.formats.tabular.values import (
    codes,
    is_said,
    numbers,
    said_unit,
    times,
    whole,
)
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.far_prices import far_prices
from liqmap.formats.text.ids import AS_INTEGERS, ids, lost_ids
from liqmap.formats.text.singles import are_singles, no_single, shortest
from liqmap.schema import MISSING, FormatError, Rejected
from liqmap.schema.wording import Keyword, Sentence

_HOLE = "expected no level after one without a price: are they numbered from the worst on, or padded?"
_TRADES = dict.fromkeys(TRADE_ACTIONS, 0)


class ExactRows:
    """What the columns of one table are.

    Parameters
    ----------
    path : of the table. units : of ``ts`` and ``ts_recv``. market : what the rows of our venue and symbol
        say. asked : what the user says of them; other rows are then left out, else rejected. A venue that the
        user calls something else is the only one there may be. tick : takes the prices. checks : counts
        books that do not tell a side. singles : whether prices were float32 before they became float64 or
        text. scale : base units that one of the sizes of orders stands for.

    Raises
    ------
    FormatError : a row of another venue where the user gave the one of the others a new name; a price that
    was no float32 where the first were.
    """

    def __init__(
        self,
        path: Path,
        columns: Columns,
        units: Mapping[str, str],
        market: Mapping[str, str],
        asked: Mapping[str, str],
        tick: Tick,
        checks: BookChecks,
        singles: bool = False,
        scale: str | None = None,
    ) -> None:
        self.foreign = 0
        self._path = path
        self._columns, self._units, self._market, self._asked = columns, units, market, asked
        self._tick, self._checks, self._singles, self._scale = tick, checks, singles, scale
        self._digits = {role: TimeDigits(unit) for role, unit in units.items()}

    def depth(self, piece: Piece, rejected: list[Rejected]) -> Depth:
        """Rows of depth; the others go to ``rejected``."""
        rejected += piece.rejected
        keep, ts = self._common(piece, rejected)
        return (self._wide if self._columns.layout == "wide" else self._long)(piece, keep, ts, rejected)

    def trades(self, piece: Piece, rejected: list[Rejected]) -> TradeColumns:
        """Trades; the other rows go to ``rejected``."""
        rejected += piece.rejected
        keep, ts = self._common(piece, rejected)
        keep, price, size = self._numbers(piece, keep, rejected, "trades")
        if "action" in self._columns.at:
            traded = codes(self._column(piece, "action"), _TRADES) == 0
            self._reject(piece, keep & ~traded, rejected, "expected a trade")
            keep &= traded
        side, agree = aggressors({r: self._column(piece, r) for r in SAID if r in self._columns.at})
        self._reject(piece, keep & ~agree, rejected, self._torn)
        keep &= agree
        self._reject(piece, keep & (side < 0), rejected, "expected the aggressor to be buy or sell")
        keep &= side >= 0
        if "id" in self._columns.at:
            keep &= self._whole_ids(piece, "id", keep, rejected)
        self._see(piece, keep, price, rejected)
        rejected.sort(key=lambda r: r.line)
        name = ids(self._column(piece, "id")).filter(pa.array(keep)) if "id" in self._columns.at else None
        return TradeColumns(ts[keep], name, side[keep], price[keep], size[keep])

    def orders(self, piece: Piece, rejected: list[Rejected]) -> OrderColumns:
        """What befell single orders; the other rows go to ``rejected``. A new one has a price and a side, and
        all but a delete a size."""
        rejected += piece.rejected
        keep, ts = self._common(piece, rejected)
        order_id = whole(self._column(piece, "order_id"))
        keep = keep & self._whole_ids(piece, "order_id", keep, rejected)
        action = codes(self._column(piece, "action"), ORDER_ACTIONS)
        role = "side" if "side" in self._columns.at else "is_bid"
        side = codes(self._column(piece, role), SIDES if role == "side" else FALSE)
        price, size = self._prices(piece, self._columns.at["price"]), numbers(self._column(piece, "size"))
        size = scaled(size, self._scale)
        said = {name: is_said(self._column(piece, name)) for name in (role, "price", "size")}
        adds, deletes = action == Action.ADD, action == Action.DELETE
        silent = ~adds & ~said["price"]
        for wrong, expected in (
            (order_id < 0, "an order_id as a whole number"),
            (action < 0, "an action: add, modify, cancel or delete"),
            ((side < 0) & (adds | said[role]), "side to be bid or ask"),
            (~(price > 0) & ~silent, "a positive price"),
            (~(size >= 0) & ~(deletes & ~said["size"]), "a size of 0 or more"),
        ):
            self._reject(piece, keep & wrong, rejected, f"expected {expected}")
            keep &= ~wrong
        keep, seq = self._numbered(piece, keep, rejected)
        priced = keep & (price > 0)
        self._see(piece, priced, price, rejected)
        keep &= priced | silent
        rejected.sort(key=lambda lost: lost.line)
        price = np.where(price > 0, price, np.nan)
        columns = (ts, self._received(piece), seq, piece.line, order_id, action, side, price, size)
        return OrderColumns(*(column[keep] for column in columns))

    def _common(self, piece: Piece, rejected: list[Rejected]) -> tuple[np.ndarray, np.ndarray]:
        """Which rows are of this market and have a time, and the times."""
        ts = self._times(piece, "ts")
        keep = np.ones(len(ts), np.bool_)
        for role, own in self._market.items():
            if role not in self._columns.at:
                continue
            said = self._column(piece, role).cast(pa.string())
            renamed = self._asked.get(role, own) != own
            if role in self._asked:  # a cell that says nothing says nothing else
                said = pc.if_else(pc.equal(said, ""), None, said)
            same = pc.equal(said, own).fill_null(role in self._asked).to_numpy(zero_copy_only=False)
            if renamed and not same.all():
                at = int(np.argmin(same))
                raise FormatError(
                    where=f"{self._path}:{piece.line[at]}",
                    expected=f"{role} {own} on every line, as {self._asked[role]} is none of the table's",
                    got=f"{said[at].as_py()!r:.40}",
                    remedy=Sentence("Pass ", Keyword(role), " one of them"),
                )
            if role not in self._asked:
                why = Sentence(f"expected {role} {own}. Pass ", Keyword(role), " to take one")
                self._reject(piece, keep & ~same, rejected, why)
            else:
                self.foreign += int((keep & ~same).sum())
            keep &= same
        if self._columns.vendor:
            keep &= self._theirs(piece, self._columns.vendor, keep, rejected)
        lost = self._digits["ts"].lost(self._column(piece, "ts"))
        self._reject(piece, keep & lost, rejected, self._coarse(piece, lost))
        keep &= ~lost
        self._reject(piece, keep & (ts == 0), rejected, f"expected a time, {said_unit(self._units['ts'])}")
        return keep & (ts != 0), ts

    def _times(self, piece: Piece, role: str) -> np.ndarray:
        return times(self._column(piece, role), self._units[role])

    def _coarse(self, piece: Piece, lost: np.ndarray) -> str:
        """What is wrong with times that lost digits."""
        if not lost.any():
            return ""
        cell = self._column(piece, "ts")[int(np.argmax(lost))].as_py()
        expected, got, remedy = coarse_times(self._columns.at["ts"], self._units["ts"], str(cell))
        return f"expected {expected}, got {got}. {remedy}"

    def _whole_ids(self, piece: Piece, role: str, keep: np.ndarray, rejected: list[Rejected]) -> np.ndarray:
        """Which ids have all their digits."""
        lost = lost_ids(self._column(piece, role))
        name = self._columns.at[role]
        why = f"expected {name} with all its digits, got a float that lost some. {AS_INTEGERS}"
        self._reject(piece, keep & lost, rejected, why)
        return ~lost

    def _theirs(self, piece: Piece, vendor: Vendor, keep: np.ndarray, rejected: list[Rejected]) -> np.ndarray:
        """Which rows are of the kind that the vendor's tables are known for."""
        theirs = np.ones(len(keep), np.bool_)
        for column, words in vendor.said.items():
            cells = piece.table.column(column)
            same = (codes(cells, dict.fromkeys([*words, ""], 0)) == 0) | ~is_said(cells)
            reason = f"expected {column} to say {' or '.join(sorted(words))}, as in {vendor.name}"
            self._reject(piece, keep & theirs & ~same, rejected, reason)
            theirs &= same
        return theirs

    @property
    def _torn(self) -> str:
        at = self._columns.at
        said = " and ".join(at[role] for role in SAID if role in at)
        why = f"expected {said} to agree on the aggressor"
        if "side" not in at:
            return why
        mapping = Keyword("mapping", {"maker_side": at["side"]})
        return Sentence(why, f". If {at['side']} is the maker's: ", mapping)

    def _reject(self, piece: Piece, which: np.ndarray, rejected: list[Rejected], reason: str) -> None:
        rejected += (Rejected(int(line), reason) for line in piece.line[which])

    def _numbers(
        self, piece: Piece, keep: np.ndarray, rejected: list[Rejected], least: str
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Prices above 0, and sizes above (``trades``) or of at least 0."""
        price = self._prices(piece, self._columns.at["price"])
        size = numbers(self._column(piece, "size"))
        self._reject(piece, keep & ~(price > 0), rejected, "expected a positive price")
        keep = keep & (price > 0)
        sound = size > 0 if least == "trades" else size >= 0
        more = "a positive size" if least == "trades" else "a size of 0 or more"
        self._reject(piece, keep & ~sound, rejected, f"expected {more}")
        return keep & sound, price, size

    def _prices(self, piece: Piece, name: str) -> np.ndarray:
        """A column of prices."""
        found = numbers(piece.table.column(name))
        if not self._singles:
            return found
        if not (same := are_singles(found)).all():
            at = int(np.argmin(same))
            raise no_single(f"{self._path}:{piece.line[at]}", repr(float(found[at])))
        return shortest(found)

    def _long(self, piece: Piece, keep: np.ndarray, ts: np.ndarray, rejected: list[Rejected]) -> Depth:
        known = keep
        keep, price, size = self._numbers(piece, keep, rejected, "depth")
        role = "side" if "side" in self._columns.at else "is_bid"
        side = codes(self._column(piece, role), SIDES if role == "side" else FALSE)
        self._reject(piece, keep & (side < 0), rejected, "expected side to be bid or ask")
        keep &= side >= 0
        keep, seq = self._numbered(piece, keep, rejected)
        known &= ("seq" not in self._columns.at) | (seq >= 0)
        event = np.zeros(len(ts), np.int8)
        if "event" in self._columns.at:
            event = codes(self._column(piece, "event"), self._columns.events)
            self._reject(piece, keep & (event < 0), rejected, "expected event to be update, snapshot or gap")
            keep &= event >= 0
            known &= event >= 0
        if self._columns.layout == "snapshots":
            event = np.ones(len(ts), np.int8)
        lost = known & ~keep  # their message is known, and lacks a level
        self._see(piece, keep, price, rejected)
        columns = (ts, self._received(piece), seq, event, piece.line, side, price, size, lost)
        return Depth(*(column[keep | lost] for column in columns))

    def _wide(self, piece: Piece, keep: np.ndarray, ts: np.ndarray, rejected: list[Rejected]) -> Depth:
        """A row for each level of each book; neither price nor size, or a size of 0, is no level. A price
        without a size, a size without a price, or nothing before a level of the same side is not known."""
        pairs = [(code, pair) for code, side in enumerate(self._columns.levels) for pair in side]
        price = np.stack([self._prices(piece, p) for _, (p, _) in pairs], axis=1)
        size = np.stack([numbers(piece.table.column(s)) for _, (_, s) in pairs], axis=1)
        said = np.stack([[is_said(piece.table.column(c)) for c in pair] for _, pair in pairs], axis=2)
        there = said.all(axis=0) & ~(size == 0)
        torn = (said[0] != said[1]) & ~(price == 0) & ~(size == 0)
        if len(pairs) == 2:  # a quote may not tell a size: its side is not told
            torn &= ~(said[0] & (price > 0))
        self._reject(piece, keep & torn.any(axis=1), rejected, "expected a price and a size of each level")
        keep = keep & ~torn.any(axis=1)
        holes = _holes(~(price > 0) & ~there, there, len(self._columns.levels[0]))
        self._reject(piece, keep & holes, rejected, _HOLE)
        keep &= ~holes
        wrong = (there & ~((price > 0) & (size > 0))).any(axis=1)
        self._reject(piece, keep & wrong, rejected, "expected positive prices and sizes of 0 or more")
        self._reject(piece, keep & ~wrong & ~there.any(axis=1), rejected, "expected a book, got no level")
        keep, seq = self._numbered(piece, keep & ~wrong & there.any(axis=1), rejected)
        there &= keep[:, None]
        best = [0, len(self._columns.levels[0])]
        self._checks.take_blank((~there & (price != 0) & (size != 0))[:, best][keep].T)
        row, column = np.nonzero(there)
        side = np.array([code for code, _ in pairs], np.int8)[column]
        wrong = self._fit(price[there], piece.line[row], rejected)
        if wrong is not None:
            there[row[wrong], column[wrong]] = False
            row, side = row[~wrong], side[~wrong]
        return Depth(
            ts[row], self._received(piece)[row], seq[row], np.ones(len(row), np.int8), piece.line[row], side,
            price[there], size[there], np.zeros(len(row), np.bool_),
        )  # fmt: skip

    def _numbered(
        self, piece: Piece, keep: np.ndarray, rejected: list[Rejected]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows with an id, and the ids; -1 where the table has none."""
        if "seq" not in self._columns.at:
            return keep, np.full(len(keep), -1)
        seq = whole(self._column(piece, "seq"))
        keep = keep & self._whole_ids(piece, "seq", keep, rejected)
        self._reject(piece, keep & (seq < 0), rejected, "expected a sequence number of 0 or more")
        return keep & (seq >= 0), seq

    def _received(self, piece: Piece) -> np.ndarray:
        """Local times, MISSING where there is none."""
        if "ts_recv" not in self._columns.at:
            return np.broadcast_to(MISSING, len(piece.line))
        found = self._times(piece, "ts_recv")
        lost = self._digits["ts_recv"].lost(self._column(piece, "ts_recv"))
        return np.where((found == 0) | lost, MISSING, found)

    def _see(self, piece: Piece, keep: np.ndarray, price: np.ndarray, rejected: list[Rejected]) -> None:
        """Take the prices of the rows to keep, and keep none that do not fit."""
        rows = np.flatnonzero(keep)
        wrong = self._fit(price[rows], piece.line[rows], rejected)
        if wrong is not None:
            keep[rows[wrong]] = False

    def _fit(self, prices: np.ndarray, lines: np.ndarray, rejected: list[Rejected]) -> np.ndarray | None:
        """Prices for the tick size, at the 12 digits that floats keep of decimals: which do not fit."""
        self._tick.add([Fraction(_written(p)) for p in np.unique(prices).tolist()])
        return far_prices(self._tick, prices, lines, rejected, _written)

    def _column(self, piece: Piece, role: str) -> pa.Array:
        return piece.table.column(self._columns.at[role])


def _holes(blank: np.ndarray, there: np.ndarray, bids: int) -> np.ndarray:
    """Rows (R,) of which a side, the first ``bids`` columns or the others, has a level after a blank one."""
    found = np.zeros(len(blank), np.bool_)
    for side in (slice(None, bids), slice(bids, None)):
        found |= (np.logical_or.accumulate(blank[:, side], axis=1) & there[:, side]).any(axis=1)
    return found


def _written(price: float) -> str:
    return f"{price:.12g}"
