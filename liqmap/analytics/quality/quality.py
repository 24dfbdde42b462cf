"""How good a feed was, from its book: crossed and frozen stretches, the window, removals, trades.

What only the messages tell (repeats, clocks that stepped back, rejected lines) is counted at ingest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.quality.events import judged_trades, removals
from liqmap.analytics.quality.result import Quality
from liqmap.analytics.quality.timeline import (
    Timeline,
    frozen_stretches,
    stretches_of,
    timeline_of,
    widths,
)
from liqmap.carry import Duration, nanoseconds
from liqmap.schema import GridError
from liqmap.schema.times import Instant, instant, instants
from liqmap.spans import Spans

if TYPE_CHECKING:
    import pandas as pd

HOUR = 3_600_000_000_000
QUANTILES = (0.05, 0.5, 0.95)


def quality(
    spans: Spans | Any,
    trades: Any = None,
    *,
    frozen: Duration = "10s",
    begin: Instant | None = None,
    end: Instant | None = None,
) -> Quality:
    """How good the feed was that these spans were replayed from.

    Parameters
    ----------
    spans : or a `Session`, of which it is `Session.quality`, with its trades, range and gaps.
    trades : of the same market, a table or frame as of `Session.trades`; None: nothing is said of trades.
    frozen : a stretch in which no level changed for longer than this, with the window known, is frozen.
    begin, end : times as everywhere, integers of ms or ns; default from the first span to the last message.

    Raises
    ------
    GridError : ``frozen`` is not above zero; no spans; no times.
    SchemaError : no trades.

    Notes
    -----
    A removal is a level that ended without another size in its place, inside the window (``seen == end``),
    or that left the window while it was known. A trade is outside if its price is below the bid or above the
    ask in force before its time; it is explained if the quote next set has room for it (a sweep moves it).
    """
    if not isinstance(spans, Spans):
        if callable(found_by := getattr(spans, "quality", None)) and trades is begin is end is None:
            return found_by(frozen)
        raise GridError(
            argument="spans", expected="spans, or a session and nothing else", got=type(spans).__name__
        )
    least = nanoseconds(frozen, "frozen")
    if least is None or least <= 0:
        raise GridError(argument="frozen", expected="a duration above zero such as '10s'", got=repr(frozen))
    first, last = (_moment(t, name, spans) for t, name in ((begin, "begin"), (end, "end")))
    low = spans.begin if first is None else max(first, spans.begin)
    high = max(low, spans.last if last is None else min(last, spans.last))
    line = timeline_of(spans, low, high)
    stretches = {
        "crossed": stretches_of(line.at, line.bid > line.ask),
        "locked": stretches_of(line.at, line.bid == line.ask),
        "frozen": frozen_stretches(spans, line, least),
        "unknown": stretches_of(line.at, line.unknown),
    }
    removed = removals(spans, low, high)
    traded = judged_trades(spans, None if trades is None else trades_of(trades), low, high)
    hours = _hours(line, [*removed.values(), *traded.values()]) * HOUR
    rows = [
        _measures(line, stretches["frozen"], removed, traded, max(hour, low), min(hour + HOUR, high))
        for hour in hours.tolist()
    ]
    total = _measures(line, stretches["frozen"], removed, traded, low, high)
    return _framed(line, stretches, total, rows, hours)


def _moment(given: Instant | None, name: str, spans: Spans) -> int | None:
    """An end of the range, ns."""
    if isinstance(given, (int, np.integer)) and not isinstance(given, bool):
        return int(instants([given], name)[0])
    return instant(given, name, (spans.begin, spans.last), ends=name == "end", error=GridError)


def _framed(
    line: Timeline,
    stretches: dict[str, np.ndarray],
    total: dict[str, Any],
    rows: list[dict[str, Any]],
    starts: np.ndarray,
) -> Quality:
    """What was found, as frames; ``rows`` are the measures of the hours that begin at ``starts``, ns."""
    import pandas as pd

    width = widths(line)
    change = np.ones(len(width["width_bps"]), bool)
    change[1:] = np.any([~_alike(v[1:], v[:-1]) for v in width.values()], axis=0)
    window = pd.DataFrame({"ts": _utc(line.at[:-1][change])} | {n: v[change] for n, v in width.items()})
    every = [(*pair, what) for what, found in stretches.items() for pair in found.tolist()]
    every.sort()
    table = pd.DataFrame(
        {
            "start": _utc(np.array([e[0] for e in every], np.int64)),
            "end": _utc(np.array([e[1] for e in every], np.int64)),
            "what": np.array([e[2] for e in every], object),
        }
    )
    hours = pd.DataFrame(rows, columns=list(total))
    hours.insert(0, "hour", _utc(starts))
    return Quality(pd.Series(total), hours, window, table)


def _hours(line: Timeline, events: list[np.ndarray]) -> np.ndarray:
    """The hours, counted from the epoch, in which a window was known or something happened."""
    low, high = line.at[[0, -1]].tolist()
    known = stretches_of(line.at, ~line.unknown)
    some = [np.arange(a // HOUR, (b - 1) // HOUR + 1) for a, b in known.tolist()]
    last = max(low, high - 1) // HOUR  # what happened at the end belongs to the hour before it
    return np.unique(np.concatenate([*some, *(np.minimum(ts // HOUR, last) for ts in events)]))


def _measures(
    line: Timeline,
    frozen: np.ndarray,
    removed: dict[str, np.ndarray],
    traded: dict[str, np.ndarray],
    low: int,
    high: int,
) -> dict[str, Any]:
    """The measures of [low, high]; events count where they happened, a last one at the end included."""
    at = np.clip(line.at, low, high)
    lasts = np.diff(at)
    quoted = np.isfinite(line.mid)
    both = float(lasts[quoted].sum())
    last = high >= line.at[-1]

    def share(what: np.ndarray) -> float:
        return float(lasts[what].sum()) / both if both else np.nan

    def count(events: np.ndarray) -> int:
        return int(np.count_nonzero((events >= low) & ((events <= high) if last else (events < high))))

    stretch = np.diff(np.clip(frozen, low, high), axis=1)
    width = _quantiles(widths(line)["width_bps"], lasts)
    counts = {name: count(ts) for name, ts in removed.items()}
    left = counts["left"] / counts["removals"] if counts["removals"] else np.nan
    return {
        "seconds": (high - low) * 1e-9,
        "unknown_s": float(lasts[line.unknown].sum()) * 1e-9,
        "crossed_share": share(line.bid > line.ask),
        "locked_share": share(line.bid == line.ask),
        "frozen_s": float(stretch.sum()) * 1e-9,
        "width_bps_p05": width[0],
        "width_bps": width[1],
        "width_bps_p95": width[2],
        "removals": counts["removals"],
        "left": counts["left"],
        "left_share": left,
        "returned": counts["returned"],
        "returned_same": counts["returned_same"],
        **{name: count(ts) for name, ts in traded.items()},
    }


def _quantiles(values: np.ndarray, weights: np.ndarray) -> list[float]:
    """By weight, of the values that are known."""
    there = np.isfinite(values) & (weights > 0)
    if not there.any():
        return [np.nan] * len(QUANTILES)
    order = np.argsort(values[there], kind="stable")
    sums = np.cumsum(weights[there][order])
    k = np.searchsorted(sums, np.array(QUANTILES) * sums[-1])
    return [float(v) for v in values[there][order][k]]


def _alike(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a == b) | (np.isnan(a) & np.isnan(b))


def _utc(ns: np.ndarray) -> pd.DatetimeIndex:
    import pandas as pd

    return pd.DatetimeIndex(np.asarray(ns, np.int64).view("datetime64[ns]")).tz_localize("UTC")
