"""A grid as a HoloViews element, each cell drawn exactly where its bounds are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from liqmap.grid.cells import Cells
from liqmap.schema import SIDES, GridError, words_of
from liqmap.schema.ranges import two

if TYPE_CHECKING:
    import holoviews as hv


MICROSECOND = 1_000
"""ns: HoloViews counts the pixels of an Image by whole microseconds."""

DECADES = 10**6
"""How far a logarithmic scale reaches below the largest size, at most: decayed sizes have no end."""


def image(cells: Cells, side: str | None, what: str, options: dict[str, Any]) -> hv.Image | hv.QuadMesh:
    """Variable ``what`` of one side, of both (None) or ``net``, on time and price, NaN where unknown.

    An Image where all bins are even and begin on whole microseconds, else a QuadMesh.

    Raises
    ------
    GridError : no such variable or side, two sides of what does not add up, or an option that HoloViews does
        not take.
    """
    import holoviews as hv

    if not hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)
    values = _picture(cells, side, what)
    times, values = _fill_gaps(cells.times, values, 1, "time")
    prices, values = _fill_gaps(cells.prices, values, 0, "price")
    about = cells.grid[what].attrs
    shown = hv.Dimension(what, label=str(about.get("long_name", what)), unit=about.get("units"))
    if side == "net":
        shown = shown.clone(label="bids less asks", unit=about.get("units"))
    dims: dict[str, Any] = {"kdims": ["time", "price"], "vdims": [shown]}
    instants = times.astype("datetime64[ns]")
    if _even(times) and _even(prices) and not (times % MICROSECOND).any():
        middles = {"time": _middles(times).astype("datetime64[ns]"), "price": _middles(prices)}
        data = xr.Dataset({what: (("price", "time"), values)}, coords=middles)
        element = hv.Image(data, bounds=(instants[0], prices[0], instants[-1], prices[-1]), **dims)
    else:
        element = hv.QuadMesh((instants, prices, values), **dims)
    looks = {"cmap": "RdBu", "symmetric": True} if side == "net" else {"cmap": "magma"}
    is_matplotlib = hv.Store.current_backend == "matplotlib"
    if is_matplotlib:
        looks["aspect"] = "auto"  # else as many seconds as units of money
    if options.get("cnorm") == "log" or options.get("logz"):
        looks |= _logarithmic(values, side, options)
        if is_matplotlib:
            options = options | {"hooks": [_clip, *options.get("hooks", ())]}
    try:
        return element.opts(**{"colorbar": True, **looks, **options})
    except (ValueError, TypeError) as error:
        said = words_of(error).rstrip(".")
        raise GridError(argument="options", expected="options of HoloViews", got=said) from None


def _logarithmic(values: np.ndarray, side: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """Options under which 0, known to be empty, is the lowest colour of a logarithmic scale, unlike unknown.

    Left to themselves, Bokeh draws nothing on a scale from 0, and matplotlib draws 0 as it does NaN.

    Raises
    ------
    GridError : bids less asks, or ``clim`` that does not rise from above 0.
    """
    if side == "net":
        expected = "a linear scale for side='net', which has both signs"
        raise GridError(argument="cnorm", expected=expected, got="log")
    clim = options.get("clim")
    ends = (None, None) if clim is None else two(clim)
    if ends is None:
        raise GridError(argument="clim", expected="two sizes that rise", got=repr(clim))
    if not (ends[0] is None or ends[0] > 0):
        raise GridError(argument="clim", expected="sizes above 0 on a logarithmic scale", got=repr(clim))
    lit = values[values > 0]
    high = float(lit.max()) if len(lit) else 1.0
    low = max(float(lit.min()) if len(lit) else 0.0, high / DECADES)
    return {"clim": (low if low < high else high / 10, high)}


def _clip(plot: Any, element: Any) -> None:
    """Have matplotlib draw what is below the scale in its lowest colour."""
    plot.handles["artist"].norm.clip = True


def _picture(cells: Cells, side: str | None, what: str) -> np.ndarray:
    """(P, T) of one side, of both (``net``: bids less asks), NaN where unknown.

    Of two sides a cell is known where something rests on either, or both are known to be empty.
    """
    values = cells.values(what)
    if not (side is None or isinstance(side, str)):
        raise GridError(
            argument="side", expected=f"one of {SIDES}, 'net' or None for both", got=f"{side!r:.60}"
        )
    if side in SIDES:
        return values[cells.row(str(side))]
    if side not in (None, "net"):
        raise GridError(argument="side", expected=f"one of {SIDES}, 'net' or None for both", got=repr(side))
    if side is None and len(cells.sides) == 1:
        return values[0]
    if what not in ("liquidity", "observed", "carried"):
        raise GridError(
            argument="side",
            expected=f"one of {SIDES}",
            got=f"{side!r}: only sizes of two sides make one picture",
        )
    bid, ask = (np.nan_to_num(values[cells.row(name)]) for name in SIDES)
    joined = (
        bid - ask
        if side == "net"
        else np.maximum(bid, ask)
        if cells.attribute("agg") == "peak"
        else bid + ask
    )
    known = (bid > 0) | (ask > 0) | ~np.isnan(values).any(axis=0)
    return np.where(known, joined, np.nan)


def _fill_gaps(bounds: np.ndarray, values: np.ndarray, axis: int, dim: str) -> tuple[np.ndarray, np.ndarray]:
    """Edges without a gap, unknown cells put in where bins do not follow on each other."""
    step = bounds[1:, 0] - bounds[:-1, 1]
    if (step < 0).any():
        k = int(np.argmax(step < 0))
        raise GridError(
            where=dim, expected="bins that do not overlap", got=f"{bounds[k]} and {bounds[k + 1]}"
        )
    gaps = np.flatnonzero(step > 0) + 1
    edges = np.append(np.insert(bounds[:, 0], gaps, bounds[gaps - 1, 1]), bounds[-1, 1])
    return edges, np.insert(values.astype(np.float32), gaps, np.nan, axis=axis)


def _even(edges: np.ndarray) -> bool:
    steps = np.diff(edges)
    return bool(np.ptp(steps) <= (1e-6 * steps[0] if edges.dtype.kind == "f" else 0))


def _middles(edges: np.ndarray) -> np.ndarray:
    return (
        edges[:-1] + (edges[1:] - edges[:-1]) // 2
        if edges.dtype.kind == "i"
        else (edges[:-1] + edges[1:]) / 2
    )
