"""Runs of lines that say the same, or nothing: passed over at once, since a file may have millions."""

from __future__ import annotations

import re

_BLANKS = re.compile(rb"[ \t\r\n\x0b\x0c]*\n")
_BLOCK = 64 * 1024
"""Bytes that are compared at once."""


def blank_lines(text: bytes, at: int) -> tuple[int, int] | None:
    """Bytes and number of the blank lines from byte ``at`` on; None if there are none."""
    found = _BLANKS.match(text, at)
    return None if found is None else (found.end() - at, text.count(b"\n", at, found.end()))


def same_lines(text: bytes, begin: int, end: int) -> int:
    """How often the line from ``begin`` to ``end``, with its newline, stands there in a row."""
    line = text[begin:end]
    if not text.startswith(line, end):
        return 1
    count, at = 1, end
    many = max(1, _BLOCK // len(line))
    block = line * many
    while text.startswith(block, at):
        count, at = count + many, at + len(block)
    while text.startswith(line, at):
        count, at = count + 1, at + len(line)
    return count
