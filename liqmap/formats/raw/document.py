"""Messages written out as JSON documents, a list or over several lines: put back to a message a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

MOST = 64 * 1024 * 1024
"""Bytes of a document: it has to be read whole."""

MOST_PARTS = 6_000_000
"""Objects and lists of a document or a line: each takes some 70 bytes of memory, and 3 of text."""

_LEFT_OPEN = (b"{", b"[", b",", b":")
_NEXT = re.compile(rb"(?<=\})[ \t\r]*\n\s*(?=\{)")
"""Where one document ends and another begins: within one a comma stands between objects."""


def has_too_many_parts(text: bytes) -> bool:
    """Whether a text of JSON holds more objects and lists than are read at once."""
    return len(text) > MOST_PARTS and text.count(b"{") + text.count(b"[") > MOST_PARTS


def begins_document(start: bytes) -> bool:
    """Whether a text is a list of JSON objects, or a document over several lines: its first line opens it and
    ends where more must come."""
    text = start.lstrip()
    if text[:1] == b"[" and text[1:].lstrip()[:1] == b"{":
        return True
    first, newline, _ = text.partition(b"\n")
    return bool(newline) and first[:1] in (b"{", b"[") and first.rstrip().endswith(_LEFT_OPEN)


def message_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Documents as lines, a message each: the documents themselves, or what the list of a single one holds.

    One that is too long, has too many parts, or is no JSON, comes as it is: the reader says what is wrong
    with its lines. One that is no JSON after one that is, as where a capture was cut, is a line.
    """
    blocks_read: list[bytes] = []
    size = 0
    for block in blocks:
        blocks_read.append(block)
        size += len(block)
        if size > MOST:
            yield from blocks_read
            yield from blocks
            return
    text = b"".join(blocks_read)
    if has_too_many_parts(text):
        yield text
        return
    try:
        messages = _messages(text)
    except orjson.JSONDecodeError:
        yield text
        return
    for message in messages:
        if isinstance(message, bytes):
            yield b" ".join(message.split()) + b"\n"
            continue
        try:
            yield orjson.dumps(message) + b"\n"
        except orjson.JSONEncodeError:  # it reads deeper than it writes
            yield b'"a message nested too deep"\n'


def _messages(text: bytes) -> list[Any]:
    """What is in a text; bytes of a document among others that is no JSON, as where a capture was cut.

    Raises
    ------
    orjson.JSONDecodeError : the first is none.
    """
    if _NEXT.search(text):
        first, *others = _NEXT.split(text)
        return [orjson.loads(first), *map(_message, others)]
    document = orjson.loads(text)
    return document if isinstance(document, list) else [document]


def _message(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
