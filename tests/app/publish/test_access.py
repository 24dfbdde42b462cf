"""Who may come: what is refused before anything listens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from liqmap.app.publish.access import Access, loopback
from liqmap.app.publish.login.entrance import secret_of
from liqmap.cli import main
from liqmap.schema import Keyword, LiqmapError, Wording

NAMES = {
    "origins": "allow-origin",
    "users": "allow-user",
    "frames": "allow-frame",
    "proxies": "trust-proxy",
}


class Options(Wording):
    """As a command line spells keywords."""

    def subject(self, name: str) -> str:
        return "--" + NAMES.get(name, name.replace("_", "-"))

    def mention(self, keyword: Keyword) -> str:
        return self.subject(keyword.name)


GITHUB = {"oauth": "github", "oauth_key": "key", "oauth_secret": "secret"}


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "192.0.2.7", "no-such-host.invalid"])
def test_address__open_to_others_needs_a_login_or_a_word(address: str) -> None:
    with pytest.raises(LiqmapError, match=r"basic_auth=... or oauth=... .* no_auth=True") as refused:
        Access().check_address(address)
    assert re.search(r"expected --basic-auth or --oauth .* --no-auth", refused.value.worded(Options()))
    for access in (Access(no_auth=True), Access(basic_auth="file"), Access(**GITHUB)):
        access.check_address(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_address__of_this_machine_needs_none(address: str) -> None:
    Access().check_address(address)
    assert loopback(address)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"origins": ("https://charts.example.org",)}, "--allow-origin: expected HOST or HOST:PORT"),
        ({"origins": ("",)}, "--allow-origin"),
        ({"origins": ("host:port",)}, "--allow-origin"),
        ({"frames": ("wiki.example.org",)}, "--allow-frame: expected an origin such as https://"),
        ({"frames": ("https://wiki.example.org/page",)}, "--allow-frame"),
        ({"frames": ("https://x; script-src *",)}, "--allow-frame"),
        ({"proxies": ("proxy.example.org",)}, "--trust-proxy: expected addresses such as 127.0.0.1"),
        ({"proxies": ("10.0.0.1/8",)}, "--trust-proxy"),
        ({"max_sessions": 0}, "--max-sessions: expected at least 1, got 0"),
        ({"memory": 0}, "--memory"),
        ({"login_hours": 0.0}, "--login-hours: expected more than 0 and at most 8784, got 0.0"),
        ({"login_hours": float("nan")}, "--login-hours"),
        ({"prefix": "/a b"}, "--prefix: expected a path"),
        ({"prefix": "/../x"}, "--prefix"),
        ({"oauth": "myspace", "oauth_key": "k", "oauth_secret": "s"}, "--oauth: expected one of auth0"),
        ({"oauth": "github", "oauth_key": "k", "oauth_secret": None}, "LIQMAP_OAUTH_SECRET"),
        ({"oauth": "github", "oauth_key": None, "oauth_secret": "s"}, "LIQMAP_OAUTH_KEY"),
        ({"users": ("ann",)}, "--allow-user: expected beside --oauth"),
        ({"basic_auth": "file", "no_auth": True}, "expected one of --basic-auth, --oauth and --no-auth"),
        ({"basic_auth": "file", **GITHUB}, "expected one of --basic-auth, --oauth and --no-auth"),
    ],
)
def test_access__refuses(given: dict[str, Any], message: str) -> None:
    with pytest.raises(LiqmapError) as refused:
        Access(**given)
    assert message in refused.value.worded(Options())


def test_access__takes_secrets_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQMAP_OAUTH_KEY", "key")
    monkeypatch.setenv("LIQMAP_OAUTH_SECRET", "very secret")
    monkeypatch.setenv("LIQMAP_COOKIE_SECRET", "as secret as that")
    access = Access(oauth="github")
    assert (access.oauth_key, access.oauth_secret) == ("key", "very secret")
    assert not [s for s in ("very secret", "as secret") if s in repr(access)]
    assert secret_of(access).key("pages") == secret_of(Access()).key("pages")
    monkeypatch.delenv("LIQMAP_COOKIE_SECRET")
    assert secret_of(Access()).key("pages") != secret_of(Access()).key("pages")


@pytest.mark.parametrize(("given", "path"), [("", ""), ("/", ""), ("liq", "/liq"), ("/a/b/", "/a/b")])
def test_prefix(given: str, path: str) -> None:
    assert Access(prefix=given).prefix == path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--address", "0.0.0.0"], r"0\.0\.0\.0: expected --basic-auth or"),
        (["--basic-auth", "none.json"], "none.json: No such file"),
        (["--oauth", "github"], "LIQMAP_OAUTH_KEY"),
        (["--memory", "much"], "expected a size such as 4GB or 500MB, got 'much'"),
        (["--allow-origin", "http://x"], r"--allow-origin: expected HOST"),
        (["--allow-frame", "x"], r"--allow-frame: expected an origin"),
        (["--trust-proxy", "x"], r"--trust-proxy: expected addresses"),
    ],
)
def test_app__refuses_in_one_line(
    options: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    for name in ("LIQMAP_OAUTH_KEY", "LIQMAP_OAUTH_SECRET"):
        monkeypatch.delenv(name, raising=False)
    try:
        code = main(["app", "--store", str(tmp_path), "--port", "0", *options])
    except SystemExit as stop:  # argparse
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2
    assert re.search(message, err)
    assert err.count("\n") == 1
