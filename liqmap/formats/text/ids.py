"""Ids as text: a column of whole numbers in which one is missing becomes floats, ``1005.0``, which is 1005.

But past 2**53 not every whole number is a float64 (2**24: float32), so such an id may be that of another.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.text.csv_scan import NINE, PLUS, POINT, ZERO

WHOLE_DOUBLES, WHOLE_SINGLES = 2.0**53, 2.0**24
"""Below these every whole number is a float64, a float32."""

CLOSE = 2.0**49
"""From here on a float64 does not tell all decimals of a number."""

AS_INTEGERS = "Save them as integers or text with all digits"
NOTHING = ("", "nan", "-nan", "none", "null", "na", "n/a", "<na>", "#n/a", "nat")
"""What cells of text say, in any case, where they hold nothing: of pandas, numpy, R and spreadsheets."""

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


def lost_ids(column: pa.Array) -> np.ndarray:
    """Which ids may be those of others: floats that are not exact, or the text of one."""
    if pa.types.is_floating(column.type):
        values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        most = WHOLE_SINGLES if pa.types.is_float32(column.type) else WHOLE_DOUBLES
        with np.errstate(invalid="ignore"):
            return np.asarray(~np.isnan(values) & ~((np.abs(values) < most) & (values == np.rint(values))))
    like, values = _like_floats(_written(column))
    return like & ((values >= WHOLE_DOUBLES) | (exponents(column).step > 0))


def ids(column: pa.Array) -> pa.Array:
    """Ids as text, ``1005.0`` as the 1005 that it was; those of `lost_ids` are null."""
    if pa.types.is_floating(column.type):
        values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        lost = np.isnan(values) | lost_ids(column)
        return pa.array(np.where(lost, 0, values).astype(np.int64), mask=lost).cast(pa.string())
    column = _written(column)
    text = column.cast(pa.string())
    like, values = _like_floats(column)
    if not like.any():
        return text
    whole = like & (values == np.rint(values)) & (values < WHOLE_DOUBLES)
    for i in np.flatnonzero(whole & (values >= CLOSE) & ~_matches(column, r"\.0*$")):
        whole[i] = Decimal(text[int(i)].as_py()) == int(values[i])  # a half of such a number is no double
    plain = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.string())
    return pc.if_else(pa.array(lost_ids(column)), None, pc.if_else(pa.array(whole), plain, text))


def _matches(column: pa.Array, pattern: str) -> np.ndarray:
    """Which cells of text have a pattern; missing ones have not."""
    return pc.fill_null(pc.match_substring_regex(column, pattern), False).to_numpy(zero_copy_only=False)


def _written(column: pa.Array) -> pa.Array:
    """Decimals as text: 1005.00 is 1005 as well."""
    return column.cast(pa.string()) if pa.types.is_decimal(column.type) else column


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


def null_words(column: pa.Array) -> pa.Array:
    """A column in which text that says nothing is null, as an empty cell is."""
    if pa.types.is_dictionary(column.type) and is_text(column.type.value_type):
        column = column.cast(column.type.value_type)
    if not is_text(column.type):
        return column
    said = pc.ascii_lower(pc.utf8_trim_whitespace(column.cast(pa.string())))
    nothing = pc.is_in(said, pa.array(NOTHING))
    return pc.if_else(nothing, None, column) if pc.any(nothing).as_py() else column


def are_plain(column: pa.Array) -> bool:
    """Whether ids are what they look like: none is a float, or says that there is none."""
    if are_digits(column):
        return True
    return not _has_points(column) and null_words(column).null_count == column.null_count


def plain_id(text: str) -> str | None:
    """One id as `ids` has it; None where there is none.

    Raises
    ------
    ValueError : it lost digits.
    """
    if text.strip().lower() in NOTHING:
        return None
    if "." not in text and "+" not in text:
        return text
    found = ids(pa.array([text]))[0].as_py()
    if found is None:
        raise ValueError(f"expected an id with all its digits, got {text!r:.40}. {AS_INTEGERS}")
    return str(found)
