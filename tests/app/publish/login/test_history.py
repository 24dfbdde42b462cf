"""Logins through whatever may happen to them, against a list of who should be in."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.app.publish.access import Access
from liqmap.app.publish.login.entrance import entrance_of
from liqmap.app.publish.login.secret import rotate_secret

USERS = ("ann", "bob")
HOUR = 3600.0

STEPS = st.one_of(
    st.tuples(st.just("log in"), st.sampled_from(USERS), st.integers(0, 1)),
    st.tuples(st.just("log out"), st.integers(0, 9), st.integers(0, 1)),
    st.tuples(st.just("remove"), st.sampled_from(USERS)),
    st.tuples(st.just("write"), st.sampled_from(USERS), st.integers(0, 1)),
    st.tuples(st.just("wait"), st.integers(0, 3)),
    st.tuples(st.sampled_from(("rotate", "restart", "damage", "mend"))),
)


class Told:
    """Who should be in: each login with all that has ended it, and nothing that the package knows."""

    def __init__(self) -> None:
        self.entries = {"ann": "plain ann 0", "bob": "plain bob 0"}
        self.logins: list[dict[str, Any]] = []
        self.now, self.damaged = 1.8e9, False

    def kill(self, which: Any) -> None:
        for login in self.logins:
            login["over"] |= which(login)

    def inside(self, login: dict[str, Any]) -> str | None:
        young = self.now - login["when"] < 2 * HOUR
        return login["user"] if young and not login["over"] and not self.damaged else None


@settings(max_examples=60)
@given(steps=st.lists(STEPS, min_size=8, max_size=16))
def test_logins__are_in_force_as_the_story_says(steps: list[tuple[Any, ...]]) -> None:
    """Two servers over the same files, each looking after each step."""
    told = Told()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "users.json"

        def write() -> None:
            path.write_text("{" if told.damaged else json.dumps(told.entries))

        def start() -> Any:
            found = entrance_of(Access(basic_auth=path, login_hours=2))
            assert found is not None
            found.logins._clock = found.logins.ledger._clock = lambda: told.now
            return found.logins

        write()
        servers = [start(), start()]
        for step, *more in [("log in", "ann", 0), ("log in", "bob", 1), *steps]:
            if step == "log in":
                cookie = servers[more[1]].begin(more[0])
                assert (cookie is None) == (told.damaged or more[0] not in told.entries)
                if cookie:
                    told.logins.append({"cookie": cookie, "user": more[0], "when": told.now, "over": False})
            elif step == "log out" and told.logins:
                login = told.logins[more[0] % len(told.logins)]
                found = servers[more[1]].find(login["cookie"])
                if found is not None:
                    servers[more[1]].end(found)
                    login["over"] = True
            elif step == "remove" and len(told.entries) > 1 and not told.damaged:
                told.entries.pop(more[0], None)
                told.kill(lambda login, user=more[0]: login["user"] == user)
            elif step == "write" and not told.damaged:
                entry = f"plain {more[0]} {more[1]}"
                if told.entries.get(more[0]) != entry:
                    told.kill(lambda login, user=more[0]: login["user"] == user)
                told.entries[more[0]] = entry
            elif step == "wait":
                told.now += more[0] * HOUR
            elif step == "rotate":
                rotate_secret(path)
                told.kill(lambda login: True)
            elif step == "restart" and not told.damaged:
                servers = [start(), start()]
            elif step in ("damage", "mend"):
                told.damaged = step == "damage"
            write()
            for logins in servers:
                logins.settle()  # as each second
                found = [logins.find(login["cookie"]) for login in told.logins]
                assert [one and one.user for one in found] == [told.inside(login) for login in told.logins]
