"""Examples depend on the test that draws them, and on nothing that ran before it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def drawn() -> list[str]:
    seen: list[str] = []

    @given(st.integers(), st.floats(), st.text())
    def take(number: int, real: float, word: str) -> None:
        seen.append(repr((number, real, word)))

    take()
    return seen


def test_examples__do_not_depend_on_what_was_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not settings().derandomize:
        pytest.skip("new examples are wanted")
    before = drawn()
    numbers = ", ".join(str(10**9 + n) for n in range(500))
    (tmp_path / "full_of_numbers.py").write_text(f"X = [{numbers}]\nY = ['a word', 'another']\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "full_of_numbers", importlib.import_module("full_of_numbers"))
    assert drawn() == before
