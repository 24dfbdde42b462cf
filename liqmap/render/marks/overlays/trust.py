"""How far the book can be trusted, as a ribbon of a few pixels along the time axis.

Below, what is said of the best levels: verified, chained by ids, unverifiable, in a gap. Above it, a hair of
what is said of the levels beyond those that checksums cover: red where something was wrong in them, and
nobody knows since when. A pixel shows the least trusted of its time, so that the shortest gap is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.quality.trust import Stretches
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.marks.registry import Entry, Overlay
from liqmap.schema.trust import IN_GAP, TRUST, VERIFIED, spelled

if TYPE_CHECKING:
    import pandas as pd

HEIGHT, HAIR, RIM = 5, 2, 1
"""Pixels at 1600 x 900: of the ribbon, of what is said beyond above it, and of the ground around both."""

COLOURS = ("sell", "muted", "accent", "buy")
"""Names of the theme's colours, by position in TRUST; the first stands for what is doubted, too."""

_ALL = 10**6
"""Levels, where all are meant: more is better."""

FACTS = ("book", "levels beyond", "messages lost")


class Ribbon(Stretches):
    """What is said of a book, to be drawn."""

    __slots__ = ()

    @classmethod
    def of(cls, market: Any) -> Ribbon:
        """That of a market: none of one that cannot tell, such as spans without a store."""
        told = getattr(market, "trust", None)
        return _NONE if told is None else cls.of_frame(told())

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> Ribbon:
        """That of what `Session.trust` gives."""
        start, end = (
            frame[n].astype("datetime64[ns, UTC]").astype("int64").to_numpy() for n in ("start", "end")
        )
        state, beyond = (frame[n].map(TRUST.index).to_numpy(np.int64) for n in ("state", "beyond"))
        levels = frame["levels"].fillna(0).to_numpy(np.int64)
        return cls(start, end, state, levels, beyond, frame["doubted"].to_numpy(np.int64))

    def between(self, begin: int, end: int, columns: int) -> Ribbon:
        """What so many pixels of a view show: neighbours that say the same are one."""
        first, last = (int(t) for t in (self.start[0], self.end[-1])) if len(self.start) else (0, 0)
        edges = begin + (end - begin) * np.arange(columns + 1) // columns
        edges = edges[np.searchsorted(edges, first, "right") - 1 if first > begin else 0 :]
        edges = np.unique(np.clip(edges, max(begin, first), min(end, last))) if first < last else edges[:0]
        if len(edges) < 2:
            return _NONE
        i = np.searchsorted(self.start, edges[:-1], "right") - 1
        j = np.searchsorted(self.start, edges[1:], "left")
        worst = np.minimum.reduceat(np.append(self._ranks(), 2**62), np.stack([i, j], 1).ravel())[::2]
        new = np.append(True, worst[1:] != worst[:-1])
        ends = np.append(edges[:-1][new][1:], edges[-1])
        return _unranked(edges[:-1][new], ends, worst[new])

    def _ranks(self) -> np.ndarray:
        """Numbers that are the smaller, the less is trusted."""
        levels = np.where(self.levels == 0, _ALL, self.levels)
        return ((self.state * 4 + self.beyond) * 2 + (1 - self.doubted)) * (_ALL + 1) + levels

    def words(self) -> list[tuple[str, str, str]]:
        """What a readout says of each stretch: see `FACTS`."""
        return [told(*one) for one in zip(self.state, self.levels, self.beyond, self.doubted)]


def told(state: int, levels: int, beyond: int, doubted: int) -> tuple[str, str, str]:
    """What is said of the best levels, of those beyond, and of losses."""
    best = spelled(TRUST[state], int(levels))
    if state == IN_GAP:
        return best, "unknown", "yes: no whole book until the next snapshot"
    lost = "yes, beyond: a later checksum differs" if doubted else "none known"
    return best, spelled(TRUST[beyond]) if levels else "the same", lost


def legend_of(ribbon: Ribbon, theme: Theme) -> list[Entry]:
    """What there is of it, the most trusted first, in few words: there is little room."""
    said = sorted({(-int(s), int(n)) for s, n in zip(ribbon.state, ribbon.levels)})
    entries = [Entry(_short(-s, n), colour(theme, -s), True) for s, n in said]
    alone = ribbon.doubted.any() and IN_GAP not in ribbon.state  # else red has its word
    return [*entries, *([Entry("wrong beyond", colour(theme, IN_GAP), True)] if alone else [])]


def _short(state: int, levels: int = 0) -> str:
    return f"{TRUST[state]} (best {levels})" if levels else spelled(TRUST[state])


def colour(theme: Theme, state: int) -> RGB:
    """Of a state."""
    found: RGB = getattr(theme, COLOURS[state])
    return found


def _unranked(start: np.ndarray, end: np.ndarray, ranks: np.ndarray) -> Ribbon:
    rest, levels = np.divmod(ranks, _ALL + 1)
    rest, sure = np.divmod(rest, 2)
    return Ribbon(start, end, rest // 4, np.where(levels == _ALL, 0, levels), rest % 4, 1 - sure)


_NONE = Ribbon(*(np.empty(0, np.int64) for _ in range(6)))


def _legend(theme: Theme) -> Sequence[Entry]:
    return [Entry(spelled(TRUST[s]), colour(theme, s), True) for s in range(VERIFIED, -1, -1)]


OVERLAY = Overlay(
    "trust", "what is proven", 60, "liqmap.render.charts.ribbon:trust_chart",
    "liqmap.render.png.ribbon:trust_picture", _legend, menu_order=5, in_page=True,
    shapes="liqmap.render.marks.ribbon:trust_shapes",
)  # fmt: skip
