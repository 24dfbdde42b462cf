"""A `State` as the query of a link, and back: short, readable, only what differs from the defaults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote

import numpy as np
import param

from liqmap.app.state import conditions
from liqmap.app.state.nearest import nearest
from liqmap.app.state.options import AUTO
from liqmap.app.state.panel_list import Panels
from liqmap.app.state.presets import choices_of
from liqmap.app.state.state import Moment, Seconds, State, seconds_of
from liqmap.app.state.telling import telling
from liqmap.carry import spell
from liqmap.printable import printable
from liqmap.render.frames.words import check_zone
from liqmap.render.marks.panels import meant as panel_meant
from liqmap.render.marks.panels import panel_of
from liqmap.schema import LiqmapError

NAMES = {"start": "from", "end": "to", "carry_by": "carry", "half_life_s": "half_life", "prune_s": "prune",
         "row_ticks": "row", "last_s": "last"}  # fmt: skip
"""Names in a link, where they are not those of the state."""

OF_PYTHON = {"start": "start", "end": "end", "overlays": "layers", "row_ticks": "row_ticks"}
"""Parameters by what Python and the command line call them, where that is another name: read, not written."""

UNSET = {"cutoffs": "auto", "levels": "auto"}
"""How a choice that is not made is spelled, where it is not ``none``."""

NOT_SHARED = ("name", "playing")
"""A link opens what is to be seen; it does not start the play."""

SAFE = "/,:@"
MOST_QUERY, MOST_TEXT, MOST_SHOWN = 100_000, 1_000, 60
"""Characters of a query that are read; that a value may have; that are said again of one that is refused."""

MOST_NOTICES, MOST_LISTED = 8, 32
"""Notices, and values that a parameter may have: of more than that the number is said."""

PLAIN = 6
"""Digits after the point that are tried before a number is written in full."""


def parameters() -> dict[str, str]:
    """Parameters of the state by their name in a link."""
    return {NAMES.get(name, name): name for name in State.param if name not in NOT_SHARED}


def query_of(state: State, said: Collection[str] = ()) -> str:
    """What differs from the defaults, as the query of a link, such as ``half_life=2min&prune=none``: names in
    the order of the state, without a question mark.

    Parameters
    ----------
    said : parameters of the state that are said even where they are the defaults.
    """
    pairs = []
    for short, name in parameters().items():
        value, spec = getattr(state, name), State.param[name]
        if name in said or not _equal(value, spec.default):
            pairs.append(f"{short}={quote(_codec(spec)[0](value), safe=SAFE)}")
    return "&".join(pairs)


TOLD = 12
"""Notices of one link that a page shows."""


def state_of(query: str) -> tuple[State, list[str]]:
    """A state from the query of a link, and a notice for each parameter that could not be taken.

    Returns
    -------
    The state, with the default where there is a notice; notices that name parameter, expected and got.
    """
    choices, notices = _read(query)
    if len(notices) > TOLD:
        notices[TOLD:] = [f"{len(notices) - TOLD} more parameters cannot be taken"]
    return State(**choices), notices


def names_in(query: str) -> set[str]:
    """Parameters of the state that a query says, whatever it says of them; those of its preset too."""
    read, given = OF_PYTHON | parameters(), _given(query)
    try:
        preset = set(choices_of(given["preset"])) if "preset" in given else set()
    except LiqmapError:
        preset = set()
    return preset | {read[short] for short in given if short in read}


def _read(query: str) -> tuple[dict[str, Any], list[str]]:
    """Choices in a query, and a notice for each that cannot be taken; of one given twice the last counts."""
    known = parameters()
    read = OF_PYTHON | known
    choices: dict[str, Any] = {}
    notices: list[str] = []
    wrong: list[Callable[[], str]] = []
    given = _given(query)
    preset = given.pop("preset", None)
    if preset is not None:
        try:
            choices |= choices_of(_text(preset))
        except (ValueError, LiqmapError) as error:
            known_error = isinstance(error, LiqmapError)
            wrong.append(partial(telling(), error) if known_error else partial(_strange, preset))
    for short, text in given.items():
        if short not in read:
            wrong.append(partial(_unknown, short, list(read)))
            continue
        name = read[short]
        try:
            choices[name] = _value(name, _text(text))
        except (ValueError, TypeError, ArithmeticError, LiqmapError):
            wrong.append(partial(_refused, short, State.param[name], text))
    choices = _ordered(choices, notices)
    notices = [*(say() for say in wrong[:MOST_NOTICES]), *notices]
    if more := len(wrong) - MOST_NOTICES:
        notices += [f"and {more:,} more that the link says and the app cannot take"] if more > 0 else []
    return choices, notices


def _given(query: str) -> dict[str, str]:
    """Texts by name, as far as they are read; of one given twice the last."""
    return dict(parse_qsl(query.removeprefix("?")[:MOST_QUERY], keep_blank_values=True))


def _text(text: str) -> str:
    """A text that somebody may have typed.

    Raises
    ------
    ValueError : too long, or of what cannot be printed: line ends, halves of characters, NUL.
    """
    if len(text) > MOST_TEXT or not text.isprintable():
        raise ValueError("no text of people")
    return text


def _shown(text: str) -> str:
    """A text as it is said again: the beginning of a long one."""
    cut = len(text) > MOST_SHOWN
    return f"{text[:MOST_SHOWN] + ' …' if cut else text!r}" + (f" ({len(text):,} characters)" if cut else "")


def _strange(preset: str) -> str:
    return f"preset: expected the name of one, got {_shown(preset)}"


def _refused(short: str, spec: param.Parameter, text: str) -> str:
    """What is said of a value that cannot be taken."""
    return f"{short}: expected {_expected(spec)}, got {_shown(text)}{_meant(spec, text)}"


def _unknown(name: str, known: list[str]) -> str:
    """What is said of a parameter that there is not."""
    meant, others = nearest(name, [*known, "preset"]), ", ".join(parameters())
    name = printable(name[:MOST_SHOWN] + (" …" if len(name) > MOST_SHOWN else ""))
    if meant is None:
        return f"{name}: expected one of {others}, got an unknown name"
    return f"{name}: expected {meant}, perhaps, got an unknown name; the others are {others}"


def _meant(spec: param.Parameter, text: str) -> str:
    """The choice that a mistyped one is like, as a question; nothing where it is like none."""
    if isinstance(spec, conditions.Conditions):
        return conditions.meant(text)
    if not isinstance(spec, param.Selector):
        return ""
    if isinstance(spec, Panels):
        found = panel_meant(next((name for name in text.split(",") if panel_of(name) is None), None))
        return f". {found}" if found else ""
    choices = list(map(str, spec.objects))
    wrong = next((word for word in (text.split(",") if isinstance(spec, param.ListSelector) else [text])
                  if word not in choices), "")  # fmt: skip
    meant = nearest(wrong, choices)
    return f". Did you mean {meant}?" if meant else ""


def _value(name: str, text: str) -> Any:
    """A parameter's value; ValueError where the state would not take it."""
    value = _codec(State.param[name])[1](text)
    State(**{name: value})
    if name == "time_zone":
        check_zone(value)
    if name in ("cutoffs", "limits") and value is not None and not value[0] < value[1]:
        raise ValueError("does not rise")
    numbers = value if isinstance(value, tuple) else (value,)
    if not all(np.isfinite(v) for v in numbers if isinstance(v, float)):
        raise ValueError("not finite")
    return value


