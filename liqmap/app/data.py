"""From a store to what the views show: sessions, spans, ranges, numbers. No UI here."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Any

import numpy as np
import param

from liqmap.render import SpansElement
from liqmap.render.colour import Look, Scale
from liqmap.render.frame import Frame, screen
from liqmap.schema import LiqmapError
from liqmap.session import Session, Store

from .state import State

log = logging.getLogger("liqmap.app")

SESSIONS_KEPT = 3
"""Sessions whose spans stay in memory."""

NO_DATA = (
    "This store holds no depth yet.\n\n"
    "Run `liqmap demo` to see the app on a simulated market, or fill the store with your own archives: "
    "`liqmap ingest FILE... --store {path}`"
)


class Data(param.Parameterized):
    """Everything derived from a `State` and a source, computed when what it depends on changes.

    Parameters
    ----------
    source : a Store (its sessions can be chosen) or one Session.
    state : the choices; a new one by default.
    """

    state = param.ClassSelector(class_=State, constant=True)
    markets = param.Dict({}, doc="Keys of the sessions there are, by label.")
    session = param.Parameter(None, doc="The session shown; None where there is none.")
    notice = param.String("", doc="What the user should read instead of a picture.")
    shown = param.Parameter(None, doc="`Shown` of the last picture.")

    def __init__(self, source: Store | Session | Any, state: State | None = None) -> None:
        self.source = source
        self._kept: OrderedDict[str, Any] = OrderedDict()
        super().__init__(state=state or State())
        self.refresh()

    def refresh(self) -> None:
        """Read again which sessions there are, and show one."""
        try:
            self.markets = _markets(self.source)
        except LiqmapError as error:
            self.notice = str(error)
            return
        if not self.markets:
            self.notice = NO_DATA.format(path=getattr(self.source, "path", "STORE"))
        elif self.state.market not in self.markets.values():
            self.state.market = next(iter(self.markets.values()))
        else:
            self._load()

    @param.depends("state.market", watch=True)
    def _load(self) -> None:
        key = self.state.market
        try:
            session = self._kept.pop(key, None) or _open(self.source, key)
            session.spans()
            self._kept[key] = session
            while len(self._kept) > SESSIONS_KEPT:
                self._kept.popitem(last=False)
            empty = len(session.spans()) == 0
            notice = f"{key}: the book of this session is empty." if empty else ""
            self.param.update(session=None if empty else session, notice=notice)
        except LiqmapError as error:
            self.param.update(session=None, notice=str(error))
        except Exception as error:
            log.exception("cannot open %s", key)
            self.param.update(
                session=None, notice=f"{key} cannot be shown ({type(error).__name__}: {error})."
            )

    @property
    def element(self) -> SpansElement:
        """The session's spans as the picture takes them."""
        session = self.session
        return SpansElement(session.spans(), time_range=session.time_range, price_range=session.price_range)

    @property
    def look(self) -> Look:
        """The colours chosen."""
        s = self.state
        return Look(s.cutoffs, s.log_scale, s.carried, s.opacity)

    def frame(self, width: int = 1200, height: int = 600) -> Frame:
        """The whole session as the choices have it, at a size in pixels."""
        s, session = self.state, self.session
        return screen(
            session.spans(), session.time_range, session.price_range, width, height,
            duration(s.half_life_s), duration(s.prune_s), s.agg, s.row_ticks,
        )  # fmt: skip

    def seen(self, frame: Frame, scale: Scale) -> None:
        """Take note of a picture that has been drawn."""
        self.shown = Shown(frame, scale, len(self.session.spans()) if self.session is not None else 0)


class Shown:
    """Numbers about one picture."""

    def __init__(self, frame: Frame, scale: Scale, spans: int) -> None:
        self.spans, self.scale, self.per = spans, scale, frame.per
        self.carried_share = frame.carried_share
        self.row = frame.ticks_a_row * frame.tick_size
        self.column_s = float(frame.times[1] - frame.times[0]) * 1e-9
        self.cells = frame.state.shape[1] * frame.state.shape[2]


def duration(seconds: float | None) -> np.timedelta64 | None:
    """Seconds as a duration; None stays None."""
    return None if seconds is None else np.timedelta64(round(seconds * 1e9), "ns")


def _markets(source: Any) -> dict[str, str]:
    """Labels and keys of the depth sessions of a source, a UTC day each."""
    if not isinstance(source, Store):
        key = " ".join(w for w in (source.venue, source.symbol, source.feed) if w)
        return {key: key}
    have = source.sessions()
    have = have[have["kind"] == "depth"] if len(have) else have
    keys = [f"{r.venue} {r.symbol} {r.feed} {r.date}" for r in have.itertuples()]
    return {key: key for key in sorted(dict.fromkeys(keys))}


def _open(source: Any, key: str) -> Any:
    if not isinstance(source, Store):
        return source
    venue, symbol, feed, date = key.split(" ")
    begin = np.datetime64(date, "D")
    return source.session(venue, symbol, start=str(begin), end=str(begin + 1), feed=feed)
