"""What a page has beside its spans: numbers that Python has worked out, since the page has no Python.

One more block of bytes, of `Columns`; the header says what they are of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from liqmap.browser.columns import Columns
from liqmap.browser.pack import Packed, squeezed
from liqmap.browser.panes import panes_of
from liqmap.browser.tracks import tracks_of
from liqmap.render.frames.market import Market


def tables_of(session: Market, panes: Sequence[str], begin: int, end: int, base: int) -> Packed:
    """Tables of a session between two times, ns, with panes of measures; ``base``: what the page counts from,
    ns."""
    columns = Columns()
    found: dict[str, Any] = {
        "tracks": tracks_of(session, columns, begin, end, base),
        "panes": panes_of(session, panes, columns, begin, end, base),
    }
    return squeezed(columns, found | {"columns": columns.header})
