"""Login by an OAuth provider: the authorization code flow, with a state, a challenge (PKCE) and a nonce.

What comes back counts only in the browser that was sent off, once, for ten minutes. The provider's tokens are
asked one question, who this is, and forgotten: they are in no page, address, log or cookie.

References
----------
.. [1] RFC 6749, 4.1; RFC 7636; OpenID Connect Core 1.0, 3.1.3.7: the signature of an id token may go
   unchecked where it comes by TLS from the provider itself, as here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from liqmap.app.publish.login.attempts import Asking, network
from liqmap.app.publish.login.entrance import BUSY_S
from liqmap.app.publish.login.forms import own_path
from liqmap.app.publish.login.oauth.identity import Allowed
from liqmap.app.publish.login.oauth.provider import Provider
from liqmap.app.publish.login.pages import NOBODY, Page
from liqmap.app.publish.login.signing import opened, signed

COOKIE = "liqmap_state"
STATE_S = 600
LONGEST_CODE = 4_000
MOST_ANSWER = 1 << 20
"""Bytes of an answer of the provider."""

TIMEOUT_S = 10.0
MOST_ASKED = 16
"""Questions to the provider at a time."""

WORD = re.compile(r"[a-z_]{1,40}")
"""An error of the provider that may be shown: one of the standard's words."""


class ProviderFailed(Exception):
    """The provider did not say who somebody is; why, in words without anything secret."""


class OAuthPage(Page):
    """Sends to the provider, and lets in whoever comes back from it with its word."""

    async def get(self) -> None:
        arguments = {name: self.get_query_arguments(name) for name in ("code", "state", "error")}
        if arguments["code"] or arguments["error"]:
            await self._come_back({name: found[0] for name, found in arguments.items() if found})
        else:
            self._send_off()

    def _send_off(self) -> None:
        provider, key = self._provider, self.entrance.secret.key("state")
        if key is None:
            self.tell(503, "No login just now", NOBODY)
            return
        state = secrets.token_urlsafe(24)
        path = own_path(self.get_query_argument("next", ""), self.entrance.prefix)
        self.put_cookie(COOKIE, signed({"s": state, "n": path, "t": int(time.time())}, key), STATE_S)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(_verifier(key, state).encode()).digest())
        query = {
            "response_type": "code",
            "client_id": provider.key,
            "redirect_uri": self._redirect,
            "scope": " ".join(provider.scopes),
            "state": state,
            "nonce": _nonce(key, state),
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        self.redirect(f"{provider.authorize}{'&' if '?' in provider.authorize else '?'}{urlencode(query)}")

    async def _come_back(self, said: dict[str, str]) -> None:
        key = self.entrance.secret.key("state")
        sent = opened(self.get_cookie(COOKIE), key)
        fresh = sent is not None and 0 <= time.time() - sent["t"] + 60 < STATE_S + 60
        if key is None or sent is None or not fresh or not _same(sent["s"], said.get("state", "")):
            self.entrance.refusals.tell("an answer to no question of this browser", None, self.address)
            self.tell(403, "Please start again", "This login was begun elsewhere, or too long ago.")
            return
        self.drop_cookie(COOKIE)  # it counts once; what another tab or site sends here does not end it
        if "error" in said:
            word = said["error"] if WORD.fullmatch(said["error"]) else "another error"
            self.entrance.refusals.tell(f"{self._provider.name} says {word}", None, self.address)
            self.tell(403, "Not logged in", f"{self._provider.name} says: {word.replace('_', ' ')}.")
            return
        asking = Asking(self.address, network(self.address))
        busy = self.entrance.asking_provider >= MOST_ASKED
        wait = BUSY_S if busy else self.entrance.attempts.wait(asking)
        if wait > 0:
            self.set_header("Retry-After", str(int(wait) + 1))
            self.entrance.refusals.tell("too many tries", None, self.address)
            self.tell(429, "Too many tries", f"Please try again in {int(wait) + 1} seconds.")
            return
        await self._ask_provider(said.get("code", ""), key, sent, asking)

    async def _ask_provider(self, code: str, key: bytes, sent: dict[str, Any], asking: Asking) -> None:
        users = self.entrance.users
        assert isinstance(users, Allowed)
        self.entrance.asking_provider += 1
        try:
            claims = await _claims(self._provider, code, self._redirect, key, sent["s"])
        except ProviderFailed as failed:
            self.entrance.refusals.tell(str(failed), None, self.address)
            self.tell(502, "Not logged in", f"{self._provider.name} did not say who you are.")
            return
        finally:
            self.entrance.asking_provider -= 1
        user = users.named(claims)
        if user is None:
            self.entrance.refusals.tell(f"{self._provider.name} knows him, no list", None, self.address)
            words = f"{self._provider.name} knows you, but you are not among those who may enter"
            self.tell(403, "Not logged in", f"{words}, or it does not say that your mail address is yours.")
            return
        self.entrance.attempts.right(asking)
        self.welcome(user, own_path(sent["n"], self.entrance.prefix))

    @property
    def _provider(self) -> Provider:
        assert self.entrance.provider is not None
        return self.entrance.provider

    @property
    def _redirect(self) -> str:
        own = f"{self.request.protocol}://{self.request.host}{self.entrance.prefix}/login"
        return self._provider.redirect or own


async def _claims(provider: Provider, code: str, redirect: str, key: bytes, state: str) -> dict[str, Any]:
    """What the provider says of whoever has brought a code.

    Raises
    ------
    ProviderFailed : nothing, or nothing that fits.
    """
    if not 0 < len(code) <= LONGEST_CODE:
        raise ProviderFailed("an answer without a code")
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "client_id": provider.key,
        "client_secret": provider.secret, "code_verifier": _verifier(key, state),
    }  # fmt: skip
    found = await _fetch(provider.token, body=urlencode(form))
    claims: dict[str, Any] = {}
    if found.get("id_token"):
        claims = _id_claims(str(found["id_token"]), provider, _nonce(key, state))
    if provider.user:
        token = found.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ProviderFailed("an answer without a token")
        more = await _fetch(provider.user, token=token)
        if claims and "sub" in more and more["sub"] != claims["sub"]:
            raise ProviderFailed("two users in one answer")
        claims |= more
    if not claims:
        raise ProviderFailed("an answer without a user")
    return claims


