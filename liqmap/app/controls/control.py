"""Controls over parameters of the state, both ways. A maker takes the state and gives a `Control`, or some.

What a page shows is plain data, which the engine makes elements of (`liqmap/browser/engine/controls`). What
comes back is believed in nothing: a maker's ``take`` gives choices that the state has, or refuses in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from liqmap.app.picture.asked import is_number
from liqmap.app.state.state import State
from liqmap.schema import LiqmapError

Part = dict[str, Any]
"""One control, or what stands on one line, as the engine makes it: ``kind`` and what goes with it."""

Choices = dict[str, Any]
"""Values by parameter of the state."""

MOST_WORDS = 60
"""Of what a page says that cannot be taken, so many characters are said again."""


@dataclass(frozen=True)
class Control:
    """What is chosen under a name.

    part : what the page has for it; None: the part of another.
    show : its value, as the page has it.
    take : choices of the state by a value of the page; LiqmapError where that is none.
    look : what the page says of it beside its value; None for nothing.
    """

    name: str
    part: Part | None
    show: Callable[[], Any]
    take: Callable[[Any], Choices]
    look: Callable[[], dict[str, Any] | None] = lambda: None


Maker = Callable[[State], Control | list[Control]]


def label_of(name: str) -> str:
    """What a parameter of the state is called."""
    return str(State.param[name].label)


def title_of(name: str) -> str:
    """What a parameter of the state is for."""
    return str(State.param[name].doc)


def part_of(name: str, kind: str, **more: Any) -> Part:
    """The part of a parameter of the state."""
    return {"kind": kind, "name": name, "label": label_of(name), "title": title_of(name), **more}


def refuse(label: str, expected: str, got: Any) -> NoReturn:
    """Say what a page should have said.

    Raises
    ------
    LiqmapError : always.
    """
    said = repr(got)
    said = said if len(said) <= MOST_WORDS else f"{said[:MOST_WORDS]} …"
    raise LiqmapError(where=label, expected=expected, got=said)


def number_in(name: str, value: Any) -> float:
    """A number within the bounds of a parameter.

    Raises
    ------
    LiqmapError : something else.
    """
    low, high = State.param[name].bounds
    if not (is_number(value) and low <= value <= high):
        refuse(label_of(name), f"a number from {low:g} to {high:g}", value)
    return float(value)


def one_of(name: str, value: Any, offered: Iterable[Any] = ()) -> Any:
    """One of the values that a parameter may have; where these are many, words say those that are offered.

    Raises
    ------
    LiqmapError : something else.
    """
    objects = list(State.param[name].objects)
    if not (isinstance(value, (str, int)) and not isinstance(value, bool) and value in objects):
        refuse(label_of(name), f"one of {', '.join(map(str, offered or objects))}", value)
    return value


def bool_of(label: str, value: Any) -> bool:
    """Whether something is on.

    Raises
    ------
    LiqmapError : neither true nor false.
    """
    if not isinstance(value, bool):
        refuse(label, "on or off", value)
    return value


# ---------------------------------------------------------------------- makers


def slider(name: str, step: float, look: Callable[[State], dict[str, Any] | None] | None = None) -> Maker:
    """A slider over the bounds of a number."""

    def make(state: State) -> Control:
        low, high = State.param[name].bounds
        return Control(
            name, part_of(name, "number", min=low, max=high, step=step),
            show=lambda: getattr(state, name),
            take=lambda value: {name: number_in(name, value)},
            look=lambda: look(state) if look else None,
        )  # fmt: skip

    return make


def choice(name: str) -> Maker:
    """One of a few, all in sight."""

    def make(state: State) -> Control:
        options = [[str(value), value] for value in State.param[name].objects]
        return Control(
            name, part_of(name, "choice", options=options),
            show=lambda: getattr(state, name),
            take=lambda value: {name: one_of(name, value)},
        )  # fmt: skip

    return make


def several(
    name: str,
    told: Callable[[], dict[str, str]] = dict,
    look: Callable[[State], dict[str, Any] | None] | None = None,
) -> Maker:
    """Any of a few, all in sight; kept in the order of the state.

    Parameters
    ----------
    told : what each of them is, by name.
    """

    def take(value: Any) -> Choices:
        objects = list(State.param[name].objects)
        if not (isinstance(value, list) and all(isinstance(one, str) and one in objects for one in value)):
            refuse(label_of(name), f"some of {', '.join(objects)}", value)
        return {name: [one for one in objects if one in value]}

    def make(state: State) -> Control:
        words = told()
        options = [[one, one, words.get(one, "")] for one in State.param[name].objects]
        return Control(
            name, part_of(name, "several", options=options),
            show=lambda: list(getattr(state, name)),
            take=take,
            look=lambda: look(state) if look else None,
        )  # fmt: skip

    return make


def select(name: str, options: dict[str, Any], check: Callable[[Any], Any], unit: str = "") -> Maker:
    """One of many; what code has chosen beside them is offered too, with its unit.

    Parameters
    ----------
    check : gives the value that the page means, or refuses it.
    """

    def make(state: State) -> Control:
        part = part_of(name, "select", options=[list(pair) for pair in options.items()], unit=unit)
        return Control(name, part, show=lambda: getattr(state, name), take=lambda value: {name: check(value)})

    return make


def switch(name: str, look: Callable[[State], dict[str, Any] | None] | None = None) -> Maker:
    """On or off; where its look is hidden, it is only off."""

    def make(state: State) -> Control:
        def take(value: Any) -> Choices:
            on = bool_of(label_of(name), value)
            if on and look and (look(state) or {}).get("hidden"):
                refuse(label_of(name), "off, as nothing is known of it", value)
            return {name: on}

        return Control(
            name, part_of(name, "box"),
            show=lambda: getattr(state, name),
            take=take,
            look=lambda: look(state) if look else None,
        )  # fmt: skip

    return make


def toggles(label: str, *names: str) -> Maker:
    """Parameters that are on or off, beside each other."""

    def make(state: State) -> list[Control]:
        of = [{"name": name, "label": label_of(name), "title": title_of(name)} for name in names]
        part = {"kind": "toggles", "label": label, "of": of}
        return [_toggle(state, name, part if name == names[0] else None) for name in names]

    return make


def _toggle(state: State, name: str, part: Part | None) -> Control:
    return Control(
        name, part,
        show=lambda: getattr(state, name),
        take=lambda value: {name: bool_of(label_of(name), value)},
    )  # fmt: skip


def field(name: str, step: float) -> Maker:
    """A number typed in."""

    def make(state: State) -> Control:
        low, high = State.param[name].bounds
        return Control(
            name, part_of(name, "field", min=low, max=high, step=step),
            show=lambda: getattr(state, name),
            take=lambda value: {name: number_in(name, value)},
        )  # fmt: skip

    return make


def words(
    name: str,
    placeholder: str,
    of_text: Callable[[str], Any],
    to_text: Callable[[Any], str],
    expected: str,
) -> Maker:
    """A value typed in as words; what ``of_text`` raises a ValueError for is refused."""

    def take(value: Any) -> Choices:
        try:
            return {name: of_text(value if isinstance(value, str) else "")}
        except ValueError:
            refuse(label_of(name), expected, value)

    def make(state: State) -> Control:
        return Control(
            name, part_of(name, "text", placeholder=placeholder),
            show=lambda: to_text(getattr(state, name)),
            take=take,
        )  # fmt: skip

    return make
