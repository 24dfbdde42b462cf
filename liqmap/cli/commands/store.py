"""``liqmap store``: remove from a store, compact it, migrate it, check it, send it elsewhere; its mirrors."""

from __future__ import annotations

import sys
import warnings
from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from liqmap.cli.arguments import Commands, add_json, add_store, date
from liqmap.cli.exit_codes import DONE, LOSSES, NOTHING
from liqmap.cli.printing import print_json
from liqmap.schema import SCHEMA_VERSION, TABLES, LiqmapError, StoreWarning, printable
from liqmap.terminal import say

if TYPE_CHECKING:
    from liqmap.store import Copied, Done


HARMLESS = ("old", "spans", "unfinished", "ledger")
"""Kinds of findings that cost nobody a row."""


def add(commands: Commands) -> None:
    """The command, those below it, and their arguments."""
    parser = commands.add_parser("store", help="remove from a store, compact, migrate, check, send it")
    below = parser.add_subparsers(
        dest="does", metavar="rm|compact|migrate|check|push|pull|mirror", required=True
    )
    rm = below.add_parser("rm", help="remove a market, or a part of it")
    rm.add_argument("venue", metavar="VENUE")
    rm.add_argument("symbol", metavar="SYMBOL")
    rm.add_argument("--feed", help="only this depth feed")
    rm.add_argument("--kind", choices=tuple(TABLES), help="only this table")
    rm.add_argument("--from", dest="first", type=date, metavar="DATE", help="first UTC day")
    rm.add_argument("--to", dest="last", type=date, metavar="DATE", help="last UTC day, included")
    rm.add_argument("--yes", action="store_true", help="do not ask")
    rm.set_defaults(run=remove)
    joined = below.add_parser("compact", help="join the files of each day into one")
    joined.set_defaults(run=compact)
    migrated = below.add_parser("migrate", help="bring files of an older liqmap up to date")
    migrated.set_defaults(run=migrate)
    checked = below.add_parser("check", help="read every byte, and say what is wrong")
    checked.add_argument("--repair", action="store_true", help="take out what is damaged")
    checked.set_defaults(run=check)
    pushed = below.add_parser("push", help="send markets and days to object storage")
    pushed.add_argument("address", metavar="URL", help="such as s3://bucket/store")
    pushed.set_defaults(run=push)
    pulled = below.add_parser("pull", help="get markets and days from object storage")
    pulled.add_argument("address", metavar="URL", help="such as s3://bucket/store")
    pulled.set_defaults(run=pull)
    for one in (pushed, pulled):
        one.add_argument("--venue", help="only this venue")
        one.add_argument("--symbol", help="only this symbol")
        one.add_argument("--from", dest="first", type=date, metavar="DATE", help="first UTC day")
        one.add_argument("--to", dest="last", type=date, metavar="DATE", help="last UTC day, included")
    for one in (rm, joined, migrated, checked, pushed, pulled):
        add_store(one)
        add_json(one)
    mirrored = below.add_parser("mirror", help="what the cache holds of stores on object storage")
    mirrored.add_argument("address", metavar="URL", nargs="?", help="only of this store")
    mirrored.add_argument("--clear", action="store_true", help="remove it: it is made anew when needed")
    mirrored.set_defaults(run=mirror)
    add_json(mirrored)


def remove(args: Namespace) -> int:
    """Remove a market or a part of it, once it is said or answered that it may go."""
    from liqmap import store

    asked = (args.venue, args.symbol, args.feed, args.kind, args.first, args.last)
    parts = store.select(args.store, *asked)
    days = sorted({part.date for part in parts})
    what = f"{len(parts):,} files, {sum(p.rows for p in parts):,} rows, {days[0]} to {days[-1]}"
    if not args.yes:
        if not sys.stdin.isatty():
            raise LiqmapError(
                where=args.store, expected=f"--yes to remove {what}", got="no terminal to ask on"
            )
        question = printable(f"remove {what} of {args.venue} {args.symbol}? [y/N] ")
        if input(question).strip().lower() not in ("y", "yes"):
            say("nothing removed")
            return NOTHING
    done = store.remove(args.store, parts)
    return _print_done(args, done, f"removed {done.files:,} files, {days[0]} to {days[-1]}")


