"""A session at regular instants: measures by name, the best levels, whole books; all of what is observed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.book.measures import Books, BookSide, known_share, parsed
from liqmap.fill.snapshots import books as best_levels
from liqmap.schema import SIDES, Meta
from liqmap.spans import Spans
from liqmap.spans.levels import BOUNDED, UNBOUNDED
from liqmap.spans.spans import SideSpans

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

BLOCK = 4_000_000
"""Levels that are looked at together."""

ALL = np.iinfo(np.int64).max


def sample(spans: Spans, times: np.ndarray, measures: Sequence[str]) -> pd.DataFrame:
    """Measures at instants (K,) int64 ns: see `Session.sample`."""
    import pandas as pd

    asked = [(name, *parsed(name)) for name in measures]
    columns = {name: np.full(len(times), np.nan) for name, _, _ in asked}
    known = np.ones(len(times))
    at = 0
    for books in books_before(
        spans,
        times,
        max((band.levels or 1 for _, _, band in asked), default=1),
        any(band.bps for _, _, band in asked),
    ):
        now = slice(at, at + len(books.bid.worst))
        for name, one, band in asked:
            columns[name][now] = one.compute(books, band)
        for band in {band for _, _, band in asked}:
            known[now] = np.minimum(known[now], known_share(books, band))
        at = now.stop
    index = pd.DatetimeIndex(times.view("datetime64[ns]"), tz="UTC")
    return pd.DataFrame({"ts": index, **columns, "known": known})


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


def books_before(spans: Spans, times: np.ndarray, levels: int, whole: bool) -> Iterator[Books]:
    """What is observed in the instant before each time, in blocks that follow on each other.

    Parameters
    ----------
    levels : best levels a side; ``whole``: all of them.
    """
    deepest = max(map(most_at_once, spans.sides))
    step = max(1, BLOCK // max(1, 2 * (deepest if whole else min(levels, deepest))))
    for begin in range(0, len(times), step):
        before = times[begin : begin + step] - 1
        at, side, tick, size = best_levels(spans, before, deepest or 1 if whole else levels)
        two = [_side(spans, n, before, at[side == n], tick[side == n], size[side == n]) for n in (0, 1)]
        yield Books(two[0], two[1], spans.tick_size)


def most_at_once(side: SideSpans) -> int:
    """The most levels of a side that are observed at one time: far fewer than it has had in all."""
    begun = np.arange(1, len(side) + 1)
    ended = np.searchsorted(np.sort(side.seen), np.sort(side.start), side="right")
    return int((begun - ended).max(initial=0))


def _side(
    spans: Spans, number: int, times: np.ndarray, at: np.ndarray, tick: np.ndarray, size: np.ndarray
) -> BookSide:
    """One side, whose levels stand by book, the best first."""
    begins = np.searchsorted(at, np.arange(len(times)))
    window = spans.windows[number]
    worst = np.full(len(times), np.nan)
    if len(window.start):
        k = np.searchsorted(window.start, times, side="right") - 1
        kind, beyond = window.kind[k], np.inf if number else -np.inf
        worst = np.where(kind == BOUNDED, window.worst[k], np.where(kind == UNBOUNDED, beyond, np.nan))
        worst[(k < 0) | (times >= spans.last)] = np.nan
    return BookSide(at, np.arange(len(at)) - begins[at], tick.astype(np.int64), size, worst)


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
        at += len(books.bid.worst)
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
