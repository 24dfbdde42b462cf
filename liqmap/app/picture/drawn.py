"""Pictures that Python makes for a page: cells, their places on the colours, and what one cell tells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from liqmap.app.data.watched import is_live, sizes_of
from liqmap.app.picture.asked import Asked
from liqmap.render.frames.colour import places_of, presence_places_of, scale_of, scale_of_session
from liqmap.render.frames.frame import Frame, draw, price_rows, time_columns
from liqmap.render.frames.market import Market
from liqmap.render.frames.scale import Scale, scale_between
from liqmap.render.frames.there import shows_presence
from liqmap.spans import Derivation, Recent, Spans

KEPT = 6
"""Pictures of a session that are kept: visitors who come at once see the same one."""

_NUMBERS = count(1)

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Drawn:
    """A picture, and what it was asked as.

    number : of this picture, another for each that is made.
    places : numbers of the colours, uint16, little-endian, the highest price first; of those by presence
        where the picture tells that.
    others : spans of other markets that were added.
    """

    asked: Asked
    frame: Frame
    scale: Scale
    number: int
    places: bytes
    others: tuple[Spans, ...] = ()

    def message(self, base: int, have: Any = None) -> dict[str, Any]:
        """As the engine takes it, without the places where it says to have this picture.

        Parameters
        ----------
        base : times are in ns since then. have : the number of a picture, if it is one.
        """
        frame, scale = self.frame, self.scale
        height, width = frame.state.shape[1:]
        bounds = [*map(int, frame.times[[0, -1]] - base), *map(float, frame.prices[[0, -1]])]
        return {
            "number": self.number, "places": None if have == self.number else self.places,
            "width": width, "height": height, "bounds": bounds,
            "steps": [int(frame.times[1] - frame.times[0]), frame.ticks_a_row],
            "scale": {"low": scale.low, "high": scale.high, "sizes": scale.size([0.0, 0.5, 1.0]).tolist()},
            "sizes": [], "share": None, "lit": None, "there": shows_presence(frame, self.asked.look),
        }  # fmt: skip


def drawn(session: Market, asked: Asked) -> Drawn:
    """A picture of a session, made once for all who ask for it at about the same time.

    Cells lie on a lattice: views that differ by less than a cell, as those of a play and of a slow pan do,
    have the same.
    """
    spans, others = session.spans(), tuple(getattr(session, "others", ()))
    columns = time_columns(*asked.times, asked.size[0])
    rows = price_rows(*asked.prices, asked.size[1], spans.tick_size, asked.row_ticks)
    lattice = (*columns[[0, -1]].tolist(), len(columns), *rows[[0, -1]].tolist(), len(rows))
    shaded = asked.presence if asked.look.carried_shown == "fade" else None  # else the pointer alone tells it
    choices = asked.carry, asked.agg, asked.look, asked.stable, shaded
    ranges = session.time_range, session.price_range
    key = (lattice, choices, ranges, *map(id, others))  # which a `Drawn` keeps alive
    kept = DRAWN.of(spans)
    found = kept.get(key)
    if found is None:
        likely = None if shaded is None else shaded.likely
        frame = draw(spans, columns, rows, asked.carry, asked.agg, others, likely)
        scale = (
            scale_of(frame, asked.look)
            if not asked.stable
            else scale_between(sizes_of(session, asked.agg), asked.look)
            if is_live(session)
            else scale_of_session(spans, ranges, asked.agg, asked.look, others)
        )
        places_in = presence_places_of if shows_presence(frame, asked.look) else places_of
        places = places_in(frame, asked.look, scale)[::-1].astype("<u2", copy=False).tobytes()
        found = Drawn(asked, frame, scale, next(_NUMBERS), places, others)
        kept.put(key, found)
    return found if found.asked == asked else replace(found, asked=asked)


def _none_kept(spans: Spans) -> Recent[Key, Drawn]:
    return Recent(KEPT)


DRAWN = Derivation("pictures for pages", _none_kept)


def cell_at(drawn: Drawn, time: float, price: float) -> tuple[int, int] | None:
    """Row and column of a place, ns since the epoch and quote currency; None beside the picture."""
    frame = drawn.frame
    row = int(np.searchsorted(frame.rows, np.floor(price / frame.tick_size + 1e-9), side="right")) - 1
    column = int(np.searchsorted(frame.times, time, side="right")) - 1
    inside = 0 <= row < len(frame.rows) - 1 and 0 <= column < len(frame.times) - 1
    return (row, column) if inside else None
