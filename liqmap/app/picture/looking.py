"""Where a page looks, and where the state says: the same, told once.

Of a view the state keeps milliseconds and hundredths of a tick (microseconds and less, where little is
shown): what a link holds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.app.data.data import Data, last_of
from liqmap.app.data.watched import is_live
from liqmap.app.picture.asked import duration_of, numbers_of, view_of
from liqmap.app.picture.scene import base_of
from liqmap.render.frames.frame import instant_ns
from liqmap.schema import GridError

WHOLE = 1e-3
"""A view that misses less than this share at either end is the first view: nobody has chosen it."""

ALONG = ("start", "end", "low", "high", "last_s")


class Looking:
    """The view of a page and the view of the state.

    ``count`` rises with each move that the state makes; a page says with a view of its own which was the last
    that it had heard of: of a view from before, that a user has left since, nothing is taken. The play, whose
    moves come all the time, does not count. ``hand`` is the number of the last view that a hand has chosen:
    the page follows no move of the play from before it, which would undo what the hand has done.
    """

    def __init__(self, data: Data) -> None:
        self.data = data
        self.count = self.hand = 0
        self._reported: dict[str, Any] | None = None

    def message(self) -> dict[str, Any]:
        """Where the state says, as the engine has it."""
        data, base = self.data, base_of(self.data.session)
        until = data.played_to()
        live = {"live": self._live()} if is_live(data.session) else {}
        return live | {
            "view": _view(data.time_range, data.price_range, base),
            "first": _view(data.first_times, data.session.price_range, base),
            "until": None if until is None else until - base,
            "count": self.count,
            "hand": self.hand,
        }

    def _live(self) -> dict[str, Any]:
        """How the view goes on with a live market; see ``engine/live/live.js``."""
        data, s = self.data, self.data.state
        around = list(map(float, data.recent_prices))
        chosen = None if s.low is None or s.high is None else [float(s.low), float(s.high)]
        length = round(last_of(s) * 1e9)
        return {"follows": data.is_following, "length": length, "prices": chosen, "around": around}

    def moved(self) -> bool:
        """Whether the state has been given another view than the page has told."""
        now = {name: getattr(self.data.state, name) for name in ALONG}
        reported, self._reported = self._reported, None
        if now == reported:
            return False
        self.count += not self.data.state.playing
        return True

    def take(self, report: dict[str, Any]) -> None:
        """A user looks elsewhere."""
        data, hand = self.data, report.get("hand")
        self.hand = hand if isinstance(hand, int) else self.hand
        if data.session is None or report.get("count") != self.count:
            return
        times, prices = view_of(report, base_of(data.session), data.session.spans().tick_size)
        choice = {"last_s": data.state.last_s} | (
            self._choice(times, prices) if report.get("live") is None else self._followed(report["live"])
        )
        if is_live(data.session):
            data.watched = times, prices
        if data.state.playing and data.state.at is not None:
            at = data.state.at  # the width counts, the right edge goes on
            width = np.timedelta64(round((times[1] - times[0]) / 1e6), "ms")
            choice |= {"start": at - width, "end": at}
        if choice != {name: getattr(data.state, name) for name in ALONG}:
            self._reported = choice
            data.state.param.update(**choice)

    def _followed(self, live: Any) -> dict[str, Any]:
        """The choices of a view that follows a live market.

        Raises
        ------
        GridError : a length, or prices, that no page says.
        """
        session = self.data.session
        tick = session.spans().tick_size
        if not is_live(session) or not isinstance(live, dict):
            raise GridError(argument="live", expected="how a live session is followed", got=f"{live!r:.60}")
        length = duration_of("length", live.get("length"), 1)
        if length is None:
            raise GridError(argument="length", expected="a duration in ns", got="None")
        choice: dict[str, Any] = dict.fromkeys(ALONG)
        choice["last_s"] = round(length / 1e9, 3) or 0.001
        if live.get("prices") is not None:
            low, high = numbers_of(live, "prices", 2)
            if low < high:
                fine = tick / (100 if high - low > 10 * tick else 10_000)
                choice |= {"low": _rounded(low, fine), "high": _rounded(high, fine)}
        return choice

    def _choice(self, times: tuple[int, int], prices: tuple[float, float]) -> dict[str, Any]:
        """Ranges as the state has them: None for the whole, rounded else."""
        session = self.data.session
        begin, end = (instant_ns(t) for t in self.data.first_times)
        low, high = session.price_range
        (a, b), (c, d) = times, prices
        unit = 10**6 if b - a > 5 * 10**9 else 10**3
        tick = session.spans().tick_size
        fine = tick / (100 if d - c > 10 * tick else 10_000)
        choice: dict[str, Any] = dict.fromkeys(ALONG[:4])
        live = is_live(session)  # of which no view that stands still is the first
        if live or abs(a - begin) > WHOLE * (end - begin) or abs(b - end) > WHOLE * (end - begin):
            choice |= {"start": np.datetime64(a // unit * unit, "ns"),
                       "end": np.datetime64(-(-b // unit) * unit, "ns")}  # fmt: skip
        if live or abs(c - low) > WHOLE * (high - low) or abs(d - high) > WHOLE * (high - low):
            choice |= {"low": _rounded(c, fine), "high": _rounded(d, fine)}
        return choice


def _view(times: Any, prices: Any, base: int) -> list[float]:
    return [*(instant_ns(t) - base for t in times), *map(float, prices)]


def _rounded(price: float, fine: float) -> float:
    return float(f"{round(price / fine) * fine:.12g}")
