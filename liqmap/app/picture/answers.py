"""What a page asks of a session, answered: spans, pictures, cells, shapes, what lies in a box.

Messages are plain: numbers, texts, bytes; times are ns since the base of the session (`scene.base_of`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from liqmap.app.data.data import Data
from liqmap.app.data.measured import measured, measured_words
from liqmap.app.data.shown import Shown
from liqmap.app.data.traded import NO_TRADES, traded_rows
from liqmap.app.data.watched import is_live, sizes_of
from liqmap.app.picture.asked import Asked, asked_carry, number_of, numbers_of, time_of, view_of
from liqmap.app.picture.drawn import Drawn, cell_at, drawn
from liqmap.app.picture.grown import news_of
from liqmap.app.picture.last import last_price
from liqmap.app.picture.scene import base_of, contents_of
from liqmap.browser.wire import wire, wire_panel
from liqmap.render.frames import words as labels
from liqmap.render.frames.front import Lit
from liqmap.render.frames.readout import cell_of
from liqmap.render.frames.scale import RANKS, Sizes, scale_between
from liqmap.render.marks.panels import PanelScene, panel_of
from liqmap.render.marks.registry import Overlay, Scene
from liqmap.render.marks.shapes import Shape
from liqmap.render.marks.view import View
from liqmap.schema import GridError, SessionError


class Answers:
    """To the questions of one page.

    Parameters
    ----------
    drew : told when Python has made a picture: once it rests, `settle` says what is shown of it.
    """

    def __init__(self, data: Data, drew: Callable[[], None] = lambda: None) -> None:
        self.data, self._drew = data, drew
        self.last: Drawn | None = None
        self.before: Drawn | None = None  # as transmitted, beside it
        self._drawn_at = 0.0
        self._overlays: dict[str, tuple[Any, Callable[[View], list[Shape]]]] = {}
        self._answers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "spans": self.spans, "frame": self.frame, "cell": self.cell, "shapes": self.shapes,
            "measure": self.measure, "growth": self.growth,
        }  # fmt: skip

    def answer(self, kind: Any, ask: Any) -> Any:
        """What a question asks for.

        Raises
        ------
        LiqmapError : no such question, something in it that no page asks for, no session.
        """
        if not (isinstance(kind, str) and kind in self._answers and isinstance(ask, dict)):
            known = ", ".join(self._answers)
            raise GridError(argument="kind", expected=f"one of {known}", got=f"{kind!r:.60}")
        if self.data.session is None:
            raise SessionError(where="picture", expected="a session that is shown", got="none")
        return self._answers[kind](ask)

    def forget(self) -> None:
        """Another session is shown."""
        self.last = self.before = None
        self._overlays.clear()

    def spans(self, ask: dict[str, Any]) -> dict[str, Any]:
        """The spans of the session, for a page that draws them."""
        return contents_of(self.data.session).message

    def growth(self, ask: dict[str, Any]) -> dict[str, Any]:
        """What a live session has grown by since the update that a page has."""
        return news_of(self.data.session, ask)

    def frame(self, ask: dict[str, Any]) -> dict[str, Any]:
        """A picture, as numbers of colours; of one as transmitted (``before``) the legend says nothing."""
        base = base_of(self.data.session)
        found = drawn(self.data.session, self._asked(ask))
        message = found.message(base, ask.get("have"))
        if ask.get("before") is True:
            self.before = found
            return message
        self.last = found
        self._drawn_at = time.monotonic()
        self._drew()
        return message

    def is_quiet(self, seconds: float) -> bool:
        """Whether no picture was asked for in so many seconds."""
        return time.monotonic() - self._drawn_at >= seconds

    def settle(self) -> None:
        """Say what the last picture shows."""
        if self.last is not None and self.data.session is not None:
            asked = self.last.asked
            self.data.seen(self.last.frame, self.last.scale, (asked.times, asked.prices), asked.carry)

    def cell(self, ask: dict[str, Any]) -> dict[str, Any] | None:
        """The cell of the last picture at a place."""
        last = self.before if ask.get("before") is True else self.last
        if last is None:
            return None
        base, (time_, price) = base_of(self.data.session), numbers_of(ask, "at", 2)
        place = cell_at(last, time_ + base, price)
        if place is None:
            return None
        row, column = place
        spans = None if last.others else self.data.session.spans()  # an age of one of several is none of all
        asked = last.asked
        return cell_of(
            last.frame, last.scale, asked.look, spans, asked.carry, column, row, base, asked.presence
        )

    def shapes(self, ask: dict[str, Any]) -> dict[str, Any]:
        """What lies over a view, and beside it: overlays and panels by name, as the engine draws them."""
        data, session, base = self.data, self.data.session, base_of(self.data.session)
        asked, until = self._asked(ask), data.played_to()
        view = View(*asked.times, asked.prices, *asked.size, until)
        data.size = asked.size
        scene = Scene(
            session, session.price_range, theme=data.state.theme, until=data.played_to,
            min_trade=data.state.min_trade, time_zone=data.state.time_zone, alerts=data.marked,
        )  # fmt: skip
        wanted = _names(ask, "overlays")
        overlays = {o.name: wire(self._of(o, scene)(view), base) for o in data.overlays if o.name in wanted}
        panels, words = self._panels(ask, view, asked)
        corner = traded_rows(data, asked.times) if panels or words else None
        found = {"overlays": overlays, "panels": panels, "words": words, "corner": corner}
        return found | ({"last": last_price(session, view)} if ask.get("last") is True else {})

    def _of(self, overlay: Overlay, scene: Scene) -> Callable[[View], list[Shape]]:
        """What gives an overlay's shapes: made once for a session and what has been chosen, since a chart of
        HoloViews takes far longer to make than to ask for a view."""
        # the session is kept alive by what is made
        chosen = scene.theme, scene.min_trade, scene.time_zone, scene.alerts
        key = overlay, id(scene.session), chosen
        there = self._overlays.get(overlay.name)
        if there is None or there[0] != key:
            there = self._overlays[overlay.name] = key, overlay.for_engine(scene)
        return there[1]

    def _panels(self, ask: dict[str, Any], view: View, asked: Asked) -> tuple[dict[str, Any], dict[str, str]]:
        """Panels by name, and words in place of those that have nothing to show."""
        data, state, session = self.data, self.data.state, self.data.session
        base = base_of(session)
        at = None if state.playing else time_of(ask.get("cursor"), base)
        scene = PanelScene(
            session,
            session.price_range,
            state.theme,
            asked.carry,
            state.palette,
            state.time_zone,
            at,
            alerts=data.conditions,
        )
        drawn, words = {}, {}
        for name in _names(ask, "panels"):
            if (panel := panel_of(name)) is None:
                continue
            if panel.of_trades and not data.has_trades:
                words[name] = f"{panel.label}: {NO_TRADES}"
            else:
                drawn[name] = wire_panel(panel.on_engine(scene, view), panel.shares, base)
        return drawn, words

    def measure(self, ask: dict[str, Any]) -> str:
        """What lies in a box of times and prices, in words."""
        session = self.data.session
        times, prices = view_of(ask, base_of(session), session.spans().tick_size, "box")
        found = measured(self.data, times, prices)
        return measured_words(found, labels.size_unit(session.spans().meta))

    def told(self, report: dict[str, Any]) -> None:
        """What a page says of a picture that it has drawn itself.

        Raises
        ------
        GridError : something in it that no page says.
        """
        data = self.data
        if data.session is not None:
            data.shown = _shown(data, report)
            if is_live(data.session) and "view" in report:
                base, tick = base_of(data.session), data.session.spans().tick_size
                data.watched = view_of(report, base, tick)

    def _asked(self, ask: dict[str, Any]) -> Asked:
        session = self.data.session
        data, tick = self.data, session.spans().tick_size
        return Asked.of(ask, base_of(session), tick, data.fitted, data.known_presence)


def _names(ask: dict[str, Any], what: str) -> list[str]:
    found = ask.get(what, [])
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _shown(data: Data, report: dict[str, Any]) -> Shown:
    """Numbers of a picture of the page as those of one drawn here are; its scale by the same rule."""
    session, spans, state = data.session, data.session.spans(), data.state
    sizes = (
        sizes_of(session, state.agg)
        if state.stable
        else Sizes(np.array(numbers_of(report, "sizes", len(RANKS) if report.get("sizes") else 0)))
    )
    column, ticks = numbers_of(report, "steps", 2)
    observed, carried = map(int, numbers_of(report, "lit", 2))
    per = "" if state.agg == "peak" or ticks == 1 else " a tick"
    share = number_of(report, "share")
    return Shown(
        scale_between(sizes, data.look), sizes, share, Lit(observed, carried, share), per,
        labels.size_unit(spans.meta) + per, ticks * spans.tick_size, column * 1e-9,
        asked_carry(report, 0, data.fitted),  # which the state may not have yet
    )  # fmt: skip
