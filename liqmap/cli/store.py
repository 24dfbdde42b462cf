"""Commands about a store: what it holds, how good that is, and its care; each returns its exit code."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import liqmap as lm
from liqmap.cli.printing import print_json, print_table, records
from liqmap.schema import SCHEMA_VERSION, LiqmapError, SessionError

if TYPE_CHECKING:
    import pandas as pd

    from liqmap.store import Done


def info(args: Namespace) -> int:
    """Print what the store holds, or how good the feed of one market is."""
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
        print_json({"sessions": records(have)})
    elif len(have):
        print_table(have)
    else:
        print(f"{args.store} is empty: `liqmap demo` fills it with a simulated market")
    return 0


def _quality(args: Namespace, have: pd.DataFrame) -> int:
    """Of one market: totals, hours and sources as tables, and the picture if one is asked for."""
    from liqmap.render.png.quality_picture import quality_picture, quality_words

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
        told = {name: records(getattr(found, name)) for name in tables}
        total = json.loads(found.total.to_json())
        market = {"venue": session.venue, "symbol": session.symbol, "feed": session.feed}
        print_json(market | {"total": total} | told)
        return 0
    print(f"{session.venue} {session.symbol} {session.feed}")
    for name, value in quality_words(found):
        print(f"  {name:<30}{value:>20}")
    for title, table in (("hours", found.hours), ("sources", found.sources)):
        print(f"\n{title}")
        print_table(table)
    return 0


def remove(args: Namespace) -> int:
    """Remove a market or a part of it, once it is said or answered that it may go."""
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
    """Join the files of each day."""
    from liqmap import store

    done = store.compact(args.store)
    sizes = f"{done.bytes:,} to {done.bytes_after:,} bytes"
    said = f"joined {done.files:,} files into {done.files_after:,}, {sizes}"
    return _cared(args, done, said if done.files else "every day is one file already")


def migrate(args: Namespace) -> int:
    """Bring files of an older schema version up to date."""
    from liqmap import store

    done = store.migrate(args.store)
    now = f"schema_version {SCHEMA_VERSION}"
    said = f"brought {done.files:,} files to {now}" if done.files else f"every file is of {now} already"
    return _cared(args, done, said)


def _cared(args: Namespace, done: Done, said: str) -> int:
    if args.json:
        print_json(asdict(done))
    else:
        print(said)
    return 0