def _ordered(choices: dict[str, Any], notices: list[str]) -> dict[str, Any]:
    """Without the views that do not rise."""
    for first, last in (("start", "end"), ("low", "high")):
        a, b = choices.get(first), choices.get(last)
        if a is not None and b is not None and not a < b:
            names = NAMES.get(first, first), NAMES.get(last, last)
            notices.append(f"{names[0]}: expected less than {names[1]} ({_plain(b)}), got {_plain(a)}")
            del choices[first], choices[last]
    return choices


def _equal(a: Any, b: Any) -> bool:
    return (a is None) == (b is None) and bool(a == b)


# ---------------------------------------------------------------------- values as text

Codec = tuple[Callable[[Any], str], Callable[[str], Any]]


def _codec(spec: param.Parameter) -> Codec:
    """How values of a parameter are written, and read: of the first of its classes that has a way."""
    found = next(codec for kind, codec in CODECS if isinstance(spec, kind))
    none = UNSET.get(spec.name, "none")
    if not spec.allow_None or (spec.default is None and isinstance(spec, param.Selector)):
        return found
    to_text, of_text = found
    return (
        lambda v: none if v is None else to_text(v),
        lambda text: None if text == none else of_text(text),
    )


def _expected(spec: param.Parameter) -> str:
    """What a parameter takes, in words."""
    if spec.name == "time_zone":
        return "a name of a time zone such as Asia/Tokyo"
    if isinstance(spec, param.ListSelector):
        more = " and of measures such as imbalance@5" if isinstance(spec, Panels) else ""
        return f"some of {_listed(spec.objects)}{more}, or none"
    if isinstance(spec, param.Selector):
        return f"one of {_listed(spec.objects)}"
    words = next(words for kind, words in WORDS if isinstance(spec, kind))
    bounds = getattr(spec, "bounds", None)
    if bounds and not isinstance(spec, Seconds):
        low, high = bounds
        words += f" from {low:g}" + ("" if high is None else f" to {high:g}")
    return words + (f" or {UNSET.get(spec.name, 'none')}" if spec.allow_None else "")


