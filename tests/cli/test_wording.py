"""What the command prints names its options, never keywords of Python."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import liqmap
from liqmap.cli import main
from liqmap.cli.main import command_line
from liqmap.cli.wording import OptionWording
from liqmap.schema import Argument, FormatError, Keyword, LiqmapError, Sentence
from tests.formats.bybit.lines import feed, write_lines

INGEST = command_line().parse_args(["ingest", "x"]).wording


@pytest.mark.parametrize(
    ("parts", "spelled"),
    [
        (("got none. Pass ", Keyword("symbol")), "got none. Pass --symbol"),
        (
            ("Pass ", Keyword("venue", "bybit-spot"), " if it is spot"),
            "Pass --venue bybit-spot if it is spot",
        ),
        (("Leave out ", Keyword("format"), " to have it found"), "Leave out --format to have it found"),
        (("Pass ", Keyword("tick_size", 0.05), ", which"), "Pass --tick-size 0.05, which"),
        (("Pass ", Keyword("format"), ", or ", Keyword("mapping")), "Pass --format, or --map"),
        (("Pass ", Keyword("mapping", {"layout": "updates"})), "Pass --map layout=updates"),
        (("Pass ", Keyword("mapping", {"price": "p x", "size": "q"})), "Pass --map 'price=p x,size=q'"),
        (("Pass ", Keyword("venue", "two words")), "Pass --venue 'two words'"),
        (("Take a higher ", Keyword("price")), "Take a higher price=..."),
        (("Pass ", Keyword("half_life", "30s")), "Pass half_life='30s'"),
        (("Check ", Argument("tick_size")), "Check --tick-size"),
        (("Check ", Argument("price")), "Check price"),
    ],
)
def test_sentence__in_the_options_of_the_command(parts: tuple[str | Keyword, ...], spelled: str) -> None:
    assert INGEST.spell(Sentence(*parts)) == spelled


@pytest.mark.parametrize(
    "text", ["s/venue=bybit/symbol=X: expected", "Pass symbol=...", "tick_size: expected a number"]
)
def test_text__that_names_nothing_stays_as_it_is(text: str) -> None:
    assert INGEST.spell(text) == text
    assert LiqmapError(text).worded(INGEST) == text


def test_error__is_about_an_option() -> None:
    error = FormatError(
        where="a symbol=x/f.csv",
        argument="mapping",
        expected="Y",
        remedy=Sentence("Pass ", Keyword("symbol")),
    )
    assert error.worded(INGEST) == "a symbol=x/f.csv: --map: expected Y. Pass --symbol"
    assert FormatError(argument="price", got="1").worded(INGEST) == "price: got 1"


def wordings(parser: argparse.ArgumentParser) -> Iterator[OptionWording]:
    """Of each command and of those below it."""
    yield parser.get_default("wording")
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from wordings(below)


def test_wording__of_each_command_has_its_own_options() -> None:
    parse = command_line().parse_args
    assert parse(["fetch", "bybit", "X", "--from", "a", "--to", "b"]).wording.subject("end") == "--to"
    assert parse(["app"]).wording.mention(Keyword("users", ["ann"])) == "--allow-user ann"
    assert parse(["app"]).wording.mention(Keyword("no_auth", True)) == "--no-auth"
    assert parse(["store", "rm", "a", "b"]).wording.subject("feed") == "--feed"
    assert parse(["info"]).wording.mention(Keyword("symbol")) == "--symbol"


def plain_strings(path: Path) -> Iterator[str]:
    """Strings of a module that a user may read, values in them written as 7: not docstrings, nor what a repr
    is made of."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
        if isinstance(node, ast.FunctionDef) and node.name in ("__repr__", "_repr_html_"):
            skipped.update(ast.walk(node))
        if isinstance(node, ast.JoinedStr) and node not in skipped:
            parts = [str(v.value) if isinstance(v, ast.Constant) else "7" for v in node.values]
            skipped.update(node.values)
            yield "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            yield node.value


def test_messages__of_the_package_name_keywords_by_their_parts() -> None:
    """``Pass symbol=...`` in a string of its own would be printed as it is: `Keyword` is for that."""
    names = {name for wording in wordings(command_line()) for name in wording.options}
    assert {"symbol", "tick_size", "mapping", "half_life", "users"} <= names
    named = re.compile(rf"(?<=[\s(`])({'|'.join(names)})=(?![\"=])")
    root = Path(liqmap.__file__).parent
    found = [
        f"{path.relative_to(root)}: {text[:90]!r}"
        for path in sorted(root.rglob("*.py"))
        for text in plain_strings(path)
        if named.search(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ('raise E("Pass symbol=...")', True),
        ('raise E(f"{x}: Pass tick_size={y!r}, or not")', True),
        ('raise E("Leave out " "format= to have it found")', True),
        ('def f():\n    """Pass symbol=..."""', False),
        ('def __repr__(self): return f"X(a, symbol={x})"', False),
        ('Sentence("Pass ", Keyword("symbol"))', False),
    ],
)
def test_messages__search_finds_what_it_should(source: str, is_found: bool, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert any(re.search(r"\s(symbol|tick_size|format)=", text) for text in plain_strings(path)) == is_found


def test_command__prints_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trades.csv"
    path.write_text("1,100.5,2,201,1700000000000,true\n")
    assert main(["ingest", str(path), "--store", str(tmp_path / "s")]) == 2
    assert capsys.readouterr().err.rstrip().endswith("Pass --symbol")
    assert main(["ingest", str(path), "--store", str(tmp_path / "s"), "--symbol", "BTCUSDT"]) == 0
    assert "Pass --venue binance if" in capsys.readouterr().err
    assert main(["ingest", str(path), "--store", str(tmp_path / "s"), "--tick-size", "-1"]) == 2
    assert "liqmap ingest: --tick-size: expected" in capsys.readouterr().err


def test_command__prints_its_options_of_lines_rejected_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = feed(20)
    path = write_lines(tmp_path / "linear.ndjson", [*lines[:10], *feed(1, symbol="ELSE"), *lines[10:]])
    for _ in range(2):
        assert main(["ingest", str(path), "--store", str(tmp_path / "s")]) == 1
        err = capsys.readouterr().err
        assert "linear.ndjson:11: expected topic" in err
        assert "Pass --symbol" in err
