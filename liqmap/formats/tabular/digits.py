"""Times that lost digits on their way into a table: a spreadsheet writes 1709280012345 as ``1.70928E+12``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from liqmap.formats.text.ids import AS_INTEGERS, exponents, is_text
from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

FINEST = {"s": 0, "ms": 0, "us": 0, "ns": 3}
"""The last digit of a time stands for at most so many powers of ten of its unit; ns as floats have us."""

FEW, DAY, LATEST = 8, 86_400, 4_102_444_800
"""So many times of one kind are no chance; seconds of a day, which are so round; of the year 2100."""


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
        if types.is_float16(first.column(name).type):
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


def check_types(
    at: Mapping[str, str], levels: Iterable[list[tuple[str, str]]], first: pa.RecordBatch, where: object
) -> None:
    """Refuse columns whose type holds no numbers: yes would be a price of 1, a date one of its days.

    Raises
    ------
    FormatError : prices, sizes, or ids of messages that are neither numbers nor text; trade ids that are yes
        or no.
    """
    numeric = [at[role] for role in ("price", "size", "seq") if role in at]
    for name in [*numeric, *(c for side in levels for pair in side for c in pair)]:
        if not _may_be_numbers(first.column(name).type):
            raise _of_type(where, name, "numbers", first)
    if "id" in at and _value_type(first.column(at["id"]).type) == pa.bool_():
        raise _of_type(where, at["id"], "ids", first)


def _of_type(where: object, name: str, wanted: str, first: pa.RecordBatch) -> FormatError:
    return FormatError(
        where=where,
        expected=f"{wanted} in {name}",
        got=f"a column of type {first.column(name).type!s:.60}",
        remedy=Sentence("Name another column, or save it as numbers or text: ", Keyword("mapping")),
    )


def _may_be_numbers(kind: pa.DataType) -> bool:
    """Whether a type is of numbers, of text, or of nothing."""
    kind = _value_type(kind)
    tests = (types.is_integer, types.is_floating, types.is_decimal, types.is_null, is_text)
    return any(test(kind) for test in tests) or kind in (pa.string_view(), pa.binary(), pa.large_binary())


def _value_type(kind: pa.DataType) -> pa.DataType:
    """The type of the values of a dictionary, or of runs."""
    return kind.value_type if types.is_dictionary(kind) or types.is_run_end_encoded(kind) else kind


def _are_singles(times: pa.Array) -> bool:
    """Whether times are float32, or were before they became float64 or text: no others are so round."""
    if types.is_float32(times.type):
        return True
    if is_text(times.type):
        plain = pc.match_substring_regex(times, r"^\d{9,19}(?:\.0*)?$")
        if not pc.all(plain).as_py():
            return False
        times = times.cast(pa.float64())
    if not types.is_floating(times.type) and not types.is_integer(times.type):
        return False
    found = np.unique(times.drop_null().cast(pa.float64(), safe=False).to_numpy())
    found = found[np.isfinite(found)]
    days = found.max(initial=0) < LATEST and not (found % DAY).any()
    return len(found) >= FEW and not days and bool((found == found.astype(np.float32)).all())
