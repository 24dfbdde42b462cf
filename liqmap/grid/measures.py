"""What people ask of a grid next: touch, depth, imbalance, notional.

Pure functions on `Cells`; `accessor` says what each gives. Sums are in float64 and take unknown as 0, so
each comes with ``known``: the share of the ticks, and of a mean of their time, that it should have summed and
that the grid knows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from liqmap.grid.cells import DIMS, Cells
from liqmap.grid.quotes import touch
from liqmap.schema import SIDES, GridError, Keyword, Sentence
from liqmap.schema.arguments import is_number, whole_number

Band = tuple[np.ndarray, np.ndarray]
"""Inner and outer tick (T,) float64, both within, from touch or mid outward; NaN where there is none."""

BLOCK = 1 << 22
"""Cells that are weighed at a time: a whole side in float64 would take many times the grid's own memory."""


def touches(cells: Cells, bbo: Any) -> xr.Dataset:
    """``bid`` and ``ask`` (T,), quote currency, NaN where there is none; without ``bbo`` to the bin.

    Raises
    ------
    GridError : a ``bbo`` without ts, bid or ask, or whose times step back.
    """
    best = touch(cells, bbo)
    return cells.dataset(
        {side: (("time",), best[s], {"long_name": f"best {side}"}) for s, side in enumerate(SIDES)}
    )


def mid(cells: Cells, bbo: Any) -> xr.DataArray:
    """Middle of the touch (T,), quote currency, NaN unless both sides have one.

    Raises
    ------
    GridError : as `touches`.
    """
    values = touch(cells, bbo).mean(axis=0)
    return cells.dataset({"mid": (("time",), values, {"long_name": "mid"})})["mid"]


def spread(cells: Cells, bbo: Any) -> xr.DataArray:
    """Best ask less best bid (T,), quote currency.

    Raises
    ------
    GridError : as `touches`; without ``bbo`` any grid but ``last``.
    """
    if bbo is None and cells.attribute("agg") != "last":
        raise GridError(
            where="spread",
            expected=Sentence(Keyword("agg", "last"), ", or ", Keyword("bbo")),
            got=f"agg={cells.attribute('agg')!r}, whose cells hold the highest bid and the lowest ask of a "
            "time bin",
            remedy=Sentence("Pass ", Keyword("bbo"), " from session.bbo()"),
        )
    bid, ask = touch(cells, bbo)
    return cells.dataset({"spread": (("time",), ask - bid, {"long_name": "spread"})})["spread"]


# ------------------------------------------------------------------ depth


def depth(cells: Cells, bps: float | None, bins: int | None, bbo: Any, min_known: float) -> xr.Dataset:
    """Size within ``bps`` of the mid, in ``bins`` from the touch, or in the whole grid.

    ``depth`` (S, T), size units, NaN where nothing, or less than ``min_known``, is known; ``known`` (S, T),
    the share of that band that is, 0 to 1.

    Raises
    ------
    GridError : a ``peak`` grid, both ``bps`` and ``bins``, or one that is not above zero; as `touches`.
    """
    cells.check_sums()
    cells.check_share(min_known)
    if bps is not None and bins is not None:
        raise GridError(where="depth", expected="bps or bins", got="both")
    if bps is not None and not (is_number(bps) and 0 < bps < np.inf):
        raise GridError(argument="bps", expected="a number above zero", got=f"{bps!r:.60}")
    bins = None if bins is None else whole_number(bins, "bins")
    best = None if bps is None and bins is None else touch(cells, bbo)
    sums, shares = [], []
    for side in cells.sides:
        if best is None:
            band = _whole(cells, side)
        elif bps is not None:
            band = _within_bps(cells, side, best.mean(axis=0), bps)
        else:
            band = _nearest_bins(cells, side, best[SIDES.index(side)], int(bins or 0))
        total, known = _sum_band(cells, side, band)
        sums.append(np.where((known > 0) & (known >= min_known), total, np.nan))
        shares.append(known)
    about = {"long_name": "resting size near the touch", "units": cells.unit}
    return cells.dataset(
        {
            "depth": (("side", "time"), np.stack(sums), about),
            "known": (
                ("side", "time"),
                np.stack(shares),
                {"long_name": "known share of the band", "units": "1"},
            ),
        }
    )


def _whole(cells: Cells, side: str) -> Band:
    low, high = float(cells.ticks[0, 0]), float(cells.ticks[-1, 1] - 1)
    if low > high:  # no tick at all
        low = high = np.nan
    inner, outer = (high, low) if side == "bid" else (low, high)
    columns = len(cells.grid["time"])
    return np.full(columns, inner), np.full(columns, outer)


def _within_bps(cells: Cells, side: str, middle: np.ndarray, bps: float) -> Band:
    if side == "bid":
        return _tick(middle, cells, "down"), _tick(middle * (1 - bps * 1e-4), cells, "up")
    return _tick(middle, cells, "up"), _tick(middle * (1 + bps * 1e-4), cells, "down")


def _tick(price: np.ndarray, cells: Cells, way: str) -> np.ndarray:
    """The tick at a price, or the next one up or down."""
    ticks = price / cells.tick_size
    return np.ceil(ticks - 1e-6) if way == "up" else np.floor(ticks + 1e-6)


def _nearest_bins(cells: Cells, side: str, best: np.ndarray, bins: int) -> Band:
    first, stop = cells.ticks.T.astype(np.float64)
    k = np.searchsorted(first, np.nan_to_num(best) / cells.tick_size + 1e-6, side="right") - 1
    height = max(1.0, float(cells.heights.mean()))  # of bins that lie beyond the grid
    inside = np.isfinite(best) & (k >= 0) & (_tick(best, cells, "down") < stop[k])
    if side == "bid":
        far, inner = k - bins + 1, stop[k] - 1
        outer = first[np.maximum(far, 0)] + np.minimum(far, 0) * height
    else:
        far, inner = k + bins - 1, first[k]
        outer = stop[np.minimum(far, len(stop) - 1)] - 1
        outer = outer + np.maximum(far - len(stop) + 1, 0) * height
    return np.where(inside, inner, np.nan), np.where(inside, outer, np.nan)


