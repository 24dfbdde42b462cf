"""The modules of the engine: files in ``engine/``, and those that are Python's."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from liqmap.browser.bundle import bundle
from liqmap.browser.rules import rules_module
from liqmap.render.frames.words import numbers_module

WORKER, PAGE, HOSTED = "source/worker.js", "page/main.js", "host/panel.js"
"""Modules that others begin with: in a worker, in the standalone page, and in a page of an app."""

CONTROLS = "host/controls.js"
"""What a page of an app shows controls with begins with it."""

ADDRESS = "host/address.js"
"""What keeps the address of such a page begins with it."""

CONNECTION = "host/connection.js"
"""What such a page does when its server is gone begins with it."""

STYLES = ("chart/chart.css", "panels/panels.css", "host/host.css", "live/live.css")
"""Style sheets of what an app shows."""


def _scripts_module() -> str:
    """What a host needs beside modules: the worker's script, as text."""
    return f"export const WORKER = {json.dumps(script(WORKER))}\n"


def _styles_module() -> str:
    """Style sheets, as texts: of what shows a session, and of controls."""
    texts = {"STYLES": "".join(map(source, STYLES)), "CONTROLS": source("controls/controls.css")}
    return "".join(f"export const {name} = {json.dumps(text)}\n" for name, text in texts.items())


GIVEN = {
    "rules.js": rules_module, "numbers.js": numbers_module, "scripts.js": _scripts_module,
    "styles.js": _styles_module,
}  # fmt: skip
"""Modules whose text is made here: what the engine follows as pictures do has one source."""


def source(name: str) -> str:
    """The text of a module, or of another file of the engine, by its path from the engine's folder.

    Raises
    ------
    FileNotFoundError : there is none.
    """
    if name in GIVEN:
        return GIVEN[name]()
    return _folder().joinpath(name).read_text(encoding="utf-8")


def names() -> list[str]:
    """The names of all modules."""
    return sorted([*GIVEN, *_modules(_folder(), "")])


def script(entry: str) -> str:
    """The bundle of a module that runs by itself."""
    return bundle(entry, source)


@cache
def component(entry: str = HOSTED) -> str:
    """The bundle of what a page of an app shows, a module that exports ``render``."""
    return bundle(entry, source, exports=True)


def write_modules(folder: Path) -> list[str]:
    """Write all modules, for browsers, node and type checkers, which import them as they are.

    Returns
    -------
    Their names.
    """
    for name in names():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source(name), encoding="utf-8")
    return names()


@cache
def _folder() -> Traversable:
    return files(__package__).joinpath("engine")


def _modules(folder: Traversable, path: str) -> list[str]:
    found = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _modules(item, f"{path}{item.name}/")
        elif item.name.endswith(".js"):
            found.append(f"{path}{item.name}")
    return found
