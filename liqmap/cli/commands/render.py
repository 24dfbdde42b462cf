"""``liqmap render``: a heatmap as PNG or standalone HTML."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import liqmap as lm
from liqmap.cli.arguments import (
    Commands,
    add_import,
    add_json,
    add_store,
    import_modules,
    number,
    pair,
    words,
)
from liqmap.cli.arguments import path as path_of
from liqmap.cli.exit_codes import DONE
from liqmap.cli.printing import print_json
from liqmap.schema import AGGREGATES, LiqmapError
from liqmap.terminal import say

MAX_PIXELS = 64_000_000
"""Of a picture: about sixteen bytes each while it is drawn."""

WIDTH, HEIGHT = 1600, 900
"""Pixels of a picture where nothing is said: those of `liqmap.render.picture`."""


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("render", help="a heatmap of one market, as PNG, JPEG or standalone HTML")
    add_store(parser)
    parser.add_argument("--venue", required=True)
    parser.add_argument("--symbol", required=True)
    parser.add_argument("--feed", help="default: the deepest")
    parser.add_argument("--start", help="UTC, such as '2025-11-28 14:00'")
    parser.add_argument("--end", help="UTC")
    parser.add_argument("--half-life", help="age at which a carried size weighs 1/2, or none (default: 30s)")
    parser.add_argument("--prune", help="age at which a carried size is dropped, or none (default: 5min)")
    parser.add_argument(
        "--calibrated", action="store_true", help="carry by what `liqmap calibrate --save` found, instead"
    )
    parser.add_argument("--agg", choices=AGGREGATES, help="per pixel (default: peak)")
    _add_look(parser)
    add_import(parser)
    parser.add_argument(
        "-o", "--output", type=path_of, required=True, metavar="FILE", help="out.png, out.jpg or out.html"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def _add_look(parser: ArgumentParser) -> None:
    """What stands beside and over the heatmap, and how it looks; of a page, at first."""
    both = parser.add_argument_group("look")
    both.add_argument(
        "--overlays",
        type=words,
        metavar="A,B",
        help="of bbo, mid, bubbles, candles, trust, vwap, poc, footprint, stacking and, in a PNG, what"
        " --import adds (default: bbo,bubbles)",
    )
    both.add_argument(
        "--min-trade", type=number, metavar="SIZE", help="smallest trade drawn (default: every one)"
    )
    both.add_argument("--theme", help="dark or light (default: dark)")
    both.add_argument("--palette", help="default, classic, or a uniform map such as viridis or fire")
    both.add_argument("--scaling", help="of sizes: log, linear or equalised (default: log)")
    both.add_argument("--carried-shown", metavar="HOW", help="carried: fade, outline or hide (default: fade)")
    both.add_argument(
        "--carried",
        type=_strength,
        metavar="STRENGTH",
        help="of carried beside observed, 0 to 1 (default: 0.72)",
    )
    both.add_argument(
        "--cutoffs", type=pair, metavar="A,B", help="percentiles between which colour runs (default: auto)"
    )
    both.add_argument("--limits", type=pair, metavar="A,B", help="sizes between which colour runs, instead")
    both.add_argument(
        "--panels",
        type=words,
        metavar="A,B",
        help="measures such as imbalance@5 and, in a PNG, ladder, profile, delta and what --import registers",
    )
    png = parser.add_argument_group("of a PNG")
    png.add_argument(
        "--alert",
        action="append",
        dest="alerts",
        metavar="CONDITION",
        help="mark when it came to hold, such as 'imbalance@5 > 0.6'; may be said several times",
    )
    png.add_argument("--width", type=int, help=f"pixels (default: {WIDTH})")
    png.add_argument("--height", type=int, help=f"pixels (default: {HEIGHT})")
    png.add_argument("--time-zone", help="of the time axis, such as Europe/Berlin (default: UTC)")
    png.add_argument(
        "--presence", action="store_true", help="grey what is less likely still there, as calibrated"
    )
    png.add_argument("--preset", help="'extended market depth', 'as transmitted', or one of your own")


def run(args: Namespace) -> int:
    """Draw one market as PNG or standalone HTML, and say what is in it."""
    from liqmap.browser import Page, standalone_html
    from liqmap.carry import spell
    from liqmap.render import picture
    from liqmap.render.frames.quiet import times_in_view
    from liqmap.render.png.writing import ENDINGS

    import_modules(args.modules)
    path = Path(args.output)
    if path.suffix not in (*ENDINGS, ".html"):
        raise LiqmapError(where=path, expected=f"a name that ends in {', '.join(ENDINGS)} or .html")
    look = _look(args, path)
    _check_size(look.get("width", WIDTH), look.get("height", HEIGHT))
    session = lm.open_store(args.store).session(args.venue, args.symbol, args.start, args.end, args.feed)
    draw = standalone_html if path.suffix == ".html" else picture
    written = draw(session, path, **_carried(args), **_calibrated(args, session), **look)
    shown = session.time_range if isinstance(written, Page) else times_in_view(session)
    begin, end = (str(t)[:19].replace("T", " ") for t in shown)
    if args.json:
        drawn = {"path": str(path), "bytes": path.stat().st_size, "start": begin, "end": end}
        if isinstance(written, Page):
            drawn["resolution"] = spell(written.resolution)
        print_json(drawn | {"venue": session.venue, "symbol": session.symbol, "feed": session.feed})
    else:
        say(f"{path}  {session.venue} {session.symbol} {session.feed}, {begin} to {end} UTC")
        if isinstance(written, Page) and written.resolution is not None:
            say(f"note: {written.note}", error=True)
    return DONE


def _check_size(width: int, height: int) -> None:
    for name, pixels in (("width", width), ("height", height)):
        if not 100 <= pixels <= 20_000:
            raise LiqmapError(argument=name, expected="100 to 20000 pixels", got=str(pixels))
    if width * height > MAX_PIXELS:
        raise LiqmapError(
            argument="width",
            expected=f"at most {MAX_PIXELS // 10**6} million pixels with the height",
            got=f"{width} x {height}",
        )


def _carried(args: Namespace) -> dict[str, Any]:
    """What was said of carry and aggregate."""
    return {name: getattr(args, name) for name in ("half_life", "prune", "agg") if getattr(args, name)}


def _calibrated(args: Namespace, session: lm.Session) -> dict[str, Any]:
    """What the calibration that is saved with the store says of carry and presence, where it is asked for.

    Raises
    ------
    LiqmapError : there is none, or half-life or prune are said too.
    """
    if not (args.calibrated or args.presence):
        return {}
    if args.calibrated and (args.half_life or args.prune):
        expected = "no --half-life and no --prune beside it"
        raise LiqmapError(argument="calibrated", expected=expected, got="both")
    if (found := session.calibration) is None:
        raise LiqmapError(
            where=f"{session.venue} {session.symbol} {session.feed}",
            expected="a calibration saved with the store",
            got="none",
            remedy="Make one: liqmap calibrate --save",
        )
    chosen: dict[str, Any] = {"carry": found} if args.calibrated else {}
    return chosen | ({"presence": found} if args.presence else {})


def _strength(text: str) -> float | str:
    """A strength; or a word that tells how carried is shown, which this option took before."""
    from liqmap.render.frames.look import CARRIED_SHOWN

    return text if text in CARRIED_SHOWN else number(text)


def _look(args: Namespace, path: Path) -> dict[str, Any]:
    """What was said of the look; of a page, which fills its window, what it opens with."""
    from liqmap.render import Look
    from liqmap.render.marks.registry import names as names_of_overlays
    from liqmap.render.marks.registry import overlays

    names = (
        "width", "height", "overlays", "panels", "min_trade", "theme", "palette", "time_zone", "preset",
        "alerts",
    )  # fmt: skip
    said = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    looks = ("scaling", "carried_shown", "carried", "cutoffs", "limits")
    look = {name: getattr(args, name) for name in looks if getattr(args, name) is not None}
    if isinstance(look.get("carried"), str):
        look["carried_shown"] = look.pop("carried")
    if path.suffix == ".html":
        if args.presence:
            raise LiqmapError(argument="presence", expected="beside a .png", got=str(path))
        for name in ("width", "height", "time_zone", "preset", "alerts"):
            if name in said:
                raise LiqmapError(argument=name, expected="beside a .png", got=str(path))
        in_page = [name for name in names_of_overlays() if overlays()[name].in_page]
        if not set(said.get("overlays", ())) <= set(in_page):
            raise LiqmapError(
                argument="overlays",
                expected=f"of {', '.join(in_page)} for {path}",
                got=",".join(said["overlays"]),
            )
        look |= {name: said.pop(name) for name in ("theme", "palette") if name in said}
    return said | ({"look": Look(**look)} if look else {})
