"""What a page may say on its socket: what it asks of its components, and the few things a browser finds out.

Bokeh takes from a page whatever it likes to change: any property of any model of its document, scripts among
them, and models of its own making. Here a message is taken that is on a list, and nothing else of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

DEEP = 12
"""Levels of lists and maps in what is said; a page's have four."""


def _are_days(value: Any, model: Any) -> bool:
    """Two days in their order, within those that the calendar has; or none."""
    if value is None:
        return True
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(day, str) for day in value)):
        return False
    try:
        first, last = map(date.fromisoformat, value)
        if [first.isoformat(), last.isoformat()] != value:  # other ways to write one, such as 2024-W01-1
            return False
        least, most = (date.fromisoformat(str(day)[:10]) for day in (model.min_date, model.max_date))
    except ValueError:  # no days, or a calendar without bounds
        return False
    return least <= first <= last <= most


WRITABLE: dict[tuple[str, str], Callable[[Any, Any], bool]] = {("DateRangePicker", "value"): _are_days}
"""Properties of models, by the names of both, that a page changes; and whether they may become a value."""

UNNEEDED = {
    "Location": {"href", "hostname", "pathname", "protocol", "port", "search", "hash"},
    "Plot": {"inner_width", "inner_height", "outer_width", "outer_height"},
    "Range1d": {"start", "end", "reset_start", "reset_end"},
    "FactorRange": {"start", "end"},
    "Toolbar": {"active_drag", "active_inspect", "active_scroll", "active_tap", "active_multi"},
}
"""What bokeh's scripts tell of a page of themselves, by models or a base of theirs: nobody listens."""

EVENTS: dict[str, tuple[str, set[str]]] = {
    "data_event": ("ReactiveESM", {"model", "data"}),
    "button_click": ("Button", {"model"}),
    "document_ready": ("", set()),
}
"""Events by name: the model that they may be of, or a base of it, and what they say."""


class UnreadableError(ValueError):
    """A message that no page of the app sends."""


def asked_for(message: Any) -> str:
    """The kind of a message.

    Raises
    ------
    UnreadableError : it is of no kind that a page sends, or not put together as one.
    """
    header, content = message.header, message.content
    if not (isinstance(header, dict) and isinstance(content, dict) and isinstance(message.metadata, dict)):
        raise UnreadableError("it is no message")
    kind, number = header.get("msgtype"), header.get("msgid")
    if not (isinstance(number, str) and len(number) <= 100):
        raise UnreadableError("it has no number")
    if kind not in ("PULL-DOC-REQ", "PATCH-DOC"):
        raise UnreadableError(f"pages send no {kind!r:.40}")
    return str(kind)


def taken(content: Any, document: Any) -> tuple[list[Any], list[str]]:
    """The events of a patch that are taken, and of the others what they were about.

    Raises
    ------
    UnreadableError : it is no patch that a page sends.
    """
    events = content.get("events")
    if not isinstance(events, list) or set(content) - {"events"}:
        raise UnreadableError("it is no patch")
    kept, left_out = [], []
    for event in events:
        about = _about(event, document)
        if about is None:
            kept.append(event)
        elif about:
            left_out.append(about)
    return kept, left_out


def _about(event: Any, document: Any) -> str | None:
    """None where an event is taken; else what it is about, empty where its model has gone meanwhile."""
    kind = event.get("kind") if isinstance(event, dict) else None
    if kind == "MessageSent":
        return _about_event(event, document)
    if kind == "ModelChanged" and set(event) == {"kind", "model", "attr", "new"}:
        model, attribute = _model(event["model"], document), event["attr"]
        if model is None:
            return ""
        of = type(model).__name__
        if not isinstance(attribute, str):
            raise UnreadableError("it changes nothing that has a name")
        fits = WRITABLE.get((of, attribute))
        if fits is not None and fits(event["new"], model):
            return None
        unneeded = any(attribute in UNNEEDED.get(base, ()) for base in _bases(model))
        return "" if unneeded else f"{of}.{attribute:.40}"
    raise UnreadableError(f"pages send no patch of the kind {kind!r:.40}")


def _about_event(event: dict[str, Any], document: Any) -> str | None:
    """The same of what happened to a model, or to the page."""
    said = event.get("msg_data")
    if event.get("msg_type") != "bokeh_event" or not isinstance(said, dict) or said.get("type") != "event":
        raise UnreadableError("pages send no such word")
    name, values = said.get("name"), _map(said.get("values"))
    if not isinstance(name, str) or name not in EVENTS:
        return f"the event {name!r:.40}"
    of, parts = EVENTS[name]
    if set(values) != parts or set(event) != {"kind", "msg_type", "msg_data"}:
        raise UnreadableError(f"the event {name!r} says other things")
    if not is_plain(values.get("data")):
        raise UnreadableError("it says what is no text, number, list or map")
    if not of:
        return None
    model = _model(values["model"], document)
    if model is None:
        return ""
    return None if of in _bases(model) else f"the event {name!r} of {type(model).__name__}"


def _map(said: Any) -> dict[str, Any]:
    """A map as bokeh writes it.

    Raises
    ------
    UnreadableError : it is none, or not of texts.
    """
    entries = said.get("entries", []) if isinstance(said, dict) and said.get("type") == "map" else None
    if not isinstance(entries, list):
        raise UnreadableError("it says nothing of what happened")
    if not all(isinstance(e, list) and len(e) == 2 and isinstance(e[0], str) for e in entries):
        raise UnreadableError("what it says is no map")
    return dict(entries)


def _bases(model: Any) -> set[str]:
    """Names of the classes that a model is of."""
    return {base.__name__ for base in type(model).__mro__}


def _model(said: Any, document: Any) -> Any:
    """A model of the document by its reference; None if it has gone.

    Raises
    ------
    UnreadableError : it is no reference, or of what the document has never had.
    """
    number = said.get("id") if isinstance(said, dict) and set(said) == {"id"} else None
    if not isinstance(number, str):
        raise UnreadableError("it is of no model")
    model = document.get_model_by_id(number)
    if model is None and not document.models.seen(number):
        raise UnreadableError(f"there is no model {number!r:.40}")
    return model


def is_plain(said: Any, depth: int = DEEP) -> bool:
    """Whether it is made of texts, numbers, lists and maps as bokeh writes them, and of nothing that bokeh
    would make something else of."""
    if depth == 0:
        return False
    if isinstance(said, list):
        return all(is_plain(one, depth - 1) for one in said)
    if not isinstance(said, dict):
        return True
    if "type" not in said:
        return "id" not in said and all(is_plain(one, depth - 1) for one in said.values())
    kind = said["type"]
    if kind == "map":
        entries = said.get("entries", [])
        return set(said) <= {"type", "entries"} and isinstance(entries, list) and all(
            isinstance(e, list) and len(e) == 2 and isinstance(e[0], str) and is_plain(e[1], depth - 1)
            for e in entries
        )  # fmt: skip
    return kind == "number" and set(said) == {"type", "value"} and said["value"] in ("nan", "+inf", "-inf")
