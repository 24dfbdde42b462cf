"""From a store to what the views show: sessions, spans, ranges, numbers. No UI here."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import numpy as np
import param

from liqmap.render import SpansElement
from liqmap.render.colour import Look, Scale
from liqmap.render.frame import Frame, screen
from liqmap.schema import LiqmapError, SessionError
from liqmap.session import Session, Store

from .opened import Opened
from .state import State

log = logging.getLogger("liqmap.app")

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
    opened : where opened sessions are kept; its own by default. The visitors of a server share one.
    """

    state = param.ClassSelector(class_=State, constant=True)
    markets = param.Dict({}, doc="Keys of the sessions there are, by label.")
    session = param.Parameter(None, doc="The session shown; None where there is none.")
    notice = param.String("", doc="What the user should read instead of a picture.")
    shown = param.Parameter(None, doc="`Shown` of the last picture.")

    def __init__(
        self, source: Store | Session | Any, state: State | None = None, opened: Opened | None = None
    ) -> None:
        self.source = source
        self._opened = opened or Opened()
        self._days: dict[str, Day | None] = {}
        super().__init__(state=state or State())
        self.refresh()

    def refresh(self) -> None:
        """Read again which sessions there are, and show one."""
        try:
            self._days = _days(self.source)
            self.markets = {key: key for key in self._days}
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
            session = self._session(key)
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

    def _session(self, key: str) -> Any:
        """The session of a key, its spans replayed."""
        day = self._days.get(key)
        source = self.source
        if not isinstance(source, Store):
            source.spans()
            return source
        if day is None:
            raise SessionError(f"{key}: expected one of {', '.join(self._days) or 'no session'}")
        return self._opened.get(day, lambda: _open(source, day))

    @property
    def element(self) -> SpansElement:
        """The session's spans as the picture takes them."""
        session = self.session
        return SpansElement(session.spans(), time_range=session.time_range, price_range=session.price_range)

    @property
    def look(self) -> Look:
        """The colours chosen."""
        s = self.state
        return Look(s.cutoffs, None, "log" if s.log_scale else "linear", s.carried, opacity=s.opacity)

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


def duration(seconds: float | None) -> np.timedelta64 | None:
    """Seconds as a duration; None stays None."""
    return None if seconds is None else np.timedelta64(round(seconds * 1e9), "ns")


class Day(NamedTuple):
    """A UTC day of a market, and how much of the market the store holds: with more, it is another day."""

    venue: str
    symbol: str
    feed: str
    date: str
    held: tuple[int, int]


def _days(source: Any) -> dict[str, Day | None]:
    """Labels of the depth sessions of a source, a UTC day each; nothing to look up for a single session."""
    if not isinstance(source, Store):
        return {" ".join(w for w in (source.venue, source.symbol, source.feed) if w): None}
    have = source.sessions()
    if not len(have):
        return {}
    held = have.groupby(["venue", "symbol"])[["rows", "bytes"]].sum()
    days = {}
    for r in have[have["kind"] == "depth"].itertuples():
        rows, size = held.loc[(r.venue, r.symbol)]
        label = f"{r.venue} {r.symbol} {r.feed} {r.date}"
        days[label] = Day(r.venue, r.symbol, r.feed, str(r.date), (int(rows), int(size)))
    return dict(sorted(days.items()))


def _open(source: Store, day: Day) -> Session:
    begin = np.datetime64(day.date, "D")
    session = source.session(day.venue, day.symbol, start=str(begin), end=str(begin + 1), feed=day.feed)
    session.spans()
    return session
