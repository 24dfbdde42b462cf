"""What a tooltip reads of the cell under the cursor, worked out for that cell alone.

HoloViews looks the columns up on the server, so none of them travels with the image. They are lazy arrays:
a picture has a million cells, of which somebody hovers over a few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from liqmap.carry import CarryModel, Presence, asked
from liqmap.carry.presence import rates_of
from liqmap.raster.pieces import from_touch
from liqmap.raster.presence import presences
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.front import Rule, front_at, is_known, unlit_at
from liqmap.render.frames.look import Look
from liqmap.render.frames.scale import Scale
from liqmap.render.frames.there import presence_words
from liqmap.schema import CARRIED, OBSERVED, SIDES, STATES, UNKNOWN, decimals
from liqmap.spans import Spans

COLUMNS = ("at", "row", "side", "shown", "notional", "state", "age", "there")
"""Names of the columns, in the order of a tooltip."""


NOT_DRAWN = "not drawn"
"""The state of what is too small for a colour, of a side that is off, or hidden."""


CLOSE = 1 + 1e-9
"""A level decides a peak if it is more than another by more than arithmetic may be: else the first does."""


LONG = 1000
"""Size from which what something weighs is told to the digit."""


class Seen(NamedTuple):
    """What is carried in a cell before it faded, and how long ago it was seen.

    raw : base units of the whole row; age : ns, None of nothing.
    """

    raw: float
    age: int | None


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
        presence: Presence | CarryModel | None = None,
    ) -> None:
        self._rates = {} if presence is None else rates_of(presence)
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
        """A size; of what is carried as it was last seen, when that was, and what it weighs."""
        size = self._size(i, j)
        if (seen := self._seen(i, j)) is None:
            return labels.exact(size) + self.frame.per
        raw, age = labels.exact(self._per(seen.raw)) + self.frame.per, seen.age
        when = "seen before" if age is None else f"seen {ago_words(age)}"
        weighs = labels.rounded(size, 3) if size < LONG else labels.exact(size)
        return f"{raw} {when}, weighs {weighs}"

    def _per(self, size: float) -> float:
        """A row's size as it is coloured, perhaps per tick."""
        return float(np.float32(size / self.frame.ticks_a_row if self.frame.per else size))

    def _seen(self, i: int, j: int) -> Seen | None:
        """Of a cell that shows what is carried, how that was last seen; None of others."""
        side = self._front(i, j)
        if (
            side is None
            or self.frame.state[side, i, j] != CARRIED
            or self.spans is None
            or self.carry is None
        ):
            return None
        return last_seen(self.spans, side, self.frame, i, j, self.carry)

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
        """Since the book confirmed what shows, see `last_seen`."""
        side = self._front(i, j)
        if side is not None and self.frame.state[side, i, j] == OBSERVED:
            return "0 s"
        seen = self._seen(i, j)
        return "–" if seen is None or seen.age is None else labels.duration(round_age(seen.age))

    def _there(self, i: int, j: int) -> str:
        """How likely it is that what shows is still there, such as ``62 % (55 to 70)``."""
        side = self._front(i, j)
        if side is None or self.spans is None or self.carry is None or not self._rates:
            return "–"
        times, rows = self.frame.times[j : j + 2], self.frame.rows[i : i + 2]
        found = presences(self.spans, times, rows, self.carry, self._rates, self.frame.agg)
        shares = [float(share[side, 0, 0]) for share in found.values()]
        return "–" if np.isnan(shares[0]) else presence_words(*shares)

    def cell(self, i: int, j: int, base: int = 0) -> dict[str, Any]:
        """A cell as the browser's engine tells it (``Cell`` in ``browser/engine/source/source.js``)."""
        side, frame = self._front(i, j), self.frame
        state = UNKNOWN if side is None else int(frame.state[side, i, j])
        size, seen = self._size(i, j), self._seen(i, j)
        observed = side is not None and state == OBSERVED
        return {
            "side": side, "size": size, "raw": size if seen is None else self._per(seen.raw), "state": state,
            "known": all(is_known(one, self._rule) for one in frame.state[:, i, j]),
            "age": 0 if observed else None if seen is None else seen.age,
            "left": int(frame.times[j]) - base, "right": int(frame.times[j + 1]) - base,
            "low": int(frame.rows[i]), "high": int(frame.rows[i + 1]),
        } | ({"there": self._there(i, j)} if self._rates and state == CARRIED else {})  # fmt: skip


