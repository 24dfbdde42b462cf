"""What each command does; each returns its exit code."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from dataclasses import asdict
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import liqmap as lm
from liqmap.schema import SCHEMA_VERSION, LiqmapError, SessionError

if TYPE_CHECKING:
    import pandas as pd

    from liqmap.ingest import IngestReport
    from liqmap.store import Done


MAX_PIXELS = 64_000_000
"""Of a picture: about sixteen bytes each while it is drawn."""

GAPS_SHOWN = 10
"""Of an ingest, to people."""


def ingest(args: Namespace) -> int:
    report = lm.ingest(
        args.paths,
        store=args.store,
        venue=args.venue,
        symbol=args.symbol,
        feed=args.feed,
        format=args.format,
        tick_size=args.tick_size,
        mapping=args.map,
        jobs=args.jobs,
    )
    _print_losses("ingest", report)
    if args.json:
        _print_json({"sources": _records(report.table), "gaps": _records(report.gaps)})
    elif report.exit_code < 2:
        _print_table(report.table)
    return report.exit_code


def fetch(args: Namespace) -> int:
    report = lm.fetch(
        args.exchange,
        args.symbol,
        args.start,
        args.end,
        kind=args.kind,
        market=args.market,
        store=args.store,
        keep=args.keep,
        base_url=args.base_url,
    )
    _print_losses("fetch", report)
    if args.json:
        days = [vars(f) | {"date": str(f.date)} for f in report.files]
        _print_json({"files": days, "sources": _records(report.table), "gaps": _records(report.gaps)})
    elif report.exit_code < 2:
        days = report.days
        _print_table(days.assign(url=[Path(u).name for u in days["url"]]).drop(columns=["path"]))
        if len(report.sources):
            _print_table(report.table)
    return report.exit_code


def info(args: Namespace) -> int:
    have = lm.open_store(args.store).sessions()
    for column in ("venue", "symbol"):
        wanted = getattr(args, column)
        if wanted is not None:
            have = have[have[column] == wanted]
            if not len(have):
                raise SessionError(f"{args.store}: expected a {column} of the store, got {wanted!r}")
    if args.quality:
        return _quality(args, have)
    for option in ("feed", "output", "theme"):
        if getattr(args, option) is not None:
            raise LiqmapError(f"--{option}: expected beside --quality, got it alone")
    if args.json:
        _print_json({"sessions": _records(have)})
    elif len(have):
        _print_table(have)
    else:
        print(f"{args.store} is empty: `liqmap demo` fills it with a simulated market")
    return 0


def _quality(args: Namespace, have: pd.DataFrame) -> int:
    """Of one market: totals, hours and sources as tables, and the picture if one is asked for."""
    from liqmap.render.quality_picture import quality_picture, quality_words

    if args.output is not None and Path(args.output).suffix != ".png":
        raise LiqmapError(f"{args.output}: expected a name that ends in .png")
    depth = have[have["kind"] == "depth"]
    markets = sorted(set(zip(depth["venue"], depth["symbol"])))
    if len(markets) != 1:
        known = ", ".join(" ".join(m) for m in markets) or "none"
        raise SessionError(
            f"{args.store}: expected one market with depth, got {known}. Pass --venue and --symbol"
        )
    session = lm.open_store(args.store).session(*markets[0], feed=args.feed)
    found = session.quality()
    if args.output is not None:
        quality_picture(session, args.output, found, theme=args.theme or "dark")
    if args.json:
        tables = ("hours", "stretches", "gaps", "sources")
        told = {name: _records(getattr(found, name)) for name in tables}
        total = json.loads(found.total.to_json())
        market = {"venue": session.venue, "symbol": session.symbol, "feed": session.feed}
        _print_json(market | {"total": total} | told)
        return 0
    print(f"{session.venue} {session.symbol} {session.feed}")
    for name, value in quality_words(found):
        print(f"  {name:<30}{value:>20}")
    for title, table in (("hours", found.hours), ("sources", found.sources)):
        print(f"\n{title}")
        _print_table(table)
    return 0


def remove(args: Namespace) -> int:
    from liqmap import store

    asked = (args.venue, args.symbol, args.feed, args.kind, args.first, args.last)
    parts = store.select(args.store, *asked)
    days = sorted({part.date for part in parts})
    what = f"{len(parts):,} files, {sum(p.rows for p in parts):,} rows, {days[0]} to {days[-1]}"
    if not args.yes:
        if not sys.stdin.isatty():
            raise LiqmapError(f"{args.store}: expected --yes to remove {what}, got no terminal to ask on")
        if input(f"remove {what} of {args.venue} {args.symbol}? [y/N] ").strip().lower() not in ("y", "yes"):
            print("nothing removed")
            return 2
    done = store.remove(args.store, parts)
    return _cared(args, done, f"removed {what}")


def compact(args: Namespace) -> int:
    from liqmap import store

    done = store.compact(args.store)
    sizes = f"{done.bytes:,} to {done.bytes_after:,} bytes"
    said = f"joined {done.files:,} files into {done.files_after:,}, {sizes}"
    return _cared(args, done, said if done.files else "every day is one file already")


def migrate(args: Namespace) -> int:
    from liqmap import store

    done = store.migrate(args.store)
    now = f"schema_version {SCHEMA_VERSION}"
    said = f"brought {done.files:,} files to {now}" if done.files else f"every file is of {now} already"
    return _cared(args, done, said)


def _cared(args: Namespace, done: Done, said: str) -> int:
    if args.json:
        _print_json(asdict(done))
    else:
        print(said)
    return 0


def render(args: Namespace) -> int:
    from liqmap.carry import spell
    from liqmap.render import picture, standalone_html
    from liqmap.render.standalone import Page

    path = Path(args.output)
    if path.suffix not in (".png", ".html"):
        raise LiqmapError(f"{path}: expected a name that ends in .png or .html")
    if not (100 <= args.width <= 20_000 and 100 <= args.height <= 20_000):
        raise LiqmapError(
            f"--width, --height: expected 100 to 20000 pixels, got {args.width} x {args.height}"
        )
    if args.width * args.height > MAX_PIXELS:
        raise LiqmapError(
            f"--width, --height: expected at most {MAX_PIXELS // 10**6} million pixels, "
            f"got {args.width} x {args.height}"
        )
    session = lm.open_store(args.store).session(args.venue, args.symbol, args.start, args.end, args.feed)
    draw = picture if path.suffix == ".png" else standalone_html
    written = draw(
        session,
        path,
        width=args.width,
        height=args.height,
        **_carried(args),
        **_look(args, path),
    )
    begin, end = (str(t)[:19].replace("T", " ") for t in session.time_range)
    if args.json:
        drawn = {"path": str(path), "bytes": path.stat().st_size, "start": begin, "end": end}
        if isinstance(written, Page):
            drawn["resolution"] = spell(written.resolution)
        _print_json(drawn | {"venue": session.venue, "symbol": session.symbol, "feed": session.feed})
    else:
        print(f"{path}  {session.venue} {session.symbol} {session.feed}, {begin} to {end} UTC")
        if isinstance(written, Page) and written.resolution is not None:
            print(f"note: {written.note}", file=sys.stderr)
    return 0


def _carried(args: Namespace) -> dict[str, Any]:
    """What was said of carry and aggregate; a preset, which has its own, would take its place unseen."""
    from liqmap.render.presets import presets

    said = {name: getattr(args, name) for name in ("half_life", "prune", "agg") if getattr(args, name)}
    if args.preset is not None:
        for name in said.keys() & presets().get(args.preset, {}).keys():
            raise LiqmapError(
                f"--{name.replace('_', '-')}: expected none beside --preset {args.preset!r}, which has its "
                f"own, got {said[name]}. Leave one of the two out"
            )
    return said


def _look(args: Namespace, path: Path) -> dict[str, Any]:
    """What was said of the look of a PNG; nothing for a page, which has controls of its own."""
    from liqmap.render import Look

    names = ("overlays", "panels", "theme", "palette", "time_zone", "preset")
    said = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    looks = ("scaling", "carried_shown")
    look = {name: getattr(args, name) for name in looks if getattr(args, name) is not None}
    if (said or look) and path.suffix != ".png":
        option = {"carried_shown": "carried"}.get(name := next(iter(said | look)), name.replace("_", "-"))
        raise LiqmapError(f"--{option}: expected beside a .png, got {path}")
    return said | ({"look": Look(**look)} if look else {})


def app(args: Namespace) -> int:
    from liqmap.app import Access, serve

    asked = {
        "basic_auth": args.basic_auth, "oauth": args.oauth, "oauth_key": args.oauth_key,
        "oauth_redirect": args.oauth_redirect, "users": tuple(args.allow_user or ()), "no_auth": args.no_auth,
        "origins": tuple(args.allow_origin or ()), "prefix": args.prefix, "max_sessions": args.max_sessions,
        "read_only": args.read_only, "memory": args.memory,
    }  # fmt: skip
    access = Access(**{name: value for name, value in asked.items() if value is not None})
    serve(args.store, address=args.address, port=args.port, show=args.show, access=access)
    return 0


def passwd(args: Namespace) -> int:
    from liqmap.app.passwords import set_password

    if sys.stdin.isatty():
        password = getpass(f"password of {args.user}: ")
        if getpass("once more: ") != password:
            raise LiqmapError("password: expected the same twice, got two. Nothing written")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    set_password(args.file, args.user, password)
    print(f"{args.file}: {args.user} may enter")
    return 0


def demo(args: Namespace) -> int:
    """Ingest the sample, draw it twice, and serve the app unless told not to."""
    from liqmap.render import picture, standalone_html

    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    if args.sample:
        raw = sorted(p for p in Path(args.sample).glob("*") if p.name.endswith((".zip", ".gz")))
        if not raw:
            raise LiqmapError(f"{args.sample}: expected raw archives (.zip, .gz), got none")
    else:
        from liqmap.simulate import write_bybit

        print("simulating 30 minutes of a market")
        raw = write_bybit(lm.simulate(minutes=30, seed=0), out / "raw")
    report = lm.ingest(raw, store=args.store)
    _print_table(report.table)
    if report.exit_code:
        for error in report.errors:
            print(f"liqmap demo: {error}", file=sys.stderr)
        return report.exit_code
    depth = report.table[report.table["kind"] == "depth"].iloc[0]
    session = lm.open_store(args.store).session(depth["venue"], depth["symbol"])
    carry: dict[str, Any] = {"half_life": "10min", "prune": None}
    picture(session, out / "heatmap.png", panels=("ladder", "profile", "delta"), **carry)
    standalone_html(session, out / "heatmap.html", **carry)
    for name in ("heatmap.png", "heatmap.html"):
        print(f"wrote {out / name}")
    return 0 if args.no_serve else app(args)


def _print_losses(command: str, report: IngestReport) -> None:
    """Notes, lines, gaps and errors of an ingest, to people."""
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    for path, line, reason in report.rejected:
        print(f"{path}:{line}: {reason}", file=sys.stderr)
    for gap in report.lost[:GAPS_SHOWN]:
        print(gap, file=sys.stderr)
    gaps = sum(source.gaps for source in report.sources)
    if gaps > GAPS_SHOWN:
        print(f"note: {gaps:,} gaps in all; `report.gaps` in Python, or --json, lists them", file=sys.stderr)
    for error in report.errors:
        print(f"liqmap {command}: {error}", file=sys.stderr)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON: times as ISO text, missing values as null."""
    return json.loads(table.to_json(orient="records", date_format="iso", date_unit="ns"))


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value))


def _print_table(table: pd.DataFrame) -> None:
    """A table for people: short times, thousands separated."""
    shown = table.copy()
    for name in shown.columns:
        if str(shown[name].dtype).startswith("datetime64"):
            shown[name] = shown[name].dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
        elif name in ("messages", "rows", "gaps", "rejected", "bytes"):
            shown[name] = [f"{v:,}" for v in shown[name].fillna(0).astype("int64")]
        elif name.endswith(("_share", "_s", "_bps", "bps_p05", "bps_p95")) or (
            name == "seconds" and "hour" in shown
        ):
            shown[name] = shown[name].map("{:.4g}".format)
        elif name == "path":
            shown[name] = [Path(p).name for p in shown[name]]
        elif name == "seconds":
            shown[name] = shown[name].map("{:.2f}".format)
    print(shown.astype(object).where(shown.notna(), "").to_string(index=False))
