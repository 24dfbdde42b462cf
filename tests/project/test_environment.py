"""environment.yml, pyproject.toml and constraints.txt say the same."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "lazy-loader": "lazy_loader",
    "matplotlib": "matplotlib-base",
    "xxhash": "python-xxhash",
}


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _bounds(requirements: list[str]) -> dict[str, str]:
    """Name -> lower bound; requirements on liqmap's own extras are left out."""
    found = dict(
        re.fullmatch(r"([\w.-]+)(?:\[.*\])?>=([\w.]+)", r).groups()
        for r in requirements
        if "liqmap[" not in r
    )
    assert len(found) == sum("liqmap[" not in r for r in requirements)
    return found


def test_conda_environment_equals_core_app_and_lab(project: dict) -> None:
    wanted = {"python": project["requires-python"].removeprefix(">=")}
    extras = project["optional-dependencies"]
    for name, bound in _bounds(project["dependencies"] + extras["app"] + extras["lab"]).items():
        wanted[CONDA_NAMES.get(name, name)] = bound
    lines = (ROOT / "environment.yml").read_text().splitlines()
    listed = dict(m.groups() for line in lines if (m := re.fullmatch(r"  - ([\w-]+)>=([\w.]+)", line)))
    assert listed == wanted


def test_constraints_pin_every_requirement_at_or_above_its_bound(project: dict) -> None:
    pins: dict[str, tuple[int, ...]] = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        name, version = re.match(r"([\w.-]+)==([\d.]+)", line).groups()
        pins[name.lower()] = tuple(map(int, version.strip(".").split(".")))
    every = [r for group in project["optional-dependencies"].values() for r in group]
    for name, bound in _bounds(project["dependencies"] + every).items():
        assert pins[name] >= tuple(map(int, bound.split("."))), name


def test_no_file_names_a_host_to_install_from() -> None:
    for name in ("constraints.txt", "pyproject.toml", "environment.yml", "Makefile", ".ci/run"):
        text = re.sub(r"(?s)\[project\.urls\].*?\n\n", "", (ROOT / name).read_text())
        assert not re.search(r"https?://|--index-url|--find-links|--extra-index-url", text), name


def test_citation_tells_the_version_and_address_of_the_project(project: dict) -> None:
    cited = dict(re.findall(r"(?m)^([\w-]+): \"?(.+?)\"?$", (ROOT / "CITATION.cff").read_text()))
    assert cited["version"] == project["version"]
    assert cited["license"] == project["license"]
    assert cited["repository-code"] == project["urls"]["Repository"]


def test_commits_are_checked_as_lint_checks() -> None:
    assert re.findall(r"(?m)^\s+entry: (.+)$", (ROOT / ".pre-commit-config.yaml").read_text()) == [
        "make lint"
    ]


def test_all_holds_every_extra(project: dict) -> None:
    extras = ["app", "formats", "lab", "live", "remote", "scale", "server", "dev"]
    assert set(project["optional-dependencies"]) == {*extras, "all"}
    assert project["optional-dependencies"]["all"] == [f"liqmap[{','.join(extras)}]"]


def test_sdist_holds_what_is_tracked() -> None:
    """The tests read notebooks, pictures, pins and recipes: from an sdist they must find them too."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["sdist"]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    always = ("pyproject.toml", ".gitignore")
    left_out = [
        name
        for name in tracked
        if name not in always and not any(f"/{name}/".startswith(f"{path}/") for path in told["include"])
    ]
    assert left_out == []
