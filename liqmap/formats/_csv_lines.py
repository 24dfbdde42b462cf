"""Lines of CSV text: all at once by Arrow where every one of them is sound, else one by one."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from liqmap.schema import FormatError, Rejected

Form = str | Mapping[str, Any]
"""Of a cell: a regular expression, or the words that may stand there and what they stand for."""

PRICE = r"^\d{1,9}(\.\d{1,9})?$"
DECIMAL = r"^\d{1,15}(\.\d{1,15})?$"


def first_cells(head: bytes) -> list[str]:
    """The cells of the first line."""
    return head.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")


def check_columns(path: Path, form: str, needed: Sequence[str], names: Sequence[str]) -> None:
    """That a header has what its format needs: it may have been told, not detected.

    Raises
    ------
    FormatError : a column is not there.
    """
    if not set(needed) <= set(names):
        raise wrong_columns(path, form, names)


def wrong_columns(path: Path, form: str, names: Sequence[str]) -> FormatError:
    """A header that is none of its format."""
    got = ",".join(names)
    return FormatError(
        f"{path}: expected the columns of {form}, got {got!r:.80}. Leave out format= to have it detected"
    )


def sound(text: bytes, columns: Sequence[str], forms: Mapping[str, Form]) -> pa.Table | None:
    """The columns that have a form, as strings, one chunk each; None if any line needs a closer look: it has
    another number of cells, or a cell is not of its form.

    Parameters
    ----------
    columns : names of all cells of a line.
    forms : by column what its cells are.
    """
    try:
        table = pacsv.read_csv(
            io.BytesIO(text),
            read_options=pacsv.ReadOptions(
                column_names=list(columns), use_threads=False, block_size=64 << 20
            ),
            parse_options=pacsv.ParseOptions(quote_char=False),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), include_columns=list(forms)
            ),
        ).combine_chunks()
    except ValueError:  # Arrow's own, or bytes of the line that its message cannot quote
        return None
    if table.num_rows == 0:
        return None
    return table if all(_is_of(table[name], form) for name, form in forms.items()) else None


def _is_of(column: pa.ChunkedArray, form: Form) -> bool:
    if isinstance(form, str):
        found = pc.match_substring_regex(column, form)
    elif len(form) == 1:
        found = pc.equal(column, next(iter(form)))
    else:
        found = pc.is_in(column, pa.array(list(form)))
    return bool(pc.all(found).as_py())


def array(table: pa.Table, name: str) -> pa.Array:
    """The one chunk of a column."""
    column = table[name].combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def coded(table: pa.Table, name: str, words: Mapping[str, Any]) -> np.ndarray:
    """What the words of a sound column stand for."""
    at = pc.index_in(array(table, name), pa.array(list(words))).to_numpy()
    return np.array(list(words.values()))[at]


def floats(table: pa.Table, name: str) -> np.ndarray:
    """A column as float64."""
    return array(table, name).cast(pa.float64()).to_numpy()


def integers(table: pa.Table, name: str) -> np.ndarray:
    """A column as int64."""
    return array(table, name).cast(pa.int64()).to_numpy()


def by_line(
    text: bytes,
    line: int,
    exact: Callable[[list[str]], tuple[Any, ...] | str],
    rejected: list[Rejected],
) -> list[tuple[Any, ...]] | None:
    """What ``exact`` makes of the cells of each line, as columns, the last of them the lines' numbers; None
    if there are none. What it says is wrong with a line goes to ``rejected``; ``line`` lines came before."""
    rows = []
    for raw in text.split(b"\n")[:-1]:
        line += 1
        if not raw.strip():
            continue
        found = exact(raw.rstrip(b"\r").decode("utf-8", "replace").split(","))
        if isinstance(found, str):
            rejected.append(Rejected(line, found))
        else:
            rows.append((*found, line))
    return list(zip(*rows)) or None