async def _fetch(address: str, body: str | None = None, token: str = "") -> dict[str, Any]:
    headers = {"Accept": "application/json", "User-Agent": "liqmap"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    client = SimpleAsyncHTTPClient(force_instance=True, max_body_size=MOST_ANSWER)
    try:
        asked = HTTPRequest(
            address, "GET" if body is None else "POST", headers, body, follow_redirects=False,
            connect_timeout=TIMEOUT_S, request_timeout=TIMEOUT_S,
        )  # fmt: skip
        answer = await client.fetch(asked, raise_error=False)
    except Exception as error:  # whatever a network does; its words may hold what was sent
        raise ProviderFailed(f"no answer ({type(error).__name__})") from None
    finally:
        client.close()
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError, TypeError):
        found = None
    if answer.code != 200 or not isinstance(found, dict) or "error" in found:
        said = found.get("error") if isinstance(found, dict) else None
        word = said if isinstance(said, str) and WORD.fullmatch(said) else "no JSON of a user"
        raise ProviderFailed(f"status {answer.code}, {word}")
    return found


def _id_claims(token: str, provider: Provider, nonce: str) -> dict[str, Any]:
    """Claims of an id token that is for this app, this login, and now."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        fits = provider.key in audience and float(claims["exp"]) > time.time() - 60 and bool(claims["sub"])
        fits = fits and _same(nonce, str(claims["nonce"]))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        raise ProviderFailed("an id token that cannot be read") from None
    if not fits:
        raise ProviderFailed("an id token of another app or login")
    return dict(claims)


def _verifier(key: bytes, state: str) -> str:
    """What shows that who brings the code was sent off from here; made of the state, so kept nowhere."""
    return hmac.new(key, f"verifier {state}".encode(), hashlib.sha256).hexdigest()


def _nonce(key: bytes, state: str) -> str:
    return hmac.new(key, f"nonce {state}".encode(), hashlib.sha256).hexdigest()


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(), b.encode())
