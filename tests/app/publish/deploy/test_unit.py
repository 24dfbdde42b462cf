"""The unit of systemd: what systemd says of it, and the app where it may write next to nothing."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.app.publish.login.passwords import set_password
from tests.app.publish.deploy.proxied import RECIPES, tool
from tests.app.publish.load.watched import Server

pytestmark = pytest.mark.long

UNIT = RECIPES / "liqmap.service"
EXPOSED = 2.0
"""Of ten, as ``systemd-analyze security`` judges; a unit that says nothing has 9.6."""


def command() -> list[str]:
    """What the unit runs."""
    found = re.search(r"(?m)^ExecStart=((?:.*\\\n)*.*)$", UNIT.read_text())
    assert found is not None
    return shlex.split(found[1].replace("\\\n", ""))


def test_unit__is_understood(tmp_path: Path) -> None:
    unit = tmp_path / "liqmap.service"
    unit.write_text(UNIT.read_text().replace(command()[0], "/bin/true"))
    done = subprocess.run([tool("systemd-analyze"), "verify", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_unit__exposes_little() -> None:
    argv = [tool("systemd-analyze"), "security", "--offline=true", "--no-pager", str(UNIT)]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert level is not None, said
    assert float(level[1]) <= EXPOSED, said


def test_app__works_where_only_its_own_folders_can_be_written(tmp_path: Path) -> None:
    """As the unit has it: the whole file system read-only, but for the state and the cache."""
    if os.geteuid() != 0:
        assert "LIQMAP_REQUIRE_TOOLS" not in os.environ, "expected root, who may make file systems read-only"
        pytest.skip("only root may make file systems read-only")
    from liqmap.simulation import write_bybit

    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=20), tmp_path / "raw")
    assert lm.ingest(raw, store=tmp_path / "store").exit_code == 0
    state = tmp_path / "state"
    state.mkdir()
    set_password(state / "passwords.json", "ann", "correct horse battery")
    options = _in(
        command()[2:], {"/srv/liqmap/store": f"{tmp_path}/store", "/var/lib/liqmap": str(state), "5006": "0"}
    )
    server = _Confined(state, *options)
    try:
        assert urllib.request.urlopen(f"{server.url}healthz", timeout=30).status == 200
        assert b"password" in urllib.request.urlopen(server.url, timeout=60).read()
    finally:
        assert server.end() == 0
    assert "Traceback" not in server.said
    assert {path.name for path in tmp_path.iterdir()} == {"raw", "store", "state"}


def _in(words: list[str], places: dict[str, str]) -> list[str]:
    for there, here in places.items():
        words = [word.replace(there, here) for word in words]
    return words


class _Confined(Server):
    """With all but one folder mounted read-only, in a namespace of its own."""

    def command(self) -> list[str]:
        folder = shlex.quote(str(self._folder))
        script = (
            f"mount --bind {folder} {folder} && cd {folder} && "
            "for place in $(findmnt -rno TARGET | grep -vxF \"$PWD\" | grep -Ev '^/(proc|sys|dev)'); "
            'do mount -o remount,bind,ro "$place" 2>/dev/null; done; '
            f"! touch /made 2>/dev/null && exec {shlex.join(super().command())}"
        )
        own = [f"{name}={self._folder}/{place}" for name, place in _written().items()]
        own.append(f"PYTHONPATH={os.pathsep.join(sys.path)}")
        return [tool("unshare"), "--mount", "env", *own, "sh", "-c", script]


def _written() -> dict[str, str]:
    """Variables of the unit that name places to write to."""
    named = re.findall(r"(\w+)=/var/(?:lib|cache)/liqmap/(\S+)", UNIT.read_text())
    assert {name for name, _ in named} >= {"NUMBA_CACHE_DIR", "LIQMAP_CONFIG"}
    return dict(named)
