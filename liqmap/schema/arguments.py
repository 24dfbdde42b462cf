"""Arguments of public verbs, checked: numbers, words and paths that are what they should be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from liqmap.schema.errors import FormatError, GridError, LiqmapError


def is_number(given: Any) -> bool:
    """Whether it is a real number, and no truth."""
    return isinstance(given, (int, float, np.integer, np.floating)) and not isinstance(given, bool)


def whole_number(given: Any, name: str, least: int = 1, error: type[LiqmapError] = GridError) -> int:
    """A whole number of at least ``least``.

    Raises
    ------
    LiqmapError : it is none.
    """
    if isinstance(given, (int, np.integer)) and not isinstance(given, bool) and given >= least:
        return int(given)
    raise error(argument=name, expected=f"a whole number of at least {least}", got=f"{given!r:.60}")


def word(given: Any, name: str, error: type[LiqmapError]) -> None:
    """Refuse what is no text, None aside.

    Raises
    ------
    LiqmapError : it is none.
    """
    if not (given is None or isinstance(given, str)):
        raise error(argument=name, expected="text", got=f"{given!r:.60}")


def path_text(given: Any, name: str, error: type[LiqmapError]) -> str:
    """A path as text.

    Raises
    ------
    LiqmapError : it is none.
    """
    if isinstance(given, (str, os.PathLike)):
        text = os.fspath(given)
        if isinstance(text, str) and "\0" not in text:
            return text
    raise error(argument=name, expected="a path", got=f"{given!r:.60}")


def numbers(given: Any, name: str, error: type[LiqmapError] = GridError) -> np.ndarray:
    """Numbers as float64.

    Raises
    ------
    LiqmapError : they are none.
    """
    try:
        array = np.asarray(given)
        if array.dtype.kind in "iuf" or not array.size:
            return array.astype(np.float64)
    except (TypeError, ValueError):
        pass
    raise error(argument=name, expected="numbers", got=f"{given!r:.60}")


def check_hints(venue: Any, symbol: Any, feed: Any, mapping: Any) -> None:
    """Refuse what no source can be called, and a mapping that is none.

    Raises
    ------
    FormatError : says which.
    """
    for name, given in (("venue", venue), ("symbol", symbol), ("feed", feed)):
        word(given, name, FormatError)
    if not (mapping is None or isinstance(mapping, Mapping)):
        raise FormatError(argument="mapping", expected="a dict", got=f"{mapping!r:.60}")
