"""A writer dies at any request: what it was about to do is done or undone by the next, nothing between.

Here its network goes at a request that writes, before or after the service has done it: what it leaves is
the same. Processes are killed too, two of them. ``LIQMAP_EVERY=1``, as ``make crash`` has it, tries every
request.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.schema import StoreError
from liqmap.store.remote import claims
from tests.store.commit.sources import MARKET, own, write_raw
from tests.store.remote.standin import StandIn, objects
from tests.store.remote.test_mirror import parts_of, raw
from tests.store.remote.test_writers import NAME, tidy

pytestmark = pytest.mark.long

EVERY = os.environ.get("LIQMAP_EVERY", "") == "1"
CHILD = "import sys, liqmap as lm; sys.exit(lm.ingest(sys.argv[2:], store=sys.argv[1], jobs=1).exit_code)"
MOST = 60

Step = Callable[[str, list[str], Path], object]
STEPS: dict[str, tuple[int, Step]] = {
    "ingest": (1, lambda url, files, local: lm.ingest(files[1:2], store=url, jobs=1).errors),
    "ingest the first": (0, lambda url, files, local: lm.ingest(files[:1], store=url, jobs=1).errors),
    "compact": (2, lambda url, files, local: st.compact(url)),
    "rm": (3, lambda url, files, local: st.remove(url, st.select(url, *MARKET, last="2023-11-14"))),
    "push": (1, lambda url, files, local: st.push(local, url)),
}
"""What dies: how many sources are there before, and what is done."""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    write_raw(tmp_path / "raw")
    return raw(tmp_path)


@pytest.fixture
def local(files: list[str], tmp_path: Path) -> Path:
    assert lm.ingest(files, store=tmp_path / "local", jobs=1).exit_code == 0
    return tmp_path / "local"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """All leases have run out."""
    now = claims._now
    monkeypatch.setattr(claims, "_now", lambda *args: now(*args) + timedelta(seconds=61))


def dies(step: Step, url: str, files: list[str], local: Path) -> bool:
    """Do something, whose network goes; whether that was told."""
    try:
        return bool(isinstance(said := step(url, files, local), list) and said)
    except StoreError:
        return True


def rows(url: str) -> list[dict]:
    if NAME not in objects(url):
        return []
    return own(lm.open_store(url).path)


def where(number: int, at: str, service: StandIn) -> None:
    """The network goes at a request that writes, counted from 1."""

    def cut(n: int) -> None:
        service.down = service.down or n == number

    setattr(service, at, cut)


@pytest.mark.parametrize("at", ["before", "after"])
@pytest.mark.parametrize(
    "same", [False, True] if EVERY else [False], ids=["another machine", "the same machine"][: 1 + EVERY]
)
@pytest.mark.parametrize("name", STEPS)
def test_dies__at_any_request(
    name: str, at: str, same: bool, url: str, files: list[str], local: Path, service: StandIn,
    later: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    """What is read before anybody has written is what was there, or what was to be; after that all is whole,
    and nothing is left over."""
    begin, step = STEPS[name]
    there = tmp_path / "there"
    for number in range(1, MOST):
        if not EVERY and (number + (at == "after")) % 3 != 1:
            continue
        one = f"{url}-{number}"
        monkeypatch.setenv("LIQMAP_CACHE", str(tmp_path / f"{number}"))
        service.reset()
        if begin:
            assert lm.ingest(files[:begin], store=one, jobs=1).exit_code == 0
        before = rows(one)
        service.reset()
        where(number, at, service)
        told = dies(step, one, files, local)
        if not service.down:
            assert not told
            break
        service.reset()
        if not same:
            monkeypatch.setenv("LIQMAP_CACHE", str(tmp_path / f"{number} elsewhere"))
        key = f"{name} {begin}"
        if not there.exists():
            twin = tmp_path / key
            if begin:
                lm.ingest(files[:begin], store=twin, jobs=1)
            if name == "push":
                lm.ingest(files, store=twin, jobs=1)
            else:
                step(str(twin), files, local)
            twin.rename(there)
        assert rows(one) in (before, own(there))
        assert lm.ingest(files, store=one, jobs=1).exit_code == 0
        assert rows(one) == own(local)
        assert st.partial_sources(lm.open_store(one).path) == []
        tidy(one)
    else:
        pytest.fail("more requests than were thought of")
    assert number > 3


@pytest.mark.parametrize(
    ("at", "when"),
    list(itertools.product(range(1, 15), ("before", "after"))) if EVERY else [(1, "before"), (8, "after")],
)
def test_killed__at_a_request(
    at: int, when: str, url: str, files: list[str], local: Path, service: StandIn, later: None, tmp_path: Path
) -> None:
    child: list[subprocess.Popen] = []

    def kill(number: int) -> None:
        if number == at:
            child[0].send_signal(signal.SIGKILL)
            child[0].wait()
            raise ConnectionError

    setattr(service, when, kill)
    with service._turn:  # until it is known whom to kill
        child.append(subprocess.Popen([sys.executable, "-c", CHILD, url, *files]))
    assert child[0].wait() == -signal.SIGKILL
    service.reset()
    have, whole = rows(url), own(local)
    assert have == whole[: len(have)]
    assert lm.ingest(files, store=url, jobs=1).exit_code == 0
    assert rows(url) == whole
    found = sorted(data for path, data in objects(url).items() if path.endswith(".parquet"))
    assert found == parts_of(local)
    tidy(url)
