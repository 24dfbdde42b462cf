"""Errors in the words of the page: choices are named as its controls name them."""

from __future__ import annotations

from liqmap.app.state.presets import NAMES, SAVED
from liqmap.app.state.state import State
from liqmap.schema import Keyword, LiqmapError, Wording

LABELS = {name: str(State.param[NAMES.get(name, name)].label) for name in SAVED}
"""Labels of controls, by the keywords that they stand for: ``half-life`` of ``half_life``."""


class PageWording(Wording):
    """``half-life`` for ``half_life``, and ``half-life 30s`` for ``half_life='30s'``; what no control stands
    for is marked as code."""

    def subject(self, name: str) -> str:
        return LABELS.get(name, name)

    def mention(self, keyword: Keyword) -> str:
        label = LABELS.get(keyword.name, f"`{keyword.name}`")
        return label if keyword.value is None else f"{label} {keyword.value}"


PAGE = PageWording()


def notice_of(error: LiqmapError) -> str:
    """What the page says of an error."""
    return error.worded(PAGE)
