"""`Plain`: what went wrong as a page that somebody can read, and one line of the log."""

from __future__ import annotations

import logging
from html import escape
from http import HTTPStatus
from typing import Any

from tornado.web import HTTPError, RequestHandler

from liqmap.app.style import FONT
from liqmap.render.frames.palettes import DARK, css

log = logging.getLogger(__name__)

PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>liqmap: {{title}}</title>
<style>
  body {{{{ margin: 0; min-height: 100vh; display: grid; place-items: center;
    background: {css(DARK.background)}; color: {css(DARK.text)}; font: 16px/1.6 {FONT};
    color-scheme: dark; }}}}
  main {{{{ max-width: 34em; padding: 2em; }}}}
</style>
</head>
<body><main><h1>{{title}}</h1>
<p>{{words}}</p></main></body>
</html>
"""

WORDS = {
    400: "This address, or what was sent with it, cannot be read.",
    401: "Only who has logged in may see this.",
    403: "This is not shown here, or not to you.",
    404: "There is no such page at this liqmap server.",
    405: "This page takes no such request.",
    413: "More was sent than this server takes.",
    414: "This address is longer, or has more parameters, than any that liqmap writes.",
    431: "Your browser sends more headers than this server takes.",
    429: "Too many requests come from where you are. Wait a little, and try again.",
    500: "Something went wrong at this liqmap server. Whoever runs it finds it in the log.",
    503: "This liqmap server has no room just now. Try again in a little while.",
}


def error_page(status: int, words: str = "") -> bytes:
    """What a visitor reads of an answer that is none.

    Parameters
    ----------
    words : instead of those of the status; text, not HTML.
    """
    title = HTTPStatus(status).phrase.capitalize() if status in list(HTTPStatus) else f"Status {status}"
    said = words or WORDS.get(status) or WORDS[500 if status >= 500 else 400]
    return PAGE.format(title=escape(title), words=escape(said)).encode()


def one_line(words: Any, length: int = 200) -> str:
    """What others have said, for the log: no line of theirs can look like one of ours."""
    text = str(words)
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[:length]) + "…" * (
        len(text) > length
    )


def log_request(handler: RequestHandler) -> None:
    """A line of each request that failed: without its parameters, as links and logins are for no log."""
    status, request = handler.get_status(), handler.request
    if status >= 400:
        say = log.error if status >= 500 else log.warning
        say("%d %s %s of %s", status, request.method, one_line(request.path), request.remote_ip)


class Plain(RequestHandler):
    """A handler whose errors are readable, and say nothing of the machine."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """The page of an error."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(error_page(status_code))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """What a visitor has caused is a line; what is wrong here is told with where it happened."""
        if isinstance(value, HTTPError):
            log.info("refused %s: %s", self.request.remote_ip, one_line(value))
        else:
            asked = f"{self.request.method} {one_line(self.request.path)}"
            log.error("cannot answer %s", asked, exc_info=(typ, value, tb))


class NoSuchPage(Plain):
    """Wherever there is nothing."""

    async def prepare(self) -> None:
        """Whatever is asked."""
        raise HTTPError(404)

    def check_xsrf_cookie(self) -> None:
        """Nothing is done here."""
