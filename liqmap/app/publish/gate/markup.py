"""The HTML of a page of the app: each of its scripts shows the nonce of the answer; no other is run."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from panel.io.resources import Resources
from panel.io.server import server_html_page_for_session
from panel.io.state import set_curdoc

from liqmap.app.internals.panel import SCRIPTS, digest_of

LEFT_OUT = re.compile(r"<script\b[^>]*\b(?:es-module-shims|esms-options)\b[^>]*>[^<]*</script>\s*")
"""Of Panel's scripts: what makes scripts of text. `modules_script` stands in its place."""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{ title | e }}</title>
<link rel="icon" href="./favicon.ico">
<style>html, body { display: flow-root; box-sizing: border-box; height: 100%; margin: 0; padding: 0; }</style>
{{ bokeh_css }}
<script src="{{ modules }}" nonce="{{ nonce }}"></script>
{{ bokeh_js | shows(nonce) }}
</head>
<body>
{% for root in doc.roots %}
<div id="{{ root.elementid }}" data-root-id="{{ root.id }}" style="display: contents;"></div>
{% endfor %}
{{ plot_script | shows(nonce) }}
</body>
</html>
"""


def shows(scripts: str, nonce: str) -> str:
    """The tags of scripts, each with the nonce. Nothing that a visitor has said is among them."""
    return LEFT_OUT.sub("", scripts).replace("<script", f'<script nonce="{nonce}"')


@cache
def modules_script() -> str:
    """A script of the page that imports modules, see its text."""
    return files(__package__).joinpath("modules.js").read_text(encoding="utf-8")


@cache
def _template() -> Any:
    environment = Environment(autoescape=False)
    environment.filters["shows"] = shows
    return environment.from_string(PAGE)


def markup(session: Any, resources: Any, token: str, nonce: str) -> str:
    """The page of a session.

    Parameters
    ----------
    resources : bokeh's, of the server's application.
    token : by which the page's socket finds the session.
    nonce : by which a browser knows the scripts of this answer.
    """
    document = session.document
    modules = f"./{SCRIPTS}/{digest_of(modules_script())}.js"
    with set_curdoc(document):
        page = server_html_page_for_session(
            session,
            resources=Resources.from_bokeh(resources),
            title=document.title,
            token=token,
            template=_template(),
            template_variables=document.template_variables | {"nonce": nonce, "modules": modules},
        )
    return str(page)
