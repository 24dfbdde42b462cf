"""Files of what is in view, with the settings it is seen with: picture, grid, page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from liqmap.carry import spell
from liqmap.render import picture, standalone_html
from liqmap.render.frame import visible
from liqmap.session.grid_file import save_grid

from .data import Data, duration, prune_s

WIDTH, HEIGHT = 1920, 1080
"""Pixels of a picture."""


class View:
    """A session, of which the part in view is what there is to draw."""

    def __init__(self, data: Data) -> None:
        self.spans, self.trades = data.session.spans, data.session.trades
        self.time_range = data.time_range
        self.price_range = data.price_range


def png(data: Data, path: Path) -> None:
    """The view as a picture."""
    state = data.state
    picture(
        View(data), path, width=WIDTH, height=HEIGHT, overlays=state.layers, panels=state.panels,
        look=data.look, price_range=data.price_range, row_ticks=state.row_ticks, time_zone=state.time_zone,
        **_carry(data),
    )  # fmt: skip


def html(data: Data, path: Path) -> None:
    """The session as one page that works alone."""
    standalone_html(data.session, path, **_carry(data))


def grid(data: Data) -> Any:
    """The grid in view, with the cells that the picture has."""
    shown, tick = data.shown, data.session.spans().tick_size
    price = shown.row if shown is not None else tick
    column = np.timedelta64(round((shown.column_s if shown is not None else 1.0) * 1e9), "ns")
    return data.session.grid(
        time=column, price=price, time_range=data.time_range, price_range=data.price_range, **_carry(data)
    )


def netcdf(data: Data, path: Path) -> None:
    """The grid in view, NetCDF 4."""
    save_grid(grid(data), path)


def parquet(data: Data, path: Path) -> None:
    """The grid in view, a row per cell that is known; its attributes in the file's metadata."""
    cells = grid(data)
    table = cells.liqmap.to_frame()
    table.attrs = {name: str(value) for name, value in cells.attrs.items()}
    table.to_parquet(path, compression="zstd")


KINDS: dict[str, tuple[str, Callable[[Data, Path], None]]] = {
    "PNG": ("png", png),
    "Parquet": ("parquet", parquet),
    "NetCDF": ("nc", netcdf),
    "HTML": ("html", html),
}
"""What can be saved, by its name on the button: suffix, and what writes it."""


def write(data: Data, kind: str) -> tuple[str, bytes]:
    """A file's name and content.

    Raises
    ------
    LiqmapError : the grid is too large, or what writes it is not installed.
    """
    suffix, make = KINDS[kind]
    name = f"{file_name(data, whole=make is html)}.{suffix}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{suffix}"
        make(data, path)
        return name, path.read_bytes()


def file_name(data: Data, whole: bool = False) -> str:
    """Market, time and settings: ``bybit-BTCUSDT-ob200_2025-11-28_143000-150000_half-life-2min_...``.

    Parameters
    ----------
    whole : the time is that of the session, not of the view.
    """
    s, meta = data.state, data.session.spans().meta
    begin, end = (
        str(t.astype("datetime64[s]"))
        for t in (visible(data.session.time_range) if whole else data.time_range)
    )
    clock = f"{begin[11:].replace(':', '')}-{end[11:].replace(':', '')}"
    half_life, prune = (spell(None if v is None else round(v * 1e9)) for v in (s.half_life_s, prune_s(s)))
    parts = (
        "-".join(w for w in (meta.venue, meta.symbol, meta.feed) if w), begin[:10], clock,
        f"half-life-{half_life}", f"prune-{prune}", s.agg,
    )  # fmt: skip
    return re.sub(r"[^\w.\-]", "-", "_".join(parts))


def _carry(data: Data) -> dict[str, Any]:
    s = data.state
    return {"half_life": duration(s.half_life_s), "prune": duration(prune_s(s)), "agg": s.agg}
