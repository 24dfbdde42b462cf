"""Conditions of alerts as a choice: texts such as ``imbalance@5 > 0.6``, as people read them."""

from __future__ import annotations

from typing import Any

import param

from liqmap.analytics.alerts import conditions_of
from liqmap.schema import LiqmapError, SessionError

MOST = 8
"""Conditions at once: each is a row in the picture, and looks at all of the session."""


class Conditions(param.List):
    """Conditions on measures, each as `Condition.words` has it, or as people write it."""

    def _validate_value(self, val: Any, allow_None: bool) -> None:  # noqa: N803 (param's own)
        super()._validate_value(val, allow_None)
        try:
            checked(val)
        except LiqmapError as error:
            raise ValueError(str(error)) from None


def checked(wanted: Any) -> list[str]:
    """Conditions in the words that they are kept as; a text may hold several, with commas between.

    Raises
    ------
    LiqmapError : no condition, or too many; says what would have been right.
    """
    found = [one.words for one in conditions_of(wanted)] if wanted else []
    if len(found) > MOST:
        raise SessionError(argument="alerts", expected=f"at most {MOST} conditions", got=str(len(found)))
    return found


def link_text(value: list[str]) -> str:
    """As a link has them."""
    return ",".join(one.short for one in conditions_of(value)) if value else "none"


def of_link(text: str) -> list[str]:
    """Conditions in a link.

    Raises
    ------
    LiqmapError : see `checked`.
    """
    return [] if text == "none" else checked(text)


def meant(text: str) -> str:
    """What somebody may have meant who wrote what is no condition, after a full stop; else nothing."""
    try:
        of_link(text)
    except LiqmapError as error:
        return f". {error.remedy}" if error.remedy else ""
    return ""
