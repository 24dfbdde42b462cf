"""Wires state, data and views: `explore`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from secrets import token_hex
from typing import Any

import panel as pn
import param

from liqmap.app.component import Hear
from liqmap.app.controls import Controls
from liqmap.app.controls.panel import heading
from liqmap.app.data.background import in_background
from liqmap.app.data.data import Data
from liqmap.app.data.opened import Opened
from liqmap.app.data.sample import make_sample
from liqmap.app.data.study import Study
from liqmap.app.state.address import asked
from liqmap.app.state.link import names_in, state_of
from liqmap.app.state.options import AUTO, HALF_LIFE, PAGES
from liqmap.app.state.state import State
from liqmap.app.state.telling import tell_of
from liqmap.app.style import root
from liqmap.app.views import Address, Alerts, Bar, Body, CalibrationPage, Feed, Head, Player, Strip
from liqmap.app.views.saver import FILES, Saver
from liqmap.render.frames.market import check_market
from liqmap.schema import SessionError, words_of
from liqmap.schema.arguments import whole_number
from liqmap.session import Session, Store

UNCHOSEN: dict[str, Any] = {"half_life_s": AUTO, "prune_s": AUTO}
"""What a page begins with that no link opens: half a minute is a thread in a picture of a day.

The defaults of a state stay what they were, as links say what differs from them."""


class Explorer(pn.viewable.Viewer):
    """The app as one object: display it in a notebook, or call ``.servable()``.

    ``state`` holds the choices and may be set from code; the app follows.
    """

    data = param.ClassSelector(class_=Data)
    height = param.Integer(None, allow_None=True, doc="Pixels; None fills the page.")
    read_only = param.Boolean(False, doc="Nothing is written: no sample session, no presets.")

    @property
    def state(self) -> State:
        """The choices."""
        return self.data.state

    def __panel__(self) -> pn.viewable.Viewable:
        data = self.data
        demo = None
        if isinstance(data.source, Store) and not self.read_only:
            demo = partial(make_sample, data)
        there = pn.bind(bool, data.param.markets)  # of an empty store there is nothing to choose
        foot = pn.Row(
            Strip(data=data),
            Feed(data=data),
            Player(data=data),
            sizing_mode="stretch_width",
            margin=0,
            visible=there,
        )
        # The bar comes last, and is shown first: its legend needs the scale of the first picture, and what
        # changes while a page is being made does not always reach it.
        page = token_hex(8)
        body = Body(data=data, demo=demo, page=page)
        middle = pn.Column(
            body, Alerts(data=data), foot, Bar(data=data), sizing_mode="stretch_both", margin=0
        )
        study = Study(data, may_write=not self.read_only)
        controls = Controls(
            calibration=study.buttons,
            calibrated=lambda: data.calibration,
            state=self.state,
            keep=not self.read_only,
            say=data.warn,
            has_trades=lambda: data.has_trades,
            below=[heading("Save"), FILES],
            answer=_answering(study, Saver(data)),
            page=page,
        )
        controls.form.visible = there
        data.param.watch(lambda event: controls.follow(event.new), "shown")
        data.param.watch(lambda event: controls.show(), "calibration")
        size: dict[str, Any] = (
            {"sizing_mode": "stretch_both"}
            if self.height is None
            else {"sizing_mode": "stretch_width", "height": self.height}
        )
        # The controls come after the picture, whose sizes they say, and are shown before it, as the bar is.
        picture = pn.Row(middle, controls, sizing_mode="stretch_both", margin=0)
        shown = pn.Column(
            Head(data=data), picture, _calibration(study, picture),
            Address(state=self.state, said=data.said), margin=0, stylesheets=[root(self.state.theme)], **size,
        )  # fmt: skip
        self.state.param.watch(lambda event: shown.param.update(stylesheets=[root(event.new)]), "theme")
        return shown


def _calibration(study: Study, picture: pn.viewable.Viewable) -> pn.viewable.Viewable:
    """Where the page of the calibration stands, in place of the picture: made when somebody goes there."""
    place = pn.Column(sizing_mode="stretch_both", margin=0, visible=False)
    state = study.data.state

    def show(*_: Any) -> None:
        there = state.page == PAGES[1]
        if there and not len(place):
            place.append(CalibrationPage(study=study))
        place.visible, picture.visible = there, not there

    state.param.watch(show, "page")
    show()
    return place


def _answering(study: Study, saver: Saver) -> Hear:
    """What the buttons beside the picture do."""
    does = {"calibrate": study.show, "calibrated": study.use_own, "default": study.use_default}

    def answer(kind: str, said: dict[str, Any]) -> Any:
        name = said.get("name")
        if kind == "press" and isinstance(name, str) and name in does:
            return does[name]()
        return saver.answer(kind, said)

    return answer


def _chosen(choices: dict[str, Any]) -> State:
    """The state of the choices.

    Raises
    ------
    SessionError : no such choice, or a value that it does not have.
    """
    for name in choices:
        if name not in State.param or name == "name":
            near = get_close_matches(name, list(State.param), 3)
            raise SessionError(
                argument=name, expected="a choice of the app", got="none of that name", remedy=_meant(near)
            )
    try:
        return State(**choices)
    except (ValueError, TypeError) as error:
        said = words_of(error).rstrip(".")
        raise SessionError(where="explore", expected="choices of the app", got=said) from None


def _meant(near: list[str]) -> str:
    return f"Is one of these meant: {', '.join(near)}" if near else ""


def explore(
    source: Session | Store,
    height: int | None = 760,
    opened: Opened | None = None,
    read_only: bool = False,
    live: Mapping[str, Callable[[], Any]] | None = None,
    **choices: Any,
) -> Explorer:
    """The app on a session, or on a store whose sessions can be chosen.

    Of a session that grows, as `lm.live` gives it, the view follows the newest message until it is moved.

    Parameters
    ----------
    height : pixels; None fills the page.
    opened : where opened sessions are kept; its own by default.
    read_only : nothing is written: an empty store offers no sample session, neither presets nor calibrations
        are kept or removed, and no spans beside the store.
    live : beside those of the store, by key (``bybit/BTCUSDT/live``) what gives the session of a market that
        is listened to; it is called in a thread, and may wait for a first message.
    choices : of `State`, such as ``half_life_s=120``; without any, those in the address of the page. Where
        neither says them, half-life and prune go by what is in view.

    Returns
    -------
    Explorer : shows itself in a notebook cell; ``.servable()`` for ``panel serve``.

    Raises
    ------
    SessionError : neither a session nor a store; no such choice, or a value that it does not have.
    """
    height = None if height is None else whole_number(height, "height", error=SessionError)
    if not isinstance(source, Store):
        check_market(source, "a Session or a Store")
    if not (opened is None or isinstance(opened, Opened)):
        raise SessionError(argument="opened", expected="an Opened", got=f"a {type(opened).__name__}")
    if live is not None and not (isinstance(live, Mapping) and all(map(callable, live.values()))):
        raise SessionError(
            argument="live",
            expected="by key, such as bybit/BTCUSDT/live, what gives a session",
            got=f"a {type(live).__name__}",
        )
    source = source.for_reading() if read_only and isinstance(source, Store | Session) else source
    pn.extension(theme="dark")
    tell_of(pn.state.curdoc, source)  # before anything of the page asks how
    query = "" if choices else asked()
    state, notices = state_of(query) if query else (_chosen(UNCHOSEN | choices), [])
    said = names_in(query) | choices.keys()
    is_carry_free = not (UNCHOSEN.keys() & said) and not ("carry_by" in said and state.carry_by == HALF_LIFE)
    data = Data(source, state, opened, in_background(pn.state.curdoc), live, is_carry_free)
    data.warn(*notices)
    return Explorer(data=data, height=height, read_only=read_only)
