"""What type checkers make of a user's script: `notebook.py`, by mypy and by pyright."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from liqmap.render.frames import look, palettes
from liqmap.schema import AGGREGATES, Aggregate

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("notebook.py")


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A checker in a folder of a user's own."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script where no settings of ours are."""
    copy = tmp_path / SCRIPT.name
    copy.write_text(SCRIPT.read_text())
    return copy


@pytest.mark.types
def test_mypy__knows_what_calls_return(script: Path) -> None:
    flags = ("--strict", "--ignore-missing-imports", "--warn-unused-ignores", "--follow-imports", "silent")
    found = run("mypy", *flags, script.name, folder=script.parent)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.types
def test_pyright__knows_what_calls_return(script: Path) -> None:
    settings = {"reportUnnecessaryTypeIgnoreComment": "error", "pythonVersion": "3.11"}
    script.with_name("pyrightconfig.json").write_text(json.dumps(settings))
    found = run("pyright", "--pythonpath", sys.executable, script.name, folder=script.parent)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("alias", "known"),
    [
        (Aggregate, AGGREGATES),
        (look.Scaling, look.SCALINGS),
        (look.Shown, look.CARRIED_SHOWN),
        (palettes.ThemeName, tuple(palettes.THEMES)),
    ],
)
def test_types__have_the_words_that_there_are(alias: object, known: tuple[str, ...]) -> None:
    assert get_args(alias) == known
