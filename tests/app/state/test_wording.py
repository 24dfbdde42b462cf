"""Errors on the page: choices are named as its controls name them."""

from __future__ import annotations

import pytest

from liqmap.app.state.presets import SAVED
from liqmap.app.state.wording import LABELS, notice_of
from liqmap.schema import GridError, Keyword, LiqmapError, Sentence


@pytest.mark.parametrize(
    ("argument", "label"),
    [
        ("half_life", "half-life"),
        ("prune", "prune"),
        ("cutoffs", "cut-offs"),
        ("limits", "cut-offs, size"),
        ("overlays", "layers"),
        ("row_ticks", "row"),
        ("market", "market"),
    ],
)
def test_argument__is_named_as_its_control(argument: str, label: str) -> None:
    error = GridError(argument=argument, expected="another", got="this")
    assert str(error) == f"{argument}: expected another, got this"
    assert notice_of(error) == f"{label}: expected another, got this"


def test_labels__are_those_of_people() -> None:
    assert set(LABELS) == set(SAVED)
    assert not [label for label in LABELS.values() if "_" in label or label[0].isupper()]


def test_remedy__names_controls_and_marks_what_is_none() -> None:
    remedy = Sentence(
        "Set ", Keyword("half_life", "30s"), " or ", Keyword("prune"), ", or serve with ", Keyword("memory")
    )
    error = LiqmapError(where="here", expected="less", remedy=remedy)
    assert notice_of(error) == "here: expected less. Set half-life 30s or prune, or serve with `memory`"
