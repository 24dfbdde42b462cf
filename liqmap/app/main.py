"""Wires state, data and views: `explore`."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
import param

from liqmap.render.overlays import check_market
from liqmap.session import Session, Store

from .controls import Controls
from .data import Data
from .opened import Opened
from .state import State
from .style import ROOT
from .views import Head, Heatmap, Status


class Explorer(pn.viewable.Viewer):
    """The app as one object: display it in a notebook, or call ``.servable()``.

    ``state`` holds the choices and may be set from code; the app follows.
    """

    data = param.ClassSelector(class_=Data)
    height = param.Integer(None, allow_None=True, doc="Pixels; None fills the page.")

    @property
    def state(self) -> State:
        """The choices."""
        return self.data.state

    def __panel__(self) -> pn.viewable.Viewable:
        main = pn.Column(
            Heatmap(data=self.data), Status(data=self.data), sizing_mode="stretch_both", margin=0
        )
        body = pn.Row(Controls(state=self.state), main, sizing_mode="stretch_both", margin=0)
        size: dict[str, Any] = (
            {"sizing_mode": "stretch_both"}
            if self.height is None
            else {"sizing_mode": "stretch_width", "height": self.height}
        )
        # The head comes last, and is shown first: its legend needs the scale of the first picture, and what
        # changes while a page is being made does not always reach it.
        return pn.Column(body, Head(data=self.data), margin=0, stylesheets=[ROOT], **size)


def explore(
    source: Session | Store, height: int | None = 760, opened: Opened | None = None, **choices: Any
) -> Explorer:
    """The app on a session, or on a store whose sessions can be chosen.

    Parameters
    ----------
    height : pixels; None fills the page.
    opened : where opened sessions are kept; its own by default.
    choices : of `State`, such as ``half_life_s=120``.

    Returns
    -------
    Explorer : shows itself in a notebook cell; ``.servable()`` for ``panel serve``.

    Raises
    ------
    SessionError : neither a session nor a store.
    """
    if not isinstance(source, Store):
        check_market(source, "a Session or a Store")
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)
    pn.extension(theme="dark")
    return Explorer(data=Data(source, State(**choices), opened), height=height)
