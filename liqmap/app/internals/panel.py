"""Private parts of Panel: what its components run, and the addresses of OAuth providers."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from panel.custom import JSComponent
from panel.io.state import state

SCRIPTS = "static/liqmap"
"""Below which path a server of the app hands out scripts, by their digests."""

_fetching: WeakSet[Any] = WeakSet()
"""Documents whose pages fetch scripts from their server; all others get them with the document."""


class Bundled(JSComponent):
    """A component that runs a script as it is; what is no bundle, Panel compiles anew in every page."""

    @classmethod
    def script(cls) -> str:
        """A module that exports ``render``."""
        raise NotImplementedError

    @classmethod
    def _render_esm(cls, compiled: Any = True, server: bool = False) -> str:
        return cls.script()

    def _get_properties(self, doc: Any) -> dict[str, Any]:
        found, digest = super()._get_properties(doc), digest_of(self.script())
        if doc not in _fetching:
            return found | {"bundle": digest}
        address = f"{state.rel_path or '.'}/{SCRIPTS}/{digest}.js"
        return found | {"bundle": "url", "esm": address}

    def _update_properties(self, *events: Any, doc: Any) -> dict[str, Any]:
        """What has changed: Panel would make the stylesheets of its design anew each time, for 3 ms."""
        changes = {event.name: event.new for event in events}
        if "stylesheets" in changes:
            return super()._update_properties(*events, doc=doc)
        return self._process_param_change(changes)


def let_fetch_scripts(doc: Any) -> None:
    """Leave scripts out of a document, if there is one: its page fetches them, and its browser keeps them,
    compiled."""
    if doc is not None:
        _fetching.add(doc)


@lru_cache(maxsize=4)
def digest_of(script: str) -> str:
    """What a page, and a server, know a script by."""
    return hashlib.sha256(script.encode()).hexdigest()


def explain(part: Any, words: str, label: str = "") -> None:
    """Give a widget, or any part of a page, a tooltip of the browser: what it is for, in one line.

    Panel has tooltips for some widgets only, sliders and checkboxes not among them.

    Parameters
    ----------
    label : what a widget is called that has no label in sight; readers of the screen say it.
    """
    attributes = {"title": f"{label}: {words}" if label else words} | ({"aria-label": label} if label else {})
    set_attributes(part, attributes)


def set_attributes(part: Any, attributes: dict[str, str]) -> None:
    """Give the element of a part of a page attributes, beside those that it has."""
    properties = part._get_properties

    def get_properties(doc: Any) -> dict[str, Any]:
        found = properties(doc)
        return found | {"html_attributes": found.get("html_attributes", {}) | attributes}

    part._get_properties = get_properties


def oauth_addresses(provider: str) -> dict[str, Any]:
    """What Panel knows of an OAuth provider, by what it is told in the environment.

    That is where it asks who somebody is (``authorize``), gives a token (``token``) and tells of its user
    (``user``, may be empty), what is asked for (``scopes``), and the directory of Azure (``tenant``).
    """
    from panel.auth import AUTH_PROVIDERS
    from panel.config import config

    handler = AUTH_PROVIDERS[provider]
    bare = handler.__new__(handler)
    return {
        "authorize": bare._OAUTH_AUTHORIZE_URL or "",
        "token": bare._OAUTH_ACCESS_TOKEN_URL or "",
        "user": getattr(bare, "_OAUTH_USER_URL", "") or "",
        "scopes": list(bare._SCOPE),
        "tenant": config.oauth_extra_params.get("tenant", "common"),
    }
