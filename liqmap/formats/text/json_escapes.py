"""Escapes of JSON (``\\u5e01``, ``\\/``) in the first bytes of a file, which patterns search without
parsing."""

from __future__ import annotations

import json
import re

_ESCAPE = re.compile(
    rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|.)", re.DOTALL
)


def unescaped(text: bytes) -> bytes:
    """The same text with its letters as they are: only what JSON cannot do without stays escaped (quotes,
    backslashes, control characters)."""
    return _ESCAPE.sub(_letter, text) if b"\\" in text else text


def _letter(found: re.Match[bytes]) -> bytes:
    high, low, code = found.groups()
    if high is not None:
        return chr(0x10000 + (int(high, 16) - 0xD800 << 10) + int(low, 16) - 0xDC00).encode()
    if code is None:
        return b"/" if found[0] == b"\\/" else found[0]
    letter = chr(int(code, 16))
    if letter < " " or letter in '"\\\x7f' or "\ud800" <= letter <= "\udfff":
        return found[0]
    return letter.encode()


def as_written(name: str, text: bytes) -> bytes:
    """How a text writes a name: a scanner compares its bytes."""
    plain, escaped = name.encode(), json.dumps(name)[1:-1].encode()
    return escaped if escaped != plain and escaped in text else plain
