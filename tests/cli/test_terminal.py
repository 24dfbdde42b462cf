"""Nothing that others named or wrote steers the terminal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.cli import main
from liqmap.schema import FormatError, printable
from liqmap.terminal import say, say_json, say_lines

ESCAPES = (
    "\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x9d52;c;AAAA\x9c", "\x1bP1$r\x1b\\", "\x07", "\x08\x08", "\r",
    "\n", "\t", "\x7f", "\x85",
    "\u202e", "\u2066", "\u200f", "\u2028", "\u2029", "\ufeff", "\u00ad", "\udce9",
)  # fmt: skip
HOSTILE = st.lists(
    st.one_of(st.sampled_from(ESCAPES), st.sampled_from("ABCXYZ-_."), st.characters()), min_size=1, max_size=8
)
NAMES = HOSTILE.map("".join).filter(
    lambda name: bool(name.strip()) and "\0" not in name and not name.startswith("-")
)


def steers(text: str) -> list[str]:
    """What could act on a terminal: all but line ends, and what cannot be printed."""
    return [c for line in text.split("\n") for c in line if not c.isprintable()]


def told(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    return out + err


def run(*line: str) -> int:
    try:
        return main(list(line))
    except SystemExit as end:
        return int(end.code or 0)


def depth(symbol: str) -> bytes:
    """Two messages of Bybit and a line that is none."""
    levels = {"b": [["100.0", "1"]], "a": [["101.0", "1"]], "s": symbol, "seq": 1}
    lines = [
        {
            "topic": f"orderbook.50.{symbol}",
            "type": kind,
            "ts": 1_767_607_200_000 + u,
            "data": levels | {"u": u},
        }
        for kind, u in (("snapshot", 5), ("delta", 9))
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@pytest.mark.long
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, text=HOSTILE.map("".join))
def test_commands__never_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, text: str
) -> None:
    shutil.rmtree(tmp_path, ignore_errors=True)
    tmp_path.mkdir()
    store, bare = str(tmp_path / "store"), name.replace("/", "|")
    file = tmp_path / f"file{bare}.json"
    try:
        file.write_bytes(
            depth(bare)
            + text.encode("utf-8", "surrogatepass")
            + b'\n{"topic":"'
            + bare.encode("utf-8", "replace")
            + b'"}\n'
        )
    except (OSError, ValueError):  # no name for a file here
        file = tmp_path / "file.json"
        file.write_bytes(depth(bare))
    table = tmp_path / "table.csv"
    table.write_text(f"ts,symbol,side,price,size,{'x'}\n1767607200000,BTC,buy,1,1,1\n", "utf-8")
    lines = (
        ["ingest", str(file), "--store", store, "--symbol", name[:90]],
        ["ingest", str(file), "--store", store, "--venue", name[:90]],
        ["ingest", str(file), str(tmp_path / bare), "--store", store],
        ["ingest", str(table), "--store", store, "--map", f"ts={name},price={name}"],
        ["ingest", str(file), "--store", store, "--format", name],
        ["ingest", str(file), "--store", store, f"--{name}"],
        ["info", "--store", store],
        ["info", "--store", store, "--venue", name],
        ["info", "--store", str(tmp_path / f"no{bare}")],
        ["info", "--store", store, "--quality"],
        ["render", "--store", store, "--venue", name, "--symbol", name, "-o", str(tmp_path / f"{bare}.png")],
        ["render", "--store", store, "--venue", "bybit", "--symbol", "A", "-o", str(tmp_path / bare)],
        ["store", "rm", name, name, "--store", store],
        ["store", "rm", name, name, "--store", store, "--from", name],
        ["store", "compact", "--store", str(tmp_path / f"no{bare}")],
        ["demo", "--sample", str(tmp_path / bare), "--store", store, "--no-serve"],
        ["app", "--store", store, "--port", f"x{name}"],  # a number would start the server
        ["fetch", "bybit", "\x1b" + name, "--from", "2026-01-05", "--to", "2026-01-05", "--store", store],
        ["fetch", name, name, "--from", name, "--to", name],
        ["fetch", "bybit", "A", "--from", "2026-01-05", "--to", "2026-01-05", "--market", "\x1b" + name],
        [name],
    )
    for line in lines:
        run(*line)
        assert steers(told(capsys)) == [], line
    for line in (["ingest", str(file), "--store", store, "--json"], ["info", "--store", store, "--json"]):
        run(*line)
        out, err = capsys.readouterr()
        assert steers(out + err) == [], line
        if out:
            json.loads(out)


@pytest.mark.parametrize("escape", ESCAPES)
def test_say__writes_out_what_steers(escape: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"before{escape}after"
    say(text)
    say(text, error=True)
    say_lines(text)
    say_json({text: text})
    out, err = capsys.readouterr()
    assert steers(out + err) == []
    assert err == f"before{printable(escape)}after\n"
    assert repr(escape[0])[1:-1] in err
    assert json.loads(out.splitlines()[-1]) == {text: text}


@given(st.text())
def test_printable__keeps_what_can_be_printed_and_nothing_else(text: str) -> None:
    found = printable(text)
    assert found.isprintable()
    assert printable(found) == found
    if text.isprintable():
        assert found == text


@pytest.mark.parametrize("length", [101, 250, 5_000])
def test_ingest__over_long_names_are_refused_in_words(
    length: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file.json").write_bytes(depth("S" * length))
    report = lm.ingest(tmp_path / "file.json", store=tmp_path / "store")
    (error,) = report.errors
    assert "expected a symbol of at most 100 characters" in error
    assert f"{length:,} characters" in error
    (tmp_path / "file.json").write_bytes(depth("BTCUSDT"))
    for name in ("venue", "symbol", "feed"):
        with pytest.raises(FormatError, match=f"^{name}: expected a name of at most 100 characters"):
            lm.ingest(tmp_path / "file.json", store=tmp_path / "store", **{name: "x" * length})
        assert run("ingest", str(tmp_path / "file.json"), f"--{name}", "x" * length) == 2
        assert f"--{name}: expected a name of at most" in told(capsys)


def test_ingest__names_whose_folder_would_be_too_long_are_refused_in_words(tmp_path: Path) -> None:
    rows = "1767607200000,buy,1.5,1\n1767607201000,sell,1.6,1\n"
    (tmp_path / "trades.csv").write_text(f"ts,side,price,size\n{rows}")
    told = [
        lm.ingest(
            tmp_path / "trades.csv",
            store=tmp_path / "store",
            symbol="币" * count,
            venue="here",
            mapping={"layout": "trades"},
        ).errors
        for count in (60, 20)
    ]
    assert "that a folder can have" in told[0][0]
    assert told[1] == []
