"""The footprint: what traded in each row of prices of each bar, by aggressor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.flow.bars import Bars, counted, utc
from liqmap.analytics.flow.cuts import By, Cuts, cuts_of, rule_of
from liqmap.analytics.flow.kernels.cells import ROUNDING, count_cells
from liqmap.analytics.flow.kernels.naked import come_back
from liqmap.analytics.flow.kernels.records import Areas, BarRows, CellColumns, Judged, Shelf
from liqmap.analytics.flow.rows import Rows, rows_of, too_many
from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import Traded, Trades
from liqmap.analytics.flow.value_area import share_of
from liqmap.carry import Duration
from liqmap.schema import GridError
from liqmap.schema.arguments import is_number, whole_number
from liqmap.spans.rows import both

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MOST_ROWS = 2_000_000
"""Rows of one bar: 88 MB while they are counted."""

MOST_CELLS = 25_000_000
STACK = 3
"""Adjoining imbalances that are stacked, where nothing is said."""

USUAL = Judged(share=0.7, ratio=3.0, least=0.0)

MOST_VISITS = 2_000_000_000
"""Rows of all bars together, from the lowest to the highest of each: some seconds."""


@dataclass(frozen=True)
class Footprint:
    """What `footprint` found: as frames, as xarray, and as the arrays they are made of.

    rows : the rows of prices. counted : the bars. columns : the cells, base units; volume, delta : (C,) of
        each. areas : rows of each bar's point of control and value area.
    naked_until : (B,) int64 ns, when price came back to it; `MISSING` while it is naked.
    stack : adjoining imbalances that are stacked.
    """

    rows: Rows
    counted: Bars
    columns: CellColumns
    volume: np.ndarray
    delta: np.ndarray
    areas: Areas
    naked_until: np.ndarray
    stack: int

    def __repr__(self) -> str:
        height = f"{self.rows.height:g}"
        return f"<liqmap.Footprint: {len(self.counted):,} bars, {len(self.columns.bar):,} rows of {height}>"

    @cached_property
    def cells(self) -> pd.DataFrame:
        """A row per bar and row of prices in which something traded: see `footprint`."""
        import pandas as pd

        c = self.columns
        return pd.DataFrame(
            {
                "bar": c.bar,
                "ts": utc(self.counted.time)[c.bar],
                "price": self.rows.prices(c.row),
                "buys": c.buys,
                "sells": c.sells,
                "unsigned": c.unsigned,
                "volume": self.volume,
                "delta": self.delta,
                "trades": c.trades,
                "buy_imbalance": c.buy_stack > 0,
                "sell_imbalance": c.sell_stack > 0,
                "buy_stack": c.buy_stack,
                "sell_stack": c.sell_stack,
                "stacked": np.maximum(c.buy_stack, c.sell_stack) >= self.stack,
            }
        )

    @cached_property
    def bars(self) -> pd.DataFrame:
        """A row per bar: see `footprint`."""
        frame = self.counted.to_frame()
        frame.insert(0, "bar", np.arange(len(frame)))
        frame["poc"] = self.rows.prices(self.areas.poc)
        frame["value_area_low"] = self.rows.prices(self.areas.low)
        frame["value_area_high"] = self.rows.prices(self.areas.high)
        frame["naked_until"] = utc(self.naked_until)
        return frame

    def to_xarray(self) -> xr.Dataset:
        """Buys, sells, unsigned, volume, delta over (bar, price), 0 where nothing traded; bars beside them.

        ``price`` holds lower edges of rows, from the lowest to the highest of all bars; ``time`` and ``end``
        are coordinates of ``bar``, UTC without a zone.

        Raises
        ------
        GridError : more than 25 million cells.
        """
        import xarray as xr

        c, bars = self.columns, len(self.counted)
        low, high = (int(c.row.min()), int(c.row.max()) + 1) if len(c.row) else (0, 0)
        if bars * (high - low) > MOST_CELLS:
            raise GridError(
                where="footprint",
                expected=f"at most {MOST_CELLS:,} cells",
                got=f"{bars:,} bars x {high - low:,} rows of {self.rows.height:g}",
                remedy="Take higher rows or longer bars, or a part of the session",
            )
        variables: dict[str, Any] = {}
        each = {"buys": c.buys, "sells": c.sells, "unsigned": c.unsigned}
        for name, values in (each | {"volume": self.volume, "delta": self.delta}).items():
            whole = np.zeros((bars, high - low))
            whole[c.bar, c.row - low] = values
            variables[name] = (("bar", "price"), whole, {"units": "size units"})
        for name in ("buy_stack", "sell_stack"):
            stack = np.zeros((bars, high - low), np.int32)
            stack[c.bar, c.row - low] = getattr(c, name)
            variables[name] = (("bar", "price"), stack, {"units": "adjoining rows"})
        frame = self.bars.drop(columns=["bar", "ts", "volume", "buys", "sells", "unsigned", "delta", "end"])
        frame["naked_until"] = frame["naked_until"].dt.tz_localize(None)
        variables |= {f"bar_{name}": ("bar", frame[name].to_numpy()) for name in frame}
        coordinates: dict[str, Any] = {
            "bar": np.arange(bars),
            "price": self.rows.prices(np.arange(low, high)),
            "time": ("bar", self.counted.time.view("datetime64[ns]")),
            "end": ("bar", self.counted.end.view("datetime64[ns]")),
        }
        about = {"tick_size": self.rows.tick_size, "row_height": self.rows.height, "stack": self.stack}
        return xr.Dataset(variables, coordinates, about)


def footprint(
    trades: Traded | Any,
    every: Duration | float = "1min",
    price: float | None = None,
    by: By = "time",
    share: float = 0.7,
    ratio: float = 3.0,
    min_size: float = 0.0,
    stack: int = STACK,
    tick_size: float | None = None,
) -> Footprint:
    """The footprint: what aggressors bought and sold in each row of prices of each bar, and what stands out.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (see `bars`).
    every, by : the bars (see `bars`).
    price : height of a row, quote currency, a whole multiple of the tick; rows begin at its multiples.
        Default: one tick.
    share : of a bar's volume, that its value area holds.
    ratio : how many times the other side an imbalance is, at least.
    min_size : least size of an imbalance, the market's size unit.
    stack : so many imbalances to one side in adjoining rows are stacked.
    tick_size : quote currency; default: that of the session, or of the table's metadata.

    Returns
    -------
    A `Footprint`. ``.cells``: a row per bar and row of prices in which something traded: ``bar``, from 0;
    ``ts`` (UTC), as of `bars`; ``price``, the row's lower edge; ``buys, sells, unsigned, volume, delta``, the
    market's size unit; ``trades``; ``buy_imbalance``, ``sell_imbalance``; ``buy_stack``, ``sell_stack``, how
    many adjoining rows have one, this row included; ``stacked``, whether one of these is ``stack`` or more.
    ``.bars``: the columns of `bars`, ``poc``, ``value_area_low``, ``value_area_high`` (rows by their lower
    edge, NaN of no volume), and ``naked_until``: when price came back to the point of control, NaT while it
    has not. ``.to_xarray()``: the same over (bar, price).

    Raises
    ------
    GridError : a share, ratio, size or number that is none, bars that are none (see `bars`), rows of no whole
        number of ticks, a bar of more than 2 million rows.
    SchemaError : no trades (see `bars`).

    Notes
    -----
    With b(r), s(r) what aggressors bought and sold in row r of a bar, rows counted upwards::

        buy imbalance at r   b(r) >= ratio s(r - 1), b(r) >= min_size, b(r) > 0, r is not the lowest row
        sell imbalance at r  s(r) >= ratio b(r + 1), s(r) >= min_size, s(r) > 0, r is not the highest row

    So buys, which lift the ask, are compared with the sells that hit the bid one row below, and sells with
    the buys one row above: at one time the ask is above the bid. A row in which nothing traded has s = b = 0,
    against which any size above ``min_size`` stands out; the lowest row has no row below it, the highest none
    above. Rows are compared only within their bar. Volume whose aggressor is not known is in neither.

    Point of control and value area: see `value_area`, over all rows from the bar's lowest to its highest. A
    point of control is naked until a trade of a later bar is in its row, or across it from the trade before.

    Volumes of a bar's cells come to the bar's volume, those of all bars to that of all trades: exactly, where
    sizes have at most 12 decimals (they are added as whole numbers of their unit, and divided once).
    """
    rule, judged = rule_of(every, by), _judged(share, ratio, min_size)
    least = whole_number(stack, "stack")
    found, rows = trades_of(trades), rows_of(trades, price, tick_size)
    return footprint_of(found, cuts_of(found, rule), rows, judged, least)


def footprint_of(
    trades: Trades, cuts: Cuts, rows: Rows, judged: Judged = USUAL, stack: int = STACK
) -> Footprint:
    """`footprint` of trades as arrays, over the bars of `cuts_of`; ``judged.least`` in base units."""
    bars, columns, per_unit = counted(trades, cuts), trades.columns, trades.amounts.per_unit
    reach = BarRows(rows.of(bars.low), rows.of(bars.high))
    lattice, areas, naked = rows.lattice, Areas.empty(len(cuts)), np.empty(len(cuts), np.int64)
    judged = judged._replace(least=judged.least * per_unit * ROUNDING)
    _refuse_too_many(reach, rows)

    def count(part: slice) -> CellColumns:
        start, reached = cuts.of(part), BarRows(*(column[part] for column in reach))
        heights = reached.high - reached.low + 1
        shelf = Shelf.empty(int(heights.max(initial=0)))
        cells = CellColumns.empty(min(int(start[-1] - start[0]), int(heights.sum())))
        found = Areas(*(column[part] for column in areas))
        cells = cells.first(count_cells(start, reached, columns, lattice, judged, shelf, cells, found))
        cells.bar[:] += part.start
        return cells

    cells = CellColumns.joined(both(count, cuts.halves, len(trades)))
    come_back(cuts.start, reach, columns, lattice, areas.poc, naked)
    volume, delta = cells.buys + cells.sells + cells.unsigned, cells.buys - cells.sells
    for amounts in (cells.buys, cells.sells, cells.unsigned, volume, delta):
        amounts /= per_unit
    return Footprint(rows, bars, cells, volume, delta, areas, naked, stack)


def _refuse_too_many(reach: BarRows, rows: Rows) -> None:
    """Refuse bars that reach over too many rows, one of them or all together."""
    heights = reach.high - reach.low + 1
    most, total = int(heights.max(initial=0)), int(heights.sum())
    if most > MOST_ROWS:
        raise too_many(most, MOST_ROWS, rows.height)
    if total > MOST_VISITS:
        raise too_many(total, MOST_VISITS, rows.height)


def _judged(share: Any, ratio: Any, min_size: Any) -> Judged:
    """What makes value areas and imbalances, checked."""
    for name, given, expected in (("ratio", ratio, "a number above zero"), ("min_size", min_size, "a size")):
        if not (is_number(given) and given < np.inf and (given > 0 if name == "ratio" else given >= 0)):
            raise GridError(argument=name, expected=expected, got=f"{given!r:.60}")
    return Judged(share_of(share), float(ratio), float(min_size))
