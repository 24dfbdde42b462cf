"""The token of a page: which page it is and for whose login, and nothing by which anybody could log in."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from bokeh.util.token import (
    check_token_signature,
    generate_jwt_token,
    generate_session_id,
    get_session_id,
    get_token_payload,
)

MAX_LENGTH = 2_000
"""Of a token in characters; ours have some 400."""


def make_token(application: Any, login: str | None) -> str:
    """Of a new page, for the visitor with the id ``login``, or for whoever comes.

    Neither the request's headers nor its cookies are in it: bokeh's own tokens carry both, so that whoever
    finds a saved page could log in with it.
    """
    signing = {"secret_key": application.secret_key, "signed": application.sign_sessions}
    session_id = generate_session_id(**signing)
    given = {"headers": {}, "cookies": {}, "holder": _holder(application, session_id, login)}
    expiration = application.session_token_expiration
    return generate_jwt_token(session_id, extra_payload=given, expiration=expiration, **signing)


def session_of(application: Any, token: str, login: str | None) -> str:
    """The id of the page's session.

    Raises
    ------
    ValueError : the token is no token, not of this server, too old, or of another login.
    """
    if len(token) > MAX_LENGTH:
        raise ValueError("its token is too long")
    try:
        genuine = check_token_signature(
            token, secret_key=application.secret_key, signed=application.sign_sessions
        )
        session_id = get_session_id(token)
        payload = get_token_payload(token) if genuine else {}
        expiry, holder = float(payload.pop("session_expiry", 0)), str(payload.pop("holder", ""))
    except Exception as error:
        # Base64, JSON, zlib and the fields within: each fails in its own way over what is no token.
        raise ValueError("its token cannot be read") from error
    if not (genuine and isinstance(session_id, str) and session_id):
        raise ValueError("its token is not of this server")
    if payload != {"headers": {}, "cookies": {}}:  # what bokeh takes for parts of a request, where none signs
        raise ValueError("its token says what none of this server does")
    if not time.time() < expiry:
        raise ValueError("its token is too old")
    if not hmac.compare_digest(_holder(application, session_id, login).encode(), holder.encode()):
        raise ValueError("its page was handed to another login")
    return session_id


def _holder(application: Any, session_id: str, login: str | None) -> str:
    """Digest of the page and the login that it is for; empty where nobody logs in."""
    if login is None or application.secret_key is None:
        return ""
    said = f"{session_id} {login}".encode()
    return hmac.new(application.secret_key, said, hashlib.sha256).hexdigest()
