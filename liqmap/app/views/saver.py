"""Buttons that save what is in view to files."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Any

import panel as pn
import param

from liqmap.app.data.background import SAVING
from liqmap.app.data.data import Data
from liqmap.app.data.exports import KINDS, View, write
from liqmap.app.internals.panel import CancelledDownload, Download, explain
from liqmap.app.state.wording import notice_of
from liqmap.app.style import BUTTONS
from liqmap.schema import LiqmapError

log = logging.getLogger("liqmap.app")


WORDS = {
    "PNG": "Save the picture in view, with its layers and panels.",
    "Parquet": "Save the cells in view as a table: side, price, time, liquidity, state.",
    "NetCDF": "Save the cells in view as a grid that xarray opens.",
    "HTML": "Save the session as a page that works alone, opened at this view.",
}
"""What each kind of file holds."""


class Saver(pn.viewable.Viewer):
    """A button a kind of file; it turns while the file is made."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.buttons = {kind: self._button(kind) for kind in KINDS}

    def _button(self, kind: str) -> Download:
        async def make() -> io.BytesIO:
            return await self._make(kind)

        button = Download(
            callback=make, filename=f"liqmap.{KINDS[kind][0]}", label=kind, icon=None, embed=False,
            stylesheets=[BUTTONS], sizing_mode="stretch_width", margin=3,
        )  # fmt: skip
        explain(button, WORDS[kind])
        return button

    async def _make(self, kind: str) -> io.BytesIO:
        """The file, made in a thread.

        Raises
        ------
        CancelledDownload : it cannot be made; why is said beside the picture.
        """
        button = self.buttons[kind]
        button.loading = True
        try:
            if self.data.session is None:
                raise LiqmapError(
                    where=kind, expected="a session that is shown", got="none", remedy="Choose one first"
                )
            name, content = await asyncio.get_running_loop().run_in_executor(
                SAVING, write, View(self.data), kind
            )
        except LiqmapError as error:
            self.data.warn(notice_of(error))
            raise CancelledDownload from error
        except Exception as error:
            log.exception("cannot make %s", kind)
            self.data.warn(f"{kind} cannot be made ({type(error).__name__}: {error})")
            raise CancelledDownload from error
        finally:
            button.loading = False
        button.filename = name
        return io.BytesIO(content)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Row(*self.buttons.values(), sizing_mode="stretch_width", margin=(2, 9))