def cell_of(
    frame: Frame,
    scale: Scale,
    look: Look,
    spans: Spans | None,
    carry: CarryModel | None,
    column: int,
    row: int,
    base: int = 0,
    presence: Presence | None = None,
) -> dict[str, Any]:
    """One cell of a frame as the browser's engine tells it, of which it makes the words itself.

    Parameters
    ----------
    spans, carry : what the frame was drawn of; without them the age of what is carried is not told.
    base : ns since the epoch that times are counted from.
    presence : tells how likely it is that what is carried is still there.

    Returns
    -------
    ``side`` that shows, 0, 1 or None; ``size`` and ``raw``, the size as last seen, base units, perhaps a
    tick; ``state``; ``known``, whether both sides are; ``age``, ns; ``left``, ``right``, ns; ``low``,
    ``high``, ticks; with ``presence``, of what is carried, ``there``, how likely it is so still, in words.
    """
    return Cells(frame, look, scale, spans, carry, presence=presence).cell(row, column, base)


def row_words(begin: int, end: int, tick_size: float, places: int) -> str:
    """The first and the last price of a row of ticks [begin, end)."""
    first, last = (f"{tick * tick_size:,.{places}f}" for tick in (begin, end - 1))
    return first if first == last else f"{first} – {last}"


def last_seen(spans: Spans, side: int, frame: Frame, i: int, j: int, carry: CarryModel) -> Seen:
    """How what is carried in a cell was last seen: the level that decides a ``peak``; of ``last`` and
    ``mean`` the sums, and the age at the right edge, weighed by effective size."""
    s, rows = spans.sides[side], frame.rows[i : i + 2]
    left, right = int(frame.times[j]), int(frame.times[j + 1])
    low, high = np.searchsorted(s.levels, rows)
    inside = slice(s.first[low], s.first[high])
    seen, end = s.seen[inside], s.end[inside]
    some = np.flatnonzero((end > seen) & (seen < right) & (end > left)) + inside.start
    seen, end, size = s.seen[some], s.end[some], s.size[some]
    by = _by(spans, side, some, carry)
    if frame.agg == "peak":
        age = np.maximum(left - seen, 0)
        found, strongest = Seen(0.0, None), 0.0
        for k, effective in enumerate(size * carry.weight(age, *by)):
            if effective > strongest * CLOSE:
                found, strongest = Seen(float(size[k]), int(age[k])), float(effective)
        return found
    reach = carry.reach(*by)
    if frame.agg == "last":
        raw = size[(end >= right) & (right - seen < reach)].sum()
    else:
        lasts = np.minimum(np.minimum(end, right) - seen, reach) - np.maximum(left - seen, 0)
        raw = (size * np.maximum(lasts, 0)).sum() / (right - left)
    return Seen(float(raw), age_of(spans, side, rows, right, carry))


def age_of(spans: Spans, side: int, rows: np.ndarray, at: int, carry: CarryModel) -> int | None:
    """Age (ns) just before ``at`` of what rests in a row, weighed by effective size; None of nothing."""
    s = spans.sides[side]
    low, high = np.searchsorted(s.levels, rows)
    inside = slice(s.first[low], s.first[high])
    k = np.flatnonzero((s.start[inside] < at) & (at <= s.end[inside])) + inside.start
    age = np.maximum(at - s.seen[k], 0)
    weight = s.size[k] * carry.weight(age, *_by(spans, side, k, carry))
    return int(np.average(age, weights=weight)) if len(k) and weight.sum() > 0 else None


def _by(spans: Spans, side: int, which: np.ndarray, carry: CarryModel) -> tuple[Any, ...]:
    """What else than the age a model is asked by of some spans."""
    s = spans.sides[side]
    far = from_touch(spans, side, s.tick[which], s.seen[which]) if carry.by_distance else None
    return asked(carry, far, s.size[which])


def ago_words(ns: int) -> str:
    """How long ago: to a tenth of a second below 10 s, to the second below 2 min, to the minute below 2 h,
    else to the hour."""
    if ns < 9.95e9:
        return f"{round(ns / 1e8) / 10:g} s ago"
    unit, name = (1e9, "s") if ns < 1.2e11 else (6e10, "min") if ns < 7.2e12 else (3.6e12, "h")
    return f"{round(ns / unit)} {name} ago"


def round_age(ns: int) -> int:
    """To the millisecond below 10 s, to the second below 10 min, else to the minute."""
    unit = 10**6 if ns < 10**10 else 10**9 if ns < 600 * 10**9 else 60 * 10**9
    return round(ns / unit) * unit
