"""Text as a terminal or a page may show it: what could steer either is written out instead.

Symbols, names of files and what files hold come from others. All that shows them to people takes this way
out: what is printed (`liqmap.terminal`), errors, how objects show themselves (`liqmap.card`). Tables are
plain DataFrames, with names as they are.
"""

from __future__ import annotations


def printable(text: str) -> str:
    """A text whose control characters, line ends among them, overrides of direction and halves of characters
    are written as Python escapes."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def printable_lines(text: str) -> str:
    """Lines that the program broke itself; line ends in what they quote have to be `printable` before."""
    return "\n".join(map(printable, text.split("\n")))
