"""Who has logged in, and every way in which that is over."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.app.publish.login.logins import Logins
from liqmap.app.publish.login.passwords import Passwords, remove_user, set_password
from liqmap.app.publish.login.secret import Secret, rotate_secret
from liqmap.app.publish.login.signing import opened, signed


def test_login__holds_until_its_time_is_over(enter: Any, clock: Any) -> None:
    logins = enter(login_hours=2).logins
    cookie = logins.begin("ann")
    assert logins.find(cookie).user == "ann"
    clock.pass_(2 * 3600 - 1)
    assert logins.find(cookie) is not None
    clock.pass_(1)
    assert logins.find(cookie) is None
    clock.pass_(-4 * 3600)  # a clock set back does not make it younger
    assert logins.find(cookie) is None


def test_login__is_for_users_alone(enter: Any) -> None:
    logins = enter().logins
    assert logins.begin("eve") is None
    assert logins.begin("") is None


@settings(max_examples=200)
@given(at=st.floats(0, 1, exclude_max=True), other=st.sampled_from("AZaz09-_.=% é"))
def test_cookie__tampered_with_is_refused(at: float, other: str) -> None:
    logins = _tampered_with()
    cookie = logins.begin("ann")
    place = int(at * len(cookie))
    forged = cookie[:place] + other + cookie[place + 1 :]
    assert (logins.find(forged) is None) == (forged != cookie)
    assert logins.find(cookie[:place]) is None
    assert logins.find(cookie + other) is None


_made: list[Logins] = []


def _tampered_with() -> Logins:
    class Ann:
        known = {"ann": "entry"}  # noqa: RUF012

        def entry(self, user: str) -> str | None:
            return self.known.get(user)

    if not _made:
        _made.append(Logins(Ann(), Secret("a secret of the test")))
    return _made[0]


@settings(max_examples=200)
@given(text=st.text(max_size=60) | st.none())
def test_cookie__made_up_is_refused(text: str | None) -> None:
    assert _tampered_with().find(text) is None


def test_cookie__signed_by_another_server_is_refused(enter: Any, tmp_path: Path) -> None:
    logins = enter().logins
    said = opened(logins.begin("ann"), logins.secret.key("login"))
    assert logins.find(signed(said, logins.secret.key("login"))) is not None
    assert logins.find(signed(said, logins.secret.key("browser"))) is None
    assert logins.find(signed(said, Secret("another secret here").key("login"))) is None
    assert logins.find(signed(said | {"u": "bob"}, logins.secret.key("login"))) is None  # another's print


def test_cookie__tells_no_password(enter: Any, users: Path) -> None:
    logins = enter().logins
    said = opened(logins.begin("ann"), logins.secret.key("login"))
    entry = json.loads(users.read_text())["ann"]
    assert not [part for part in entry.split("$") if len(part) > 5 and part in json.dumps(said)]


def test_login__of_a_user_who_was_removed_is_over_forever(enter: Any, users: Path) -> None:
    logins, before = enter().logins, users.read_text()
    cookie, other = logins.begin("ann"), logins.begin("bob")
    remove_user(users, "ann")
    assert logins.find(cookie) is None
    assert logins.find(other).user == "bob"
    set_password(users, "ann", "correct horse")
    assert logins.find(cookie) is None
    users.write_text(before)  # the very same entry
    assert logins.find(cookie) is None
    assert logins.find(logins.begin("ann")).user == "ann"
    assert logins.find(cookie) is None
    assert enter().logins.find(cookie) is None  # and after a restart


def test_login__of_a_user_removed_while_nobody_looked_is_over(enter: Any, users: Path) -> None:
    cookie, before = enter().logins.begin("ann"), users.read_text()
    remove_user(users, "ann")
    enter().logins.settle()  # as it starts, and each second
    users.write_text(before)
    assert enter().logins.find(cookie) is None


def test_login__ends_with_another_password(enter: Any, users: Path) -> None:
    logins = enter().logins
    cookie = logins.begin("ann")
    set_password(users, "ann", "correct horse")  # the same words, another salt
    assert logins.find(cookie) is None
    users.write_text('{"ann": "plain words"}')
    cookie = logins.begin("ann")
    users.write_text('{"ann": "other words"}')
    assert logins.find(cookie) is None
    users.write_text('{"ann": "plain words"}')
    assert logins.find(cookie) is None


def test_login__ends_with_the_secret(enter: Any, users: Path) -> None:
    logins = enter().logins
    cookie = logins.begin("ann")
    rotate_secret(users)
    assert logins.find(cookie) is None
    assert logins.find(logins.begin("ann")) is not None
    assert enter().logins.find(cookie) is None


def test_logout__is_known_to_all_servers_and_after_a_restart(enter: Any) -> None:
    here, there, closed = enter().logins, enter().logins, []
    cookie, other = here.begin("ann"), there.begin("ann")
    assert here.find(other).user == there.find(cookie).user == "ann"
    here.watchers.append(lambda: closed.append(here.find(cookie)))
    here.end(here.find(cookie))
    assert closed == [None]  # told when it is over
    assert here.find(cookie) is there.find(cookie) is enter().logins.find(cookie) is None
    assert [made.find(other).user for made in (here, there, enter().logins)] == ["ann"] * 3


def test_restart__logs_nobody_out(enter: Any) -> None:
    cookie = enter().logins.begin("ann")
    assert enter().logins.find(cookie).user == "ann"


def test_files__are_for_their_owner_alone(enter: Any, users: Path) -> None:
    enter().logins.begin("ann")
    for kept in (users, Path(f"{users}.secret"), Path(f"{users}.logins")):
        assert kept.stat().st_mode & 0o077 == 0
    said = json.loads(Path(f"{users}.logins").read_text())
    assert list(said["users"]) == ["ann"]


@pytest.mark.parametrize("damage", ['{"ann": ', "", "[]", '{"ann": "scrypt$1$2$3$4$5"}', "[" * 100_000, None])
def test_passwords__damaged_let_nobody_in_and_are_told_once(
    damage: str | None, enter: Any, users: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logins, before = enter().logins, users.read_text()
    cookie = logins.begin("ann")
    with caplog.at_level(logging.WARNING):
        for more in ("", " "):
            users.unlink() if damage is None and not more else None
            users.write_text(damage + more) if damage is not None else None
            for _ in range(3):
                assert logins.find(cookie) is None
                assert logins.begin("ann") is None
        assert len(caplog.messages) == 1
        assert "nobody may enter" in caplog.text
        users.write_text(before)
        assert logins.find(cookie).user == "ann"  # those logged in go on
    assert [m for m in caplog.messages if "can be read again" in m]
    assert "scrypt" not in caplog.messages[1]


def test_passwords__emptied_are_known_to_be_empty(enter: Any, users: Path) -> None:
    logins, before = enter().logins, users.read_text()
    cookie = logins.begin("ann")
    remove_user(users, "ann")
    remove_user(users, "bob")
    assert logins.find(cookie) is None
    users.write_text(before)
    assert logins.find(cookie) is None


def test_ledger__damaged_logs_out_and_revives_nothing(
    enter: Any, users: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logins = enter().logins
    ended, cookie = logins.begin("ann"), logins.begin("ann")
    logins.end(logins.find(ended))
    Path(f"{users}.logins").write_text('{"users": 1}')
    assert logins.find(cookie) is logins.find(ended) is None
    assert enter().logins.find(cookie) is enter().logins.find(ended) is None
    assert logins.find(logins.begin("ann")) is not None
    assert logins.find(ended) is None
    assert "all have to log in again" in caplog.text


def test_ledger__that_cannot_be_written_still_ends_logins(
    enter: Any, users: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from liqmap.app.publish.login import ledger

    logins = enter().logins
    cookie, other = logins.begin("ann"), logins.begin("ann")
    with monkeypatch.context() as full:
        full.setattr(ledger, "write_own", _disk_full)
        logins.end(logins.find(cookie))
        logins.end(logins.find(logins.begin("bob")))
        assert logins.find(cookie) is None
        before = users.read_text()
        remove_user(users, "bob")
        logins.settle()
        users.write_text(before)
        again = logins.begin("bob")
        assert logins.find(again).user == "bob"
    assert len([m for m in caplog.messages if "a restart will forget logins and logouts" in m]) == 1
    logins.settle()  # written now, with all that was not
    assert logins.find(cookie) is enter().logins.find(cookie) is None
    assert logins.find(other).user == enter().logins.find(other).user == "ann"
    assert enter().logins.find(again).user == "bob"


def _disk_full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_ledger__forgets_what_has_ended_by_itself(enter: Any, users: Path, clock: Any) -> None:
    logins = enter(login_hours=1).logins
    for _ in range(3):
        logins.end(logins.find(logins.begin("ann")))
    clock.pass_(3601)
    logins.begin("bob")
    said = json.loads(Path(f"{users}.logins").read_text())
    assert (list(said["users"]), said["ended"]) == (["bob"], {})


def test_ledger__of_one_who_logs_out_all_the_time_is_bounded(enter: Any, users: Path) -> None:
    logins = enter().logins
    cookies = [logins.begin("ann") for _ in range(203)]
    kept = logins.begin("bob")
    for cookie in cookies[:202]:
        login = logins.find(cookie)
        if login is not None:
            logins.end(login)
    said = json.loads(Path(f"{users}.logins").read_text())
    assert len(said["ended"]) < 10
    assert [logins.find(cookie) for cookie in cookies] == [None] * 203
    assert logins.find(kept).user == "bob"
    assert logins.find(logins.begin("ann")).user == "ann"


def test_passwords__written_twice_within_a_tick_are_read_twice(users: Path) -> None:
    found = Passwords(users)
    for number in range(200):  # of one size, at one inode, with no pause
        users.write_text(f'{{"ann": "password {number:03}"}}')
        assert found.check("ann", f"password {number:03}")
