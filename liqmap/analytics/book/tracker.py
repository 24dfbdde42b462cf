"""A liquidity tracker: what rests near the mid, bids against asks; and what rests beyond prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.book.observed_books import books_before
from liqmap.analytics.book.order_flow import MOST
from liqmap.analytics.book.source import Market, market_of
from liqmap.carry import Calibrated, CarryModel, Duration, carry_model
from liqmap.fill.snapshots import instants, step_of
from liqmap.raster.paint import paint
from liqmap.schema import GridError
from liqmap.schema.arguments import is_number

if TYPE_CHECKING:
    import pandas as pd


def tracker(
    source: Any, every: Duration = "1s", min_size: float = 0.0, half_distance: float = 10.0
) -> pd.DataFrame:
    """A liquidity tracker: observed size near the mid, large levels only, the near ones counting most.

    Parameters
    ----------
    source : a `Session`, or spans.
    every : distance of the instants, which are its multiples since the epoch.
    min_size : levels below it are left out; the market's size unit.
    half_distance : bps from the mid at which a level weighs 1/2.

    Returns
    -------
    A row per instant: ``ts`` (UTC); ``bid`` and ``ask``, weighed sizes, the market's size unit; ``balance``,
    (bid - ask) / (bid + ask), -1 to 1, NaN where nothing rests; ``known``, the share of the weight that falls
    on distances which the window reaches, of the less known side. A row tells of the instant before ``ts``;
    carried sizes are left out; NaN where a side is not observed.

    Raises
    ------
    GridError : a distance or size that is none, too many instants.

    Notes
    -----
    ``bid = sum q * 2**(-d / half_distance)`` over the bids of a size q of ``min_size`` or more, d bps from
    the mid, and likewise ``ask``; ``known = 1 - 2**(-D / half_distance)``, D bps from the mid to the end of
    the window. The weights are this library's choice: there is no published definition of such trackers.
    """
    import pandas as pd

    for name, value, least in (("min_size", min_size, 0.0), ("half_distance", half_distance, 1e-9)):
        if not (is_number(value) and least <= value < np.inf):
            expected = "a size of 0 or more" if name == "min_size" else "bps above zero"
            raise GridError(argument=name, expected=expected, got=repr(value))
    market, times = _instants(source, every, 5)
    found = np.full((3, len(times)), np.nan)
    at = 0
    for books in books_before(market.spans, times, 1, whole=True):
        now = slice(at, at + len(books))
        middle = books.mid / books.tick_size
        shares = []
        for number, side in enumerate(books.sides):
            weight = np.exp2(-np.abs(side.tick / middle[side.at] - 1) * 1e4 / half_distance)
            found[number, now] = np.where(
                np.isnan(middle), np.nan, side._replace(size=side.size * weight).total(side.size >= min_size)
            )
            reach = np.abs(np.where(np.isinf(side.worst), np.nan, side.worst) / middle - 1) * 1e4
            share = np.where(np.isinf(side.worst), 1.0, 1 - np.exp2(-reach / half_distance))
            shares.append(np.where(np.isnan(side.worst) | np.isnan(middle), 0.0, share))
        found[2, now] = np.minimum(*shares)
        at = now.stop
    bid, ask, known = found
    total = bid + ask
    balance = np.divide(bid - ask, total, out=np.full(len(total), np.nan), where=total > 0)
    ts = pd.DatetimeIndex(times.view("datetime64[ns]"), tz="UTC")
    return pd.DataFrame({"ts": ts, "bid": bid, "ask": ask, "balance": balance, "known": known})


def beyond(
    source: Any,
    low: float | None = None,
    high: float | None = None,
    every: Duration = "1min",
    half_life: Duration = "30s",
    prune: Duration = "5min",
    carry: CarryModel | Calibrated | None = None,
) -> pd.DataFrame:
    """Liquidity beyond given prices, such as the edges of a picture: bids below ``low``, asks above ``high``.

    Parameters
    ----------
    source : a `Session`, or spans.
    low, high : quote currency: bids at prices below ``low``, asks at ``high`` or above. None: that side is
        left out.
    every : distance of the instants, which are its multiples since the epoch.
    half_life, prune, carry : how sizes that the feed no longer shows are carried (see `rasterize`).

    Returns
    -------
    A row per instant: ``ts`` (UTC), and of the sides asked for ``below_observed, below_carried,
    above_observed, above_carried``, the market's size unit. A row tells of the instant before ``ts``. What
    was never seen, or is pruned, is in none: these are sizes that are known of, not all that rest.

    Raises
    ------
    GridError : no price, or one that is none; too many instants.

    Notes
    -----
    ``sum s`` over the levels that are observed, and ``sum s * w(age)`` over those that are carried, w as in
    `rasterize`: the column of a grid with ``agg="last"`` whose cell is all that lies beyond.
    """
    import pandas as pd

    for name, value in (("low", low), ("high", high)):
        if value is not None and not (is_number(value) and 0 < value < np.inf):
            raise GridError(argument=name, expected="a price", got=repr(value))
    if low is None and high is None:
        raise GridError(argument="low", expected="low, high or both", got="none")
    market, times = _instants(source, every, 5)
    spans = market.spans
    model = carry_model(half_life, prune, carry, (spans.meta,))
    edges = np.append(times[0] - 1, times)
    columns: dict[str, np.ndarray] = {}
    for number, name, price in ((0, "below", low), (1, "above", high)):
        if price is None:
            continue
        cut = int(np.ceil(price / spans.tick_size - 1e-6))
        levels = spans.sides[number].levels
        lowest, highest = (int(levels[0]), int(levels[-1]) + 1) if len(levels) else (cut - 1, cut + 1)
        rows = (
            np.array([min(lowest, cut - 1), cut]) if number == 0 else np.array([cut, max(highest, cut + 1)])
        )
        parts = paint(spans, edges, rows, model, "last", parts=True)
        for part in ("observed", "carried"):
            columns[f"{name}_{part}"] = np.nan_to_num(parts[part][number, 0]).astype(float)
    ts = pd.DatetimeIndex(times.view("datetime64[ns]"), tz="UTC")
    return pd.DataFrame({"ts": ts} | columns)


def _instants(source: Any, every: Duration, values: int) -> tuple[Market, np.ndarray]:
    market, step = market_of(source), step_of(every, "every")
    times = instants(market.begin, market.end, step)
    if not 0 < len(times) * values <= MOST:
        raise GridError(
            argument="every",
            expected=f"an instant in the session, and at most {MOST // values:,}",
            got=f"{len(times):,}",
        )
    return market, times
