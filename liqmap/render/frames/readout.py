"""What a tooltip reads of the cell under the cursor, worked out for that cell alone.

HoloViews looks the columns up on the server, so none of them travels with the image. They are lazy arrays:
a picture has a million cells, of which somebody hovers over a few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from liqmap.carry import CarryModel
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.front import Rule, front_at, is_known, unlit_at
from liqmap.render.frames.look import Look
from liqmap.render.frames.scale import Scale
from liqmap.schema import OBSERVED, SIDES, STATES, decimals
from liqmap.spans import Spans

COLUMNS = ("at", "row", "side", "shown", "notional", "state", "age")
"""Names of the columns, in the order of a tooltip."""


NOT_DRAWN = "not drawn"
"""The state of what is too small for a colour, of a side that is off, or hidden."""


class Lazy(BackendArray):
    """An array of which only what is asked for is computed, by ``value(row, column)`` a cell at a time."""

    def __init__(self, shape: tuple[int, int], dtype: Any, value: Callable[[int, int], Any]) -> None:
        self.shape, self.dtype, self._value = shape, np.dtype(dtype), value

    def __getitem__(self, key: Any) -> Any:
        support = indexing.IndexingSupport.OUTER
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._cells)

    def _cells(self, key: tuple[Any, Any]) -> np.ndarray:
        rows, columns = (np.arange(n)[k] for n, k in zip(self.shape, key))
        cells = [self._value(int(i), int(j)) for i in np.ravel(rows) for j in np.ravel(columns)]
        out = np.empty(len(cells), self.dtype)
        out[:] = cells
        return out.reshape((*np.shape(rows), *np.shape(columns)))


class Cells:
    """The cells of a frame, as a look shows them on a scale; sizes as they are coloured, perhaps per tick."""

    def __init__(
        self,
        frame: Frame,
        look: Look,
        scale: Scale,
        spans: Spans | None = None,
        carry: CarryModel | None = None,
        time_zone: str = "UTC",
    ) -> None:
        self.frame, self.spans, self.carry, self.time_zone = frame, spans, carry, time_zone
        self._rule = Rule.of(look, scale)
        self._places = decimals(frame.tick_size)

    def variables(self, dims: tuple[str, str]) -> dict[str, xr.Variable]:
        """`COLUMNS` by name, and ``__index__``: -1 where there is nothing to tell."""
        shape = (len(self.frame.rows) - 1, len(self.frame.times) - 1)
        made = {name: Lazy(shape, object, getattr(self, f"_{name}")) for name in COLUMNS}
        made["__index__"] = Lazy(shape, np.int8, self._known)
        return {name: xr.Variable(dims, indexing.LazilyIndexedArray(lazy)) for name, lazy in made.items()}

    def _front(self, i: int, j: int) -> int | None:
        return front_at(self.frame, self._rule, i, j)

    def _known(self, i: int, j: int) -> int:
        both = all(is_known(state, self._rule) for state in self.frame.state[:, i, j])
        return 0 if both or self._front(i, j) is not None or unlit_at(self.frame, i, j) > 0 else -1

    def _at(self, i: int, j: int) -> str:
        return labels.moment(int(self.frame.times[j]), self.time_zone)

    def _row(self, i: int, j: int) -> str:
        return row_words(self.frame.rows[i], self.frame.rows[i + 1], self.frame.tick_size, self._places)

    def _side(self, i: int, j: int) -> str:
        side = self._front(i, j)
        return "–" if side is None else SIDES[side]

    def _shown(self, i: int, j: int) -> str:
        return labels.exact(self._size(i, j)) + self.frame.per

    def _size(self, i: int, j: int) -> float:
        side = self._front(i, j)
        return unlit_at(self.frame, i, j) if side is None else float(self.frame.intensity_of((side, i, j)))

    def _notional(self, i: int, j: int) -> str:
        """Coins at the price of the row's middle; see `labels.worth` for contracts."""
        size = self._size(i, j)
        price = float(self.frame.rows[i] + self.frame.rows[i + 1] - 1) / 2 * self.frame.tick_size
        money = size * price if self.spans is None else labels.worth(self.spans.meta, size, price)
        if money is None:
            return "–"
        return labels.money(money) + self.frame.per

    def _state(self, i: int, j: int) -> str:
        side = self._front(i, j)
        if side is not None:
            return str(STATES[self.frame.state[side, i, j]])
        if unlit_at(self.frame, i, j) > 0:
            return NOT_DRAWN
        return "empty" if self._known(i, j) == 0 else "unknown"

    def _age(self, i: int, j: int) -> str:
        """Since the book confirmed what rests at the cell's right edge, weighed by effective size."""
        side = self._front(i, j)
        if side is not None and self.frame.state[side, i, j] == OBSERVED:
            return "0 s"
        if side is None or self.spans is None or self.carry is None:
            return "–"
        age = age_of(self.spans, side, self.frame.rows[i : i + 2], int(self.frame.times[j + 1]), self.carry)
        return "–" if age is None else labels.duration(round_age(age))


def row_words(begin: int, end: int, tick_size: float, places: int) -> str:
    """The first and the last price of a row of ticks [begin, end)."""
    first, last = (f"{tick * tick_size:,.{places}f}" for tick in (begin, end - 1))
    return first if first == last else f"{first} – {last}"


def age_of(spans: Spans, side: int, rows: np.ndarray, at: int, carry: CarryModel) -> int | None:
    """Age (ns) just before ``at`` of what rests in a row, weighed by effective size; None of nothing."""
    s = spans.sides[side]
    low, high = np.searchsorted(s.levels, rows)
    inside = slice(s.first[low], s.first[high])
    k = np.flatnonzero((s.start[inside] < at) & (at <= s.end[inside])) + inside.start
    age = np.maximum(at - s.seen[k], 0)
    weight = s.size[k] if carry.by_distance else s.size[k] * carry.weight(age)
    return int(np.average(age, weights=weight)) if len(k) and weight.sum() > 0 else None


def round_age(ns: int) -> int:
    """To the millisecond below 10 s, to the second below 10 min, else to the minute."""
    unit = 10**6 if ns < 10**10 else 10**9 if ns < 600 * 10**9 else 60 * 10**9
    return round(ns / unit) * unit
