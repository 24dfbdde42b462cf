"""Errors and notes in the words of the command that prints them: options for the keywords of Python."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from typing import Any

from liqmap.schema import Keyword, Wording


class OptionWording(Wording):
    """``Pass symbol=...`` as ``Pass --symbol``, and ``venue='bybit'`` as ``--venue bybit``; keywords that are
    no option of the command stay as Python spells them.

    Parameters
    ----------
    options : of the command, by the keywords that they stand for: ``{"tick_size": "--tick-size"}``.
    """

    def __init__(self, options: Mapping[str, str]) -> None:
        self.options = options

    @classmethod
    def of(cls, command: argparse.ArgumentParser) -> OptionWording:
        """Of a command whose arguments have the keywords of Python as their ``dest``."""
        return cls({a.dest: a.option_strings[-1] for a in command._actions if a.option_strings})

    def subject(self, name: str) -> str:
        return self.options.get(name, name)

    def mention(self, keyword: Keyword) -> str:
        if (option := self.options.get(keyword.name)) is None:
            return super().mention(keyword)
        if keyword.value is None or keyword.value is True:
            return option
        return f"{option} {shlex.quote(_argument(keyword.value))}"


def _argument(value: Any) -> str:
    """A value as one argument: ``price=px,size=qty`` of a mapping, ``bbo,mid`` of several."""
    if isinstance(value, Mapping):
        return ",".join(f"{key}={one}" for key, one in value.items())
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
