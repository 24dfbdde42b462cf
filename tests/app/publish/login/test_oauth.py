"""Login by a provider that stands on the same machine."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from liqmap.app.publish.access import Access
from liqmap.app.publish.login.entrance import entrance_of
from liqmap.app.publish.login.oauth.identity import Allowed
from liqmap.app.publish.login.oauth.provider import Provider, provider_of
from liqmap.schema import LiqmapError

from .site import Browser, site

SECRETS = ("the-client-secret", "the-access-token", "the-refresh-token", "the-code")
ANN = {"sub": "1", "email": "Ann@example.org", "email_verified": True}


class Loopback:
    """A provider: what it was asked, and what it says."""

    def __init__(self) -> None:
        self.user: dict[str, Any] = dict(ANN)
        self.asked: list[dict[str, str]] = []
        self.answer: Callable[[dict[str, str]], Any] = self.token
        self.status, self.nonce, self.claims = 200, "", {}

    def token(self, form: dict[str, str]) -> Any:
        """Of a code; with an id token."""
        claims = {"sub": self.user.get("sub"), "aud": "the-key", "exp": time.time() + 60, "nonce": self.nonce}
        body = base64.urlsafe_b64encode(json.dumps(claims | self.claims).encode()).rstrip(b"=").decode()
        return {
            "access_token": SECRETS[1], "refresh_token": SECRETS[2], "id_token": f"e30.{body}.x",
        }  # fmt: skip


@asynccontextmanager
async def loopback(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    """The provider, listening; what Panel reads of it is in the environment."""
    provider = Loopback()

    class Token(RequestHandler):
        def post(self) -> None:
            form = {name: self.get_body_argument(name) for name in self.request.body_arguments}
            provider.asked.append(form)
            self.set_status(provider.status)
            self.finish(provider.answer(form))

    class User(RequestHandler):
        def get(self) -> None:
            assert self.request.headers["Authorization"] == f"Bearer {SECRETS[1]}"
            assert not self.request.query  # a token in an address stands in logs
            self.write(provider.user)

    server = HTTPServer(Application([("/token", Token), ("/user", User)]))
    socket, port = bind_unused_port()
    server.add_socket(socket)
    for name, path in (("AUTHORIZE", "authorize"), ("TOKEN", "token"), ("USER", "user")):
        monkeypatch.setenv(f"PANEL_OAUTH_{name}_URL", f"http://127.0.0.1:{port}/{path}")
    try:
        yield provider
    finally:
        server.stop()
        await server.close_all_connections()


def _access(**given: Any) -> Access:
    return Access(
        **{"oauth": "generic", "oauth_key": "the-key", "oauth_secret": SECRETS[0], "users": ("@example.org",)}
        | given
    )


async def _sent(browser: Browser, provider: Loopback, path: str = "/login") -> dict[str, str]:
    """What the provider is told by whoever is sent off to it."""
    answer = await browser.get(path)
    assert answer.code == 302
    told = {name: found[0] for name, found in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    provider.nonce = told["nonce"]
    return told


def _run(monkeypatch: pytest.MonkeyPatch, visit: Any, **given: Any) -> None:
    async def run() -> None:
        async with loopback(monkeypatch) as provider:
            entrance = entrance_of(_access(**given))
            async with site(entrance) as found:
                await visit(Browser(found), provider, found)

    asyncio.run(run())


def test_oauth__lets_in_whom_the_list_names(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    async def visit(browser: Browser, provider: Loopback, found: Any) -> None:
        told = await _sent(browser, provider, "/login?next=/charts/%3Fmarket%3Dx")
        assert told["redirect_uri"] == f"{found.url}/login"
        assert (told["response_type"], told["client_id"]) == ("code", "the-key")
        assert "offline_access" not in told["scope"]
        answer = await browser.get(f"/login?code={SECRETS[3]}&state={told['state']}")
        assert (answer.code, answer.headers["Location"]) == (302, "/charts/?market=x")
        assert await browser.who() == "ann@example.org"
        (form,) = provider.asked
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        assert told["code_challenge"] == challenge.rstrip(b"=").decode()
        assert (form["code"], form["redirect_uri"]) == (SECRETS[3], told["redirect_uri"])
        assert set(browser.cookies) == {"liqmap_login"}  # none of the provider's
        seen.extend([str(told), str(answer.headers), answer.body.decode(), str(browser.cookies)])
        raw = browser.cookies["liqmap_login"].partition(".")[0]
        seen.append(base64.urlsafe_b64decode(raw + "==").decode())
        again = Browser(found, cookies=dict(browser.cookies))
        assert (await again.get(f"/login?code={SECRETS[3]}&state={told['state']}")).code == 403  # once
        await again.form("/logout")
        assert await browser.who() is None

    with caplog.at_level(logging.DEBUG):
        _run(monkeypatch, visit, prefix="/charts")
    for secret in (*SECRETS, "code_verifier"):
        assert secret not in " ".join(seen[:1]).replace("'the-code", "")
        assert secret not in " ".join(seen[1:]) + " ".join(
            record.getMessage() for record in caplog.records if not record.name.startswith("tornado.general")
        )


@pytest.mark.parametrize(
    "user",
    [
        {"email": "eve@evil.example.net", "email_verified": True},
        {"email": "ann@example.org", "email_verified": False},
        {"email": "ann@example.org", "email_verified": "false"},
        {"email": "ann@example.org"},
        {"login": "ann@example.org"},
        {"name": "ann", "preferred_username": "ann@example.org"},
        {"email": ["ann@example.org"], "email_verified": True},
        {"email": "ann@example.org\n", "email_verified": True},
        {"email": "eve@evil.example.net@example.org", "email_verified": True},
    ],
)
def test_oauth__refuses_others(user: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit(browser: Browser, provider: Loopback, found: Any) -> None:
        provider.user = {"sub": "2"} | user
        told = await _sent(browser, provider)
        answer = await browser.get(f"/login?code={SECRETS[3]}&state={told['state']}")
        assert answer.code == 403
        assert b"not among those who may enter" in answer.body
        assert b"example" not in answer.body
        assert browser.cookies == {}

    _run(monkeypatch, visit)


def test_oauth__wrong_states_are_refused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def visit(browser: Browser, provider: Loopback, found: Any) -> None:
        for state in ("", "x", "é", "of another"):
            told = await _sent(browser, provider)
            other = await _sent(Browser(found), provider)
            state = other["state"] if state == "of another" else state
            answer = await browser.get(f"/login?code=c&state={state}".encode().decode("latin-1"))
            assert answer.code == 403
            assert b"Please start again" in answer.body
            assert (await Browser(found).get(f"/login?code=c&state={told['state']}")).code == 403
        told = await _sent(browser, provider)
        late = time.time() + 601
        monkeypatch.setattr(time, "time", lambda: late)
        assert (await browser.get(f"/login?code=c&state={told['state']}")).code == 403  # too late
        assert provider.asked == []  # the provider is not asked

    _run(monkeypatch, visit)
    assert "state=" not in caplog.text


def test_oauth__an_answer_that_fits_not_ends_no_other_login(monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit(browser: Browser, provider: Loopback, found: Any) -> None:
        first = await _sent(browser, provider)
        told = await _sent(browser, provider)  # in another tab
        for state in (first["state"], "another"):
            assert (await browser.get(f"/login?code=c&state={state}")).code == 403
        assert (await browser.get(f"/login?code=c&state={told['state']}")).code == 302
        assert await browser.who() == "ann@example.org"

    _run(monkeypatch, visit)


def test_oauth__an_id_token_without_a_nonce_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit(browser: Browser, provider: Loopback, found: Any) -> None:
        body = json.dumps({"sub": "1", "aud": "the-key", "exp": time.time() + 60}).encode()
        token = f"e30.{base64.urlsafe_b64encode(body).decode()}.x"
        provider.answer = lambda _: {"access_token": SECRETS[1], "id_token": token}
        told = await _sent(browser, provider)
        assert (await browser.get(f"/login?code=c&state={told['state']}")).code == 502

    _run(monkeypatch, visit)


def test_oauth__errors_are_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit(browser: Browser, provider: Loopback, found: Any) -> None:
        for error, words in (
            ("access_denied", b"generic says: access denied."),
            ("%3Cscript%3E", b"generic says: another error."),
        ):
            told = await _sent(browser, provider)
            query = f"error={error}&error_description=%3Cscript%3Ealert(1)&state={told['state']}"
            answer = await browser.get(f"/login?{query}")
            assert answer.code == 403
            assert words in answer.body
            assert b"script" not in answer.body
            assert (await Browser(found).get(f"/login?error={error}")).code == 403

    _run(monkeypatch, visit)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"error": "invalid_grant", "error_description": "the-code is wrong"}, 400),
        ({"error": "invalid_grant"}, 200),  # as GitHub does
        ("no json", 200),
        ("[]", 200),
        ({"access_token": 1}, 200),
        ({"id_token": "x"}, 200),
        ({}, 200),
        ("x" * 2_000_000, 200),
    ],
)
def test_oauth__whatever_the_provider_answers(
    answer: Any, status: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def visit(browser: Browser, provider: Loopback, found: Any) -> None:
        provider.answer, provider.status = lambda _: answer, status
        told = await _sent(browser, provider)
        got = await browser.get(f"/login?code={SECRETS[3]}&state={told['state']}")
        assert got.code == 502
        assert b"generic did not say who you are" in got.body
        assert browser.cookies == {}

    _run(monkeypatch, visit)
    assert "login refused:" in caplog.text
    assert not [secret for secret in SECRETS if secret in caplog.text]


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-app"},
        {"aud": ["another-app"]},
        {"exp": 1},
        {"nonce": "of another login"},
        {"nonce": None},
        {"nonce": "\ud800"},
        {"sub": "another user"},
        {"sub": ""},
        {"exp": "soon"},
        {"exp": 10**400},
        {"aud": None},
    ],
)
def test_oauth__id_token_of_something_else(claims: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    async def visit(browser: Browser, provider: Loopback, found: Any) -> None:
        provider.claims = claims
        told = await _sent(browser, provider)
        assert (await browser.get(f"/login?code=c&state={told['state']}")).code == 502

    _run(monkeypatch, visit)


def test_oauth__users_taken_off_the_list_are_out_after_a_restart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def run() -> None:
        async with loopback(monkeypatch) as provider:
            cookies: dict[str, str] = {}
            for users, who in (
                (("@example.org",), "ann@example.org"),
                (("@example.org", "bob"), "ann@example.org"),
                (("bob",), None),
                (("@example.org",), None),  # what was signed before never fits again
            ):
                entrance = entrance_of(_access(users=users, secret_file=tmp_path / "secret"))
                entrance.logins.settle()
                async with site(entrance) as found:
                    browser = Browser(found, cookies=dict(cookies))
                    if not cookies:
                        told = await _sent(browser, provider)
                        await browser.get(f"/login?code=c&state={told['state']}")
                        cookies.update(browser.cookies)
                    assert await browser.who() == who

    asyncio.run(run())


def test_oauth__without_a_file_ends_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIQMAP_COOKIE_SECRET", "known to the administrator")

    async def run() -> None:
        async with loopback(monkeypatch):
            cookie = entrance_of(_access()).logins.begin("ann@example.org")
            assert entrance_of(_access()).logins.find(cookie) is None  # else logouts would be forgotten

    asyncio.run(run())


def _provider(name: str = "generic", **given: Any) -> Provider:
    made = Provider(name, "https://a", "https://t", "", (), "key", "secret")
    return made._replace(**given)


@pytest.mark.parametrize(
    ("claims", "given", "user"),
    [
        ({"login": "Ann", "id": 7}, {}, "ann"),
        ({"username": "ann"}, {}, "ann"),
        ({"login": "eve"}, {}, None),
        ({"login": "ann@example.org"}, {}, None),  # what looks like a mail address is no name
        ({"login": "\u212aate"}, {}, None),  # the sign of kelvin is no k
        ({"email": "Bob@Example.ORG", "email_verified": True}, {}, "bob@example.org"),
        ({"email": "bob@example.org"}, {"checks_mail": True}, "bob@example.org"),
        ({"email": "bob@example.org"}, {}, None),
        ({"email": "bob@example.org", "email_verified": False}, {"checks_mail": True}, None),
        ({"email": "bob@example.org", "confirmed_at": None}, {"checks_mail": True}, None),
        ({"email": "bob@example.org.evil.net", "email_verified": True}, {}, None),
        ({"upn": "bob@example.org"}, {}, None),
        ({"upn": "bob@example.org"}, {"directory": True}, "bob@example.org"),
        ({"sub": "ann"}, {}, None),
        ({"sub": "@example.org"}, {}, None),
        ({}, {}, None),
    ],
)
def test_user__by_what_the_provider_says(claims: Any, given: Any, user: str | None) -> None:
    allowed = Allowed(("ann", "kate", "@Example.org"), _provider(**given))
    assert allowed.named(claims) == user
    assert user is None or allowed.entry(user) is not None


def test_user__where_the_provider_decides() -> None:
    anybody = Allowed((), _provider())
    assert anybody.named({"sub": 12, "email": "ann@example.org"}) == "id:12"  # not a name he chose
    assert anybody.named({"email": "ann@example.org", "email_verified": True}) == "ann@example.org"
    assert anybody.named({"sub": True}) == "id:True"
    assert anybody.named({"sub": {"a": 1}}) is None
    assert anybody.named({"sub": "a\nb"}) is None
    assert anybody.named({"sub": "\ud800"}) is None


@pytest.mark.parametrize("name", ["github", "gitlab", "google", "azurev2", "auth0", "okta", "bitbucket"])
def test_provider__as_panel_knows_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = provider_of(_access(oauth=name))
    assert found.authorize.startswith("https://")
    assert "access_token" not in found.user
    assert found.checks_mail == (name in ("github", "gitlab", "google"))
    if name == "azurev2":
        monkeypatch.setenv("AAD_TENANT_ID", "0000-1111")
        own = provider_of(_access(oauth=name))
        assert (own.checks_mail, own.directory) == (True, True)
        assert "0000-1111" in own.token


@pytest.mark.parametrize("address", [None, "http://id.example.org/token", "ftp://127.0.0.1/", "token"])
def test_provider__that_is_not_safe_is_refused(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AUTHORIZE", "TOKEN", "USER"):
        monkeypatch.setenv(f"PANEL_OAUTH_{name}_URL", "https://id.example.org/x")
    if address is None:
        monkeypatch.delenv("PANEL_OAUTH_TOKEN_URL")
    else:
        monkeypatch.setenv("PANEL_OAUTH_TOKEN_URL", address)
    with pytest.raises(LiqmapError, match="oauth: expected the token address of generic, by HTTPS"):
        provider_of(_access())


@pytest.mark.parametrize(
    "back", ["https://h/", "https://h/charts/login?x", "ftp://h/charts/login", "/charts/login"]
)
def test_redirect__is_to_the_login_page(back: str) -> None:
    with pytest.raises(LiqmapError, match=r"oauth_redirect: .*https://charts.example.org/charts/login"):
        _access(oauth_redirect=back, prefix="/charts")
    _access(oauth_redirect="https://h/charts/login", prefix="/charts")
