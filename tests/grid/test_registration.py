"""``dataset.liqmap`` after ``import liqmap`` alone, in either order, without a word or a second of delay."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import liqmap as lm

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spans = lm.replay(lm.simulate(minutes=0.1, seed=2).depth, depth_limit=20)
    edges = np.array([spans.begin, spans.last], "datetime64[ns]"), np.arange(64_900.0, 65_100.0, 10.0)
    return Path(lm.save_grid(lm.rasterize(spans, *edges), tmp_path_factory.mktemp("grid") / "g.nc"))


def _python(code: str, *paths: Path) -> str:
    """What a new process prints, in which every warning is an error."""
    path = ":".join(str(p) for p in (*paths, ROOT))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder that says what the project does of its entry points, as an installed wheel."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    folder = tmp_path / "liqmap_said-0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: liqmap-said\nVersion: 0\n")
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in e.items()) for group, e in said.items()]
    (folder / "entry_points.txt").write_text("\n".join(lines))
    return tmp_path


def test_a_file_that_xarray_opens_has_it_after_import_alone(saved: Path, installed: Path) -> None:
    code = f"""
import sys
import liqmap
assert "xarray" not in sys.modules
import xarray as xr
with xr.open_dataset({str(saved)!r}) as opened:
    opened.load()
assert "liqmap.xarray_engine" in sys.modules
assert "numba" not in sys.modules and "liqmap.grid" not in sys.modules
assert type(opened.liqmap).__name__ == "GridAccessor"
assert xr.Dataset.liqmap is liqmap.GridAccessor
assert float(opened.liqmap.coverage()) > 0
ours = xr.open_dataset({str(saved)!r}, engine="liqmap")
ours.close()
assert ours.identical(liqmap.open_grid({str(saved)!r}))
assert "state" not in xr.open_dataset({str(saved)!r}, engine="liqmap", drop_variables="state")
print("ok")
"""
    assert _python(code, installed) == "ok"


def test_xarray_may_come_first_or_be_used_later() -> None:
    code = """
import sys
import xarray as xr
import liqmap as lm
assert not any(m.startswith("liqmap.grid") for m in sys.modules)
assert "liqmap" in vars(xr.Dataset)
import liqmap.grid
assert xr.Dataset.liqmap is lm.GridAccessor
try:
    xr.Dataset().liqmap.depth()
except lm.LiqmapError as error:
    print(error)
"""
    assert "expected" in _python(code)
    code = """
import liqmap as lm, xarray as xr
assert "liqmap" not in vars(xr.Dataset)
lm.LiqmapError
assert "liqmap" in vars(xr.Dataset)
print("ok")
"""
    assert _python(code) == "ok"


def test_accessor_of_another_is_left_alone() -> None:
    code = """
import xarray as xr
xr.register_dataset_accessor("liqmap")(dict)
import liqmap
assert xr.Dataset.liqmap is dict
print("ok")
"""
    assert _python(code) == "ok"


def test_accessor_by_name_is_the_same(saved: Path) -> None:
    grid = lm.open_grid(saved)
    assert type(grid.liqmap) is lm.GridAccessor
    assert lm.GridAccessor(grid).coverage().identical(grid.liqmap.coverage())
    assert xr.Dataset.liqmap is lm.GridAccessor  # help(xr.Dataset.liqmap) tells of it
