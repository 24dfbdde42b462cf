"""`Policy`: the headers of every answer, and what a page of the app may load and run."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

ORIGIN = re.compile(r"https?://(\*\.)?[\w-]+(\.[\w-]+)*(:\d+)?")
"""Of a page that may show the app within it."""

HOST = re.compile(r"[\w.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
"""What may stand in a policy of what a visitor's browser calls this server."""

DENIED = (
    "accelerometer", "autoplay", "bluetooth", "camera", "display-capture", "encrypted-media", "geolocation",
    "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment",
    "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
"""What no page of the app asks a browser for."""

HSTS = "max-age=31536000"
"""A year, and this host alone: what else the domain serves is not for this server to say."""


def new_nonce() -> str:
    """A word of one answer that its scripts show; who has put in another does not know it."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Policy:
    """What browsers are told to hold to.

    frames : origins of pages that may show the app within them.
    """

    frames: tuple[str, ...] = ()

    def page(self, nonce: str, host: str = "", https: bool = False) -> str:
        """Of what a page of the app may load and run.

        Scripts are files of this server, and those of the page that show the nonce; none is compiled from
        text. Bokeh gives each part of a page style sheets of its own as elements, and sizes as attributes:
        styles are what has to be let in. The engine's worker is a script of the page, as ``blob:``.
        """
        socket = f" {'wss' if https else 'ws'}://{host}" if HOST.fullmatch(host) else ""
        return self._said(
            f"script-src 'self' 'nonce-{nonce}'", "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:", "font-src 'self' data:", f"connect-src 'self'{socket}",
            "worker-src blob:", "manifest-src 'self'",
        )  # fmt: skip

    def may_show(self, origin: str) -> bool:
        """Whether a page of an origin may show the app."""
        return any(_matches(origin.lower(), frame.lower()) for frame in self.frames)

    @property
    def other(self) -> str:
        """Of all other answers, such as the login: no script at all."""
        return self._said("style-src 'self' 'unsafe-inline'", "img-src 'self' data:")

    def _said(self, *rules: str) -> str:
        ancestors = " ".join(self.frames) or "'none'"
        always = (
            "object-src 'none'", "base-uri 'none'", "form-action 'self'", f"frame-ancestors {ancestors}",
        )  # fmt: skip
        return "; ".join(["default-src 'none'", *rules, *always])

    def complete(self, headers: Any, https: bool) -> None:
        """Add to the headers of an answer what they lack, and take out what tells of the server."""
        for name, value in self._always(https).items():
            if name not in headers:
                headers[name] = value
        headers.pop("Server", None)

    def _always(self, https: bool) -> dict[str, str]:
        always = {
            "Content-Security-Policy": self.other,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",  # links hold what somebody looks at
            "Permissions-Policy": ", ".join(f"{name}=()" for name in DENIED),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "cross-origin" if self.frames else "same-origin",
        }
        if not self.frames:
            always["X-Frame-Options"] = "DENY"  # of browsers that do not know the policy
        if https:
            always["Strict-Transport-Security"] = HSTS
        return always


def _matches(origin: str, frame: str) -> bool:
    """Whether an origin is the one that is named, or one below it as ``*.`` has it."""
    before, wild, after = frame.partition("//*.")
    if not wild:
        return origin == frame
    return (
        origin.startswith(f"{before}//") and origin.endswith(f".{after}") and bool(ORIGIN.fullmatch(origin))
    )
