"""`rasterize`: the grid of any edges, as an xarray Dataset."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import numpy as np

from liqmap.carry import Calibrated, CarryModel, Duration, Presence, carry_model
from liqmap.carry.presence import presence_of, rates_of
from liqmap.grid import accessor as accessor  # registered here: whoever has a grid has `grid.liqmap`
from liqmap.grid.coordinates import Grid, coordinates
from liqmap.grid.edges import price_edges as check_prices
from liqmap.grid.edges import row_ticks
from liqmap.grid.edges import time_edges as check_times
from liqmap.grid.known_time import mean_over_known
from liqmap.raster.paint import paint
from liqmap.raster.presence import presences
from liqmap.schema import SIDES, STATES, Aggregate, GridError, Keyword, Sentence
from liqmap.spans import Spans
from liqmap.spans.spans import spans_of

Over = Literal["bin", "known"]

CELL_METHODS = {
    "mean": "price: sum time: mean",
    "peak": "price: time: maximum",
    "last": "price: sum time: point",
}
"""What a cell tells of its levels and instants, as CF says it."""


def rasterize(
    spans: Spans | Any,
    time_edges: Any,
    price_edges: Any,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    agg: Aggregate = "mean",
    parts: bool = False,
    carry: CarryModel | Calibrated | None = None,
    over: Over = "bin",
    presence: Presence | CarryModel | Calibrated | None = None,
) -> Grid:
    """Effective resting size in each cell of a grid.

    Parameters
    ----------
    time_edges : (T + 1,) increasing, UTC: whatever every call takes for times, and integers of ns.
    price_edges : (P + 1,) increasing, quote currency; bins are [left, right), and an edge e begins at
        tick ceil(e / tick_size - 1e-6).
    half_life : age at which a carried size weighs 1/2; None carries without decay.
    prune : age at which a carried size is dropped; None never, 0 carries nothing.
    agg : ``mean`` (time-weighted mean of the summed size), ``peak`` (largest size of a single level),
        ``last`` (summed size in the instant before the right edge).
    carry : a carry model instead of half-life and prune, such as `Survival` or `Exponentials`; or a
        `Calibration` of this market, whose model it is, and which is refused on any other.
    parts : add ``observed`` and ``carried`` (the parts of ``liquidity``), ``known`` (share of the cell's
        ticks x time, 0 to 1) and ``age`` (s, at the right edge, weighted by effective size). Of a ``mean``,
        in which unknown time counts as 0, ``known`` is always there: without ``parts`` as a coordinate.
    over : what a ``mean`` is taken over. ``bin``: its whole time, unknown counting as 0; additive over price
        and, weighed by width, over time. ``known``: of each tick the time for which it is known; additive
        over price, not over time.
    presence : add how probable it is that what a cell shows is still there, by a `Presence` (``presence``,
        ``presence_low`` and ``presence_high``, the ends of its interval) or by a model of the rate alone
        (``presence``); see the notes. Or by a `Calibration` of this market, which is refused on any other.

    Returns
    -------
    Dataset, dims (side, price, time): ``liquidity`` float32, size units, NaN where unknown and 0 where the
    book is known to be empty; ``state`` uint8, CF flags. ``price`` and ``time`` are the centres of the bins;
    their edges stand beside them (``time_left``, ``time_right``, ``price_left``, ``price_right``), and as
    ``grid["time_bounds"]`` and ``grid["price_bounds"]``. What `last` holds is true at ``time_right``.
    ``grid.liqmap`` measures, coarsens and draws it (see `accessor.GridAccessor`).

    Raises
    ------
    GridError : edges that do not increase, or of which all are more than an hour before the first or after
        the last message; an unknown aggregate, half-life or prune out of range; a calibration of another
        market, or one that knows no presence.

    Notes
    -----
    w(a) = 2**(-a / half_life) for a < prune, integrated in closed form over each cell.

    ``presence`` is kept apart from size. Of the sizes that the book last confirmed, it is the share that is
    expected to be there still, p(a) being the probability that a level is, a after it was confirmed:

        sum(size x p(a)) / sum(size)

    over the levels in the cell that the carry has not dropped, with p = 1 for what is observed: in ``last``
    in the instant before the right edge, in ``mean`` with both sums integrated over the bin. In ``peak`` it
    is p of the level that decides the cell, at the age at which it enters it (of equal ones of that which was
    confirmed last). It is NaN where nothing rests. An interval is of the rate, not of a single level.
    """
    spans = spans_of(spans, "spans")
    times = check_times(time_edges, (spans.begin, spans.last) if len(spans) else None)
    prices = check_prices(price_edges)
    check_over(over, agg, parts or presence is not None)
    model = carry_model(half_life, prune, carry, (spans.meta,))
    likely = presence_of(presence, (spans.meta,))
    grid = grid_of(spans, times, prices, model, agg, parts, likely)
    return grid if over == "bin" else _over_known(grid, spans, times, prices, model)


def check_over(over: str, agg: str, more: bool) -> None:
    """Raise where a grid over known time cannot be.

    Parameters
    ----------
    more : whether parts or presence are asked for.

    Raises
    ------
    GridError : another word, another aggregate than ``mean``, or ``more``, which is over the bin.
    """
    if not isinstance(over, str) or over not in ("bin", "known"):
        raise GridError(argument="over", expected="bin or known", got=repr(over))
    if over == "known" and (agg != "mean" or more):
        raise GridError(
            argument="over",
            expected="bin",
            got="known, which a mean without parts and presence alone has",
            remedy=Sentence(
                "Pass ",
                Keyword("agg", "mean"),
                " and leave out ",
                Keyword("parts"),
                " and ",
                Keyword("presence"),
            ),
        )


def _over_known(grid: Grid, spans: Spans, times: np.ndarray, prices: np.ndarray, carry: CarryModel) -> Grid:
    """The grid with means over known time in place of those over the bin."""
    values = mean_over_known(spans, times, row_ticks(prices, spans.tick_size), carry)
    size = grid["liquidity"]
    grid["liquidity"] = size.dims, np.where(np.isnan(size), np.nan, values).astype(np.float32), size.attrs
    grid.attrs["over"] = "known"
    return grid


def grid_of(
    spans: Spans,
    times: np.ndarray,
    prices: np.ndarray,
    carry: CarryModel,
    agg: str = "mean",
    parts: bool = False,
    presence: Presence | CarryModel | None = None,
) -> Grid:
    """`rasterize` under a carry model, on edges that are checked.

    Parameters
    ----------
    times : (T + 1,) int64 ns, UTC, rising; prices : (P + 1,) float64, rising.

    Raises
    ------
    GridError : an unknown aggregate, a presence that is none.
    """
    rows = row_ticks(prices, spans.tick_size)
    rates = {} if presence is None else rates_of(presence)
    frames = paint(spans, times, rows, carry, agg, parts, known=agg == "mean")
    if not rates:
        return _dataset(spans, frames, times, prices, carry, agg)
    frames |= presences(spans, times, rows, carry, rates, agg)
    grid = _dataset(spans, frames, times, prices, carry, agg)
    grid.attrs["presence"] = repr(rates["presence"])
    for name, end in (("presence_low", "low"), ("presence_high", "high")):
        if isinstance(presence, Presence):
            grid[name].attrs["long_name"] = f"{end} end of its {100 * presence.level:g} % interval"
    return grid


def _dataset(
    spans: Spans,
    frames: dict[str, np.ndarray],
    times: np.ndarray,
    prices: np.ndarray,
    carry: CarryModel,
    agg: str,
) -> Grid:
    meta = spans.meta
    dims = ("side", "price", "time")
    size = {"units": meta.size_unit, "cell_methods": CELL_METHODS[agg]}
    share = {"units": "1"}
    described = {
        "liquidity": {"long_name": "effective resting size"} | size,
        "state": {
            "long_name": "what is known of the cell",
            "flag_values": np.arange(len(STATES), dtype=np.uint8),
            "flag_meanings": " ".join(STATES),
        },
        "observed": {"long_name": "observed part of the liquidity"} | size,
        "carried": {"long_name": "carried part of the liquidity"} | size,
        "known": {"long_name": "known share of the cell", "units": "1"},
        "age": {"long_name": "time since the book confirmed the size", "units": "s"},
        "presence": {"long_name": "share of the size last confirmed that is expected to be there still"}
        | share,
        "presence_low": dict(share),
        "presence_high": dict(share),
    }
    attrs = {
        "Conventions": "CF-1.12",
        "venue": meta.venue,
        "symbol": meta.symbol,
        "tick_size": spans.tick_size,
        "size_unit": meta.size_unit,
        "contract_value": meta.contract_value,
        **carry.attrs(),
        "agg": agg,
        "source_digest": hashlib.sha256("".join(s.sha256 for s in meta.sources).encode()).hexdigest()[:16],
    }
    grid = Grid(
        {name: (dims, values, described[name]) for name, values in frames.items()},
        coords=coordinates(np.array(SIDES), prices, times),
        attrs=attrs,
    )
    alone = "known" in frames and "observed" not in frames
    return grid.set_coords("known") if alone else grid
