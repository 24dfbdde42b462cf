"""From a store to what the views show: sessions, spans, ranges, numbers. No UI here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import param

from liqmap.analytics.alerts import Condition, conditions_of
from liqmap.app.data.calibrations import (
    Carried,
    carried_of,
    lacking_words,
    made_calibration,
    saved_calibration,
    unshaded_words,
)
from liqmap.app.data.carry import same, same_presence, state_carry
from liqmap.app.data.days import Days, MarketDays, deepest, fullest, markets_of, ready
from liqmap.app.data.opened import Opened
from liqmap.app.data.shown import Shown
from liqmap.app.data.watched import is_live
from liqmap.app.data.watched import sizes_of as sizes_of_market
from liqmap.app.data.work import Worker
from liqmap.app.state.options import AS_TRANSMITTED, FITTED, HALF_LIFE, LOOK_CHOICES, VIEWS
from liqmap.app.state.state import State
from liqmap.app.state.telling import telling
from liqmap.carry import CarryModel, HalfLife, Mixture, Presence
from liqmap.printable import printable
from liqmap.render.frames.colour import Look, Scale
from liqmap.render.frames.frame import Frame, instant_ns, screen, visible
from liqmap.render.frames.look import UNDER_CANDLES
from liqmap.render.frames.quiet import times_in_view, without_quiet_ends
from liqmap.render.frames.scale import sizes_of
from liqmap.render.frames.share import carried_share
from liqmap.render.frames.zoom_limits import FARTHEST
from liqmap.render.marks import registry
from liqmap.render.marks.drawing import ALERTS
from liqmap.render.marks.registry import Overlay
from liqmap.render.marks.traded import traded
from liqmap.schema import LiqmapError
from liqmap.session import Session, Store
from liqmap.session.shown_prices import price_range

LAST_S = 300.0
"""How much of a live market is in view where nobody has chosen, s."""

MOST_WARNINGS, BEFORE = 10, "Before these:"
"""Notices at one time; of more than that it is said how many there were before."""

SIZE = (1200, 600)
"""Pixels of a picture that no page has said yet."""

View = tuple[tuple[int, int], tuple[float, float]]
"""Times, ns since the epoch, and prices."""

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
    worker : does what takes long; at once by default.
    live : by key, what gives the session of a market that is listened to, once that has begun.
    is_carry_free : whether nobody has chosen half-life and prune, so that a market's own calibration may; a
        state that goes by the fitted model goes by that in any case.

    Attributes
    ----------
    saved : the calibration that the store has of the market; None of none.
    tell : what the page says of errors.
    """

    state = param.ClassSelector(class_=State, constant=True)
    markets = param.Dict({}, doc="Keys of the markets there are, by label.")
    session = param.Parameter(None, doc="The session shown; None where there is none.")
    notice = param.String("", doc="What the user should read instead of a picture.")
    warnings = param.List([], doc="What the user should read beside the picture.")
    busy = param.String("", doc="What is being done that takes a while.")
    shown = param.Parameter(None, doc="`Shown` of the last picture.")
    calibration = param.Parameter(None, doc="The market's own: taken by hand, saved with the store, or made.")
    alerted = param.Parameter(None, doc="The session and conditions of which alerts have been found.")
    asked_at = param.Number(0.0, doc="When a page asked last what a live market has grown by, s.")

    def __init__(
        self,
        source: Store | Session | Any,
        state: State | None = None,
        opened: Opened | None = None,
        worker: Worker | None = None,
        live: Mapping[str, Callable[[], Any]] | None = None,
        is_carry_free: bool = False,
    ) -> None:
        self.source = source
        self._live = dict(live or {})
        self.watched: View | None = None
        self.size = SIZE
        self.saved: Any = None
        self.worker = worker or Worker()
        self.tell = telling()
        self._opened = opened or Opened()
        self._markets: dict[str, MarketDays | None] = {}
        self._asked: Any = None
        self._dropped = 0
        super().__init__(state=state or State())
        self._first = Carried.of(self.state) if is_carry_free else None
        self._given = self._first
        self.refresh()

    # ------------------------------------------------------------------ which session

    def changed(self) -> None:
        """Something has been written to the store: who opens a page from now on reads it anew."""
        self._opened.lately.forget()

    def _lately(self, key: Hashable, read: Callable[[Any], Any], of: Any) -> Any:
        """What is read of the store, or was a moment ago for somebody else."""
        return self._opened.lately.get(key, partial(read, of))

    def refresh(self) -> None:
        """Read which markets there are, and show one."""
        try:
            self._markets = dict.fromkeys(self._live) | self._lately("markets", markets_of, self.source)
            self.markets = {key.replace("/", " "): key for key in self._markets}
        except Exception as error:  # of a disk that fails, of a folder that may not be read
            self.notice = self.tell(error, "The markets of the store cannot be read")
            return
        if not self.markets:
            path = printable(str(getattr(self.source, "path", "STORE")))
            self.notice = NO_DATA.format(path="STORE" if self.tell.hide(path) != path else path)
        elif not self.state.market:
            self.state.market = next(iter(self._live), None) or fullest(self._markets)
        else:
            self._load()

    @property
    def days(self) -> tuple[date, ...]:
        """UTC days the store has of the market; none of a single session."""
        market = self._markets.get(self.state.market)
        return market.days if market is not None else ()

    def choose(self, market: str | None = None, dates: tuple[date, date] | None = None) -> None:
        """Show another market, or other days, as a whole."""
        s = self.state
        market = market or s.market
        if dates is None and market == s.market:
            dates = s.dates
        s.param.update(
            market=market, dates=dates, start=None, end=None, low=None, high=None, at=None, playing=False
        )

    @param.depends("state.market", "state.dates", watch=True)
    def _load(self) -> None:
        market, asked = self.state.market, (self.state.market, self.state.dates)
        if asked == self._asked:
            return
        try:
            full = deepest(self.source, self._markets, market)
            if full != market:
                self.state.market = full  # which loads it
                return
            days = self._days(self._markets[market])
        except Exception as error:
            self._asked = asked
            notice = self.tell(error, f"{printable(market)} cannot be opened")
            self.param.update(session=None, notice=notice, busy="")
            return
        self._asked = asked = (market, self.state.dates)
        words = market if days is None else days.words()
        doing = "waiting for its first message" if market in self._live else "replaying its messages"
        self.param.update(notice="", busy=f"Opening {words}: {doing}")
        self.worker.hand_on(self._open(days), partial(self._show, asked, words))

    def _days(self, have: MarketDays | None) -> Days | None:
        """Which days of a market are to be opened; None of a single session."""
        if have is None:
            return None
        dates = have.chosen(self.state.dates)
        self._asked = (self.state.market, dates)  # so that the next line loads nothing
        self.state.dates = dates
        return have.between(dates)

    def _open(self, days: Days | None) -> Future[Any]:
        """The session of these days, once it is open; None is the single session there is, or a live one."""
        if (listened := self._live.get(self.state.market)) is not None:
            return self.worker.submit(lambda: ready(listened()))
        if days is None or not isinstance(self.source, Store):
            return self.worker.submit(partial(ready, self.source))
        return self._opened.ask(days, partial(days.open, self.source), self.worker.submit)

    def _show(self, asked: Any, words: str, future: Future[Any]) -> None:
        """What opening came to; unless something else has been asked for since."""
        if asked != self._asked:
            return
        try:
            session = future.result()
            if len(session.spans()) == 0:
                session, notice = None, f"{words}: the book of this session is empty."
            else:
                notice = ""
        except Exception as error:
            session, notice = None, self.tell(error, f"{printable(words)} cannot be shown")
        self.watched = None
        if session is not None:
            self._check_view(session)
            self._begin_carry(session)
        self.param.update(session=session, notice=notice, busy="")

    def _check_view(self, session: Any) -> None:
        """A view that shows nothing of the session, or is wider than a user can zoom out, is not taken."""
        s = self.state
        begin, end = visible(session.time_range)
        low, high = session.price_range
        if not _meets((s.start, s.end), (begin, end)) or _beyond((s.start, s.end), (begin, end)):
            self.warn(f"from, to: expected a time from {begin} to {end}, got {s.start} to {s.end}")
            s.param.update(start=None, end=None)
        first = self._first_times(session)[0] if s.start is None else s.start
        if s.at is not None and not first < s.at <= end:
            self.warn(f"at: expected a time from {first} to {end}, got {s.at}")
            s.at = None
        elif s.at is not None and s.end is None:
            s.end = s.at
        if not _meets((s.low, s.high), (low, high)) or _beyond((s.low, s.high), (low, high)):
            self.warn(f"low, high: expected prices from {low:g} to {high:g}, got {s.low} to {s.high}")
            s.param.update(low=None, high=None)

    def _begin_carry(self, session: Any) -> None:
        """What carries that nobody has chosen is that of the market's own calibration, if it has one; else
        what it was at first. A fitted model that the market has not makes way for the half-life."""
        self.saved, state, found = None, self.state, None
        try:
            self.saved = found = self._lately(self._asked, saved_calibration, session)
            if found is None and self._needs_calibration and not is_live(session):
                found = made_calibration(session, state.levels)  # as after a reload of the page that made it
        except (LiqmapError, OSError) as error:
            self.warn(self.tell(error, "What the store has kept of the market's calibration cannot be read"))
        self.calibration = found
        if self._first is not None and self._given == Carried.of(state):
            by = FITTED if self._first.carry_by == FITTED else None
            self._given = begun = self._first if found is None else carried_of(found, by)
            state.param.update(**begun._asdict())
        if state.carry_by == FITTED and self.fitted is None:
            self.warn(lacking_words(session.spans().meta))
            state.carry_by = HALF_LIFE
        if state.presence and self.known_presence is None:
            self.warn(unshaded_words(session.spans().meta))
            state.presence = False

    @property
    def _needs_calibration(self) -> bool:
        """Whether the choices name what only a calibration has."""
        return self.state.carry_by == FITTED or self.state.presence

    def use(self, calibration: Any) -> None:
        """Draw by what a calibration of this market says."""
        self.calibration = calibration
        shown = {"view": VIEWS[0]} if self.state.view == AS_TRANSMITTED else {}
        self.state.param.update(**carried_of(calibration)._asdict(), **shown)

    def said(self) -> tuple[str, ...]:
        """What links say in any case: of a market with a calibration of its own half-life and prune, which
        would else be those of the calibration."""
        return () if self.calibration is None else ("half_life_s", "prune_s")

    @property
    def is_calibrated(self) -> bool:
        """Whether what carries is what the market's own calibration says."""
        if self.calibration is None:
            return False
        return carried_of(self.calibration).drawn == Carried.of(self.state).drawn

    @property
    def fitted(self) -> Mixture | None:
        """The fitted model of the market, which its choices may name; None where none is known."""
        model = None if self.calibration is None else self.calibration.fitted
        return None if model is None else same(model)

    def warn(self, *words: str) -> None:
        """Give the user a notice, beside those not yet closed; the same is not given twice, and of many the
        last are kept."""
        shown = [one for one in self.warnings if not one.startswith(BEFORE)]
        self._dropped = self._dropped if shown else 0
        every = list(dict.fromkeys((*shown, *words)))
        self._dropped += max(len(every) - MOST_WARNINGS, 0)
        before = [f"{BEFORE} {self._dropped:,} more"] if self._dropped else []
        self.warnings = [*before, *every[-MOST_WARNINGS:]]

    # ------------------------------------------------------------------ what is shown of it

    @property
    def first_times(self) -> tuple[np.datetime64, np.datetime64]:
        """Where a view begins and ends that nobody has chosen: with the session, but for its quiet ends."""
        return self._first_times(self.session)

    def _first_times(self, session: Any) -> tuple[np.datetime64, np.datetime64]:
        """Of days of a store what is not quiet; of a session that somebody opened, see `times_in_view`; of a
        live one what came last."""
        if is_live(session):
            end = session.time_range[1]
            return end - np.timedelta64(round(last_of(self.state) * 1e9), "ns"), end
        days = isinstance(self.source, Store)
        return without_quiet_ends(session.spans(), session.time_range) if days else times_in_view(session)

    @property
    def time_range(self) -> tuple[np.datetime64, np.datetime64]:
        """Where the view begins and ends: of what is played no further than that."""
        s = self.state
        begin, end = self.first_times
        begin = begin if s.start is None else s.start
        last = end if s.at is None else s.at
        end = last if s.end is None else s.end
        return begin, last if s.at is not None and begin < last < end else end

    @property
    def is_following(self) -> bool:
        """Whether the view goes on with a live market."""
        s = self.state
        return is_live(self.session) and s.start is None and s.end is None and s.at is None

    @property
    def recent_prices(self) -> tuple[float, float]:
        """Where the touch of a live market went in the time first shown, and a window; else the session's."""
        if not is_live(self.session):
            return self.session.price_range
        times = (instant_ns(t) for t in self.first_times)
        return price_range(self.session.spans(), *times) or self.session.price_range

    @property
    def price_range(self) -> tuple[float, float]:
        """Lowest and highest price in view: of one that follows a live market what its page has said last."""
        s = self.state
        if self.is_following:
            low, high = self.watched[1] if self.watched is not None else self.recent_prices
        else:
            low, high = self.session.price_range
        return low if s.low is None else s.low, high if s.high is None else s.high

    @property
    def has_trades(self) -> bool:
        """Whether any trades are stored of the session."""
        return self.session is not None and len(traded(self.session)) > 0

    @property
    def overlays(self) -> list[Overlay]:
        """What lies over the heatmap, from below to above: the layers chosen, but for those of trades where
        there are none, and alerts where there are conditions."""
        chosen, has_trades = registry.shown(self.state.layers), self.has_trades
        chosen += registry.shown([ALERTS]) if self.marked else []
        return [one for one in chosen if has_trades or not one.of_trades]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Those whose alerts are shown and listed."""
        return tuple(conditions_of(self.state.alerts)) if self.state.alerts else ()

    @property
    def marked(self) -> tuple[Condition, ...]:
        """Those whose alerts the picture can mark by now: it does not wait until they are found."""
        return self.conditions if self.alerted == (self.session, self.conditions) else ()

    def played_to(self) -> int | None:
        """The time to which the session is played, ns; None where it is not."""
        return None if self.state.at is None else instant_ns(self.state.at)

    @property
    def look(self) -> Look:
        """The colours chosen."""
        return Look(**look_choices(self.state, self.has_trades))

    @property
    def known_presence(self) -> Presence | None:
        """How likely levels of the market are still there, which its picture may be shaded by; None where
        nothing is known."""
        found = None if self.calibration is None else self.calibration.presence
        return None if found is None else same_presence(found)

    @property
    def presence(self) -> Presence | None:
        """What the picture is shaded by; None where it is not."""
        return self.known_presence if self.state.presence else None

    @property
    def carry(self) -> HalfLife | Mixture:
        """What is believed of a size that the book no longer confirms."""
        begin, end = (instant_ns(t) for t in self.time_range)
        return state_carry(self.state, end - begin, self.fitted)

    def frame(self, width: int = 1200, height: int = 600) -> Frame:
        """The view as the choices have it, at a size in pixels."""
        s, session = self.state, self.session
        return screen(
            session.spans(), self.time_range, self.price_range, width, height,
            self.carry, s.agg, s.row_ticks,
        )  # fmt: skip

    def seen(self, frame: Frame, scale: Scale, view: Any = None, carry: CarryModel | None = None) -> None:
        """Take note of a picture that was drawn, of a view and a carry that the state may not have yet."""
        session = self.session
        spans, others = session.spans(), getattr(session, "others", ())
        sizes = sizes_of_market(session, frame.agg) if self.state.stable else sizes_of(frame)
        view, look = view or (self.time_range, self.price_range), self.look
        carry = carry or self.carry
        share = carried_share(spans, view, carry, frame.agg, look, scale, others)
        self.shown = Shown.of(frame, scale, look, sizes, share, spans.meta, carry)


def last_of(state: State) -> float:
    """How much of a live market is shown that is followed, s."""
    return LAST_S if isinstance(state.last_s, str) else float(state.last_s)


def look_choices(state: State, has_trades: bool = True) -> dict[str, Any]:
    """A `Look` by its parameters."""
    return {name: getattr(state, name) for name in LOOK_CHOICES} | {"opacity": opacity(state, has_trades)}


def opacity(state: State, has_trades: bool = True) -> float:
    """Opacity of the heatmap: full, it makes way for candles, and for what else asks for it."""
    makes_way = state.opacity == 1.0 and registry.makes_way(state.layers, lambda: has_trades)
    return UNDER_CANDLES[state.theme] if makes_way else float(state.opacity)


def _meets(view: tuple[Any, Any], whole: tuple[Any, Any]) -> bool:
    """Whether a view, of which an end left out is that of the whole, shows something of it."""
    low, high = (w if v is None else v for v, w in zip(view, whole))
    return bool(low < high and low < whole[1] and high > whole[0])


def _beyond(view: tuple[Any, Any], whole: tuple[Any, Any]) -> bool:
    """Whether a view, of which an end left out is that of the whole, is wider than `FARTHEST`."""
    low, high = (w if v is None else v for v, w in zip(view, whole))
    return bool((high - low) / (whole[1] - whole[0]) > FARTHEST)
