"""A JSON document over several lines holds the messages that a line each would hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.formats.raw import RawFile, document

MESSAGES = [
    {"topic": "orderbook.1.BTCUSDT", "type": kind, "ts": 1_709_891_679_000 + 100 * k, "data": {
        "s": "BTCUSDT", "b": [["27450.00", f"0.{k}"]], "a": [["27451.00", "0.75"]], "u": k, "seq": 9}}
    for k, kind in enumerate(["snapshot", "delta", "delta"], 1)
]  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1, 2, "\t"])
@pytest.mark.parametrize("one", [True, False])
def test_a_document_is_its_messages(tmp_path: Path, indent: int | str, one: bool) -> None:
    messages = MESSAGES[0] if one else MESSAGES
    spread, lines = tmp_path / "spread_linear.json", tmp_path / "lines_linear.json"
    spread.write_text(json.dumps(messages, indent=indent))
    lines.write_text("".join(json.dumps(m) + "\n" for m in (MESSAGES[:1] if one else MESSAGES)))
    found, expected = lm.read(spread), lm.read(lines)
    assert found.depth.equals(expected.depth)
    assert found.depth.num_rows == (2 if one else 6)


def test_what_is_no_document_comes_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    for text in ("{\n broken\n", "[\n", "{", "{}\n{}\n", "[{}", "[{}]\n[{}]\n"):
        path.write_text(text)
        assert b"".join(RawFile(path)._text()) == text.encode()
    monkeypatch.setattr(document, "MOST", 10)
    path.write_text(json.dumps(MESSAGES, indent=2))
    assert b"".join(RawFile(path)._text()) == path.read_bytes()


def test_the_one_of_the_captures(real_data: Path) -> None:
    depth = lm.read(real_data / "tardis" / "ws_orderbook_snapshot.json").depth
    assert depth["price"].to_pylist() == [27450.0, 27449.5, 27451.0, 27451.5]


def test_too_many_parts__are_told_and_never_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of millions of empty objects would take twenty times its bytes of memory."""
    monkeypatch.setattr(document, "MOST_PARTS", 1000)
    made: list[int] = []
    loads = document.orjson.loads
    monkeypatch.setattr(document.orjson, "loads", lambda text: made.append(len(text)) or loads(text))
    head = json.dumps(MESSAGES[0])
    path = tmp_path / "a_linear.ndjson"
    path.write_text(f"{head}\n[{','.join(['{}'] * 2000)}]\n{json.dumps(MESSAGES[1])}\n")
    capture = lm.read(path)
    assert [line for _, line, why in capture.report.rejected] == [2]
    assert "objects and lists" in str(capture.report.rejected)
    whole = tmp_path / "b_linear.json"
    whole.write_text(f"[{','.join([head] + ['{}'] * 2000)}]")
    assert list(document.message_lines(iter([whole.read_bytes()]))) == [whole.read_bytes()]
    assert max(made, default=0) < 4000


@pytest.mark.parametrize("indent", [0, 1, "\t"])
@pytest.mark.parametrize("between", ["\n", "\n\n \n", " \r\n"])
def test_documents_one_after_the_other(tmp_path: Path, indent: int | str, between: str) -> None:
    """As a shell's ``>>`` leaves them."""
    spread, lines = tmp_path / "spread_linear.json", tmp_path / "lines_linear.json"
    spread.write_text(between.join(json.dumps(m, indent=indent) for m in MESSAGES), newline="")
    lines.write_text("".join(json.dumps(m) + "\n" for m in MESSAGES))
    assert lm.read(spread).depth.equals(lm.read(lines).depth)


@pytest.mark.parametrize("first", [1, 2, 4])
def test_a_document_whose_first_line_says_more(tmp_path: Path, first: int) -> None:
    """So many keys on it, however long it is: all that counts is that it ends where more must come."""
    keys = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in ({"note": "x" * 9_000} | MESSAGES[0]).items()]
    text = "{" + ", ".join(keys[:first]) + ",\n" + ",\n".join(keys[first:]) + "}\n"
    path = tmp_path / "a_linear.json"
    path.write_text(text)
    plain = tmp_path / "b_linear.json"
    plain.write_text(json.dumps(MESSAGES[0]))
    assert lm.read(path).depth.equals(lm.read(plain).depth)


@pytest.mark.parametrize("indent", [0, 1, "\t"])
@pytest.mark.parametrize("left", [0.3, 0.6, 0.95])
def test_documents_of_which_the_last_is_cut(tmp_path: Path, indent: int | str, left: float) -> None:
    """The others are what they are, and what is left of it is one broken message."""
    *whole, last = (json.dumps(m, indent=indent) for m in MESSAGES)
    path, plain = tmp_path / "a_linear.json", tmp_path / "b_linear.json"
    path.write_text("\n".join([*whole, last[: int(left * len(last))]]))
    plain.write_text("".join(json.dumps(m) + "\n" for m in MESSAGES[:-1]))
    capture = lm.read(path)
    expected = lm.read(plain).depth
    assert capture.depth.slice(0, len(expected)).equals(expected)
    assert [line for _, line, _ in capture.report.rejected] == [3]
    assert "broken JSON" in capture.report.rejected[0][2]


def test_a_broken_document_between_others_costs_itself(tmp_path: Path) -> None:
    texts = [json.dumps(m, indent=1) for m in MESSAGES]
    texts[1] = texts[1].replace('"b":', '"b"')
    path = tmp_path / "a_linear.json"
    path.write_text("\n".join(texts))
    assert [line for _, line, _ in lm.read(path).report.rejected] == [2]
