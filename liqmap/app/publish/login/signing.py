"""Signed texts, for cookies and forms: what a server has said, and nobody else can say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

LONGEST = 4_000
"""Characters; no cookie is longer."""


def signed(said: dict[str, Any], key: bytes) -> str:
    """``BODY.SIGNATURE``: JSON and its HMAC-SHA256, both in base64 for addresses."""
    body = _text(json.dumps(said, separators=(",", ":")).encode())
    return f"{body}.{_text(_signature(body, key))}"


def opened(text: str | None, key: bytes | None) -> dict[str, Any] | None:
    """What was signed with this key; None: nothing, or by somebody else."""
    if not text or key is None or len(text) > LONGEST or not text.isascii():
        return None
    body, _, signature = text.partition(".")
    if not hmac.compare_digest(_text(_signature(body, key)), signature):
        return None
    found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found if isinstance(found, dict) else None


def fingerprint(key: bytes, *parts: str) -> str:
    """24 characters that change with each of the parts, and tell nothing of them without the key."""
    return _text(_signature(json.dumps(parts), key))[:24]


def _signature(text: str, key: bytes) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
