"""Figures as files: what the name ends in is what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from liqmap.render.png.layout import DPI

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".png", ".jpg", ".jpeg")
"""Of a picture of pixels. A heatmap is pixels: as SVG or PDF it would be one of these in a wrapper."""


def write_picture(figure: Figure, unfinished: Path, path: Path) -> None:
    """Write a figure to ``unfinished`` as the ending of ``path`` says: JPEG, else PNG."""
    is_jpeg = path.suffix.lower() in ENDINGS[1:]
    how: dict[str, Any] = {"format": "png"}
    if is_jpeg:  # as sharp as it can be: lines of one pixel, and no coarser colours
        how = {"format": "jpg", "pil_kwargs": {"quality": 95, "subsampling": 0}}
    figure.savefig(unfinished, dpi=DPI, facecolor=figure.get_facecolor(), **how)
