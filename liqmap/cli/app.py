"""Commands about the app: `app`, `passwd`, and `demo`, which leads to it; each returns its exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from getpass import getpass
from pathlib import Path
from typing import Any

import liqmap as lm
from liqmap.cli.printing import print_table
from liqmap.schema import LiqmapError


def app(args: Namespace) -> int:
    """Serve the app until it is stopped."""
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
    """Add a user to a file of passwords; the password is asked for, or one line of standard input."""
    from liqmap.app.publish.passwords import set_password

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
    from liqmap.browser import standalone_html
    from liqmap.render import picture

    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    if args.sample:
        raw = sorted(p for p in Path(args.sample).glob("*") if p.name.endswith((".zip", ".gz")))
        if not raw:
            raise LiqmapError(f"{args.sample}: expected raw archives (.zip, .gz), got none")
    else:
        from liqmap.simulation import write_bybit

        print("simulating 30 minutes of a market")
        raw = write_bybit(lm.simulate(minutes=30, seed=0), out / "raw")
    report = lm.ingest(raw, store=args.store)
    print_table(report.table)
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
