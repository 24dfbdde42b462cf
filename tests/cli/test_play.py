"""``liqmap play``: what it says, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from liqmap.cli import main

SAMPLE = str(next(Path("data/sample").resolve().glob("*.zip")))


def test_json_says_where_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["play", SAMPLE, "--as", "bybit", "--port", "0", "--speed", "max", "--wait-for", "0", "--json"]
    assert main([*asked, "--fault", "lose@5"]) == 0
    out, err = capsys.readouterr()
    facts = json.loads(out)
    assert err == ""
    assert facts["url"].startswith("ws://127.0.0.1:")
    assert facts["paths"] == ["/v5/public/linear"]
    assert facts["faults"] == ["lose@5"]
    assert [market["symbol"] for market in facts["markets"]] == ["SIMUSDT"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--as", "nyse"],
        ["--as", "bybit", "--fault", "melt@3"],
        ["--as", "bybit", "--market", "ETHUSDT"],
        ["--as", "bybit", "--speed", "0"],
        ["--as", "bybit", "--fault", "checksum@3"],
        ["--as", "bybit", "--wait-for", "-1"],
    ],
)
def test_bad_input_is_one_line(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", SAMPLE, *wrong]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("liqmap play: --")
