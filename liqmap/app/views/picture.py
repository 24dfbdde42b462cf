"""The component that shows a session in the browser: the engine, and what it is given."""

from __future__ import annotations

import param

from liqmap.app.component import Component
from liqmap.browser.sources import component


class Picture(Component):
    """What the engine shows (`liqmap/browser/engine/host/stage.js`); each parameter is a part of it."""

    scene = param.Dict({}, doc="A session as it is opened; empty where there is none.")
    themes = param.Dict({}, doc="Colours.")
    choice = param.Dict({}, doc="Choices, by the engine's names.")
    models = param.Dict({}, doc="Carry models that choices name.")
    looking = param.Dict({}, doc="Where to look.")
    layout = param.Dict({}, doc="Panels, and whether before and after stand beside each other.")
    page = param.String("", doc="Which sliders it follows: those of the same name.")

    @classmethod
    def script(cls) -> str:
        return component()
