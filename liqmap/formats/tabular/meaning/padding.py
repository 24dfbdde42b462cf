"""Books side by side whose levels are numbered from the worst on, or stand after columns that
are always empty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from liqmap.formats.tabular.meaning.columns import Columns
from liqmap.formats.tabular.values import is_said, numbers

Pairs = list[tuple[str, str]]


def best_first(columns: Columns, first: pa.RecordBatch, name: str) -> tuple[Columns, list[str]]:
    """The columns with the levels of each side from the best on, those that hold nothing last, and notes.

    Parameters
    ----------
    first : the first rows of the table, of which all must say the same. name : of the table.
    """
    if columns.layout != "wide":
        return columns, []
    sides, notes = [], []
    for levels, sign in zip(columns.levels, (-1, 1)):
        found, why = _best_first(levels, first, sign)
        sides.append(found)
        notes += [f"{name}: {why}"] if why else []
    return replace(columns, levels=(sides[0], sides[1])), notes


def _best_first(levels: Pairs, first: pa.RecordBatch, sign: int) -> tuple[Pairs, str]:
    """The levels of one side, whose prices from the best on rise times ``sign``, and what was done."""
    price = sign * np.stack([numbers(first.column(p)) for p, _ in levels], axis=1)
    none = np.array([not any(_holds(first.column(cells)) for cells in pair) for pair in levels])
    if none.all():
        return levels, ""
    steps = [np.diff(row[np.isfinite(row) & (row != 0)]) for row in price]
    step = np.concatenate(steps)
    if len(step) and (step < 0).all():
        return levels[::-1], f"levels are numbered from the worst on: {levels[-1][0]} is the best"
    front = int(np.argmin(none))
    if not front or not (step > 0).all():
        return levels, ""
    empty = ", ".join(p for p, _ in levels[:front])
    return [*levels[front:], *levels[:front]], f"{empty:.80} tell nothing: {levels[front][0]} is the best"


def _holds(cells: pa.Array) -> bool:
    """Whether a column says anything but 0."""
    return bool((is_said(cells) & (numbers(cells) != 0)).any())
