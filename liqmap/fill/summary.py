"""What a comparison measures, from its cells: coverage, appearances, ghosts, inflation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from liqmap.carry import nanoseconds

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = ("not_drawn", "resting", "ghost", "undecided")
NOT_DRAWN, RESTING, GHOST, UNDECIDED = range(len(VERDICTS))
"""On a drawn cell: something rests there by the spans, observed or carried; it is known to be empty; the
spans know too little of it to say."""

QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def levels_of(cells: xr.Dataset) -> pd.DataFrame:
    """In how many time buckets each level of the snapshots appears: raw, filled, by liqmap.

    A level is one side of one price bin. Returns side, price, raw, filled, liqmap; whole numbers.
    """
    import pandas as pd

    counts = {
        "raw": np.isfinite(cells["raw"].values).sum(axis=2),
        "filled": (cells["verdict"].values != NOT_DRAWN).sum(axis=2),
        "liqmap": (cells["liquidity"].values > 0).sum(axis=2),
    }
    side, row = np.nonzero(counts["raw"])
    where = {"side": cells["side"].values[side], "price": cells["price_left"].values[row]}
    return pd.DataFrame(where | {name: count[side, row] for name, count in counts.items()})


def appearances(levels: pd.DataFrame) -> pd.DataFrame:
    """Quantiles over the levels of the number of buckets in which each appears, and the mean."""
    import pandas as pd

    counts = levels[["raw", "filled", "liqmap"]]
    table = counts.quantile(list(QUANTILES))
    table.index = pd.Index(["least", "10 %", "25 %", "median", "75 %", "90 %", "most"], name="levels")
    return pd.concat([table, counts.mean().to_frame("mean").T.rename_axis("levels")])


def inflation(cells: xr.Dataset) -> np.ndarray:
    """Drawn size / true mean of the cells that the bucket's snapshots show and where the spans rest; 1-D."""
    fresh, true = cells["raw"].values, cells["liquidity"].values
    both = np.isfinite(fresh) & (true > 0)
    return fresh[both] / true[both]


def summary(cells: xr.Dataset, levels: pd.DataFrame, remembered: float) -> pd.DataFrame:
    """The measures by name: value, unit, meaning.

    Parameters
    ----------
    remembered : share of what rests at the first instant that is carried from before it.
    """
    import pandas as pd

    rows = _coverage(cells, levels) + _ghosts(cells) + _inflation(cells) + _missed(cells, remembered)
    return pd.DataFrame(rows, columns=["measure", "value", "unit", "meaning"]).set_index("measure")


Rows = list[tuple[str, float, str, str]]


def _coverage(cells: xr.Dataset, levels: pd.DataFrame) -> Rows:
    raw = float(np.isfinite(cells["raw"].values).sum())
    filled = float((cells["verdict"].values != NOT_DRAWN).sum())
    own = float((cells["liquidity"].values > 0).sum())
    buckets = cells.sizes["time"]
    middle = levels[["raw", "filled", "liqmap"]].median()
    bucket, every = (nanoseconds(cells.attrs[name]) or 1 for name in ("bucket", "every"))
    return [
        ("time buckets", buckets, "buckets", "columns of the comparison"),
        ("snapshots a bucket", bucket / every, "snapshots", "that are summed"),
        ("levels", len(levels), "levels", "price bins of a side that the snapshots ever show"),
        ("raw cells", raw, "cells", "that the snapshots show"),
        ("filled cells", filled, "cells", "that the original draws"),
        ("coverage", filled / raw, "x", "filled cells / raw cells"),
        ("liqmap cells", own, "cells", "where the spans rest, observed or carried"),
        ("liqmap coverage", own / raw, "x", "liqmap cells / raw cells"),
        ("buckets a level, raw", middle["raw"], "buckets", "median over the levels"),
        ("buckets a level, filled", middle["filled"], "buckets", "median over the levels"),
        ("buckets a level, liqmap", middle["liqmap"], "buckets", "median over the levels"),
    ]


def _ghosts(cells: xr.Dataset) -> Rows:
    drawn, verdict = np.nan_to_num(cells["filled"].values), cells["verdict"].values
    ghost, carried = verdict == GHOST, cells["filled_age"].values > 0
    total, added = drawn.sum(), drawn[carried].sum()
    between = _between(cells)
    near = drawn[ghost & between].sum()
    drawn_cells = (verdict != NOT_DRAWN).sum()
    return [
        ("drawn", total, cells["filled"].attrs["units"], "sum of all drawn sizes"),
        ("carried share", _share(added, total), "share", "of the drawn liquidity: not shown in its bucket"),
        ("ghost share", _share(drawn[ghost].sum(), total), "share",
         "of the drawn liquidity: where the book is known to be empty"),
        ("ghost share of carried", _share(drawn[ghost].sum(), added), "share", "of the carried liquidity"),
        ("ghost share of cells", _share(ghost.sum(), drawn_cells), "share", "of drawn cells"),
        ("ghost share of carried, in sight", _share(near, added), "share",
         "of the carried liquidity: ghosts from the bucket's lowest bid to its highest ask"),
        ("undecided share", _share(drawn[verdict == UNDECIDED].sum(), total), "share",
         "of the drawn liquidity: the spans know too little of the cell"),
    ]  # fmt: skip


def _between(cells: xr.Dataset) -> np.ndarray:
    """Cells from the lowest bid to the highest ask that the snapshots of their bucket show; (P, T)."""
    shown = np.isfinite(cells["raw"].values)
    rows = np.arange(shown.shape[1])[:, None]
    lowest = np.where(shown[0], rows, len(rows)).min(axis=0)
    highest = np.where(shown[1], rows, -1).max(axis=0)
    return (rows >= lowest) & (rows <= highest)


def _inflation(cells: xr.Dataset) -> Rows:
    true = cells["liquidity"].values
    fresh = np.isfinite(cells["raw"].values) & (true > 0)
    resting = cells["verdict"].values == RESTING
    ratios = inflation(cells)
    drawn = cells["filled"].values
    return [
        ("inflation", _share(cells["raw"].values[fresh].sum(), true[fresh].sum(dtype=float)), "x",
         "drawn / true mean size, sums over the cells that their bucket's snapshots show"),
        ("inflation, median", float(np.median(ratios)) if len(ratios) else np.nan, "x",
         "median over the same cells"),
        ("inflation, carried too", _share(drawn[resting].sum(), true[resting].sum(dtype=float)), "x",
         "the same sums over all cells where both rest"),
    ]  # fmt: skip


def _missed(cells: xr.Dataset, remembered: float) -> Rows:
    """What the spans hold and the original leaves blank."""
    true = np.nan_to_num(cells["liquidity"].values.astype(float))
    blank = cells["verdict"].values == NOT_DRAWN
    return [
        ("blank share", _share(true[blank].sum(), true.sum()), "share",
         "of liqmap's liquidity: where the original draws nothing"),
        ("remembered at the left edge", remembered, "share",
         "of liqmap's liquidity at the first instant: carried from before it, unknown to the original"),
    ]  # fmt: skip


def _share(part: float, whole: float) -> float:
    """part / whole; NaN of nothing."""
    return float(part) / float(whole) if whole else np.nan
