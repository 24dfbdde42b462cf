"""What spans say of the book through time: the touch, and the book at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from liqmap.schema import BID, SIDES, STATES, int64
from liqmap.spans import Spans, touch

if TYPE_CHECKING:
    import pandas as pd


def bbo(spans: Spans, begin: int, end: int) -> pd.DataFrame:
    """Best bid and offer between two instants (ns): see `Session.bbo`."""
    import pandas as pd

    sides = [touch(spans, s) for s in (0, 1)]
    ts = np.union1d(sides[0][0], sides[1][0])
    columns: dict[str, Any] = {}
    for name, (start, tick, size) in zip(SIDES, sides, strict=True):
        k = np.searchsorted(start, ts, side="right") - 1
        there = (k >= 0) & (size[k] > 0) if len(start) else np.zeros(len(ts), bool)
        columns[name] = np.where(there, spans.prices(tick[k]) if len(tick) else np.nan, np.nan)
        columns[f"{name}_size"] = np.where(there, size[k] if len(size) else np.nan, np.nan)
    first = max(0, int(np.searchsorted(ts, begin, side="right")) - 1)
    last = int(np.searchsorted(ts, end, side="right"))
    times = np.maximum(ts, begin).view("datetime64[ns]")
    frame = pd.DataFrame({"ts": pd.DatetimeIndex(times).tz_localize("UTC"), **columns})
    return frame.iloc[first:last].reset_index(drop=True)


def with_quotes(trades: pa.Table, quoted: pd.DataFrame) -> pa.Table:
    """Trades with the quote that stood in the instant before each: see `Session.trades`."""
    time = quoted["ts"].astype("int64").to_numpy()
    k = np.searchsorted(time, int64(trades["ts"]), side="left") - 1
    for name in ("bid", "bid_size", "ask", "ask_size"):
        values = np.append(quoted[name].to_numpy(np.float64), np.nan)[k]  # -1: none came before
        trades = trades.append_column(name, pa.array(values, mask=np.isnan(values)))
    return trades


def of_tickers(told: pa.Table) -> pd.DataFrame:
    """Best bid and offer as book tickers, schema `QUOTES`, told them: see `Session.bbo`."""
    import pandas as pd

    ts = int64(told["ts"])
    last = np.append(ts[1:] != ts[:-1], True)
    columns = {name: told[name].to_numpy()[last] for name in ("bid", "bid_size", "ask", "ask_size")}
    changed = np.zeros(int(last.sum()), np.bool_)
    changed[0] = True
    for column in columns.values():
        both = np.isnan(column[1:]) & np.isnan(column[:-1])
        changed[1:] |= (column[1:] != column[:-1]) & ~both
    times = pd.DatetimeIndex(ts[last][changed].view("datetime64[ns]")).tz_localize("UTC")
    return pd.DataFrame({"ts": times, **{name: column[changed] for name, column in columns.items()}})


def book(spans: Spans, at: int) -> pd.DataFrame:
    """The book at an instant (ns): see `Session.book`."""
    import pandas as pd

    frames = []
    for side, s in enumerate(spans.sides):
        k = np.flatnonzero((s.start <= at) & (at < s.end))
        k = k[::-1] if side == BID else k
        age = np.maximum(at - s.seen[k], 0)
        frames.append(
            pd.DataFrame(
                {
                    "side": SIDES[side],
                    "price": spans.prices(s.tick[k]),
                    "size": s.size[k],
                    "state": np.where(at < s.seen[k], STATES[1], STATES[2]),
                    "age": age * 1e-9,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
