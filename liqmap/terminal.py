"""Text on its way to a terminal: what could steer the terminal is written out instead.

Control characters (C0, C1), escape sequences and overrides of the writing direction in what others named
would act on the terminal of who reads them; they are printed as Python writes them, ``\\x1b[2J``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from liqmap.printable import printable, printable_lines


def say(*words: object, error: bool = False, flush: bool = False) -> None:
    """Print one line; ``error``: where errors and notes go."""
    line = " ".join(printable(str(word)) for word in words)
    print(line, file=sys.stderr if error else sys.stdout, flush=flush)


def say_lines(text: str) -> None:
    """Print lines that the program broke itself; what they quote has to be `printable` before."""
    print(printable_lines(text))


def say_json(value: Any) -> None:
    """Print an object on one line; JSON has escapes of its own, but leaves DEL as it is."""
    print(json.dumps(value).replace("\x7f", "\\u007f"))
