"""Buttons that save what is in view to files."""

from __future__ import annotations

from functools import partial
from typing import Any

from liqmap.app.component import Later
from liqmap.app.controls.control import Part
from liqmap.app.data.background import SAVING
from liqmap.app.data.data import Data
from liqmap.app.data.exports import KINDS, View, write
from liqmap.schema import GridError, LiqmapError

WORDS = {
    "PNG": "Save the picture in view, with its layers and panels.",
    "Parquet": "Save the cells in view as a table: side, price, time, liquidity, state.",
    "NetCDF": "Save the cells in view as a grid that xarray opens.",
    "HTML": "Save the session as a page that works alone, opened at this view.",
}
"""What each kind of file holds."""

WITHOUT = "HTML: the page that is saved draws sizes, and tells no presence; PNG, NetCDF and Parquet do."
"""Said of a picture that is shaded by presence."""

FILES: Part = {
    "kind": "files", "label": "Save", "of": [{"name": kind, "title": WORDS[kind]} for kind in KINDS],
}  # fmt: skip


class Saver:
    """Makes the files that buttons of the page ask for, in a thread: a page stays as it was asked for."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def answer(self, kind: str, said: dict[str, Any]) -> Any:
        """A file, once it is made. What stands in its way is said beside the picture.

        Raises
        ------
        LiqmapError : what no page asks for.
        """
        wanted = said.get("kind")
        if kind != "file" or not (isinstance(wanted, str) and wanted in KINDS):
            raise GridError(argument="file", expected=f"one of {', '.join(KINDS)}", got=f"{wanted!r:.60}")
        fail = partial(self._fail, wanted)
        if self._data.session is None:
            error = LiqmapError(
                where=wanted, expected="a session that is shown", got="none", remedy="Choose one first"
            )
            fail(error)
            raise error
        view = View(self._data)
        if wanted == "HTML" and view.presence is not None:
            self._data.warn(WITHOUT)
        return Later(partial(_file, view, wanted), SAVING.submit, fail)

    def _fail(self, kind: str, error: Exception) -> None:
        self._data.warn(self._data.tell(error, f"{kind} cannot be made"))


def _file(view: View, kind: str) -> dict[str, Any]:
    name, content = write(view, kind)
    return {"name": name, "content": content}
