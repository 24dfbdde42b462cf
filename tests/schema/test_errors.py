"""Errors keep their parts, and each front end spells them in its way."""

from __future__ import annotations

import pickle

import pytest

from liqmap.schema import (
    Argument,
    FormatError,
    GridError,
    Keyword,
    LiqmapError,
    Rejected,
    Sentence,
    StoreError,
    Wording,
    one_line,
)


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


def test_sentence__is_about_an_argument() -> None:
    whole = Sentence("Check ", Argument("base_url"))
    assert (whole, Options().spell(whole)) == ("Check base_url", "Check --base-url")
    assert pickle.loads(pickle.dumps(whole)).parts == whole.parts


def test_error__in_another_sentence_keeps_its_arguments() -> None:
    whole = Sentence("The first: ", ERROR.sentence)
    assert whole == f"The first: {ERROR}"
    assert Options().spell(whole) == f"The first: {ERROR.worded(Options())}"


def test_error__wrapping_another_says_the_same_at_its_place() -> None:
    made = StoreError.wrapping(ERROR, "store")
    assert type(made) is StoreError
    assert str(made) == f"store: {ERROR}"
    assert made.worded(Options()) == f"store: {ERROR.worded(Options())}"
    assert str(StoreError.wrapping(LiqmapError("nothing"))) == "nothing"
    try:
        raise ERROR
    except FormatError as error:
        kept = FormatError.wrapping(error)
    assert (str(kept), kept.__traceback__, kept.__context__) == (str(ERROR), None, None)


@pytest.mark.parametrize("most", [60, 100])
def test_one_line__keeps_the_keywords_of_a_sentence(most: int) -> None:
    whole = Sentence("got ", "x\n" * 200, ". Pass ", Keyword("symbol"))
    line = one_line(whole, most)
    assert line.isprintable()
    assert len(line) <= most
    assert Options().spell(line).endswith(". Pass --symbol")
    assert one_line(str(whole), most) == one_line(Sentence(str(whole)), most)


def test_one_line__of_a_sentence_without_room_is_cut() -> None:
    line = one_line(Sentence("a" * 30, Keyword("b" * 100), "c" * 30), 50)
    assert len(line) <= 50


def test_a_reason_to_reject_a_line__keeps_its_keywords() -> None:
    reason = Rejected(3, Sentence("a\nb: pass ", Keyword("symbol"))).reason
    assert reason == r"a\nb: pass symbol=..."
    assert Options().spell(reason) == r"a\nb: pass --symbol"
