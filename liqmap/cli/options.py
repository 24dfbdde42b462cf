"""Messages of the package, which name keywords of Python, in the words of the command that prints them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping

RENAMED = {"mapping": "map"}
"""Keywords whose option has another name."""

_KEYWORD = re.compile(r"(?<= )([a-z]\w*)=(?:\.\.\.|'([^']*)'|([^\s,;()]*[^\s,;().]))?")
_SUBJECT = re.compile(r"^([a-z]\w*)(?=: )")


def options_of(verb: argparse.ArgumentParser) -> dict[str, str]:
    """The options of a command by the keywords that they stand for: ``{"tick_size": "--tick-size"}``."""
    found = {action.dest: action.option_strings[-1] for action in verb._actions if action.option_strings}
    return found | {word: found[dest] for word, dest in RENAMED.items() if dest in found}


def as_options(message: str, options: Mapping[str, str]) -> str:
    """``Pass symbol=...`` as ``Pass --symbol``, and ``venue='bybit'`` as ``--venue bybit``; keywords that are
    no option of the command stay."""

    def keyword(match: re.Match[str]) -> str:
        if (option := options.get(match[1])) is None:
            return match[0]
        value = match[2] or match[3]
        return f"{option} {value}" if value else option

    where, colon, rest = message.partition(": expected ")
    if not colon:
        return _KEYWORD.sub(keyword, message)
    said = _KEYWORD.sub(keyword, rest)
    return _SUBJECT.sub(lambda match: options.get(match[1], match[0]), f"{where}: ")[:-2] + colon + said
