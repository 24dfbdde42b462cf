"""What a page does when its server is gone: Panel's own would stand still without a word."""

from __future__ import annotations

import panel as pn

from liqmap.app.internals.panel import Bundled
from liqmap.browser.sources import CONNECTION, component


class Connection(Bundled):
    """Says that the connection is lost, and opens the page again as soon as the server answers.

    So a page comes back after a restart, with what its address says; and whoever has been logged out
    meanwhile comes to the login (`engine/host/connection.js`).
    """

    @classmethod
    def script(cls) -> str:
        return component(CONNECTION)


def watch_connection() -> None:
    """Put it into the page that is being made, if one is; nothing of it is seen until then."""
    if pn.state.curdoc is not None:
        Connection(width=0, height=0, margin=0, visible=False).servable(location=False)
