"""Bearer tokens (RFC 6750): who may ask, known by the digests of secrets that only their holders have."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.responses import Response

from liqmap.app.publish.login.passwords import alone, write_own
from liqmap.schema import LiqmapError
from liqmap.server.problems import problem

OPEN = ("/healthz",)
"""What is answered without a token."""

PREFIX = "liqmap_"
"""Of a token, by which it is recognised where it should not stand."""


class Token(NamedTuple):
    """name : of its holder. digest : SHA-256 of the token, hex; it is random, so that needs no salt."""

    name: str
    digest: str


def digest_of(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def read_tokens(path: str | Path) -> tuple[Token, ...]:
    """Tokens of a file: JSON, ``{"ann": "sha256 in hex"}``.

    Raises
    ------
    LiqmapError : no such file, or not one of tokens.
    """
    path = Path(path)
    make = f"Make one by `liqmap token {path} NAME`"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LiqmapError(
            error.strerror or str(error), where=path, expected="a file of tokens", remedy=make
        ) from None
    except ValueError:
        found = None
    if not (isinstance(found, dict) and found and all(map(_is_digest, found.values()))):
        raise LiqmapError(
            where=path, expected="a JSON object, name to SHA-256 in hex", got="another", remedy=make
        )
    return tuple(Token(name, digest) for name, digest in found.items())


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and all(c in "0123456789abcdef" for c in value)


def new_token(path: str | Path, name: str) -> str:
    """Add a token to a file, in place of an older one of this name; the file does not tell it again.

    Raises
    ------
    LiqmapError : no name, no such directory, or a file that is something else.
    """
    path = Path(path)
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise LiqmapError(argument="name", expected="a name", got=f"{name!r:.60}")
    if not path.parent.is_dir():
        raise LiqmapError(f"the directory {path.parent} does not exist", where=path, remedy="Make it first")
    secret = PREFIX + secrets.token_urlsafe(32)
    with alone(path):
        have = {one.name: one.digest for one in read_tokens(path)} if path.exists() else {}
        write_own(path, json.dumps({**have, name: digest_of(secret)}, indent=2) + "\n")
    return secret


def holder(tokens: tuple[Token, ...], header: str) -> str | None:
    """Whose token an Authorization header bears; all are compared, whichever it is."""
    scheme, _, secret = header.partition(" ")
    given = digest_of(secret.strip()) if scheme.lower() == "bearer" else ""
    found = None
    for one in tokens:
        if hmac.compare_digest(one.digest, given):
            found = one.name
    return found


def add_tokens(app: FastAPI, tokens: tuple[Token, ...]) -> None:
    """Refuse whoever has no token, where there are some."""
    if not tokens:
        return

    @app.middleware("http")
    async def check(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        known = request.url.path in OPEN or holder(tokens, request.headers.get("authorization", ""))
        if not known:
            headers = {"WWW-Authenticate": 'Bearer realm="liqmap"'}
            return problem(401, "a token is needed", headers, expected="Authorization: Bearer TOKEN")
        return await answer(request)
