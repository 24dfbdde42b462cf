"""The component that shows controls in the browser, and what hands choose there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import param

from liqmap.app.component import Component, Hear
from liqmap.app.controls.control import Choices, Control, Part
from liqmap.app.state.telling import telling
from liqmap.browser.sources import CONTROLS, component
from liqmap.schema import GridError, LiqmapError


class Form(Component):
    """Controls of the engine (`liqmap/browser/engine/controls`); each parameter is what they are given.

    Python has the values; a page that was told something else by a hand shows that until Python has heard.
    """

    parts = param.String("[]", doc="What there is to choose, as JSON: it never changes.")
    shown = param.Dict({}, doc="How many messages were heard, and values by name.")
    looks = param.Dict({}, doc="What is to be said of some beside their values.")
    refused = param.Dict({}, doc="Names of which something was not taken, and of which message.")
    kind = param.Selector(default="column", objects=["column", "row"], doc="How they stand.")
    page = param.String("", doc="Which picture follows its sliders: that of the same name.")

    def __init__(
        self,
        parts: list[Part],
        controls: list[Control],
        choose: Callable[[Choices], None],
        say: Callable[[str], None],
        answer: Hear | None = None,
        **params: Any,
    ) -> None:
        """``choose`` takes what hands choose, ``say`` what cannot be taken; ``answer`` all other messages."""
        self._controls = {control.name: control for control in controls}
        self._choose, self._warn, self._answer = choose, say, answer
        self._in_words = telling()
        self._heard = 0
        self._values: dict[str, Any] = {}
        super().__init__(self.hear, parts=json.dumps(parts), **self._now(), **params)

    @property
    def values(self) -> dict[str, Any]:
        """What is shown, by name; not as the page may have it."""
        return self._values

    def show(self) -> None:
        """Show what there is now."""
        before, now = self._values, self._now()
        if self._values == before:
            now.pop("shown")
        self.param.update(**now)

    def _now(self) -> dict[str, Any]:
        self._values = values = {name: control.show() for name, control in self._controls.items()}
        looks = {name: look for name, control in self._controls.items() if (look := control.look())}
        return {"shown": {"heard": self._heard, "values": values}, "looks": looks}

    def hear(self, kind: str, said: Any) -> Any:
        """What the page says or asks.

        Raises
        ------
        LiqmapError : what no page says or asks.
        """
        if not isinstance(said, dict):
            raise GridError(argument="ask", expected="what is asked, by name", got=f"{said!r:.60}")
        if kind == "choose":
            self._take(said)
            return None
        if self._answer is None:
            raise GridError(argument="kind", expected="choose", got=f"{kind!r:.60}")
        return self._answer(kind, said)

    def _take(self, said: dict[str, Any]) -> None:
        """A hand has chosen. What cannot be taken is said, and stands again where it stood."""
        values, count = said.get("values"), said.get("count")
        if not (isinstance(values, dict) and type(count) is int and abs(count) < 2**53):
            raise GridError(argument="choose", expected="values, and a count", got=f"{said!r:.60}")
        self._heard = count
        chosen: Choices = {}
        refused = []
        for name, value in values.items():
            if (control := self._controls.get(name)) is None:
                raise GridError(argument="choose", expected="names of controls", got=f"{name!r:.60}")
            try:
                chosen |= control.take(value)
            except LiqmapError as error:
                refused.append(name)
                self._warn(self._in_words(error))
        self._choose(chosen)
        self.show()
        now = self.values
        other = [name for name in values if name in now and now[name] not in (None, values[name])]
        if refused or other:
            self.refused = {"count": count, "names": [*dict.fromkeys([*refused, *other])]}

    @classmethod
    def script(cls) -> str:
        return component(CONTROLS)
