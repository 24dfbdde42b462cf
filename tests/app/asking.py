"""What the engine in a page asks of Python, and says to it, without a page."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from liqmap.app.data.data import Data
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.asked import Asked
from liqmap.app.picture.choice import choice_of
from liqmap.app.picture.looking import Looking
from liqmap.app.picture.scene import base_of
from liqmap.render.frames.colour import shades
from tests.render.market import BEGIN, SECOND

SIZE = (300, 200)


def t(seconds: float) -> np.datetime64:
    return np.datetime64(ns(seconds), "ns")


def ns(seconds: float) -> int:
    return BEGIN + round(seconds * SECOND)


def ask_of(data: Data, size: tuple[int, int] = SIZE, **others: Any) -> dict[str, Any]:
    """What a chart asks for of a state, as it comes over the wire."""
    choice = choice_of(data)
    fixed = {"prune": 0} if choice["transmitted"] else {}
    asked = choice | fixed | {
        "view": Looking(data).message()["view"], "size": size, "shown": [choice["bids"], choice["asks"]],
    }  # fmt: skip
    return json.loads(json.dumps(asked | others))


def asked_of(data: Data, size: tuple[int, int] = SIZE, **others: Any) -> Asked:
    session = data.session
    return Asked.of(ask_of(data, size, **others), base_of(session), session.spans().tick_size)


def show(data: Data, size: tuple[int, int] = SIZE) -> Answers:
    """A picture drawn by Python, and said to be shown."""
    answers = Answers(data)
    answers.answer("frame", ask_of(data, size))
    answers.settle()
    return answers


def shapes_of(data: Data, overlays: bool = True, **others: Any) -> dict[str, Any]:
    """Overlays and panels of the state."""
    names = [overlay.name for overlay in data.overlays] if overlays else []
    return Answers(data).answer(
        "shapes", ask_of(data, overlays=names, panels=list(data.state.panels), **others)
    )


def coloured(answer: dict[str, Any], data: Data) -> np.ndarray:
    """As the page colours places: from its own table, the highest price first."""
    empty = np.array(data.look.colours.empty, np.uint32)
    opaque = np.uint32(round(255 * data.look.opacity)) << np.uint32(24)
    known = empty[0] | empty[1] << np.uint32(8) | empty[2] << np.uint32(16) | opaque
    table = np.concatenate([[np.uint32(0), known], shades(data.look).ravel()]).astype(np.uint32)
    places = np.frombuffer(answer["places"], "<u2").reshape(answer["height"], answer["width"])
    return table[places][::-1]


def pixels(data: Data, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The picture in the colours of the state, lowest price first."""
    return coloured(show(data, size).last.message(0), data)


def column(sent: bytes) -> np.ndarray:
    """A column of a shape."""
    return np.frombuffer(sent, "<f8")
