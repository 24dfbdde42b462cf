"""Files of what is in view, with the settings it is seen with: picture, grid, page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.trades import Traded, Trades
from liqmap.app.data.data import Data
from liqmap.app.state.options import BOTH
from liqmap.browser import standalone_html
from liqmap.browser.panes import is_in_page
from liqmap.carry import DROP, HalfLife, Mixture
from liqmap.grid.files import save_grid
from liqmap.render import picture
from liqmap.render.frames.frame import visible
from liqmap.render.marks.traded import known_of, traded
from liqmap.spans import Spans

WIDTH, HEIGHT = 1920, 1080
"""Pixels of a picture."""

STRANGE = r"[^\w.\-]"
"""What is in no name of a file: separators, quotes, line ends, what cannot be seen."""

DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows takes for devices, whatever follows behind a point."""

MOST_BYTES = 100
"""Of a market's name; file systems take names of 255."""

HALF = 1280
"""Pixels of the width of each of two pictures side by side."""


class View(Traded):
    """What is seen now: a file that is made of it stays as it was asked for, whatever is chosen meanwhile.

    To draw, it is a session whose time is that in view; while it is played, nothing later is known of it.
    """

    def __init__(self, data: Data) -> None:
        self.until = data.played_to()
        self.session, self.shown, self.look = data.session, data.shown, data.look
        self.time_range, self.price_range = data.time_range, data.price_range
        s = data.state
        self.both = s.view == BOTH
        self.options = {
            "overlays": list(s.layers), "panels": list(s.panels), "row_ticks": s.row_ticks,
            "time_zone": s.time_zone, "min_trade": s.min_trade, "alerts": list(s.alerts),
        }  # fmt: skip
        self.opacity, self.stable = float(s.opacity), bool(s.stable)
        self.presence = data.presence
        self.cells = {"carry": data.carry, "agg": s.agg}

    @property
    def whole(self) -> Any:
        """The session, of which alerts tell."""
        return self.session

    def spans(self, depth_limit: int | None = None) -> Spans:
        """Spans of the session."""
        return self.session.spans(depth_limit)

    def trades(self) -> pa.Table:
        """Trades of the session."""
        return self.session.trades()

    def traded(self) -> Trades:
        """Trades of the session by time, as far as they are known."""
        return known_of(traded(self.session), self.until)


def png(view: View, path: Path) -> None:
    """The view as a picture, in the colours that it is seen in; before and after as two side by side."""
    options = {
        "look": view.look,
        "presence": view.presence,
        "time_range": view.time_range,
        "price_range": view.price_range,
        **view.options,
        **view.cells,
    }
    if view.shown is not None:
        options["scale"] = view.shown.scale
    if not view.both:
        picture(view, path, width=WIDTH, height=HEIGHT, **options)
        return
    from matplotlib.image import imread, imsave

    halves = []
    for one in (DROP, view.cells["carry"]):
        picture(view, path, width=HALF, height=HEIGHT, **options | {"carry": one, "panels": ()})
        halves.append(imread(path))
    imsave(path, np.concatenate(halves, axis=1))


def html(view: View, path: Path) -> None:
    """The session as one page that works alone, opened at the view and with those choices that it has."""
    look = replace(view.look, opacity=view.opacity)  # it has no candles to make way for
    there = view.time_range, view.price_range
    standalone_html(
        view.session,
        path,
        look=look,
        overlays=view.options["overlays"],
        panels=[name for name in view.options["panels"] if is_in_page(name)],
        view=there,
        stable=view.stable,
        min_trade=view.options["min_trade"],
        **view.cells,
    )


def grid(view: View) -> Any:
    """The grid in view, with the cells that the picture has."""
    shown, tick = view.shown, view.session.spans().tick_size
    price = shown.row if shown is not None else tick
    column = np.timedelta64(round((shown.column_s if shown is not None else 1.0) * 1e9), "ns")
    return view.session.grid(
        time=column, price=price, time_range=view.time_range, price_range=view.price_range,
        presence=view.presence, **view.cells,
    )  # fmt: skip


def netcdf(view: View, path: Path) -> None:
    """The grid in view, NetCDF 4."""
    save_grid(grid(view), path)


def parquet(view: View, path: Path) -> None:
    """The grid in view, a row per cell that is known; its attributes in the file's metadata."""
    cells = grid(view)
    table = cells.liqmap.to_frame()
    table.attrs = {name: str(value) for name, value in cells.attrs.items()}
    table.to_parquet(path, compression="zstd")


KINDS: dict[str, tuple[str, Callable[[View, Path], None]]] = {
    "PNG": ("png", png),
    "Parquet": ("parquet", parquet),
    "NetCDF": ("nc", netcdf),
    "HTML": ("html", html),
}
"""What can be saved, by its name on the button: suffix, and what writes it."""


def write(view: View, kind: str) -> tuple[str, bytes]:
    """A file's name and content.

    Raises
    ------
    LiqmapError : the grid is too large, or what writes it is not installed.
    """
    suffix, make = KINDS[kind]
    name = f"{file_name(view, whole=make is html)}.{suffix}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{suffix}"
        make(view, path)
        return name, path.read_bytes()


def file_name(view: View, whole: bool = False) -> str:
    """Market, time and settings: ``bybit-BTCUSDT-ob200_2025-11-28_143000-150000_half-life-2min_...``.

    Parameters
    ----------
    whole : the time is that of the session, not of the view.
    """
    meta, carry = view.session.spans().meta, view.cells["carry"]
    begin, end = (
        str(t.astype("datetime64[s]"))
        for t in (visible(view.session.time_range) if whole else view.time_range)
    )
    clock = f"{begin[11:].replace(':', '')}-{end[11:].replace(':', '')}"
    market = "-".join(w for w in (meta.venue, meta.symbol, meta.feed) if w)
    parts = (market_name(market), begin[:10], clock, *_carry_names(carry), view.cells["agg"])
    return re.sub(STRANGE, "-", "_".join(parts))


def market_name(market: str) -> str:
    """A market in the name of a file, on any system: letters and digits of any script, of a long one the
    beginning; neither hidden, nor an option of a command, nor a device of Windows."""
    safe = re.sub(STRANGE, "-", unicodedata.normalize("NFC", market))
    safe = safe.encode()[:MOST_BYTES].decode(errors="ignore").strip(".-") or "market"
    return f"_{safe}" if DEVICE.match(safe) else safe


def _carry_names(carry: HalfLife | Mixture) -> tuple[str, str]:
    """A model in the name of a file."""
    said = carry.attrs()
    by = f"half-life-{said['half_life']}" if isinstance(carry, HalfLife) else "fitted-model"
    return by, f"prune-{said['prune']}"
