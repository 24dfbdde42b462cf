"""A market with quiet ends."""

from __future__ import annotations

from functools import cached_property

import numpy as np

import liqmap as lm
from liqmap.spans import Spans
from tests.render.market import SECOND, Market
from tests.strategies import to_depth_table

HOUR = 3600 * SECOND


class Quiet(Market):
    """A day that is still but for an hour, in which the best bid changes every second."""

    begin = int(np.datetime64("2026-01-05", "ns").astype(np.int64))
    opens, closes = begin + 22 * HOUR, begin + 23 * HOUR
    time_range = (np.datetime64(begin, "ns"), np.datetime64(begin + 24 * HOUR, "ns"))
    price_range = (4.0, 16.0)

    @cached_property
    def _spans(self) -> Spans:
        def book(best: int) -> list:
            bids = [("bid", best - k, 5.0) for k in range(4)]
            return bids + [("ask", best + 2 + k, 5.0) for k in range(4)]

        instants = range(self.opens, self.closes, SECOND)
        messages = [("snapshot", self.begin, book(100))]
        messages += [("snapshot", t, book(100 + k % 2)) for k, t in enumerate(instants)]
        return lm.replay(to_depth_table([*messages, ("snapshot", self.begin + 24 * HOUR, book(100))], 4))
