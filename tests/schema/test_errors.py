"""Errors keep their parts, and each front end spells them in its way."""

from __future__ import annotations

import pickle

import pytest

from liqmap.schema import FormatError, GridError, Keyword, LiqmapError, Rejected, Sentence, Wording


class Options(Wording):
    """As a command line would."""

    def subject(self, name: str) -> str:
        return f"--{name.replace('_', '-')}"

    def mention(self, keyword: Keyword) -> str:
        option = self.subject(keyword.name)
        return option if keyword.value is None else f"{option} {keyword.value}"


ERROR = FormatError(
    where="a.csv:3",
    argument="tick_size",
    expected="a number above 0",
    got="-1",
    remedy=Sentence("Pass ", Keyword("tick_size", 0.5), ", not ", Keyword("tick_size")),
)


def test_error__is_one_line_in_python() -> None:
    assert str(ERROR) == (
        "a.csv:3: tick_size: expected a number above 0, got -1. Pass tick_size=0.5, not tick_size=..."
    )


def test_error__is_spelled_by_each_front_end() -> None:
    assert ERROR.worded(Options()) == (
        "a.csv:3: --tick-size: expected a number above 0, got -1. Pass --tick-size 0.5, not --tick-size"
    )


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (LiqmapError("nothing to do"), "nothing to do"),
        (GridError(argument="agg", expected="mean"), "agg: expected mean"),
        (GridError(where="x", got="y"), "x: got y"),
        (GridError("no grid", remedy="Ask for less"), "no grid. Ask for less"),
        (FormatError(where="bad\nname", got="\x1b[31m"), "bad\\nname: got \\x1b[31m"),
    ],
)
def test_error__says_what_it_has(error: LiqmapError, line: str) -> None:
    assert str(error) == line


def test_error__reaches_another_process_whole() -> None:
    again = pickle.loads(pickle.dumps(ERROR))
    assert type(again) is FormatError
    assert (str(again), again.worded(Options())) == (str(ERROR), ERROR.worded(Options()))
    assert (again.where, again.argument, again.got) == ("a.csv:3", "tick_size", "-1")


def test_sentence__of_sentences_keeps_their_keywords() -> None:
    whole = Sentence("First. ", Sentence("Pass ", Keyword("symbol")), ".")
    assert whole == "First. Pass symbol=...."
    assert Options().spell(whole) == "First. Pass --symbol."
    assert Options().spell("Pass symbol=...") == "Pass symbol=..."


def test_a_reason_to_reject_a_line__keeps_its_keywords() -> None:
    reason = Rejected(3, Sentence("a\nb: pass ", Keyword("symbol"))).reason
    assert reason == r"a\nb: pass symbol=..."
    assert Options().spell(reason) == r"a\nb: pass --symbol"
