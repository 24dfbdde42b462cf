"""``liqmap serve``: grids, books, flow and pictures of a store over HTTP, until it is stopped."""

from __future__ import annotations

import argparse

from liqmap.cli.arguments import Commands, add_import, add_store, byte_count, import_modules, path, port
from liqmap.cli.exit_codes import DONE


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("serve", help="serve grids, books, flow and pictures over HTTP")
    add_store(parser)
    add_import(parser)
    parser.add_argument("--address", default="127.0.0.1", help="to listen on (default: %(default)s)")
    parser.add_argument("--port", type=port, default=8080, help="0 takes a free one (default: %(default)s)")
    who = parser.add_argument_group("who may ask")
    who.add_argument("--tokens", type=path, metavar="FILE", help="bearer tokens, made by `liqmap token`")
    who.add_argument("--no-auth", action="store_true", help="answer whoever reaches the address")
    who.add_argument(
        "--cors", dest="origins", action="append", default=[], metavar="ORIGIN",
        help="pages in browsers that may read, such as https://charts.example.org; repeatable",
    )  # fmt: skip
    bounds = parser.add_argument_group("bounds of an answer")
    for name, text in (
        ("cells", "of a grid"), ("rows", "of a table"), ("days", "that a question reaches over"),
        ("at-once", "answers computed at one time"),
    ):  # fmt: skip
        bounds.add_argument(f"--max-{name}", dest=name.replace("-", "_"), type=int, metavar="N", help=text)
    bounds.add_argument("--time-out", dest="seconds", type=float, metavar="S", help="that an answer may take")
    bounds.add_argument(
        "--memory", type=byte_count, metavar="SIZE", help="that open sessions may hold (default: 4GB)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from liqmap.server import Limits, read_tokens, serve

    import_modules(args.modules)
    names = ("cells", "rows", "days", "at_once", "seconds", "memory")
    limits = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    serve(
        args.store,
        address=args.address,
        port=args.port,
        tokens=read_tokens(args.tokens) if args.tokens else (),
        no_auth=args.no_auth,
        origins=args.origins,
        limits=Limits(**limits),
    )
    return DONE
