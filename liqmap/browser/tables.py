"""What a page has beside its spans: numbers that Python has worked out, since the page has no Python.

One more block of bytes, of `Columns`; the header says what they are of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from liqmap.browser.columns import Columns
from liqmap.browser.pack import Packed, squeezed
from liqmap.browser.panes import panes_of
from liqmap.browser.rules import LAYERS
from liqmap.browser.stacks import stacks_of
from liqmap.browser.tracks import tracks_of
from liqmap.render.frames.market import Market
from liqmap.render.marks.overlays import Trades
from liqmap.render.marks.registry import names
from liqmap.render.marks.traded import traded

Prices = tuple[float, float]


def tables_of(
    session: Market, panes: Sequence[str], begin: int, end: int, base: int, stacked: Prices | None = None
) -> Packed:
    """Tables of a session between two times, ns, with panes of measures; ``base``: what the page counts from,
    ns; ``stacked``: prices of which there is what was stacked and pulled, quote currency; None: of none."""
    columns = Columns()
    found: dict[str, Any] = {
        "tracks": tracks_of(session, columns, begin, end, base),
        "panes": panes_of(session, panes, columns, begin, end, base),
        "stacking": stacks_of(session, columns, (begin, end), stacked, base) if stacked else None,
    }
    return squeezed(columns, found | {"columns": columns.header})


def counted_of(session: Market, trades: Trades, base: int) -> dict[str, Any] | None:
    """How a page counts the footprint of the trades that it has, all as they were; None where it has none.

    Returns
    -------
    ``perUnit``: sizes are whole numbers of ``1 / perUnit``, whose sums are exact; None: they are of none.
    ``from``, ``to``: ns since ``base``, where trades of the session before and after are left out; else None.
    """
    if not len(trades):
        return None
    every, (first, last) = traded(session), (int(trades.time[0]), int(trades.time[-1]))
    whole = trades.amounts
    cut = int(every.time[0]) < first, int(every.time[-1]) > last
    return {
        "perUnit": whole.per_unit if (whole.value == np.rint(whole.value)).all() else None,
        "from": first - base if cut[0] else None,
        "to": last + 1 - base if cut[1] else None,
    }


def layers_of(tables: dict[str, Any], counted: dict[str, Any] | None) -> list[str]:
    """Names of the layers that a page has, in the order in which they are offered."""
    there = [track["name"] for track in tables["tracks"]] + (["footprint"] if counted else [])
    there += ["stacking"] if tables["stacking"] else []
    return [*LAYERS, *(name for name in names() if name in there)]
