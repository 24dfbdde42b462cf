"""Where things are on the server's machine, which is for nobody who looks at a page: names in their place."""

from __future__ import annotations

import os
import re
import socket
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from liqmap.printable import printable
from liqmap.render.frames.presets import presets_path
from liqmap.schema import TABLES
from liqmap.store import name_of
from liqmap.store.layout import CALIBRATIONS, RAW
from liqmap.store.remote.address import cache_folder
from liqmap.store.remote.mirror import mirror_of

STORE, ELSEWHERE, ADDRESS, ACCOUNT = "the store", "a file of the server", "an address", "the server's account"
"""What stands in the place of a path, of a URL, of an account."""

PLACE = rf"[/\\](?P<place>(?:{'|'.join((*TABLES, RAW, CALIBRATIONS))})[/\\][^\s'\"`,;:)\]]*)"
"""Of a store: what lies in one of them is named from there on, as ``depth/venue=.../symbol=...``."""

LEAST = 3
"""Characters of a folder's name before it is looked for in words: ``/`` and ``.`` would be everywhere."""

REST = r"(?:[/\\][^\s'\"`,;:)\]]*)?"
CUT = r"(?: … \S*[^\s:,;])?"
"""Of a long text the middle is left out: what goes on behind that is of the same path."""

BEFORE, AFTER = r"(?<![\w/\\.~-])", r"(?![\w~-]|\.\w)"
"""A folder's name begins and ends there: ``/srv/store`` is not in ``/srv/store-2``."""

QUOTED = re.compile(r"(['\"`])(?:~?/|[A-Za-z]:[\\/]|\\\\)[^'\"`]+\1")
ANY = [
    (re.compile(rf"\b[a-z][a-z0-9+]{{1,9}}://[^\s'\"`]*[^\s'\"`:,.;]{CUT}", re.I), ADDRESS),
    (re.compile(rf"\barn:[^\s'\"`]+{CUT}"), ACCOUNT),
    (re.compile(rf"(?<![\w/.:>)~])~?/[\w.~+@%=-][^\s'\"`,;:)\]]*{CUT}"), ELSEWHERE),
    (re.compile(rf"(?<!\w)[A-Za-z]:\\[^\s'\"`,;:)\]]*{CUT}"), ELSEWHERE),
    (re.compile(rf"(?<![\w\\])\\\\[\w.][^\s'\"`,;:)\]]*{CUT}"), ELSEWHERE),
    (re.compile(r"\bprocess \d+ of \S+"), "another process"),
]
"""Whatever looks like a path, an address, an account or an owner of a lock, of no folder that is known."""


ABSOLUTE = re.compile(r"~?/|[A-Za-z]:[\\/]|\\\\")


class Whereabouts:
    """Paths of the machine, by what a visitor reads instead of them: of a store what lies in it is called by
    its place there, and all else is a file of the server.

    Parameters
    ----------
    source : what is shown; a `Store`, or a session of one.
    """

    def __init__(self, source: Any = None) -> None:
        stores, machine = _of_store(source), _of_machine()
        self._stores = [_pattern(root, PLACE) for root in stores]
        self._machine = [_pattern(root) for root in machine if root not in stores]
        host = re.escape(socket.gethostname())
        self._host = re.compile(rf"\b(of|on|at|to|from|for|by) {host}{AFTER}") if host else None

    def hide(self, text: str) -> str:
        """The text with none of them."""
        for pattern in self._stores:
            text = pattern.sub(_place, text)
        for pattern in (QUOTED, *self._machine):
            text = pattern.sub(ELSEWHERE, text)
        for pattern, instead in ANY:
            text = pattern.sub(instead, text)
        return self._host.sub(r"\1 the server", text) if self._host else text

    def hide_place(self, where: str) -> str:
        """The same of where an error is: a path of no known folder may hold blanks, and is hidden whole."""
        known = any(pattern.match(where) for pattern in (*self._stores, *self._machine))
        return self.hide(where) if known or not ABSOLUTE.match(where) else ELSEWHERE


def _place(found: re.Match[str]) -> str:
    """A place in a store: from the folder of its table on."""
    return found["place"] or STORE


def _pattern(root: str, place: str = "(?P<place>(?!))") -> re.Pattern[str]:
    """A folder and what lies in it, however a text quotes it."""
    spelled = {root, printable(root), repr(root)[1:-1], printable(repr(root)[1:-1]), quote(root)}
    either = "|".join(re.escape(one) for one in sorted(spelled, key=len, reverse=True))
    is_word = not re.search(r"[/\\]", root)  # ``data`` is a folder only where something follows that is in it
    end = rf"{AFTER}(?=[/\\])" if is_word else AFTER
    return re.compile(rf"{BEFORE}(?:file://)?(?:{either}){end}(?:{place}|{REST}){CUT}")


def _of_store(source: Any) -> list[str]:
    """What a store is called: its folder, as it was given and as it is; of one on object storage its address
    and that of the service."""
    path = getattr(source, "path", None)
    if not isinstance(path, (str, os.PathLike)):
        return []
    names = [name_of(Path(path)), *_spellings(os.fspath(path))]
    found = mirror_of(Path(path))
    return _longest_first([*names, *([] if found is None else [found.address.endpoint])])


def _of_machine() -> list[str]:
    """Folders in which a server reads and writes: `ANY` would stop at a blank in their names."""
    names: list[str] = []
    folders = (Path.home, Path.cwd, tempfile.gettempdir, cache_folder, _presets, lambda: sys.prefix, _package)
    for folder in folders:
        try:
            names += _spellings(os.fspath(folder()))
        except (OSError, RuntimeError):  # no home, or a folder that is gone
            continue
    return _longest_first(names)


def _presets() -> Path:
    return presets_path().parent


def _package() -> Path:
    return Path(__file__).parents[3]


def _spellings(path: str) -> list[str]:
    return [path, os.path.abspath(path), os.path.realpath(path)]


def _longest_first(names: Iterable[str]) -> list[str]:
    """Those that are worth looking for: what lies in another folder of the list comes before that."""
    some = {name.rstrip("/\\") for name in names}
    return sorted((name for name in some if len(name) >= LEAST), key=len, reverse=True)
