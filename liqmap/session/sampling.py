"""A session at regular instants: measures by name, the best levels, whole books; all of what is observed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.book import measures as _of_instants  # noqa: F401 (found by their names)
from liqmap.analytics.book import measures_over as _of_intervals  # noqa: F401
from liqmap.analytics.book.books import Band, known_share
from liqmap.analytics.book.events.flows import flows_of
from liqmap.analytics.book.observed_books import books_before
from liqmap.analytics.book.registry import Measure, MeasureOver, parsed
from liqmap.analytics.book.source import trades_known
from liqmap.schema import SIDES, Meta
from liqmap.spans import Spans
from liqmap.spans.end_reasons import Prints

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def sample(
    spans: Spans, times: np.ndarray, measures: Sequence[str], prints: Prints | None = None, step: int = 0
) -> pd.DataFrame:
    """Measures at instants (K,) int64 ns: see `Session.sample`.

    Parameters
    ----------
    prints : trades of the market; None: not known.
    step : ns from the instant before the first one to it; 0: as from it to the next.
    """
    import pandas as pd

    asked = [(name, *parsed(name)) for name in measures]
    columns = {name: np.full(len(times), np.nan) for name in measures}
    known = np.ones(len(times))
    at_instants = [(name, one, band) for name, one, band in asked if isinstance(one, Measure)]
    over = [(name, one, band) for name, one, band in asked if isinstance(one, MeasureOver)]
    if at_instants or not over:
        _at_instants(spans, times, at_instants, columns, known)
    if over:
        before = times[0] - (step or int(times[1] - times[0]))
        _over_intervals(spans, np.append(before, times), over, prints, columns, known)
    index = pd.DatetimeIndex(times.view("datetime64[ns]"), tz="UTC")
    return pd.DataFrame({"ts": index, **columns, "known": known})


def needs_trades(measures: Sequence[str]) -> bool:
    """Whether a measure among these looks at trades."""
    found = [parsed(name)[0] for name in measures]
    return any(isinstance(one, MeasureOver) and one.trades for one in found)


WHOLE = 1 - 1e-6
"""A share so near to 1 is all of it: what is summed over time is not exact."""


def known_values(
    spans: Spans, times: np.ndarray, measure: str, prints: Prints | None = None, step: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """One measure at instants (K,), NaN unless all that it looks at was known, and the share (K,) that was.

    What is known of a part is a number that may be far from that of the whole: no threshold is held to it.
    """
    found = sample(spans, times, [measure], prints, step)
    value, share = found[measure].to_numpy(), found["known"].to_numpy()
    return np.where(share >= WHOLE, value, np.nan), np.where(np.isnan(value), 0.0, share)


def _over_intervals(
    spans: Spans,
    edges: np.ndarray,
    asked: list[tuple[str, MeasureOver, Band]],
    prints: Prints | None,
    columns: dict[str, np.ndarray],
    known: np.ndarray,
) -> None:
    """Fill in measures of the intervals between instants, and what of them is known.

    An interval in which nothing of a band was known has no value, and one that goes on after the last message
    is not over. Of trades too the interval must be known.
    """
    bands = list({band: None for _, _, band in asked})
    needs = any(one.trades for _, one, _ in asked)
    flows = dict(zip(bands, flows_of(spans, edges, bands, prints if needs else None)))
    over = edges[1:] <= spans.last
    traded = np.zeros(len(known), np.bool_) if prints is None else trades_known(prints, edges)
    for name, one, band in asked:
        flow = flows[band]
        values = one.compute(flow)
        there = over & (flow.known > 0) & (traded if one.trades else True)
        columns[name][:] = np.where(there, values, np.nan)
        known[:] = np.minimum(known, np.where(there, flow.known, 0.0))


def _at_instants(
    spans: Spans,
    times: np.ndarray,
    asked: list[tuple[str, Measure, Band]],
    columns: dict[str, np.ndarray],
    known: np.ndarray,
) -> None:
    """Fill in measures of the instants, and what of them is known."""
    at = 0
    for books in books_before(
        spans,
        times,
        max((band.levels or 1 for _, _, band in asked), default=1),
        any(band.bps for _, _, band in asked),
    ):
        now = slice(at, at + len(books))
        for name, one, band in asked:
            columns[name][now] = one.compute(books, band)
        for band in {band for _, _, band in asked}:
            known[now] = np.minimum(known[now], known_share(books, band))
        at = now.stop


def dataset(frame: pd.DataFrame, meta: Meta) -> xr.Dataset:
    """A frame of `sample` over ``time``, as xarray has times: UTC, without a zone."""
    import xarray as xr

    time = frame["ts"].dt.tz_localize(None).to_numpy()
    known = {"long_name": "known share of what the measures look at", "units": "1"}
    measures = frame.columns[1:-1]
    about = {name: {"units": parsed(name)[0].unit} for name in measures} | {"known": known}
    variables = {name: ("time", frame[name].to_numpy(), about[name]) for name in about}
    attrs = {"venue": meta.venue, "symbol": meta.symbol, "size_unit": meta.size_unit}
    return xr.Dataset(variables, {"time": ("time", time, {"long_name": "time, UTC"})}, attrs)


def levels(spans: Spans, times: np.ndarray, count: int) -> xr.Dataset:
    """The best levels in the instant before each time: see `Session.levels`."""
    import xarray as xr

    shape = len(SIDES), count, len(times)
    price, size = np.full(shape, np.nan), np.full(shape, np.nan)
    at = 0
    for books in books_before(spans, times, count, whole=False):
        for number, side in enumerate(books.sides):
            price[number, side.place, at + side.at] = spans.prices(side.tick)
            size[number, side.place, at + side.at] = side.size
        at += len(books)
    dims = ("side", "level", "time")
    return xr.Dataset(
        {
            "price": (dims, price, {"long_name": "price", "units": "quote"}),
            "size": (dims, size, {"long_name": "observed size", "units": spans.meta.size_unit}),
        },
        coords={"side": list(SIDES), "level": np.arange(count), "time": times.view("datetime64[ns]")},
        attrs={"venue": spans.meta.venue, "symbol": spans.meta.symbol, "tick_size": spans.tick_size},
    )


def wide(found: xr.Dataset) -> pd.DataFrame:
    """A row an instant, columns as Tardis' ``book_snapshot_N`` has them: ``asks[0].price``,
    ``asks[0].amount``, ``bids[0].price`` and so on, after ``ts``.

    Source: https://docs.tardis.dev/downloadable-csv-files
    """
    import pandas as pd

    columns: dict[str, Any] = {"ts": pd.DatetimeIndex(found["time"].to_numpy(), tz="UTC")}
    for level in range(found.sizes["level"]):
        for number, side in ((1, "asks"), (0, "bids")):
            for name, values in (("price", found["price"]), ("amount", found["size"])):
                columns[f"{side}[{level}].{name}"] = values.to_numpy()[number, level]
    return pd.DataFrame(columns)
