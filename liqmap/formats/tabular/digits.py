"""Numbers that lost digits on their way into a table, and those that only look different.

A spreadsheet writes 1709280012345 as ``1.70928E+12``, and a column of ids in which one is missing becomes
floats: ``1005.0`` is 1005, but past 2**53 not every whole number is a float64 (2**24: float32), so such an
id may be that of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.text.csv_scan import NINE, PLUS, POINT, ZERO
from liqmap.schema import FormatError

WHOLE_DOUBLES, WHOLE_SINGLES = 2.0**53, 2.0**24
"""Below these every whole number is a float64, a float32."""

FINEST = {"s": 0, "ms": 0, "us": 0, "ns": 3}
"""The last digit of a time stands for at most so many powers of ten of its unit; ns as floats have us."""

FEW, DAY, LATEST = 8, 86_400, 4_102_444_800
"""So many times of one kind are no chance; seconds of a day, which are so round; of the year 2100."""

AS_INTEGERS = "Save them as integers or text with all digits"

_EXPONENT = r"^\s*[+-]?\d*(?:\.(?P<decimals>\d*))?[eE](?P<exponent>[+-]?\d{1,3})\s*$"
_LIKE_FLOAT = r"^\s*\d+(?:\.\d*)?(?:[eE][+-]\d{1,3})?\s*$"


class Exponents(NamedTuple):
    """Which cells have an exponent (bool), and the power of ten that their last digit stands for (int64)."""

    has: np.ndarray
    step: np.ndarray


def exponents(column: pa.Array) -> Exponents:
    """Of a column of text; numbers have none."""
    if not is_text(column.type):
        return Exponents(np.zeros(len(column), np.bool_), np.zeros(len(column), np.int64))
    parts = pc.extract_regex(column, _EXPONENT)
    has = parts.is_valid().to_numpy(zero_copy_only=False)
    step = np.zeros(len(column), np.int64)
    if has.any():
        decimals, exponent = (pc.struct_field(parts, n).filter(pa.array(has)) for n in (0, 1))
        power = pc.utf8_ltrim(exponent, "+").cast(pa.int64()).to_numpy()
        step[has] = power - pc.utf8_length(decimals.fill_null("")).to_numpy()
    return Exponents(has, step)


class TimeDigits:
    """Whether times with an exponent have all digits of their unit: some may end in zeros, so the finest of
    those read so far counts."""

    def __init__(self, unit: str) -> None:
        self._least = FINEST.get(unit, 0)
        self._dates = unit == "datetime"
        self._finest = 400

    def lost(self, column: pa.Array) -> np.ndarray:
        """Which of these are coarser than the unit."""
        none = np.zeros(len(column), np.bool_)
        if self._dates:
            return none
        found = exponents(column)
        if not found.has.any():
            return none
        self._finest = min(self._finest, int(found.step[found.has].min()))
        return found.has & (found.step > self._least) & (self._finest > self._least)


def coarse_times(name: str, unit: str, cell: str) -> tuple[str, str, str]:
    """What was expected of a column of times, what came, and what to do."""
    digits = len(re.sub(r"[eE].*|\D", "", cell).lstrip("0"))
    finest = "us" if unit == "ns" else unit
    return f"times in {name} to the {finest}", f"{cell[:40]!r}, {digits} digits", AS_INTEGERS


def check_floats(
    at: Mapping[str, str], levels: Iterable[list[tuple[str, str]]], first: pa.RecordBatch, where: object
) -> None:
    """Refuse floats that are too short for what they hold, by the type of their column or, of times, as all
    of them are float32.

    Raises
    ------
    FormatError : a float16, or a time as float32.
    """
    numeric = [at[r] for r in ("ts", "ts_recv", "price", "size", "seq", "id") if r in at]
    for name in [*numeric, *(c for side in levels for pair in side for c in pair)]:
        if pa.types.is_float16(first.column(name).type):
            raise FormatError(
                where=where,
                expected=f"{name} with all its digits",
                got="float16, which has 3",
                remedy="Save it as float64 or text",
            )
    for role in ("ts", "ts_recv"):
        if role in at and _are_singles(first.column(at[role])):
            raise FormatError(
                where=where,
                expected=f"times in {at[role]} with all their digits",
                got="float32, which has 7",
                remedy=AS_INTEGERS,
            )


def _are_singles(times: pa.Array) -> bool:
    """Whether times are float32, or were before they became float64 or text: no others are so round."""
    if pa.types.is_float32(times.type):
        return True
    if is_text(times.type):
        plain = pc.match_substring_regex(times, r"^\d{9,19}(?:\.0*)?$")
        if not pc.all(plain).as_py():
            return False
        times = times.cast(pa.float64())
    if not pa.types.is_floating(times.type) and not pa.types.is_integer(times.type):
        return False
    found = np.unique(times.drop_null().cast(pa.float64(), safe=False).to_numpy())
    found = found[np.isfinite(found)]
    days = found.max(initial=0) < LATEST and not (found % DAY).any()
    return len(found) >= FEW and not days and bool((found == found.astype(np.float32)).all())


def lost_ids(column: pa.Array) -> np.ndarray:
    """Which ids may be those of others: floats that are not exact, or the text of one."""
    if pa.types.is_floating(column.type):
        values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        most = WHOLE_SINGLES if pa.types.is_float32(column.type) else WHOLE_DOUBLES
        with np.errstate(invalid="ignore"):
            return np.asarray(~np.isnan(values) & ~((np.abs(values) < most) & (values == np.rint(values))))
    like, values = _like_floats(column)
    return like & ((values >= WHOLE_DOUBLES) | (exponents(column).step > 0))


def ids(column: pa.Array) -> pa.Array:
    """Ids as text, ``1005.0`` as the 1005 that it was; those of `lost_ids` are null."""
    if pa.types.is_floating(column.type):
        values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        lost = np.isnan(values) | lost_ids(column)
        return pa.array(np.where(lost, 0, values).astype(np.int64), mask=lost).cast(pa.string())
    text = column.cast(pa.string())
    like, values = _like_floats(column)
    if not like.any():
        return text
    whole = like & (values == np.rint(values)) & (values < WHOLE_DOUBLES)
    plain = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.string())
    return pc.if_else(pa.array(lost_ids(column)), None, pc.if_else(pa.array(whole), plain, text))


def are_digits(column: pa.Array) -> bool:
    """Whether text has nothing but digits, so that it is what it looks like."""
    letters = np.frombuffer(column.buffers()[2] or b"", np.uint8)
    return len(letters) == 0 or bool(letters.min() >= ZERO and letters.max() <= NINE)


def _like_floats(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Which cells of text are numbers with a point or a signed exponent, and their values, else 0."""
    if not is_text(column.type) or not _has_points(column):
        return np.zeros(len(column), np.bool_), np.zeros(len(column))
    like = pc.match_substring_regex(column, _LIKE_FLOAT)
    like = pc.and_(like, pc.match_substring_regex(column, "[.eE]")).fill_null(False)
    values = pc.if_else(like, pc.utf8_trim_whitespace(column), "0").cast(pa.float64())
    return (like.to_numpy(zero_copy_only=False), values.to_numpy(zero_copy_only=False))


def _has_points(column: pa.Array) -> bool:
    """Whether any byte of this text is a point or a plus sign, as every such number has."""
    letters = np.frombuffer(column.buffers()[2] or b"", np.uint8)
    return bool(((letters == POINT) | (letters == PLUS)).any())


def is_text(kind: pa.DataType) -> bool:
    """Whether a column is text."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)
