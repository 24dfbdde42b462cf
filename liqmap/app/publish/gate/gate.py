"""`Gate`: what the handlers of a published app ask before they answer; its application's ``liqmap_gate``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from liqmap.app.publish.gate.headers import Policy
from liqmap.app.publish.gate.proxy import Proxies
from liqmap.app.publish.gate.sockets import Sockets
from liqmap.app.publish.login.who import visitor

SCRIPTS_AT = "bokeh-absolute-url"
"""A parameter by which Panel takes scripts of a page from wherever it says."""

Asked = Callable[[Any], str | None]
"""Of a handler, whose request it answers."""


def user_of_provider(handler: Any) -> str | None:
    """The user by the provider of bokeh's server; ``default_user`` where it has none."""
    get_user = handler.application.auth_provider.get_user
    user = get_user(handler) if get_user is not None else "default_user"
    return None if user is None else str(user)


def nothing_of(handler: Any) -> None:
    """Where nobody has logged in."""


@dataclass
class Gate:
    """Who may come in.

    closed : whether visitors have to say who they are.
    user_of : by the request of a handler, its user; None for who has not logged in.
    login_of : the id of his login; a page is only for the login that it was handed to.
    policy : what browsers are told to hold to.
    proxies : who is believed when he says for whom he asks.
    """

    closed: bool = False
    user_of: Asked = user_of_provider
    login_of: Asked = nothing_of
    policy: Policy = field(default_factory=Policy)
    proxies: Proxies = field(default_factory=Proxies)
    sockets: Sockets = field(default_factory=Sockets)

    def holder_of(self, handler: Any) -> str | None:
        """What a page is bound to: the login, or the user where logins have no id; None where all enter."""
        return (self.login_of(handler) or self.user_of(handler)) if self.closed else None

    def enter(self, handler: Any, is_embedded: bool = False) -> None:
        """Say who is looking, before the app is made for him; in the task that makes it.

        Parameters
        ----------
        is_embedded : whether the parameters of the request may say where the page's scripts are.
        """
        if not is_embedded:
            handler.request.arguments.pop(SCRIPTS_AT, None)
        visitor.set(self.user_of(handler) if self.closed else None)
