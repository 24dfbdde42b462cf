"""`grid.liqmap`: what people do with a grid next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr

from liqmap.grid import measures, shares
from liqmap.grid.cells import Cells
from liqmap.grid.coarsen import coarsen
from liqmap.grid.coordinates import Grid
from liqmap.grid.image import image
from liqmap.schema import STATES
from liqmap.xarray_accessor import registered

if TYPE_CHECKING:
    import holoviews as hv
    import pandas as pd

Shown = Literal["bid", "ask", "net"]
ContractUnit = Literal["base", "quote"]


@registered
class GridAccessor:
    """Measures, coarser grids, units and pictures of a grid, as ``grid.liqmap``.

    It is there once liqmap and xarray are imported, in either order, for what ``xarray.open_dataset`` opens
    and liqmap makes. ``lm.GridAccessor(grid)`` is the same, for type checkers and ``help``. It works on
    slices in any order, on one side, one price or one time of a grid. Of a cell it goes by the edges beside
    its coordinates, which `isel` and `sel` keep; a plain ``resample`` drops those of time, so that `coarsen`
    stands for it.

    Notes
    -----
    The price of a bin is the middle of its ticks: exact for bins of one tick, else off by at most half of
    (bin height - tick size). Where a sum meets what is unknown it takes it as 0 and says in ``known`` which
    share of its ticks (of a ``mean``: of its ticks x time) the grid knows; it is NaN where it knows none, or
    less than ``min_known``.

    ``bbo`` is the frame of `Session.bbo`, or one with its columns of polars, Arrow or DuckDB, of the time of
    the grid. With it the touch is exact: as it stood in the instant before the
    right edge (``last``), else its time-weighted mean over the time bin; the last quote stands on. Without
    it, the touch is the highest bid bin and the lowest ask bin with observed size: to the bin in ``last``
    grids, and in others the extremes of a time bin.

    Raises
    ------
    GridError : the dataset is no grid, or has lost the bounds, states or attributes that a method needs.
    """

    def __init__(self, grid: xr.Dataset) -> None:
        self._grid = grid

    @property
    def _cells(self) -> Cells:
        return Cells(self._grid)

    # ------------------------------------------------------------------ where its cells are

    @property
    def time_edges(self) -> np.ndarray:
        """(T + 1,) datetime64[ns], UTC: what `rasterize` wants for another grid on the same bins.

        Raises
        ------
        GridError : bins that do not follow on each other.
        """
        return self._cells.edges("time").astype("datetime64[ns]")

    @property
    def price_edges(self) -> np.ndarray:
        """(P + 1,) quote currency.

        Raises
        ------
        GridError : bins that do not follow on each other.
        """
        return self._cells.edges("price")

    @property
    def time_bounds(self) -> xr.DataArray:
        """(T, 2) left and right edge of each bin, UTC."""
        return self._bounds("time", self._cells.times.astype("datetime64[ns]"))

    @property
    def price_bounds(self) -> xr.DataArray:
        """(P, 2) lower and upper edge of each bin, quote currency."""
        return self._bounds("price", self._cells.prices)

    def _bounds(self, dim: str, values: np.ndarray) -> xr.DataArray:
        at = self._cells.grid[dim]
        return xr.DataArray(values, dims=(dim, "bounds"), coords={dim: at}, name=f"{dim}_bounds")

    def coarsen(self, time: Any = None, price: Any = None) -> Grid:
        """The grid that `rasterize` makes of coarser edges, exactly, from this one.

        Parameters
        ----------
        time : bin width such as ``"1min"`` (edges are its multiples since the epoch), or edges in UTC.
        price : bin height in quote currency (edges are its multiples from 0), or edges.

        Returns
        -------
        Dataset as of `rasterize`. Sizes: ``mean`` the width-weighted mean over time and the sum over price,
        ``peak`` the largest, ``last`` the last and the sum over price; unknown counts as 0. States: observed
        prevails over carried over unknown. Of a width, the first and last bins are cut where the grid ends.

        Raises
        ------
        GridError : an edge that the grid does not have, bins that do not follow on each other.

        Notes
        -----
        xarray's own ``resample`` and ``coarsen`` leave unknown cells out of a mean, average states and lose
        or shift bounds. ``age`` is weighed by size at the right edge, which ``mean`` and ``peak`` grids do
        not have: there it is left out if price bins are joined. ``presence`` is weighed by sizes before they
        faded, which no grid has: it is left out where bins are joined, but of a ``peak`` that of the largest
        size (of equal ones the likelier). So are variables that `rasterize` does not make.
        """
        return coarsen(self._cells, time, price)

    # ------------------------------------------------------------------ the touch

    def touch(self, bbo: Any = None) -> xr.Dataset:
        """``bid`` and ``ask``, the best prices per time; quote currency, NaN where there is none."""
        return measures.touches(self._cells, bbo)

    def mid(self, bbo: Any = None) -> xr.DataArray:
        """Middle of the touch per time, quote currency; NaN unless both sides have one."""
        return measures.mid(self._cells, bbo)

    def spread(self, bbo: Any = None) -> xr.DataArray:
        """Best ask less best bid per time, quote currency.

        Raises
        ------
        GridError : a ``mean`` or ``peak`` grid without ``bbo``: the extremes of a time bin have no spread.
        """
        return measures.spread(self._cells, bbo)

    # ------------------------------------------------------------------ depth

    def depth(
        self,
        bps: float | None = None,
        bins: int | None = None,
        bbo: Any = None,
        min_known: float = 0.0,
    ) -> xr.Dataset:
        """Resting size near the touch, per side and time.

        Parameters
        ----------
        bps : within so many hundredths of a percent of the mid.
        bins : in so many price bins of the touch's own and outward. Default: everything in the grid.
        min_known : NaN where less of the band is known.

        Returns
        -------
        ``depth`` (side, time), size units; a bin that the band cuts counts by its share of ticks. ``known``:
        share of the band's ticks, from mid or touch to its end, that the grid holds and knows; of a ``mean``
        share of ticks x time, as a bin known for a twentieth of its time has a twentieth of the size.

        Raises
        ------
        GridError : both ``bps`` and ``bins``, or a ``peak`` grid, whose sizes do not add up.
        """
        return measures.depth(self._cells, bps, bins, bbo, min_known)

    def imbalance(
        self,
        bps: float | None = None,
        bins: int | None = None,
        bbo: Any = None,
        min_known: float = 0.0,
    ) -> xr.DataArray:
        """(bids - asks) / (bids + asks) of the `depth` near the touch per time, -1 to 1.

        NaN where nothing rests, or the depth of a side is.

        Raises
        ------
        GridError : as `depth`, or a grid of one side.
        """
        return measures.imbalance(self._cells, bps, bins, bbo, min_known)

    def cumulative(self, bbo: Any = None) -> xr.Dataset:
        """Size that rests between the touch and the far edge of each bin.

        Returns
        -------
        ``cumulative`` (side, price, time), size units, and ``known``, the share of the ticks from the touch
        to there (from the inner end of the grid where there is no touch) that the grid holds and knows.

        Raises
        ------
        GridError : a ``peak`` grid.
        """
        return measures.cumulative(self._cells, bbo)

    def per_tick(self) -> xr.DataArray:
        """Liquidity per tick of its bin: comparable between grids of any price bins.

        Raises
        ------
        GridError : a ``peak`` grid: a peak is of one level already.
        """
        return measures.per_tick(self._cells)

    # ------------------------------------------------------------------ units and shares

    def notional(self, contract_unit: ContractUnit | None = None) -> xr.Dataset:
        """The grid with sizes in quote currency: every other measure of it is then notional too.

        Parameters
        ----------
        contract_unit : what ``contract_value`` counts, for sizes in contracts: ``base`` (so many coins a
            contract, as linear contracts) or ``quote`` (so much money, as inverse ones). Files do not say.

        Raises
        ------
        GridError : contracts without ``contract_unit``, coins with one, or sizes in money already.

        Notes
        -----
        Coins are worth the price of their bin: relative error at most (bin height - tick size) / (2 price).
        """
        return measures.notional(self._cells, contract_unit)

    def carried_share(self, dim: str | Iterable[str] | None = None) -> xr.DataArray:
        """Share of the liquidity (size x time) that is carried, 0 to 1; NaN where nothing rests.

        From ``carried`` if the grid has parts, else from the cells of that state: carried sizes in cells that
        were also observed are then missed. In ``peak`` grids a cell is one size, observed or carried.

        Parameters
        ----------
        dim : dimensions to sum over; default all.
        """
        return shares.carried_share(self._cells, dim)

    def coverage(self, dim: str | Iterable[str] | None = None) -> xr.DataArray:
        """Share of ticks x time that is known, 0 to 1: exactly if the grid has ``known``, as a mean or one
        with parts; else whole cells.

        Parameters
        ----------
        dim : dimensions to sum over; default all.
        """
        return shares.coverage(self._cells, dim)

    # ------------------------------------------------------------------ for other tools

    def to_frame(self) -> pd.DataFrame:
        """A row per cell in which something rests, by side, price and time.

        Columns side, price and ts (left edges of the bins; UTC), liquidity, state (words), and the parts if
        the grid has them, or presence.
        """
        import pandas as pd

        cells = self._cells
        s, p, t = np.nonzero(np.nan_to_num(cells.liquidity) > 0)
        columns = {
            "side": pd.Categorical.from_codes(s, cells.sides),
            "price": cells.prices[p, 0],
            "ts": pd.DatetimeIndex(cells.times[t, 0].view("M8[ns]"), tz="UTC"),
            "liquidity": cells.liquidity[s, p, t],
            "state": pd.Categorical.from_codes(cells.state[s, p, t], list(STATES)),
        }
        names = ("observed", "carried", "known", "age", "presence", "presence_low", "presence_high")
        parts = [name for name in names if name in cells.grid]
        return pd.DataFrame(columns | {name: cells.values(name)[s, p, t] for name in parts})

    def image(
        self, side: Shown | None = None, what: str = "liquidity", **options: Any
    ) -> hv.Image | hv.QuadMesh:
        """A HoloViews element with every cell exactly on its bounds, unknown left blank.

        Parameters
        ----------
        side : ``bid``, ``ask``, ``net`` (bids less asks); None: both, as their sum (``peak``: the larger).
        what : variable to draw.
        options : of the element, such as ``cnorm="log"``, ``cmap="viridis"``, ``width=900``.

        Returns
        -------
        Image of even bins, else QuadMesh. Bins that a selection left out are blank. `lm.heatmap` draws the
        two-sided picture that follows zoom.

        Raises
        ------
        GridError : no such side or variable, bins that overlap.
        """
        return image(self._cells, side, what, options)
