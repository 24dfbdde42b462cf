"""Users and their passwords."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.app.publish.login.passwords import Passwords, hashed, matches, remove_user, set_password
from liqmap.cli import main
from liqmap.schema import LiqmapError

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30)


@settings(max_examples=15)
@given(password=WORDS, other=WORDS)
def test_hash__matches_its_password_alone(password: str, other: str) -> None:
    entry = hashed(password)
    assert password not in entry or len(password) < 8
    assert matches(password, entry)
    assert matches(other, entry) == (other == password)
    assert hashed(password) != entry  # salted
    assert matches(password, password) or password.startswith("scrypt$")
    assert not matches(entry, entry)  # who has read the file has not read a password


def test_set_password__adds_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    set_password(path, "ann", "correct horse")
    set_password(path, "bob", "battery staple")
    set_password(path, "ann", "another horse")
    assert path.stat().st_mode & 0o077 == 0
    assert "horse" not in path.read_text()
    found = Passwords(path)
    assert not found.plain
    assert not found.open_to_others
    path.chmod(0o640)
    assert found.open_to_others
    asked = [
        ("ann", "another horse"),
        ("ann", "correct horse"),
        ("bob", "battery staple"),
        ("eve", "x"),
        ("", ""),
    ]
    assert [found.check(*a) for a in asked] == [True, False, True, False, False]


def test_set_password__writes_to_no_file_that_others_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, stale = tmp_path / "passwords.json", tmp_path / ".passwords.json.0.part"
    monkeypatch.setattr("liqmap.files.secrets.token_hex", lambda _: "0")
    stale.touch()
    stale.chmod(0o644)
    with pytest.raises(FileExistsError):
        set_password(path, "ann", "correct horse")
    assert not path.exists()


def test_passwords__are_changed_where_a_link_leads(tmp_path: Path) -> None:
    path, link = tmp_path / "passwords.json", tmp_path / "link.json"
    set_password(path, "ann", "correct horse")
    set_password(path, "bob", "battery staple")
    link.symlink_to(path.name)
    server = Passwords(path)
    remove_user(link, "bob")
    assert set(server.users) == {"ann"}  # and not of the link alone
    set_password(link, "ann", "another horse")
    assert server.check("ann", "another horse")
    assert link.is_symlink()


def test_passwords__follow_the_file(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    path.write_text('{"ann": "plain words"}')
    found = Passwords(path)
    assert found.plain
    assert found.check("ann", "plain words")
    path.write_text('{"bob": "plain words"}')
    assert list(found.users) == ["bob"]
    path.write_text('{"bob": ')  # half written
    assert found.users == {}
    assert not found.check("bob", "plain words")
    path.unlink()
    assert found.users == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file or directory"),
        ("ann:secret", "expected JSON"),
        ('"secret"', "expected a JSON object"),
        ("{}", "expected a JSON object"),
        ('{"ann": 1}', "expected a JSON object"),
        ('{"ann": ""}', "expected a JSON object"),
        ('{"ann": "scrypt$16384$8"}', "damaged entry"),
        ('{"ann": "scrypt$12$8$1$c2FsdA==$c2FsdA=="}', "damaged entry"),
    ],
)
def test_passwords__refuse_another_file(text: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(LiqmapError, match=message) as refused:
        Passwords(path)
    assert f"liqmap passwd {path}" in str(refused.value)


def test_passwd__from_a_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "passwords.json"
    for words, code in (("short\n", 2), ("long enough\n", 0)):
        monkeypatch.setattr("sys.stdin", _Pipe(words))
        assert main(["passwd", str(path), "ann"]) == code
        assert path.exists() == (code == 0)
    assert Passwords(path).check("ann", "long enough")
    assert "at least 8 characters" in capsys.readouterr().err
    assert list(json.loads(path.read_text())) == ["ann"]
    for file, user in ((tmp_path / "none" / "file", "ann"), (path, " ")):
        monkeypatch.setattr("sys.stdin", _Pipe("long enough\n"))
        assert main(["passwd", str(file), user]) == 2


class _Pipe:
    def __init__(self, words: str) -> None:
        self.words = words

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        return self.words
