"""What a page may say: what it needs, and nothing by which it would reach further."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.models import TextInput
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.app.publish.gate.messages import WRITABLE, UnreadableError, is_plain, taken
from tests.app.publish.gate.gated import Page, gated, run

HEAD = '{"msgid": "1", "msgtype": "PATCH-DOC"}'


def of(models: dict[str, Any], name: str) -> str:
    """The number of a model of this name."""
    return next(number for number, model in models.items() if model["name"].endswith(name))


def test_page__says_what_it_needs() -> None:
    async def test() -> None:
        async with gated() as app:
            page = Page(await app.connect(await app.token()))
            models = await page.begin()
            own = of(models, "ReactiveESM")
            await page.event("document_ready", "")
            assert (await page.hear())[0]["msgtype"] == "OK"
            said = {"type": "map", "entries": [["id", 7], ["kind", "ask"], ["ask", {"type": "map"}]]}
            await page.event("data_event", own, data=said)
            await page.event("button_click", of(models, "Button"))
            while app.heard != [("ask", {}), "pressed"]:
                await page.hear()

    run(test)


HOSTILE: dict[str, tuple[str | bytes, ...]] = {
    "no JSON": ("not JSON", "{}", "{}"),
    "garbage": (b"\x00\xff" * 20,),
    "too deep": ("[" * 100_000, "{}", "{}"),
    "a number of 5,000 digits": (HEAD, "{}", "9" * 5_000),
    "a list for a header": ("[]", "{}", "{}"),
    "a number for a header": ("1", "{}", "{}"),
    "no kind": ('{"msgid": "1"}', "{}", "{}"),
    "an unknown kind": ('{"msgid": "1", "msgtype": "EXEC"}', "{}", "{}"),
    "a document of its own": ('{"msgid": "1", "msgtype": "PUSH-DOC"}', "{}", '{"doc": {}}'),
    "an answer": ('{"msgid": "1", "msgtype": "ACK"}', "{}", "{}"),
    "buffers": ('{"msgid": "1", "msgtype": "PATCH-DOC", "num_buffers": 1000000}', "{}", '{"events": []}'),
    "no events": (HEAD, "{}", "{}"),
    "events that are none": (HEAD, "{}", '{"events": [1]}'),
    "an event of another kind": (HEAD, "{}", '{"events": [{"kind": "RootRemoved", "model": {"id": "p1"}}]}'),
    "another title": (HEAD, "{}", '{"events": [{"kind": "TitleChanged", "title": "x"}]}'),
    "a model that is not there": (
        HEAD, "{}",
        '{"events": [{"kind": "ModelChanged", "model": {"id": "none"}, "attr": "esm", "new": "x"}]}',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_message__closes_its_own_socket(case: str, caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with gated() as app:
            page, other = [Page(await app.connect(await app.token())) for _ in range(2)]
            await page.begin()
            models = await other.begin()
            await page.parts(*HOSTILE[case])
            with pytest.raises(ConnectionError):
                await page.hear()
            await other.event("button_click", of(models, "Button"))
            await other.hear()
            assert app.heard == ["pressed"]
            assert len(app.gate.sockets) == 1

    with caplog.at_level(logging.WARNING):
        run(test)
    assert "Traceback" not in caplog.text
    assert not any(record.exc_info for record in caplog.records)
    assert sum("closed a socket" in record.message for record in caplog.records) == 1


CHANGES = [
    ("ReactiveESM", "esm", "./static/evil.js"), ("ReactiveESM", "bundle", None), ("Button", "label", "x"),
    ("Button", "js_event_callbacks", {"type": "map"}), ("DateRangePicker", "value", ["9999-99-99", "x"]),
    ("DateRangePicker", "value", ["2025-01-01", "2025-01-02"]),  # the calendar has no days
    ("Column", "children", []), ("DateRangePicker", "stylesheets", ["x"]), ("Button", "no such thing", 1),
]  # fmt: skip


def test_change__of_what_is_not_a_page_s_to_change_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with gated() as app:
            page = Page(await app.connect(await app.token()))
            models = await page.begin()
            document = next(iter(app.gate.sockets)).connection.session.document
            before = json.dumps(document.to_json(), default=str)
            for name, attribute, value in CHANGES * 2:
                await page.change(of(models, name), attribute, value)
            await page.event("data_event", of(models, "Button"), data=1)
            await page.event("button_click", of(models, "Button"))
            await page.hear()
            assert app.heard == ["pressed"]  # it goes on
            assert json.dumps(document.to_json(), default=str) == before

    with caplog.at_level(logging.WARNING):
        run(test)
    lines = [record.message for record in caplog.records if "left out" in record.message]
    assert len(lines) == len(set(lines)) == 9  # each is told once
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        (["2024-02-01", "2024-02-02"], True), (["2024-02-02", "2024-02-01"], False),
        (["20240201", "2024-02-02"], False), (["2024-W06-1", "2024-W06-2"], False),  # Panel reads no such day
        (["2023-12-31", "2024-02-02"], False), (["2024-02-01"], False), ([1, 2], False), ("2024", False),
    ],
)  # fmt: skip
def test_days__are_of_the_calendar_and_as_it_writes_them(said: Any, fits: bool) -> None:
    calendar = SimpleNamespace(min_date="2024-01-01", max_date="2024-12-31 00:00")
    assert WRITABLE["DateRangePicker", "value"](said, calendar) is fits


DOCUMENT, FIELD = Document(), TextInput(value="before")
DOCUMENT.add_root(FIELD)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([FIELD.id, "map", "object", "ref", "event", "bokeh_event"])
    | st.sampled_from(["ModelChanged", "MessageSent"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "type", "entries", "kind", "model", "attr", "new", "events", "msg_type",
                         "msg_data", "name", "values", "attributes"]) | st.text(max_size=3),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(content=st.dictionaries(st.sampled_from(["events", "references"]), VALUES, max_size=2))
def test_any_patch__is_refused_or_left_out_or_harmless(content: dict[str, Any]) -> None:
    try:
        kept, _ = taken(content, DOCUMENT)
    except UnreadableError:
        return
    assert {event["kind"] for event in kept} <= {"MessageSent"}
    assert FIELD.value == "before"


@settings(max_examples=200, deadline=None)
@given(said=VALUES)
def test_plain__is_what_bokeh_makes_nothing_else_of(said: Any) -> None:
    from bokeh.core.serialization import Deserializer

    if is_plain(said):
        found = Deserializer([]).decode(said)
        assert json.dumps(found, default=None)
    for kind in ("object", "bytes", "ndarray", "slice", "set", "typed_array", "symbol", "ref"):
        assert not is_plain([{"type": kind, "id": "p1"}])


def test_message__that_is_too_long_is_not_read() -> None:
    async def test() -> None:
        async with gated() as app:
            page = Page(await app.connect(await app.token()))
            await page.begin()
            await page.parts("x" * (1024 * 1024 + 1))
            with pytest.raises(ConnectionError):
                await page.hear()

    run(test)
