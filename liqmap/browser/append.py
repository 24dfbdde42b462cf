"""`append`: what has come since -> one block of bytes that a page appends to what it has.

The columns are those of `pack`, of what is new alone, and per side

| column | what |
|---|---|
| `kept` | of each level among `levels`, how many of its spans stay; those packed come after them |
| `kept.carried` | how many of these have been carried, for a while at least |

Levels are left out where nothing has come but that they rest on: of a span that is open and was seen until
the book was told last, the page takes it that it was seen until now. The header has ``since``, until when the
book had been told, ``last``, until when it is now, ``spans``, how many there were and are, and ``kept``: how
many steps of ``bid.window``, ``bid.quote`` and so on, and how many ``trades`` stay. A gap is nothing of its
own: the window says that nothing is known, and what rested is carried.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from liqmap.browser.columns import Columns
from liqmap.browser.content import Content
from liqmap.browser.pack import Packed, squeezed, write
from liqmap.render.marks.overlays import Trades
from liqmap.schema import OPEN, SIDES
from liqmap.spans.spans import SideSpans, Window


class Fresh(NamedTuple):
    """Levels of a side that have changed: new spans, how many of each stay, (L,), and were carried."""

    spans: SideSpans
    kept: np.ndarray
    carried: np.ndarray


def append(before: Content, now: Content, base: int) -> Packed:
    """Pack what makes ``now`` of ``before``: contents of one session at two moments, of one begin.

    Whatever has changed is packed, even of what had ended.

    Parameters
    ----------
    base : that of the first `pack`, ns.
    """
    since, last = before.last, now.last
    fresh = [fresh_of(*sides, since, last) for sides in zip(before.sides, now.sides)]
    rows = Rows((since, last), (len(before), len(now)), kept_of(before, now))
    return pack_fresh(fresh, rows, now, base)


class Rows(NamedTuple):
    """What of two contents is told in the header: see above.

    told : until when, ns; spans : how many; kept : steps and trades that stay, by column.
    """

    told: tuple[int, int]
    spans: tuple[int, int]
    kept: dict[str, int]


def kept_of(before: Content, now: Content) -> dict[str, int]:
    """How many steps of the windows and of the touch, and how many trades, are the same in both."""
    kept = {"trades": _same(_columns(before.trades), _columns(now.trades))}
    for k, name in enumerate(SIDES):
        kept[f"{name}.window"] = _same(_steps(before.windows[k]), _steps(now.windows[k]))
        kept[f"{name}.quote"] = _same(before.quotes[k], now.quotes[k])
    return kept


def pack_fresh(fresh: list[Fresh], rows: Rows, now: Content, base: int) -> Packed:
    """Pack the levels of both sides that have changed, and of ``now`` the steps and trades that are new."""
    kept = rows.kept
    new = replace(
        now,
        sides=[part.spans for part in fresh],
        windows=[_later(w, kept[f"{name}.window"]) for name, w in zip(SIDES, now.windows)],
        quotes=[(s[kept[f"{name}.quote"] :], t[kept[f"{name}.quote"] :])
                for name, (s, t) in zip(SIDES, now.quotes)],
        trades=Trades(*(column[kept["trades"] :] for column in _columns(now.trades))),
    )  # fmt: skip
    columns = Columns()
    header = write(columns, new, base)
    for name, part in zip(SIDES, fresh):
        columns.whole(f"{name}.kept", part.kept)
        columns.whole(f"{name}.kept.carried", part.carried)
    since, last = (told - base for told in rows.told)
    header |= {"since": since, "last": last, "spans": list(rows.spans), "kept": kept}
    return squeezed(columns, header | {"columns": columns.header})


def fresh_of(before: SideSpans, now: SideSpans, since: int, last: int) -> Fresh:
    """What a side has that it had not, or had otherwise."""
    seen = np.where((before.end == OPEN) & (before.seen == since), last, before.seen)
    levels = np.union1d(before.levels, now.levels)
    had, has = (_rows_of(side, levels) for side in (before, now))
    # Spans by their place on their level: how many at the front are the same.
    level = np.repeat(np.arange(len(levels)), has.number)
    place = np.arange(len(now)) - has.first[level]
    there = np.flatnonzero(place < had.number[level])
    old = had.first[level[there]] + place[there]
    same = (before.start[old] == now.start[there]) & (seen[old] == now.seen[there])
    same &= (before.end[old] == now.end[there]) & (before.size[old] == now.size[there])
    kept = np.minimum(had.number, has.number)
    np.minimum.at(kept, level[there[~same]], place[there[~same]])
    changed = np.flatnonzero((kept < had.number) | (kept < has.number))
    stays = np.concatenate([[0], np.cumsum(now.seen < now.end)])
    carried = stays[has.first[changed] + kept[changed]] - stays[has.first[changed]]
    rows = np.flatnonzero((place >= kept[level]) & np.isin(level, changed))
    first = np.append(0, np.cumsum(has.number[changed] - kept[changed])).astype(np.int64)
    chosen = SideSpans(
        now.tick[rows], now.start[rows], now.seen[rows], now.end[rows], now.size[rows], levels[changed], first
    )
    return Fresh(chosen, kept[changed], carried)


class _Rows(NamedTuple):
    """Where the spans of each level begin, (L,), and their number."""

    first: np.ndarray
    number: np.ndarray


def _rows_of(side: SideSpans, levels: np.ndarray) -> _Rows:
    """Of some levels, among which all of the side's are."""
    at = np.searchsorted(side.levels, levels)
    count = np.append(np.diff(side.first), 0)[at]
    count[~np.isin(levels, side.levels)] = 0
    return _Rows(side.first[at], count)


def _steps(window: Window) -> tuple[np.ndarray, ...]:
    return window.start, window.kind, window.worst


def _later(window: Window, kept: int) -> Window:
    return Window(*(column[kept:] for column in _steps(window)))


def _columns(trades: Trades) -> tuple[np.ndarray, ...]:
    return trades.time, trades.price, trades.size, trades.aggressor


def _same(before: tuple[np.ndarray, ...], now: tuple[np.ndarray, ...]) -> int:
    """How many rows at the front of both are the same."""
    n = min(len(before[0]), len(now[0]))
    differs = np.zeros(n, bool)
    for old, new in zip(before, now):
        differs |= old[:n] != new[:n]
    return int(np.argmax(differs)) if differs.any() else n
