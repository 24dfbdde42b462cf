"""`fill_forward`: carry every level of a frame of snapshots forward, whatever its absence means.

This is the original algorithm, kept so that its results can be reproduced and compared. It cannot tell what
left the window from what was cancelled; `liqmap.replay` can.
"""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from liqmap.carry import CarryModel, Duration, HalfLife, carry_model
from liqmap.fill.emit import GUESS, Fading, FrameRows, emit, half_life_of, weigh
from liqmap.schema import GridError, SchemaError

if TYPE_CHECKING:
    import pandas as pd

TIMES = ("ts", "time")
"""What the column of times is called: as every frame of liqmap has it, or as the original had it."""
COLUMNS = ("side", "price", "size")

SECONDS = 9_000_000_000
"""Times beyond so many seconds around 1970 are not for nanoseconds to hold."""


def fill_forward(
    frame: pd.DataFrame,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    floor: float = 1e-3,
    carry: CarryModel | None = None,
) -> pd.DataFrame:
    """Emit, at each time of a frame, every level seen so far, decayed by its age.

    For each distinct time in order: its rows replace the state of their (side, price), the last of
    duplicates winning; every state is emitted with ``size * 2**(-age / half_life)`` if that is above
    ``floor * size``; then states older than ``prune`` are removed (so one of them is emitted once more).

    Parameters
    ----------
    frame : of pandas or polars, columns ``ts`` or ``time`` (datetime64 of any unit or zone, or whole ms),
        ``side`` (words, categories or whole numbers), ``price``, ``size``; other columns, the index, and the
        order of the rows but among duplicates do not matter.
    half_life : age at which a size weighs 1/2; None does not decay.
    prune : age past which a state is removed; None never.
    floor : share of a size at or below which it is not emitted, from 0 to below 1.
    carry : a carry model instead of half-life and prune; a frame knows no distance from the touch.

    Returns
    -------
    ``ts`` or ``time`` and ``side`` (as they came), ``price``, ``size``, ``age``, sorted by time, side, price.
    ``age`` is in seconds, as everywhere in liqmap, whatever the unit of the times; 0 where the time has a
    row.

    Raises
    ------
    SchemaError : not a DataFrame, a column is missing, ``ts`` and ``time`` are both there, times are neither
        datetimes nor whole ms, a value is missing or not finite, a size is below zero.
    GridError : half-life, prune or floor out of range.

    Notes
    -----
    A row of size 0 is never emitted, but replaces what stood there: a feed that sends zeros is obeyed.
    """
    if not isinstance(frame, type) and type(frame).__module__.partition(".")[0] == "polars":
        frame = frame.to_pandas()
    return filled(frame, carry_model(half_life, prune, carry), floor)


def filled(frame: pd.DataFrame, carry: CarryModel, floor: float) -> pd.DataFrame:
    """`fill_forward` under a carry model.

    Raises
    ------
    SchemaError, GridError : as `fill_forward`.
    """
    import pandas as pd

    if carry.by_distance:
        raise GridError(argument="carry", expected="a model that goes by age alone", got=repr(carry))
    if not (isinstance(floor, Real) and 0 <= floor < 1):
        raise GridError(argument="floor", expected="a share from 0 to below 1", got=repr(floor))
    name, ns, side, side_names, price, size = _columns(frame)
    order = None
    if (ns[1:] < ns[:-1]).any():
        order = np.argsort(ns, kind="stable")
        ns, side, price, size = ns[order], side[order], price[order], size[order]
    first = np.flatnonzero(np.diff(ns, prepend=ns[0] - 1)) if len(ns) else np.empty(0, np.int64)
    places, prices = pd.factorize(price, sort=True)
    key, keys = pd.factorize(side.astype(np.int64) * len(prices) + places, sort=True)
    rows = FrameRows(ns[first], np.append(first, len(ns)), key, size)
    least = float(floor) if isinstance(carry, HalfLife) else 0.0
    fading = Fading(half_life_of(carry), int(carry.reach()), least)
    counts, out = emit(rows, len(keys), fading, min(16 * len(ns), GUESS))
    if not isinstance(carry, HalfLife):
        counts, out = weigh(carry, floor, counts, out)
    source = first if order is None else order[first]
    return pd.DataFrame(
        {
            name: frame[name].array.take(np.repeat(source, counts)),
            "side": side_names.take((keys // max(len(prices), 1))[out.key]),
            "price": prices[keys % max(len(prices), 1)][out.key],
            "size": out.size,
            "age": out.age,
        },
        copy=False,
    )


def _columns(frame: pd.DataFrame) -> tuple[str, np.ndarray, np.ndarray, pd.Index, np.ndarray, np.ndarray]:
    """A frame, checked: name and ns of its times, codes of sides, their names in order, prices, sizes."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise SchemaError(argument="frame", expected="a pandas DataFrame", got=type(frame).__name__)
    named = [name for name in TIMES if name in frame.columns]
    missing = [c for c in COLUMNS if c not in frame.columns]
    if missing or len(named) != 1:
        raise SchemaError(
            argument="frame",
            expected=f"times in one of {TIMES}, and columns {COLUMNS}",
            got="both of them" if len(named) > 1 else f"a frame of {[*map(str, frame.columns)]}",
        )
    times = _nanoseconds(frame[named[0]], named[0])
    side, names = pd.factorize(frame["side"], sort=True)
    _refuse(side < 0, frame, "side", "a name")
    price, size = _numbers(frame, "price"), _numbers(frame, "size")
    _refuse(size < 0, frame, "size", "at least 0")
    return named[0], times, side, names, price, size


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    try:
        values = frame[name].to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise SchemaError(
            argument="frame", expected=f"`{name}` as numbers", got=f"{frame[name].dtype} ({error})"
        ) from None
    _refuse(~np.isfinite(values), frame, name, "a finite number")
    return values


def _nanoseconds(times: pd.Series, name: str) -> np.ndarray:
    """Times as int64 ns: from datetimes, or from whole ms."""
    frame = times.to_frame(name)
    _refuse(times.isna().to_numpy(bool), frame, name, "a time")
    if times.dtype.kind == "M":
        seconds = times.to_numpy("datetime64[s]").astype(np.int64)
        _refuse(np.abs(seconds) > SECONDS, frame, name, "a time between 1685 and 2255")
        return times.to_numpy("datetime64[ns]").astype(np.int64)
    if times.dtype.kind in "iu":
        ms = times.to_numpy(np.int64)
        _refuse(np.abs(ms // 1000) > SECONDS, frame, name, "whole ms since 1970 (is it us or ns?)")
        _refuse((ms >= 10**9) & (ms < 10**10), frame, name, "whole ms since 1970 (is it seconds?)")
        return ms * 1_000_000
    raise SchemaError(
        argument="frame",
        expected=f"`{name}` as datetime64 or whole ms",
        got=str(times.dtype),
        remedy="Pass it through pd.to_datetime",
    )


def _refuse(wrong: np.ndarray, frame: pd.DataFrame, name: str, expected: str) -> None:
    """Raise for the first row that is wrong."""
    if wrong.any():
        k = int(wrong.argmax())
        more = f" (and {wrong.sum() - 1:,} more such rows)" if wrong.sum() > 1 else ""
        raise SchemaError(
            f"row {k}",
            argument="frame",
            expected=f"`{name}` to be {expected}",
            got=f"{frame[name].iloc[k]}{more}",
        )