def _sum_band(cells: Cells, side: str, band: Band) -> tuple[np.ndarray, np.ndarray]:
    """Size from the outer tick of a band inward, a cut bin by its share of ticks; known share of the band."""
    inner, outer = band
    low, high = (outer, inner) if side == "bid" else (inner, outer)
    total, heard = np.empty(len(inner)), np.empty(len(inner))
    step = max(1, BLOCK // len(cells.heights))
    for begin in range(0, len(inner), step):
        now = slice(begin, begin + step)
        known = cells.known_share[cells.row(side), :, now]
        size = np.nan_to_num(cells.liquidity[cells.row(side), :, now])
        beyond = np.full_like(inner[now], np.inf if side == "bid" else -np.inf)
        within = (low[now], beyond) if side == "bid" else (beyond, high[now])
        total[now] = (size * _overlap(cells, *within)).sum(axis=0)
        heard[now] = (_overlap(cells, low[now], high[now]) * known).T @ cells.heights
    ticks = high - low + 1
    share = np.divide(heard, ticks, out=np.where(np.isnan(ticks), 0.0, 1.0), where=ticks > 0)
    return np.where(np.isnan(outer), np.nan, total), share


def _overlap(cells: Cells, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Share of each bin's ticks that lie in low to high (T,), both within: (P, T), 0 where NaN."""
    first, stop = (edge[:, None] for edge in cells.ticks.T.astype(np.float64))
    inside = np.minimum(stop, high + 1) - np.maximum(first, low)
    return np.nan_to_num(np.clip(inside, 0, None) / np.maximum(stop - first, 1))


def imbalance(cells: Cells, bps: float | None, bins: int | None, bbo: Any, min_known: float) -> xr.DataArray:
    """(bids - asks) / (bids + asks) of `depth` (T,), -1 to 1; NaN where nothing rests or a side is not known.

    Raises
    ------
    GridError : as `depth`, or a grid of one side.
    """
    rows = [cells.row(side) for side in SIDES]
    near = depth(cells, bps, bins, bbo, min_known)["depth"]
    bid, ask = (near.to_numpy().reshape(len(cells.sides), -1)[row] for row in rows)
    total = bid + ask
    values = np.divide(bid - ask, total, out=np.full_like(total, np.nan), where=total > 0)
    about = {"long_name": "imbalance of bids over asks", "units": "1"}
    return cells.dataset({"imbalance": (("time",), values, about)})["imbalance"]


def cumulative(cells: Cells, bbo: Any) -> xr.Dataset:
    """Size from the touch, or the inner end of the grid where there is none, to the far edge of each bin.

    ``cumulative`` (S, P, T), size units; ``known`` (S, P, T), share of the ticks between, 0 to 1.

    Raises
    ------
    GridError : a ``peak`` grid; as `touches`.
    """
    cells.check_sums()
    best = touch(cells, bbo) / cells.tick_size
    sums, shares = np.empty(cells.liquidity.shape), np.empty(cells.liquidity.shape)
    for s, side in enumerate(cells.sides):
        out = slice(None, None, -1 if side == "bid" else 1)  # from the touch outward
        size = np.where(cells.known[s], cells.liquidity[s], 0.0)
        sums[s] = size[out].cumsum(axis=0)[out]
        first, stop = (edge[:, None] for edge in cells.ticks.T.astype(np.float64))
        if side == "bid":
            inner = np.where(np.isnan(best[0]), stop[-1], np.floor(best[0] + 1e-6) + 1)
            mine, ticks = np.minimum(stop, inner) - first, inner - first
        else:
            inner = np.where(np.isnan(best[1]), first[0], np.ceil(best[1] - 1e-6))
            mine, ticks = stop - np.maximum(first, inner), stop - inner
        heard = (np.clip(mine, 0, None) * cells.known_share[s])[out].cumsum(axis=0)[out]
        shares[s] = np.divide(heard, ticks, out=np.ones_like(heard), where=ticks > 0)
    about = {"long_name": "size from the touch to the far edge of the bin", "units": cells.unit}
    return cells.dataset(
        {
            "cumulative": (DIMS, np.where(shares > 0, sums, np.nan), about),
            "known": (DIMS, shares, {"long_name": "known share from the touch to the bin", "units": "1"}),
        }
    )


# ------------------------------------------------------------------ units


def notional(cells: Cells, contract_unit: str | None) -> xr.Dataset:
    """The grid with every size times the worth of its unit at the middle of the bin, quote currency.

    Raises
    ------
    GridError : contracts without ``contract_unit``, coins with one, or sizes in money already.
    """
    factor, grid = _worth(cells, contract_unit), cells.grid
    variables = {}
    for name in grid.data_vars:
        if set(grid[name].dims) == set(DIMS):
            values, about = cells.values(str(name)), dict(grid[name].attrs)
            if name in ("liquidity", "observed", "carried"):
                values = (values * factor[:, None]).astype(np.float32)
                about |= {"units": "quote", "long_name": about.get("long_name", "size") + ", notional"}
            variables[str(name)] = (DIMS, values, about)
    return cells.dataset(variables).assign_attrs(size_unit="quote", contract_value=1.0)


def _worth(cells: Cells, contract_unit: str | None) -> np.ndarray:
    """What one unit of size is worth in each bin, (P,), quote currency."""
    unit = cells.attribute("size_unit")
    if unit == "coins" and contract_unit is None:
        return cells.middles
    if unit != "contracts" or contract_unit not in ("base", "quote"):
        raise GridError(
            where="notional",
            expected=Sentence("coins, or contracts with ", Keyword("contract_unit", "base"), " or 'quote'"),
            got=f"{unit} with {contract_unit!r}",
            remedy="A contract is worth contract_value coins ('base') or so much money ('quote')",
        )
    value = float(cells.attribute("contract_value"))
    return cells.middles * value if contract_unit == "base" else np.full(len(cells.heights), value)


def per_tick(cells: Cells) -> xr.DataArray:
    """Liquidity (S, P, T) over the ticks of its bin, size units per tick; NaN for a bin of none.

    Raises
    ------
    GridError : a ``peak`` grid.
    """
    cells.check_sums()
    heights = np.where(cells.heights > 0, cells.heights, np.nan)[:, None]
    about = {"long_name": "liquidity per tick", "units": f"{cells.unit} per tick"}
    values = (cells.liquidity / heights).astype(np.float32)
    return cells.dataset({"per_tick": (DIMS, values, about)})["per_tick"]
