"""An OAuth provider: its addresses, and how far its word on a user goes."""

from __future__ import annotations

import os
from typing import NamedTuple
from urllib.parse import urlsplit

from liqmap.app.internals.panel import oauth_addresses
from liqmap.app.publish.access import Access, loopback
from liqmap.schema import LiqmapError

AZURE = ("azure", "azurev2")
CHECK_MAIL = ("github", "gitlab", "google")
"""Providers that name a user's mail address only after he has shown that it is his, though not all say so."""

SHARED_TENANTS = ("", "common", "organizations", "consumers")
"""Of Azure: anybody can make a directory, and give himself any mail address in it."""


class Provider(NamedTuple):
    """Who says who somebody is.

    authorize, token, user : addresses: where a visitor is sent to, where a code is turned into a token, and
        where the token tells of its user; the last one may be missing, then an id token tells.
    key, secret : what the provider has given for this app.
    redirect : where the provider sends visitors back to; None: the login page by the name they used.
    checks_mail : whether its mail addresses are their users' own where it does not say.
    directory : whether its users are those of one organisation, whose names stand in ``upn``.
    """

    name: str
    authorize: str
    token: str
    user: str
    scopes: tuple[str, ...]
    key: str
    secret: str
    redirect: str | None = None
    checks_mail: bool = False
    directory: bool = False


def provider_of(access: Access) -> Provider:
    """The provider that an access names.

    Raises
    ------
    LiqmapError : an address is missing, or not HTTPS: whoever sits on the way would say who enters.
    """
    assert access.oauth
    assert access.oauth_key
    assert access.oauth_secret
    found = oauth_addresses(access.oauth)
    for what in ("authorize", "token", "user"):
        address = found[what]
        if what == "user" and not address:
            continue
        if not _safe(address):
            raise LiqmapError(
                argument="oauth",
                expected=f"the {what} address of {access.oauth}, by HTTPS",
                got=repr(address) if address else "none",
                remedy=f"Set PANEL_OAUTH_{what.upper()}_URL in the environment",
            )
    tenant = os.environ.get("AAD_TENANT_ID", found["tenant"])
    own = access.oauth in AZURE and tenant not in SHARED_TENANTS
    return Provider(
        access.oauth, found["authorize"], found["token"], found["user"].partition("?access_token=")[0],
        tuple(scope for scope in found["scopes"] if scope != "offline_access"), access.oauth_key,
        access.oauth_secret, access.oauth_redirect, access.oauth in CHECK_MAIL or own, access.oauth in AZURE,
    )  # fmt: skip


def _safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname or "."))
