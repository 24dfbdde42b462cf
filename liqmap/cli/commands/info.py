"""``liqmap info``: what a store holds, and how good that is."""

from __future__ import annotations

import json
import math
import warnings
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import liqmap as lm
from liqmap.cli.arguments import Commands, add_json, add_store, path
from liqmap.cli.exit_codes import DONE, LOSSES
from liqmap.cli.printing import print_json, print_table, records
from liqmap.schema import Keyword, LiqmapError, Sentence, SessionError, StoreWarning
from liqmap.store import MEANINGS, OfflineWarning, Unreachable, find
from liqmap.terminal import say

if TYPE_CHECKING:
    import pandas as pd


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("info", help="what a store holds")
    add_store(parser)
    parser.add_argument("--venue", help="only this venue")
    parser.add_argument("--symbol", help="only this symbol")
    parser.add_argument("--quality", action="store_true", help="how good the feed of one market is")
    parser.add_argument("--feed", help="with --quality; default: the deepest")
    parser.add_argument(
        "-o", "--output", type=path, metavar="FILE", help="with --quality: draw it as out.png"
    )
    parser.add_argument("--theme", help="with --output: dark or light (default: dark)")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print what the store holds, or how good the feed of one market is."""
    with warnings.catch_warnings():  # told below, once
        warnings.simplefilter("ignore", StoreWarning)
        warnings.simplefilter("default", OfflineWarning)
        store = lm.open_store(args.store)
        have = store.sessions()
    for column in ("venue", "symbol"):
        wanted = getattr(args, column)
        if wanted is not None:
            have = have[have[column] == wanted]
            if not len(have):
                raise SessionError(where=args.store, expected=f"a {column} of the store", got=repr(wanted))
    if args.quality:
        return _quality(args, have)
    for option in ("feed", "output", "theme"):
        if getattr(args, option) is not None:
            raise LiqmapError(argument=option, expected="beside --quality", got="it alone")
    try:
        faults = [f for f in find(store.path, whole=False) if f.kind != "old"]
    except Unreachable:  # which is told by a warning
        faults = []
    for fault in faults:
        remedy = "Move it out of the store" if fault.kind == "foreign" else "`liqmap store check` says more"
        say(f"{fault.where}: {MEANINGS[fault.kind]}. {remedy}", error=True)
    code = LOSSES if any(f.kind not in ("unfinished", "ledger") for f in faults) else DONE
    with warnings.catch_warnings():  # told above
        warnings.simplefilter("ignore", OfflineWarning)
        saved = store.calibrations()
    saved = saved[saved["venue"].isin(have["venue"]) & saved["symbol"].isin(have["symbol"])]
    if args.json:
        print_json({"sessions": records(have), "calibrations": records(saved)})
    elif len(have):
        print_table(have)
        if len(saved):
            print()
            say("calibrations")
            print_table(saved.round({"error": 4, "out_of_sample": 4}))
    else:
        say(f"{args.store} is empty: `liqmap demo` fills it with a simulated market")
    return code


def _quality(args: Namespace, have: pd.DataFrame) -> int:
    """Of one market: totals, hours and sources as tables, and the picture if one is asked for."""
    from liqmap.render.png.quality_picture import quality_picture, quality_words
    from liqmap.render.png.writing import ENDINGS

    if args.output is not None and Path(args.output).suffix not in ENDINGS:
        raise LiqmapError(where=args.output, expected=f"a name that ends in {' or '.join(ENDINGS)}")
    depth = have[have["kind"] == "depth"]
    markets = sorted(set(zip(depth["venue"], depth["symbol"])))
    if len(markets) != 1:
        known = ", ".join(" ".join(m) for m in markets) or "none"
        raise SessionError(
            where=args.store,
            expected="one market with depth",
            got=known,
            remedy=Sentence("Pass ", Keyword("venue"), " and ", Keyword("symbol")),
        )
    session = lm.open_store(args.store).session(*markets[0], feed=args.feed)
    found = session.quality()
    if args.output is not None:
        quality_picture(session, args.output, found, theme=args.theme or "dark")
    if args.json:
        tables = ("hours", "stretches", "gaps", "sources", "trust")
        lists = {name: records(getattr(found, name)) for name in tables}
        total = json.loads(found.total.to_json())
        market = {"venue": session.venue, "symbol": session.symbol, "feed": session.feed}
        verified = found.verified_share
        more = {} if math.isnan(verified) else {"verified_share": verified}
        shares = {"trust_shares": found.trust_shares}
        print_json(market | {"total": total} | more | shares | lists)
        return DONE
    say(f"{session.venue} {session.symbol} {session.feed}")
    trusted = [(f"{what}, of the time", f"{share:.2%}") for what, share in found.trust_shares.items()]
    for name, value in [*quality_words(found), *trusted]:
        say(f"  {name:<42}{value:>20}")
    for title, table in (("hours", found.hours), ("sources", found.sources)):
        print()
        say(title)
        print_table(table)
    return DONE
