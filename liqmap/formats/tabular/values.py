"""Columns of a table as arrays: times of any unit, sides by any word, numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.text.ids import ids, is_text

UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
EARLIEST, LATEST = 946_684_800 * 10**9, 4_102_444_800 * 10**9
"""2000 and 2100, ns: times outside are of another unit, or none."""

_NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"


def numbers(column: pa.Array) -> np.ndarray:
    """Finite float64; NaN where there is no number. A float32 is the number that its shortest text says:
    65432.1, not 65432.1015625, which is the same float32. A decimal is read from its text as well: of 2.3
    Arrow makes 2.3000000000000003."""
    if pa.types.is_dictionary(column.type) or pa.types.is_run_end_encoded(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_float32(column.type) or pa.types.is_decimal(column.type):
        column = column.cast(pa.string())
    if is_text(column.type):
        try:
            column = column.cast(pa.float64())
        except pa.ArrowInvalid:
            trimmed = pc.utf8_trim_whitespace(column)
            plain = pc.match_substring_regex(trimmed, _NUMBER)
            column = pc.if_else(plain, trimmed, None).cast(pa.float64())
    found = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(found), found, np.nan)


def is_said(column: pa.Array) -> np.ndarray:
    """Where a cell holds anything; NaN is nothing."""
    if pa.types.is_floating(column.type):
        return pc.invert(pc.is_null(column, nan_is_null=True)).to_numpy(zero_copy_only=False)
    return column.is_valid().to_numpy(zero_copy_only=False)


def codes(column: pa.Array, words: Mapping[str, int]) -> np.ndarray:
    """Codes (int8) of words in any case; -1 for any other word or none."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    text = pc.ascii_lower(pc.utf8_trim_whitespace(column.cast(pa.string())))
    at = pc.index_in(text, pa.array(list(words))).fill_null(len(words)).to_numpy(zero_copy_only=False)
    return np.array([*words.values(), -1], np.int8)[at]


def said_words(column: pa.Array) -> set[str]:
    """The words of a column, in lower case."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    text = pc.ascii_lower(pc.utf8_trim_whitespace(column.cast(pa.string()))).drop_null()
    return {word for word in text.unique().to_pylist() if word}


def whole(column: pa.Array) -> np.ndarray:
    """Integers of 0 or more; -1 where there is none, or one that lost digits."""
    if is_text(column.type) or pa.types.is_floating(column.type):
        column = ids(column)
        plain = pc.match_substring_regex(column, r"^\d{1,19}$")
        column = pc.if_else(plain, column, None).cast(pa.uint64())
    found = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        sound = (found >= 0) & (found < 2.0**62)
    column = pc.if_else(pa.array(sound), column, None)
    return column.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)


def unit_of(column: pa.Array) -> str | None:
    """``s``, ``ms``, ``us``, ``ns`` by the magnitude of the first number, ``datetime`` for dates; None where
    it is neither."""
    if pa.types.is_timestamp(column.type):
        return "datetime"
    for value in column.drop_null()[:20].to_pylist():
        number = _float(value)
        for unit, scale in UNITS.items():
            if EARLIEST <= number * scale < LATEST:
                return unit
        if isinstance(value, str) and (_dates([value]) != 0).all():
            return "datetime"
    return None


def times(column: pa.Array, unit: str) -> np.ndarray:
    """Ns since the epoch, UTC; 0 where there is no time from 2000 to 2100. Fractions of a unit are kept to
    the microsecond."""
    if unit == "datetime":
        if pa.types.is_timestamp(column.type):
            zone = pa.timestamp("ns", tz=column.type.tz)
            found = column.cast(zone).view(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        else:
            found = _dates(column.to_pylist())
    else:
        try:
            values = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            found = scaled(np.nan_to_num(numbers(column)), unit)
            if is_text(column.type):  # whole ones have all their digits
                plain = pc.match_substring_regex(column, r"^[1-8]?\d{1,18}$").fill_null(False)
                exact = scaled(pc.if_else(plain, column, "0").cast(pa.int64()).to_numpy(), unit)
                found = np.where(plain.to_numpy(zero_copy_only=False), exact, found)
        else:
            found = scaled(values, unit)
    return np.where(in_range(found), found, 0)


def scaled(values: np.ndarray, unit: str) -> np.ndarray:
    """Numbers of a unit as ns, 0 where they are far too large; fractions to the microsecond."""
    scale = UNITS[unit]
    if values.dtype == np.int64:
        most = (1 << 62) // scale
        if values.min(initial=0) > -most and values.max(initial=0) < most:
            return values * scale
        return np.where(np.abs(values.astype(float)) < most, values, 0) * scale
    exact = values * (scale / 1000)
    return np.rint(np.where(np.abs(exact) < 2.0**52, exact, 0)).astype(np.int64) * 1000


def said_unit(unit: str) -> str:
    """A unit of times in words."""
    return "as dates, UTC" if unit == "datetime" else f"in {unit} since 1970"


def in_range(times: np.ndarray) -> np.ndarray:
    """Whether each is of the years 2000 to 2099, ns."""
    return (times >= EARLIEST) & (times < LATEST)


def _dates(values: list[object]) -> np.ndarray:
    import pandas as pd

    found = pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601", errors="coerce")
    first, last = (pd.Timestamp(at, tz="UTC") for at in (EARLIEST, LATEST))
    found = found.where((found >= first) & (found < last))  # no ns reach the year 1
    return np.where(found.isna(), 0, found.astype("datetime64[ns, UTC]").astype("int64"))


def _float(value: object) -> float:
    try:
        plain = not isinstance(value, str) or re.fullmatch(_NUMBER, value.strip(), re.ASCII)
        return float(value) if plain else float("nan")  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
