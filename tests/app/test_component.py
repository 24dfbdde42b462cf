"""Messages between a page and its Python."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import panel as pn
import pytest
from bokeh.document import Document

from liqmap.app.component import Component, Later


class Asked(Component):
    """Answers later, and keeps what it says."""

    def _say(self, number: Any, words: dict[str, Any]) -> None:
        said.append((number, words))


said: list[Any] = []


@pytest.mark.parametrize("left", [False, True])
def test_component__says_nothing_to_a_page_whose_visitor_has_left(
    left: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said.clear()
    document, work = Document(), Future[Any]()
    context = SimpleNamespace()
    document._session_context = lambda: context  # type: ignore[method-assign,assignment]
    document.on_change(heard := lambda event: None)
    one = Asked(lambda kind, ask: Later(lambda: ask, lambda made: work))
    monkeypatch.setattr(type(pn.state), "curdoc", document)
    one._handle_msg({"id": 7, "kind": "frame", "ask": 1})
    if left:
        document.destroy(heard)
    work.set_result(({"answer": 1}, None))
    for callback in () if left else document.session_callbacks:
        callback.callback()
    assert said == ([] if left else [(7, {"answer": 1})])
    assert not caplog.records
