"""What is known as a capture of Binance by its first bytes, in whatever order its keys stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.formats.binance.events.first_lines import is_capture
from liqmap.formats.raw.file import HEAD
from tests.formats.binance.snapshots.test_alone import diff

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("keys", [("s", "e"), ("u", "s", "E", "e"), ("a", "b", "s", "T", "e")])
def test_diffs__with_their_symbol_before_their_kind(tmp_path: Path, keys: tuple[str, ...]) -> None:
    path = tmp_path / "diffs.ndjson"
    lines = [diff(k, 1) for k in (2, 3, 4)]
    path.write_text("".join(json.dumps({k: one[k] for k in (*keys, *one)}) + "\n" for one in lines))
    capture = lm.read(path)
    assert capture.depth is not None
    assert capture.depth["seq"].to_pylist() == [2, 3, 4]
    assert (capture.meta.symbol, capture.report.sources[0].gaps) == ("ETHUSDT", 0)


@pytest.mark.parametrize(
    "text",
    [
        '{"bids": [["1", "2"]], "asks": [["3", "4"]]}',
        '{"bids": [["1", "2", 5]], "asks": [["3", "4", 5]], "sequence": 9}',
        '{"symbol": "ETH/USDT", "bids": [[1.0, 2.0]], "asks": [[3.0, 4.0]], "nonce": 7}',
        '{"lastUpdateId": 5}',
        '{"lastUpdateId": 5, "note": {"bids": []}}',
        '{"data": {"lastUpdateId": 5, "bids": [], "asks": []}}',
        '{"id": 1, "result": null}',
        '{"id": 1, "result": {"bids": [["1", "2"]], "asks": []}}',
        '{"type": "book_snapshot", "bids": [{"price": 1, "amount": 2}], "asks": []}',
        '["lastUpdateId", "bids"]',
    ],
)
def test_other_books__are_none_of_ours(text: str) -> None:
    assert not is_capture(text.encode())
    assert not is_capture(f"{text}\n".encode())


def test_heads_without_a_book__are_known_at_once() -> None:
    """What a pattern might try from each byte on; with a pattern that does, this takes minutes."""
    for many in (b"\n" * HEAD, b"{" + b" " * HEAD, b'{"a":1,' * (HEAD // 7), b'"s":"x",' * (HEAD // 8)):
        for text in (many, b"{" + many, b'{"lastUpdateId"' + many):
            assert not is_capture(text[:HEAD])