def _listed(objects: Sequence[Any]) -> str:
    """What there is to choose from; of many the first."""
    more = f" and {len(objects) - MOST_LISTED} more" if len(objects) > MOST_LISTED else ""
    return ", ".join(map(str, objects[:MOST_LISTED])) + more


def _plain(value: Any) -> str:
    if isinstance(value, np.datetime64):
        return _moment_text(value)
    return _number_text(value)


def _number_text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    text = f"{value:.{PLAIN}g}"
    return text if float(text) == value else repr(float(value))


def _pair_text(value: tuple[float, float]) -> str:
    return ",".join(map(_number_text, value))


def _pair(text: str) -> tuple[float, float]:
    low, high = map(float, text.split(","))
    return low, high


def _seconds_text(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return "0" if value == 0 else spell(round(value * 1e9))


def _seconds(text: str) -> float | str:
    if text == AUTO:
        return AUTO
    seconds = seconds_of(text)
    return _refuse(text) if seconds is None else seconds


def _moment_text(value: np.datetime64) -> str:
    text = str(value.astype("datetime64[ns]"))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(text: str) -> np.datetime64:
    said = np.datetime64(text.removesuffix("Z"))
    value = said.astype("datetime64[ns]")
    if np.isnat(value) or value.astype(said.dtype) != said:  # ns go from 1677 to 2262
        raise ValueError(text)
    return value


def _days_text(value: tuple[date, date]) -> str:
    first, last = value
    return str(first) if first == last else f"{first},{last}"


def _days(text: str) -> tuple[date, date]:
    days = [date.fromisoformat(day) for day in text.split(",")]
    first, last = days * 2 if len(days) == 1 else days
    return first, last


def _switch(text: str) -> bool:
    return {"on": True, "off": False}[text] if text in ("on", "off") else _refuse(text)


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _list_text(value: list[str]) -> str:
    return ",".join(value) if value else "none"


def _list(text: str) -> list[str]:
    return [] if text == "none" else text.split(",")


CODECS: list[tuple[type, Codec]] = [
    (conditions.Conditions, (conditions.link_text, conditions.of_link)),
    (param.ListSelector, (_list_text, _list)),
    (param.Selector, (str, lambda text: int(text) if text.isdigit() else text)),
    (Seconds, (_seconds_text, _seconds)),
    (Moment, (_moment_text, _moment)),
    (param.CalendarDateRange, (_days_text, _days)),
    (param.Range, (_pair_text, _pair)),
    (param.Boolean, (lambda v: "on" if v else "off", _switch)),
    (param.Integer, (str, int)),
    (param.Number, (_number_text, float)),
    (param.String, (str, str)),
]
WORDS: list[tuple[type, str]] = [
    (conditions.Conditions, "conditions such as imbalance@5>0.6 with commas between, or none"),
    (Seconds, "a duration such as 30s or 2min, auto"),
    (Moment, "a time such as 2025-11-28T14:30"),
    (param.CalendarDateRange, "a day such as 2025-11-28, or a first and a last one with a comma between"),
    (param.Range, "two rising numbers with a comma between,"),
    (param.Boolean, "on or off"),
    (param.Integer, "a whole number"),
    (param.Number, "a number"),
    (param.String, "a name"),
]
