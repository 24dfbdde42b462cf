"""`Watched`: a live market as those see it who look at it."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.trades import Traded, Trades
from liqmap.app.data.growth import growth_of
from liqmap.render.frames.scale import Sizes, sizes_of_session
from liqmap.spans import Spans


class Watched(Traded):
    """A live market as of the last update that was made for those who look: a session to all that draws.

    It changes when `Growth` makes an update, not with each message, so that no question of a page replays
    anything. What it has not itself is that of the session.
    """

    def __init__(self, session: Any) -> None:
        self.session = session
        self.growth = growth_of(session)

    def __getattr__(self, name: str) -> Any:
        if name == "session":  # while it is being made
            raise AttributeError(name)
        return getattr(self.session, name)

    def spans(self, depth_limit: int | None = None) -> Spans:
        """Spans as of the last update."""
        return self.growth.seen.spans if depth_limit is None else self.session.spans(depth_limit)

    def trades(self) -> pa.Table:
        """Trades as of the last update."""
        return self.growth.seen.table

    def traded(self) -> Trades:
        """The same by time."""
        return self.growth.seen.trades

    @property
    def time_range(self) -> tuple[np.datetime64, np.datetime64]:
        """From its begin to its last message."""
        seen = self.growth.seen
        return np.datetime64(seen.begin, "ns"), np.datetime64(max(seen.last, seen.begin + 1), "ns")

    @property
    def price_range(self) -> tuple[float, float]:
        """As pictures of the session show it; it is looked at anew now and then."""
        return self.growth.seen.prices


def is_live(session: Any) -> TypeGuard[Watched]:
    """Whether a session grows by itself."""
    return isinstance(session, Watched)


def grows(source: Any) -> bool:
    """Whether a source is a session that grows: as `liqmap.live.follow.LiveSession` does."""
    return hasattr(source, "on_grown")


def watched(session: Any) -> Any:
    """A session that grows, as those see it who look at it; any other as it is."""
    return Watched(session) if grows(session) and not is_live(session) else session


def sizes_of(session: Any, agg: str) -> Sizes:
    """Sizes of the lit cells of a session, of which its scale is cut; of a live one as looked at last."""
    if not is_live(session):
        ranges, others = (session.time_range, session.price_range), getattr(session, "others", ())
        return sizes_of_session(session.spans(), ranges, agg, others)
    return Sizes(np.array(session.growth.seen.sizes.get(agg, [])))
