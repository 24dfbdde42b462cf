"""`render`: a heatmap as a file; returns its exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import liqmap as lm
from liqmap.cli.printing import print_json
from liqmap.schema import LiqmapError

MAX_PIXELS = 64_000_000
"""Of a picture: about sixteen bytes each while it is drawn."""

PAGE_OVERLAYS = ("bbo", "bubbles")
"""What of them a page can show."""

WIDTH, HEIGHT = 1600, 900
"""Pixels of a picture where nothing is said: those of `liqmap.render.picture`."""


def render(args: Namespace) -> int:
    """Draw one market as PNG or standalone HTML, and say what is in it."""
    from liqmap.browser import Page, standalone_html
    from liqmap.carry import spell
    from liqmap.render import picture

    path = Path(args.output)
    if path.suffix not in (".png", ".html"):
        raise LiqmapError(f"{path}: expected a name that ends in .png or .html")
    look = _look(args, path)
    _check_size(look.get("width", WIDTH), look.get("height", HEIGHT))
    session = lm.open_store(args.store).session(args.venue, args.symbol, args.start, args.end, args.feed)
    draw = picture if path.suffix == ".png" else standalone_html
    written = draw(
        session,
        path,
        **_carried(args),
        **look,
    )
    begin, end = (str(t)[:19].replace("T", " ") for t in session.time_range)
    if args.json:
        drawn = {"path": str(path), "bytes": path.stat().st_size, "start": begin, "end": end}
        if isinstance(written, Page):
            drawn["resolution"] = spell(written.resolution)
        print_json(drawn | {"venue": session.venue, "symbol": session.symbol, "feed": session.feed})
    else:
        print(f"{path}  {session.venue} {session.symbol} {session.feed}, {begin} to {end} UTC")
        if isinstance(written, Page) and written.resolution is not None:
            print(f"note: {written.note}", file=sys.stderr)
    return 0


def _check_size(width: int, height: int) -> None:
    if not (100 <= width <= 20_000 and 100 <= height <= 20_000):
        raise LiqmapError(f"--width, --height: expected 100 to 20000 pixels, got {width} x {height}")
    if width * height > MAX_PIXELS:
        most = f"{MAX_PIXELS // 10**6} million pixels"
        raise LiqmapError(f"--width, --height: expected at most {most}, got {width} x {height}")


def _carried(args: Namespace) -> dict[str, Any]:
    """What was said of carry and aggregate; a preset, which has its own, would take its place unseen."""
    from liqmap.render.frames.presets import presets

    said = {name: getattr(args, name) for name in ("half_life", "prune", "agg") if getattr(args, name)}
    if args.preset is not None:
        for name in said.keys() & presets().get(args.preset, {}).keys():
            raise LiqmapError(
                f"--{name.replace('_', '-')}: expected none beside --preset {args.preset!r}, which has its "
                f"own, got {said[name]}. Leave one of the two out"
            )
    return said


def _look(args: Namespace, path: Path) -> dict[str, Any]:
    """What was said of the look; of a page, which fills its window, what it opens with."""
    from liqmap.render import Look

    names = ("width", "height", "overlays", "panels", "theme", "palette", "time_zone", "preset")
    said = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    looks = ("scaling", "carried_shown")
    look = {name: getattr(args, name) for name in looks if getattr(args, name) is not None}
    if path.suffix != ".png":
        for name in ("width", "height", "panels", "time_zone", "preset"):
            if name in said:
                raise LiqmapError(f"--{name.replace('_', '-')}: expected beside a .png, got {path}")
        if not set(said.get("overlays", ())) <= set(PAGE_OVERLAYS):
            words = ",".join(said["overlays"])
            raise LiqmapError(
                f"--overlays: expected of {' and '.join(PAGE_OVERLAYS)} for {path}, got {words}"
            )
        look |= {name: said.pop(name) for name in ("theme", "palette") if name in said}
    return said | ({"look": Look(**look)} if look else {})
