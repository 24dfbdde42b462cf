"""Whatever is sent to a published server: no 5xx, no traceback, nothing written, no secret told.

``HYPOTHESIS_PROFILE=fuzz LIQMAP_CASES=10000`` sends as many: some minutes.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.app.publish.access import Access
from liqmap.app.publish.login.passwords import set_password
from tests.app.publish.guest import Guest
from tests.app.publish.in_thread import Log, running
from tests.app.publish.random_requests.cases import LONG, Case, Page, cases
from tests.app.publish.random_requests.sending import Sender

AT_ONCE = 10
CASES = int(os.environ.get("LIQMAP_CASES", "80"))
PASSWORD = "correct horse battery"


@dataclass
class Published:
    """A server, who has logged in there, and what must not change or be told."""

    folder: Path
    sender: Sender
    log: Log
    runner: asyncio.Runner

    def state(self) -> dict[str, tuple[int, int]]:
        """Size and time of the store's files, and of the passwords."""
        files = [*(self.folder / "store").rglob("*"), self.folder / "logins" / "passwords.json"]
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}

    @property
    def secrets(self) -> list[str]:
        """What no page and no line of a log may hold."""
        cookies = [one.value for one in self.sender.guest.jar.values() if len(one.value) > 20]
        return [PASSWORD, *cookies]

    @property
    def places(self) -> list[str]:
        """Paths of this machine."""
        return [str(self.folder), str(Path(lm.__file__).parent), sys.prefix]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """Read-only, closed, below a prefix; ann has logged in."""
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("published")
    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=20), folder / "raw")
    assert lm.ingest(raw, store=folder / "store").exit_code == 0
    (folder / "logins").mkdir()
    passwords = folder / "logins" / "passwords.json"
    set_password(passwords, "ann", PASSWORD)
    access = Access(basic_auth=passwords, prefix="charts", read_only=True)
    with Log().listening() as log, running(folder / "store", access) as url, asyncio.Runner() as runner:
        guest = Guest(url)
        assert runner.run(guest.login("ann", PASSWORD)).status in (302, 303)
        yield Published(folder, Sender(guest), log, runner)


PHASES = Phase.explicit, Phase.reuse, Phase.generate
"""To shrink what was found takes too long here."""


@settings(max_examples=-(-CASES // AT_ONCE), phases=PHASES)
@given(sent=st.lists(cases(), min_size=AT_ONCE, max_size=AT_ONCE))
@example(sent=[Page(f"x={LONG}")])  # Panel makes numbers of what looks like one
def test_whatever_is_sent__is_answered_or_refused_in_words(published: Published, sent: list[Case]) -> None:
    before, secrets = published.state(), published.secrets
    begun = len(published.log.lines)
    heard = published.runner.run(published.sender.send(sent))
    for one in heard:
        assert one.status is None or one.status < 500, one
        assert "Traceback" not in one.text, one
        assert [place for place in published.places if place in one.text] == [], one
        assert PASSWORD not in one.text
    assert heard[-1].status == 200, "expected the server's health"
    lines = published.log.lines[begun:]
    assert [line[-3000:] for line in lines if "Traceback" in line] == [], sent
    assert [line for line in lines if any(secret in line for secret in secrets)] == []
    assert published.state() == before
    assert not Path(os.environ["LIQMAP_CONFIG"]).exists()
