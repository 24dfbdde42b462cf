"""The wheel holds what the package needs, and works from an empty environment."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

USE = """
import pathlib, sys
import liqmap as lm
from liqmap.simulation import write_bybit

assert "site-packages" in lm.__file__, lm.__file__
raw = write_bybit(lm.simulate(minutes=0.2, seed=3), pathlib.Path(sys.argv[1]) / "raw")
report = lm.ingest(raw, store=pathlib.Path(sys.argv[1]) / "store")
assert report.exit_code == 0, report
session = lm.open_store(pathlib.Path(sys.argv[1]) / "store").session("bybit", report.table["symbol"][0])
grid = session.grid("1s", 5.0)
assert float(grid.liquidity.max()) > 0
page = lm.standalone_html(session, pathlib.Path(sys.argv[1]) / "page.html").read_text(encoding="utf-8")
assert all(word in page for word in ("function decodeBook", "--accent", "aria-label"))
print("wheel works")
"""


@pytest.mark.package
def test_wheel_works_from_an_empty_environment(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path / "dist"), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel],
        check=True,
        capture_output=True,
    )
    (tmp_path / "use.py").write_text(USE)
    out = subprocess.run(
        [python, "use.py", str(tmp_path)], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "wheel works" in out.stdout
    version = subprocess.run(
        [tmp_path / "env" / "bin" / "liqmap", "--version"], check=True, capture_output=True, text=True
    )
    assert version.stdout.startswith("liqmap ")
