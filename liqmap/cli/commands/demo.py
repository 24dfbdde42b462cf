"""``liqmap demo``: a market from raw files to heatmap and app, in one go."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import liqmap as lm
from liqmap.cli.arguments import Commands, add_store, path
from liqmap.cli.commands import app
from liqmap.cli.exit_codes import DONE
from liqmap.cli.printing import print_failures, print_table
from liqmap.schema import LiqmapError
from liqmap.terminal import say


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("demo", help="a market from raw files to heatmap and app, in one go")
    parser.add_argument(
        "--sample", type=path, metavar="DIR", help="raw files to ingest (default: simulate 30 minutes)"
    )
    add_store(parser, "store to write")
    parser.add_argument(
        "--out", type=path, metavar="DIR", default="out", help="for the PNG and HTML (default: %(default)s)"
    )
    parser.add_argument("--no-serve", action="store_true", help="stop before the app")
    app.add_serving(parser)
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Ingest the sample, draw it twice, and serve the app unless that is not wanted."""
    from liqmap.browser import standalone_html
    from liqmap.render import picture

    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    if args.sample:
        raw = sorted(p for p in Path(args.sample).glob("*") if p.name.endswith((".zip", ".gz")))
        if not raw:
            raise LiqmapError(where=args.sample, expected="raw archives (.zip, .gz)", got="none")
    else:
        from liqmap.simulation import write_bybit

        say("simulating 30 minutes of a market")
        raw = write_bybit(lm.simulate(minutes=30, seed=0), out / "raw")
    report = lm.ingest(raw, store=args.store)
    print_table(report.table)
    if report.exit_code:
        print_failures(args, report)
        return report.exit_code
    depth = report.table[report.table["kind"] == "depth"].iloc[0]
    session = lm.open_store(args.store).session(depth["venue"], depth["symbol"])
    carry: dict[str, Any] = {"half_life": "10min", "prune": None}
    picture(session, out / "heatmap.png", panels=("ladder", "profile", "delta"), **carry)
    standalone_html(session, out / "heatmap.html", **carry)
    for name in ("heatmap.png", "heatmap.html"):
        say(f"wrote {out / name}")
    return DONE if args.no_serve else app.run(args)
