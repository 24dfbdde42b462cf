"""``liqmap ingest``: raw files into a store."""

from __future__ import annotations

from argparse import Namespace

import liqmap as lm
from liqmap.cli.arguments import Commands, add_json, add_store, mapping, path
from liqmap.cli.exit_codes import NOTHING
from liqmap.cli.printing import print_json, print_losses, print_table, records


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("ingest", help="raw archives or captures into a store")
    parser.add_argument("paths", type=path, nargs="+", metavar="FILE", help="files, or directories of them")
    add_store(parser)
    parser.add_argument("--venue", help="such as bybit or bybit-spot, where the files do not say")
    parser.add_argument("--symbol", help="where the files do not say")
    parser.add_argument("--feed", help="such as ob200, where the files do not say")
    parser.add_argument("--format", help="the reader to use; default: detected from the content")
    parser.add_argument("--tick-size", type=float, help="default: what divides the prices as written")
    parser.add_argument(
        "--map",
        dest="mapping",
        type=mapping,
        metavar="ROLE=COLUMN,...",
        help="what the columns of a table hold, such as price=px,size=qty,layout=updates",
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="files read at one time; default: all cores")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Take files and directories into the store; print a row a source."""
    report = lm.ingest(
        args.paths,
        store=args.store,
        venue=args.venue,
        symbol=args.symbol,
        feed=args.feed,
        format=args.format,
        tick_size=args.tick_size,
        mapping=args.mapping,
        jobs=args.jobs,
    )
    print_losses(args, report)
    if args.json:
        print_json({"sources": records(report.table), "gaps": records(report.gaps)})
    elif report.exit_code != NOTHING:
        print_table(report.table)
    return report.exit_code
