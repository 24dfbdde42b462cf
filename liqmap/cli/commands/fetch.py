"""``liqmap fetch``: days of an archive, downloaded and ingested."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import liqmap as lm
from liqmap.cli.arguments import Commands, add_json, add_store, byte_count, path
from liqmap.cli.exit_codes import NOTHING
from liqmap.cli.printing import print_json, print_losses, print_table, records


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("fetch", help="days of a public archive, downloaded and ingested")
    parser.add_argument("exchange", choices=("bybit", "binance"))
    parser.add_argument("symbol", metavar="SYMBOL", help="such as BTCUSDT")
    parser.add_argument("--from", dest="start", required=True, metavar="DATE", help="first day, UTC")
    parser.add_argument("--to", dest="end", required=True, metavar="DATE", help="last day, included")
    parser.add_argument(
        "--kind",
        action="append",
        choices=("depth", "trades", "quotes", "bookdepth"),
        help="may be given several times (default: depth from bybit, trades from binance)",
    )
    parser.add_argument("--market", help="linear, inverse, spot | um, cm, spot (default: the first)")
    add_store(parser)
    parser.add_argument(
        "--keep", type=path, metavar="DIR", help="where the raw files stay (default: they go)"
    )
    parser.add_argument("--base-url", metavar="URL", help="a mirror with the same paths")
    parser.add_argument(
        "--max-bytes", type=byte_count, metavar="SIZE", help="of one file, such as 4GB (default: 16GB)"
    )
    parser.add_argument(
        "--deadline", type=float, metavar="SECONDS", help="for one file, with all retries (default: 3600)"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Download days of an archive and ingest them; print a row a day and a row a source."""
    limits = {name: getattr(args, name) for name in ("max_bytes", "deadline")}
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
        **{name: value for name, value in limits.items() if value is not None},
    )
    print_losses(args, report)
    if args.json:
        days = [vars(f) | {"date": str(f.date)} for f in report.files]
        print_json({"files": days, "sources": records(report.table), "gaps": records(report.gaps)})
    elif report.exit_code != NOTHING:
        days = report.days
        print_table(days.assign(url=[Path(u).name for u in days["url"]]).drop(columns=["path"]))
        if len(report.sources):
            print_table(report.table)
    return report.exit_code
