"""The secret that signs logins: made once, for its owner alone, and rotated."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from liqmap.app.publish.access import Access
from liqmap.app.publish.login.entrance import entrance_of, secret_of
from liqmap.app.publish.login.passwords import set_password
from liqmap.app.publish.login.secret import Secret, beside, make_secret, read_secret, rotate_secret
from liqmap.cli import main
from liqmap.schema import LiqmapError


def test_secret__is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "users.json.secret"
    first = Secret(path=path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == [path.name]  # nothing is left over
    assert first.key("login") == Secret(path=path).key("login") != first.key("pages")
    make_secret(path)  # another server, that was a moment later
    assert first.key("login") == Secret(path=path).key("login")


def test_secret__of_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQMAP_COOKIE_SECRET", "known to the administrator")
    access = Access(basic_auth=tmp_path / "users.json")
    assert "administrator" not in repr(access)
    found = secret_of(access)
    assert found.key("login") == Secret("known to the administrator").key("login")
    assert not list(tmp_path.iterdir())
    monkeypatch.setenv("LIQMAP_COOKIE_SECRET", "guessed")
    with pytest.raises(LiqmapError, match="cookie_secret: expected at least 16 characters, got 7"):
        secret_of(Access())


def test_secret__of_nowhere_is_another_each_time() -> None:
    assert secret_of(Access()).key("pages") != secret_of(Access()).key("pages")


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_secret__that_others_can_read_is_refused(users: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = Path(f"{users}.secret")
    secret = Secret(path=path)
    path.chmod(0o640)
    with pytest.raises(LiqmapError, match=r"its owner alone can read, got the mode 0640\. `chmod 600"):
        Secret(path=path)
    assert secret.key("login") is None  # in a running server too
    assert len(caplog.messages) == 1
    path.chmod(0o600)
    assert secret.key("login") is not None


@pytest.mark.skipif(os.name != "posix", reason="files have no numbers of users")
def test_secret__of_another_user_is_refused(users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has put a secret there before the server does, knows it."""
    place = beside(users)
    make_secret(place)
    if os.geteuid() == 0:
        os.chown(place, 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    with pytest.raises(LiqmapError, match="expected a secret of the server's own user"):
        Secret(path=place)


@pytest.mark.parametrize("text", ["", "secret", "0" * 63, "0" * 65, "g" * 64, "0" * 10_000])
def test_secret__that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(LiqmapError, match="expected 64 hexadecimal digits") as refused:
        read_secret(path)
    assert "0000" not in str(refused.value)


def test_secret__that_cannot_be_kept_is_told(users: Path) -> None:
    with pytest.raises(LiqmapError, match=r"secret_file: cannot be written there: .*Name a place"):
        secret_of(Access(basic_auth=users, secret_file=users.parent / "none" / "secret"))
    with pytest.raises(LiqmapError, match="secret_file: cannot be written"):
        entrance_of(
            Access(basic_auth=users, cookie_secret="x" * 16, secret_file=users.parent / "none" / "secret")
        )


def test_rotation__by_the_command(users: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    own, place = tmp_path / "kept", Path(f"{users}.secret")
    for asked, secret in ((users, place), (place, place), (own, own)):
        first = Secret(path=secret)
        before = first.key("login")
        assert main(["passwd", str(asked), "--rotate-secret"]) == 0
        assert f"{secret}: made anew" in capsys.readouterr().out
        assert first.key("login") == Secret(path=secret).key("login") != before
        assert secret.stat().st_mode & 0o077 == 0
    for wrong in (["--rotate-secret", "ann"], []):
        with pytest.raises(SystemExit):
            main(["passwd", str(users), *wrong])
    assert main(["passwd", str(tmp_path / "nothing"), "--rotate-secret"]) == 2
    with pytest.raises(LiqmapError, match="no such file"):
        rotate_secret(tmp_path / "nothing")
    assert not (tmp_path / "nothing.secret").exists()


def test_removal__by_the_command(users: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["passwd", str(users), "ann", "--remove"]) == 0
    assert "ann is out" in capsys.readouterr().out
    assert main(["passwd", str(users), "ann", "--remove"]) == 2
    err = capsys.readouterr().err
    assert "expected one of it: bob, got 'ann'" in err
    assert err.count("\n") == 1
    assert "ann" not in users.read_text()


@pytest.mark.skipif(os.name != "posix", reason="of POSIX")
def test_files__beside_the_passwords_are_their_owner_s_alone(enter: Any, users: Path) -> None:
    """Locks too: whoever may read one may take it, and the server waits for it."""
    before = os.umask(0o022)
    try:
        for one in users.parent.iterdir():
            one.unlink()
        set_password(users, "ann", "correct horse")
        entrance = enter()
        login = entrance.logins.find(entrance.logins.begin("ann"))
        entrance.logins.end(login)
    finally:
        os.umask(before)
    modes = {one.name: one.stat().st_mode & 0o777 for one in users.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {f".{users.name}.lock", f".{users.name}.logins.lock"} < modes.keys()
