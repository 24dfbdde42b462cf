"""Columns of float32, by their type or as `liqmap.formats.text.singles` knows them by their digits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from liqmap.formats.tabular.values import numbers
from liqmap.formats.text import singles


def were_singles(columns: Sequence[pa.Array]) -> bool | None:
    """Whether most numbers of these columns were float32 before they became float64 or text; None where they
    look so, but are too few."""
    if not columns or are_typed(columns):
        return False
    return singles.were_singles(np.concatenate([numbers(column) for column in columns]))


def are_typed(columns: Sequence[pa.Array]) -> bool:
    """Whether any is float32 by its type."""
    return any(pa.types.is_float32(_values(column.type)) for column in columns)


def notes_of(name: str, prices: Sequence[pa.Array], sizes: Sequence[pa.Array]) -> list[str]:
    """What is said of their numbers."""
    typed = [
        f"{name}: {what} are float32, which has 7 digits: taken as their shortest text"
        for what, columns in (("prices", prices), ("sizes", sizes))
        if are_typed(columns)
    ]
    found = were_singles(prices)
    lost = []
    if prices and (found is not False or are_typed(prices)):
        lost = singles.lost_note(name, np.concatenate([_exact(column) for column in prices]))
    return typed + singles.notes_of(name, found, were_singles(sizes)) + lost


def _exact(column: pa.Array) -> np.ndarray:
    """Prices as they are, with all digits of a float32."""
    return numbers(column.cast(pa.float64()) if are_typed([column]) else column)


def _values(kind: pa.DataType) -> pa.DataType:
    """The type of the values of a dictionary."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind
