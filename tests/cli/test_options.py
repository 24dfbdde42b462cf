"""What the command prints names its options, never keywords of Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import liqmap
from liqmap.cli import main
from liqmap.cli.main import _parser
from liqmap.cli.options import as_options

INGEST = _parser().parse_args(["ingest", "x"]).options
KEYWORDS = ("venue", "symbol", "feed", "tick_size", "mapping", "format", "jobs")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("got none. Pass symbol=...", "got none. Pass --symbol"),
        ("Pass venue='bybit-spot' if it is spot", "Pass --venue bybit-spot if it is spot"),
        ("Leave out format= to have it detected", "Leave out --format to have it detected"),
        ("Pass tick_size=0.05, which divides all", "Pass --tick-size 0.05, which divides all"),
        ("Pass format=..., or mapping= for a table", "Pass --format, or --map for a table"),
        ("Leave out symbol=, or rename", "Leave out --symbol, or rename"),
        ("Say which: --map layout=updates", "Say which: --map layout=updates"),
        ("tick_size: expected a number", "--tick-size: expected a number"),
        ("mapping: expected one of", "--map: expected one of"),
        ("s/venue=bybit/symbol=X: expected", "s/venue=bybit/symbol=X: expected"),
        ("Take a higher price=", "Take a higher price="),
        ("a symbol=x/f.csv: expected Y. Pass symbol=...", "a symbol=x/f.csv: expected Y. Pass --symbol"),
    ],
)
def test_message__in_the_words_of_the_command(message: str, told: str) -> None:
    assert as_options(message, INGEST) == told


def sentences() -> list[str]:
    """All text of the package that names a keyword, what it quotes written as 7."""
    found = []
    for path in sorted(Path(liqmap.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [str(v.value) if isinstance(v, ast.Constant) else "7" for v in node.values]
                found.append("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    messages = [s for s in found if "``" not in s]  # docstrings
    return [s for s in messages if re.search(rf"(Pass|Leave out|or) ({'|'.join(KEYWORDS)})=", s)]


def test_messages__of_the_package_leave_no_keyword() -> None:
    found = sentences()
    assert len(found) > 10
    for sentence in found:
        told = as_options(sentence, INGEST)
        assert not re.search(rf"\b({'|'.join(KEYWORDS)})=", told), told


def test_command__tells_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trades.csv"
    path.write_text("1,100.5,2,201,1700000000000,true\n")
    assert main(["ingest", str(path), "--store", str(tmp_path / "s")]) == 2
    assert capsys.readouterr().err.rstrip().endswith("Pass --symbol")
    assert main(["ingest", str(path), "--store", str(tmp_path / "s"), "--symbol", "BTCUSDT"]) == 0
    assert "Pass --venue binance if" in capsys.readouterr().err
    assert main(["ingest", str(path), "--store", str(tmp_path / "s"), "--tick-size", "-1"]) == 2
    assert "liqmap ingest: --tick-size: expected" in capsys.readouterr().err
