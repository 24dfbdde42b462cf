"""Pictures that Python makes for a page: cells, their places on the colours, and what one cell tells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from liqmap.app.picture.asked import Asked
from liqmap.render.frames.colour import places_of, scale_of, scale_of_session
from liqmap.render.frames.frame import Frame, draw, price_rows, time_columns
from liqmap.render.frames.market import Market
from liqmap.render.frames.scale import Scale
from liqmap.spans import Derivation, Recent, Spans

KEPT = 6
"""Pictures of a session that are kept: visitors who come at once see the same one."""

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Drawn:
    """A picture, and what it was asked as.

    others : spans of other markets that were added.
    """

    asked: Asked
    frame: Frame
    scale: Scale
    others: tuple[Spans, ...] = ()

    @cached_property
    def places(self) -> bytes:
        """Numbers of the colours, uint16, little-endian, the highest price first."""
        return places_of(self.frame, self.asked.look, self.scale)[::-1].astype("<u2", copy=False).tobytes()

    def message(self, base: int) -> dict[str, Any]:
        """As the engine takes it; times in ns since ``base``."""
        frame, scale = self.frame, self.scale
        height, width = frame.state.shape[1:]
        bounds = [*map(int, frame.times[[0, -1]] - base), *map(float, frame.prices[[0, -1]])]
        return {
            "places": self.places, "width": width, "height": height, "bounds": bounds,
            "steps": [int(frame.times[1] - frame.times[0]), frame.ticks_a_row],
            "scale": {"low": scale.low, "high": scale.high, "sizes": scale.size([0.0, 0.5, 1.0]).tolist()},
            "sizes": [], "share": None, "lit": None,
        }  # fmt: skip


def drawn(session: Market, asked: Asked) -> Drawn:
    """A picture of a session, made once for all who ask for it at about the same time."""
    spans, others = session.spans(), tuple(getattr(session, "others", ()))
    key = (asked, *session.time_range, *session.price_range, *map(id, others))  # which a `Drawn` keeps alive
    kept = DRAWN.of(spans)
    found = kept.get(key)
    if found is None:
        found = _draw(session, spans, asked, others)
        kept.put(key, found)
    return found


def _draw(session: Market, spans: Spans, asked: Asked, others: tuple[Spans, ...]) -> Drawn:
    (begin, end), (low, high), (width, height) = asked.times, asked.prices, asked.size
    columns = time_columns(begin, end, width)
    rows = price_rows(low, high, height, spans.tick_size, asked.row_ticks)
    frame = draw(spans, columns, rows, asked.carry, asked.agg, others)
    if asked.stable:
        ranges = session.time_range, session.price_range
        scale = scale_of_session(spans, ranges, asked.agg, asked.look, others)
    else:
        scale = scale_of(frame, asked.look)
    return Drawn(asked, frame, scale, others)


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