def compact(args: Namespace) -> int:
    """Join the files of each day."""
    from liqmap import store

    with warnings.catch_warnings(record=True) as left_out:
        warnings.simplefilter("always", StoreWarning)
        done = store.compact(args.store)
    for warning in left_out:
        say(str(warning.message), error=True)
    sizes = f"{done.bytes:,} to {done.bytes_after:,} bytes"
    said = f"joined {done.files:,} files into {done.files_after:,}, {sizes}"
    code = _print_done(args, done, said if done.files else "every day is one file already")
    return LOSSES if left_out else code


def migrate(args: Namespace) -> int:
    """Bring files of an older schema version up to date."""
    from liqmap import store

    done = store.migrate(args.store)
    now = f"schema_version {SCHEMA_VERSION}"
    brought = f"brought {done.files:,} files up to date ({now})"
    said = brought if done.files else f"every file is of {now} already"
    return _print_done(args, done, said)


def check(args: Namespace) -> int:
    """What is wrong, what was done about it, and what to ingest again."""
    from liqmap import store
    from liqmap.session.span_cache import check_spans

    checked = store.check(args.store, repair=args.repair)
    spans = check_spans(args.store, repair=args.repair)
    findings = [*((f.kind, f.where) for f in checked.findings), *(("spans", str(path)) for path in spans)]
    faults = [kind for kind, _ in findings if kind not in HARMLESS]
    lost = (
        bool(checked.sources) or bool(faults and not args.repair) or "foreign" in faults or "link" in faults
    )
    if args.json:
        rows = [{"kind": kind, "where": where, "meaning": store.MEANINGS[kind]} for kind, where in findings]
        print_json({"findings": rows, "repaired": checked.repaired, "ingest_again": list(checked.sources)})
        return LOSSES if lost else DONE
    for kind, where in findings:
        say(f"{kind}: {where}: {store.MEANINGS[kind]}")
    if checked.sources:
        say(f"ingest again: {', '.join(checked.sources)}")
    if not findings:
        say(f"{args.store} is sound")
    mended = [kind for kind in faults if kind not in ("foreign", "link")]
    if mended and args.repair:
        aside = store.check_store(args.store) / ".damaged"
        say(f"repaired: what was damaged is kept in {aside}" if aside.exists() else "repaired")
    elif mended:
        say("`liqmap store check --repair` mends it")
    return LOSSES if lost else DONE


def push(args: Namespace) -> int:
    """Send markets and days."""
    from liqmap import store

    asked = (args.venue, args.symbol, args.first, args.last)
    return _print_copied(args, store.push(args.store, args.address, *asked), "sent")


def pull(args: Namespace) -> int:
    """Get markets and days."""
    from liqmap import store

    asked = (args.venue, args.symbol, args.first, args.last)
    return _print_copied(args, store.pull(args.address, args.store, *asked), "got")


def mirror(args: Namespace) -> int:
    """What the cache holds, or that it goes."""
    from liqmap import store

    found = store.cached(args.address)
    if args.clear:
        for one in found:
            store.clear(one)
    if args.json:
        rows = [
            {"url": m.url, "path": str(m.path), "bytes": m.bytes, "read": m.read and m.read.isoformat()}
            for m in found
        ]
        print_json({"mirrors": rows, "cleared": args.clear})
        return DONE
    for one in found:
        read = f"read {one.read:%Y-%m-%d %H:%M} UTC" if one.read else "damaged"
        done = "removed " if args.clear else ""
        say(f"{done}{one.url or '?'}: {one.bytes:,} bytes, {read}, {one.path}")
    if not found:
        say(f"no mirror of {args.address or 'any store'}")
    return DONE


def _print_copied(args: Namespace, done: Copied, verb: str) -> int:
    if args.json:
        print_json(asdict(done))
    else:
        say(f"{verb} {done.files:,} files, {done.bytes:,} bytes; {done.there:,} were there already")
    return DONE


def _print_done(args: Namespace, done: Done, said: str) -> int:
    if args.json:
        print_json(asdict(done))
    else:
        say(said)
    return DONE
