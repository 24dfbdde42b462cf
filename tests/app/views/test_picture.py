"""The component: what comes from a page is answered, in words where it cannot be, and raises nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap
from liqmap.app.views.picture import Picture
from liqmap.browser.sources import component
from liqmap.schema import GridError
from tests.app.asking import ask_of
from tests.app.picture.test_asked import json_values
from tests.render.market import Market


def answered(picture: Picture, message: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    said: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(picture, "_send_msg", said.append)
        picture._handle_msg(message)
    return said


def test_question__is_answered_with_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Picture(lambda kind, ask: {kind: ask})
    for number, ask in ((1, {"a": 1}), (7, None)):
        found = answered(picture, {"id": number, "kind": "x", "ask": ask}, monkeypatch)
        assert found == [{"id": number, "answer": {"x": ask}}]


def test_saying__that_asks_nothing_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []
    picture = Picture(lambda *said: heard.append(said))
    assert answered(picture, {"id": 0, "kind": "view", "ask": {"count": 1}}, monkeypatch) == []
    assert heard == [("view", {"count": 1})]


def test_refusal__is_told_in_its_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(kind: str, ask: Any) -> Any:
        raise GridError(argument="size", expected="pixels", got="none")

    (said,) = answered(Picture(refuse), {"id": 3, "kind": "frame", "ask": {}}, monkeypatch)
    assert said == {"id": 3, "error": "size: expected pixels, got none"}
    assert caplog.records == []


@pytest.mark.parametrize("number", [5, 0])
def test_error_nobody_foresaw__is_logged_and_told(
    number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(kind: str, ask: Any) -> Any:
        raise ZeroDivisionError("division by zero")

    found = answered(Picture(fail), {"id": number, "kind": "frame", "ask": {}}, monkeypatch)
    said = "The page's question 'frame' cannot be answered (ZeroDivisionError: division by zero)."
    assert found == ([{"id": 5, "error": said}] if number else [])
    assert [(r.levelno, r.name) for r in caplog.records] == [(logging.ERROR, "liqmap.app")]
    assert "question 'frame' cannot be answered" in caplog.text
    assert "Traceback" in caplog.text


KINDS = ["view", "choice", "shown", "frame", "cell", "shapes", "measure", "spans", "", "no such"]
messages = st.fixed_dictionaries(
    {}, optional={"id": json_values, "kind": st.sampled_from(KINDS) | json_values, "ask": json_values}
)


@given(messages | json_values)
@settings(deadline=None)
def test_message__whatever_it_is_raises_nothing_and_is_no_error_of_ours(message: Any) -> None:
    data = Data(Market(), State())
    view = Heatmap(data=data)
    said: list[Any] = []
    view.picture._send_msg = said.append
    errors: list[Any] = []
    view.picture._hear = lambda kind, ask: _heard(view, errors, kind, ask)
    view.picture._handle_msg(message)
    assert errors == []
    if isinstance(message, dict) and message.get("id"):
        assert len(said) == 1
        assert {"error", "answer"} & set(said[0])
    else:
        assert said == []
    assert data.time_range[0] < data.time_range[1]


def _heard(view: Heatmap, errors: list[Any], kind: str, ask: Any) -> Any:
    try:
        return view._hear(kind, ask)
    except GridError:
        raise
    except Exception as error:
        errors.append(error)
        raise


def test_message__while_no_session_is_shown(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Data(market)
    view, ask = Heatmap(data=data), ask_of(data)
    data.session = None
    for kind in ("frame", "spans", "shapes", "cell", "measure"):
        (said,) = answered(view.picture, {"id": 1, "kind": kind, "ask": ask}, monkeypatch)
        assert said == {"id": 1, "error": "picture: expected a session that is shown, got none"}
    for kind in ("view", "choice", "shown"):
        assert answered(view.picture, {"id": 0, "kind": kind, "ask": ask}, monkeypatch) == []
    assert data.state.start is None


def test_component__is_the_bundle_of_the_engine() -> None:
    assert Picture._render_esm() == component()
    assert "export" in component()


def test_bundle__is_named_so_that_the_page_does_not_compile_it() -> None:
    given = Picture(lambda *_: None)._get_properties(None)  # type: ignore[arg-type]
    assert len(given["bundle"]) == 64
