"""A component of the page: a script of the engine, and the messages between it and Python."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple

import panel as pn

from liqmap.app.internals.panel import Bundled
from liqmap.app.state.telling import Telling, telling

Hear = Callable[[str, Any], Any]
"""Takes the kind of a message and what it holds; gives the answer to a question, or work that makes one."""


class Later(NamedTuple):
    """An answer that takes long.

    work : makes it.
    submit : has it made in a thread; the page is answered meanwhile.
    fail : hears why it could not be made, in the thread of the page.
    """

    work: Callable[[], Any]
    submit: Callable[[Callable[[], Any]], Future[Any]]
    fail: Callable[[Exception], None] = lambda error: None


class Component(Bundled):
    """What ``hear`` answers, the page is told; an error that it raises too, in its own words."""

    def __init__(self, hear: Hear, **params: Any) -> None:
        self._hear = hear
        super().__init__(**params)

    def _handle_msg(self, data: Any) -> None:
        if not isinstance(data, dict):
            return
        number, kind, document = data.get("id"), str(data.get("kind")), pn.state.curdoc
        tell = telling(document)
        answer, _ = _answered(kind, lambda: self._hear(kind, data.get("ask")), tell)
        later = answer.get("answer")
        if not isinstance(later, Later):
            self._say(number, answer)
        elif document is None or document.session_context is None:
            self._say_later(number, later, _answered(kind, later.work, tell))
        else:

            def say(future: Future[_Answered]) -> None:
                has_left = document.session_context is None
                if not (has_left or future.cancelled()):
                    found = future.result()
                    document.add_next_tick_callback(lambda: self._say_later(number, later, found))

            later.submit(lambda: _answered(kind, later.work, tell)).add_done_callback(say)

    def _say_later(self, number: Any, later: Later, found: _Answered) -> None:
        answer, error = found
        if error is not None:
            later.fail(error)
        self._say(number, answer)

    def _say(self, number: Any, words: dict[str, Any]) -> None:
        if number:  # else nothing was asked
            self._send_msg({"id": number, **words})


_Answered = tuple[dict[str, Any], Exception | None]


def _answered(kind: str, work: Callable[[], Any], tell: Telling) -> _Answered:
    """The answer, or what stands in its way."""
    try:
        return {"answer": work()}, None
    except Exception as error:
        return {"error": tell(error, f"The page's question {kind!r:.60} cannot be answered")}, error
