"""What stands in the place of paths, addresses and accounts in what strangers read."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.app.state.telling import OPEN, Discreet, tell_of, telling
from liqmap.app.state.whereabouts import Whereabouts
from liqmap.schema import LiqmapError, StoreError

STORE = "/srv/An O'Hara/\N{CYRILLIC SMALL LETTER EF}/store"
PART = "depth/venue=bybit/symbol=BTCUSDT/feed=ob200/date=2026-01-05/a.parquet"


@pytest.fixture(scope="module")
def places() -> Whereabouts:
    return Whereabouts(SimpleNamespace(path=Path(STORE)))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{STORE}: expected a store", "the store: expected a store"),
        (f"{STORE}/{PART}:12: damaged", f"{PART}:12: damaged"),
        (f"cannot open {STORE + '/.staging/12-ab'!r}", 'cannot open "the store"'),
        (f"[Errno 13] Denied: '{Path.home()}/x y/z'", "[Errno 13] Denied: a file of the server"),
        ("[Errno 2] No such file: '/var/lib/x y/z'", "[Errno 2] No such file: a file of the server"),
        ("/srv/store-2/x: no", "a file of the server: no"),
        ("C:\\Users\\ann\\x: no", "a file of the server: no"),
        ("\\\\host\\share\\x: no", "a file of the server: no"),
        ("s3://bucket/store/depth: no answer", "an address: no answer"),
        ("http://10.0.0.7:9000/b?X-Amz-Signature=ab: no", "an address: no"),
        ("User: arn:aws:iam::123456789012:user/ann is not", "User: the server's account is not"),
        ("process 12 of machine-7", "another process"),
        ("/a/very … rest/of/it: no", "a file of the server: no"),
        ("a / b, 12 messages/s, bybit/BTCUSDT/ob200", "a / b, 12 messages/s, bybit/BTCUSDT/ob200"),
        ("from: expected less than to (2026-01-05T12:00)", "from: expected less than to (2026-01-05T12:00)"),
    ],
)  # fmt: skip
def test_text__tells_nothing_of_the_machine(text: str, told: str, places: Whereabouts) -> None:
    assert places.hide(text) == told


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), st.text(max_size=30))
def test_store__is_told_nowhere(before: str, after: str) -> None:
    assert STORE not in Whereabouts(SimpleNamespace(path=Path(STORE))).hide(
        f"{before} {STORE}/{PART} {after}"
    )


def page(served: bool) -> Any:
    class Document:
        session_context = object() if served else None

    return Document()


def test_error__is_told_in_full_in_a_notebook_and_without_paths_on_a_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = StoreError(where="/srv/no such/place/x", expected="a file", got="nothing")
    assert telling(page(served=False)) is tell_of(page(served=False), None) is OPEN
    assert OPEN(error) == str(error)
    document = page(served=True)
    tell = tell_of(document, None)
    assert isinstance(tell, Discreet)
    assert telling(document) is tell
    assert tell(error) == "a file of the server: expected a file, got nothing"
    (record,) = caplog.records
    assert record.getMessage() == f"told a visitor without its paths: {error}"
    assert "\n" not in record.getMessage()


def test_error_nobody_foresaw__is_told_of_without_what_it_says(caplog: pytest.LogCaptureFixture) -> None:
    tell = tell_of(page(served=True), None)
    said = tell(PermissionError(13, "Permission denied", "/srv/secret"), "The store cannot be read")
    assert said == "The store cannot be read: the log of the server says why."
    assert [(r.levelno, r.exc_info) for r in caplog.records] == [(logging.ERROR, None)]
    assert "/srv/secret" in caplog.text
    assert OPEN(ValueError("x"), "It fails") == "It fails (ValueError: x)."
    assert tell(LiqmapError("plain words")) == "plain words"
