"""Several sessions as one market to draw: their books added, their trades together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.trades import Traded
from liqmap.render.frames import words as labels
from liqmap.render.frames.market import Market, check_market
from liqmap.schema import GridError
from liqmap.spans import Spans


class Together(Traded):
    """Venues of one asset, added: sizes of equal prices sum, in rows of the coarsest tick.

    Parameters
    ----------
    sessions : two or more, of one base currency, sizes in coins.

    Raises
    ------
    SessionError : something that is no session; GridError : fewer than two, or assets that do not add.
    """

    def __init__(self, sessions: Sequence[Market]) -> None:
        for session in sessions:
            check_market(session, "sessions")
        metas = [session.spans().meta for session in sessions]
        units = {(labels.currencies(meta)[0], meta.size_unit) for meta in metas}
        if len(sessions) < 2 or len(units) > 1 or metas[0].size_unit != "coins":
            got = ", ".join(f"{labels.market(meta)} in {meta.size_unit}" for meta in metas) or "none"
            expected = "two or more sessions of one asset with sizes in coins"
            raise GridError(argument="summed", expected=expected, got=got)
        self.sessions = sorted(sessions, key=lambda session: -session.spans().tick_size)
        begins, ends = zip(*(session.time_range for session in sessions))
        lows, highs = zip(*(session.price_range for session in sessions))
        self.time_range: tuple[np.datetime64, np.datetime64] = min(begins), max(ends)
        self.price_range: tuple[float, float] = min(lows), max(highs)

    def spans(self, depth_limit: int | None = None) -> Spans:
        """Those of the coarsest tick, whose lattice the picture has; the others are `others`."""
        return self.sessions[0].spans(depth_limit)

    @property
    def others(self) -> list[Spans]:
        return [session.spans() for session in self.sessions[1:]]

    def trades(self) -> pa.Table:
        """Those of all, one session after the other."""
        return pa.concat_tables([session.trades() for session in self.sessions])
