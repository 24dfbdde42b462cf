"""Commands that take raw files into a store: `ingest` and `fetch`; each returns its exit code."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import liqmap as lm
from liqmap.cli.printing import print_json, print_losses, print_table, records


def ingest(args: Namespace) -> int:
    """Take files and directories into the store; print a row a source."""
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
    print_losses(args, report)
    if args.json:
        print_json({"sources": records(report.table), "gaps": records(report.gaps)})
    elif report.exit_code < 2:
        print_table(report.table)
    return report.exit_code


def fetch(args: Namespace) -> int:
    """Download days of an archive and ingest them; print a row a day and a row a source."""
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
    print_losses(args, report)
    if args.json:
        days = [vars(f) | {"date": str(f.date)} for f in report.files]
        print_json({"files": days, "sources": records(report.table), "gaps": records(report.gaps)})
    elif report.exit_code < 2:
        days = report.days
        print_table(days.assign(url=[Path(u).name for u in days["url"]]).drop(columns=["path"]))
        if len(report.sources):
            print_table(report.table)
    return report.exit_code
