"""`ladder`: what rests in each row of prices at one instant, as a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liqmap.analytics.book.ladder import ladder_of
from liqmap.analytics.book.rows import row_edges
from liqmap.carry import Calibrated, CarryModel, Duration, carry_model
from liqmap.schema import SIDES, GridError, SessionError, decimals
from liqmap.session.instants import Instant, instant, spell
from liqmap.session.session import Session
from liqmap.spans import Spans

if TYPE_CHECKING:
    import pandas as pd


def ladder(
    book: Session | Spans,
    t: Instant,
    price: float | None = None,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    price_range: tuple[float, float] | None = None,
    carry: CarryModel | Calibrated | None = None,
) -> pd.DataFrame:
    """The ladder of a book: effective size by row of prices in the instant before ``t``.

    Parameters
    ----------
    book : a `Session`, or spans.
    t : UTC; text, Timestamp, datetime64, or int ms since the epoch.
    price : height of a row, quote currency, a whole multiple of the tick; rows begin at its multiples.
        Default: one tick.
    half_life, prune, carry : how sizes that the feed no longer shows are carried (see `rasterize`).
    price_range : quote currency; rows that reach into it, and ``cumulative`` counts from there. Default: all.

    Returns
    -------
    A row per side and row of prices in which something rests, best first: ``side``; ``price``, the lower edge
    of the row, quote currency; ``observed, carried, size`` (their sum), the market's size unit;
    ``cumulative``, what a market order would find from the best price of its side to the far edge of the row.

    Raises
    ------
    SessionError : no such instant in the session.
    GridError : a height that is no whole number of ticks, a range that does not rise, no book.

    Notes
    -----
    ``size(row) = sum over levels of s * w(t - seen)``, w = 1 while a level is observed, and for carried ones
    the weight of its age, ``2**(-age / half_life)`` below ``prune``: the column of ``rasterize(agg="last")``.
    `Session.book` has the levels one by one, sizes not decayed.
    """
    import pandas as pd

    spans = book.spans() if isinstance(book, Session) else book
    if not isinstance(spans, Spans):
        raise GridError(argument="book", expected="a Session, or spans", got=type(book).__name__)
    within = book._within() if isinstance(book, Session) else (spans.begin, spans.last)
    at, end = instant(t, "t", within), book.end if isinstance(book, Session) else None
    if at is None or not len(spans) or at <= spans.begin or (end is not None and at > end):
        begin = f"a time after {spell(spans.begin)}" if len(spans) else "a book"
        raise SessionError(argument="t", expected=f"{begin} within {book!r}", got=str(t))
    rows = row_edges(spans, price, price_range)
    found = ladder_of(spans, at, rows, carry_model(half_life, prune, carry, (spans.meta,)))
    prices = np.round(rows[:-1] * spans.tick_size, decimals(spans.tick_size))
    frames = []
    for side, name in enumerate(SIDES):
        k = np.flatnonzero(found.size[side] > 0)
        k = k[::-1] if name == "bid" else k
        columns = {n: getattr(found, n)[side][k] for n in ("observed", "carried", "size", "cumulative")}
        frames.append(pd.DataFrame({"side": name, "price": prices[k]} | columns))
    return pd.concat(frames, ignore_index=True)
