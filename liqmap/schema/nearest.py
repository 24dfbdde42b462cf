"""The name that somebody meant who mistyped it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 100
"""Characters of a name that may be a mistyped one: to compare longer ones would take a while."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, whatever its case; None where none is."""
    if len(name) > LONGEST:
        return None
    names = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    return names[found[0]] if found else None
