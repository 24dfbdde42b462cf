"""The wheel holds what the package needs, and works from an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USE = Path(__file__).with_name("bare_use.py")

PYTHONS = ("3.11", "3.12", "3.13")
"""That liqmap is tested on; of a machine that has not all, those that it has."""


def _python(version: str) -> str | None:
    """An interpreter of this version, if the machine has one that runs."""
    here = ".".join(map(str, sys.version_info[:2]))
    pyenv = sorted(
        Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob(f"{version}.*")
    )
    found = [sys.executable] if version == here else [str(folder / "bin" / "python") for folder in pyenv]
    found += [path] if (path := shutil.which(f"python{version}")) else []
    for python in found:
        with_venv = subprocess.run([python, "-c", "import ensurepip, sys"], capture_output=True)
        if with_venv.returncode == 0:
            return python
    return None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (made,) = folder.glob("*.whl")
    return made


@pytest.mark.package
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("version", PYTHONS)
def test_wheel_works_from_an_environment_without_any_extra(wheel: Path, tmp_path: Path, version: str) -> None:
    made_by = _python(version)
    if made_by is None:
        pytest.skip(f"no Python {version} here")
    subprocess.run([made_by, "-m", "venv", tmp_path / "env"], check=True, capture_output=True)
    python = tmp_path / "env" / "bin" / "python"
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel],
        check=True,
        capture_output=True,
        env=alone,
    )
    shutil.copy(USE, tmp_path / "use.py")
    (tmp_path / "work").mkdir()
    command = [python, "use.py", tmp_path / "work"]
    out = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=alone)
    assert out.returncode == 0, out.stderr
    assert out.stdout.endswith("not looked at:\nwheel works\n"), out.stdout
    script = tmp_path / "env" / "bin" / "liqmap"
    told = subprocess.run([script, "--version"], check=True, capture_output=True, text=True, env=alone)
    assert told.stdout.startswith("liqmap ")
    code = "import liqmap, xarray; print('liqmap' in xarray.backends.list_engines())"
    engines = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, env=alone)
    assert engines.stdout.strip() == "True"
