"""CSV text whose cells are quoted (spreadsheets, QUOTE_ALL) or stand after blanks, as readers want it.

The first line tells; text where it is plain is not looked at.
"""

from __future__ import annotations

import re

import numpy as np

_CELL = re.compile(rb'(^|[,;\t])"([^",;\t\r\n]*)"(?=[,;\t\r\n]|\Z)', re.MULTILINE)
_PARTS = np.zeros(256, np.bool_)
_PARTS[list(b",;\t\r\n")] = True
_QUOTE = ord('"')


def adorned(text: bytes) -> tuple[bool, bool]:
    """Whether the first line is of quoted cells, and whether each of its commas has a blank after it."""
    line = text.split(b"\n", 1)[0].strip()
    if line[:1] in (b"", b"[") or b"{" in line:
        return False, False
    commas = line.count(b",")
    return line[:1] == line[-1:] == b'"', commas > 1 and line.count(b", ") == commas


def plain(text: bytes, quoted: bool, blanks: bool) -> bytes:
    """Whole lines without the quotes around cells, and without blanks after commas, where these were found.
    A quoted cell that holds a separator keeps its quotes: without, it would be two."""
    if blanks:
        text = text.replace(b", ", b",")
    if not quoted:
        return text
    letters = np.frombuffer(text, np.uint8)
    inside = np.bitwise_xor.accumulate((letters == _QUOTE).view(np.uint8)).view(np.bool_)
    if not (inside & _PARTS[letters]).any():
        return text.replace(b'"', b"")
    return _CELL.sub(rb"\1\2", text)
