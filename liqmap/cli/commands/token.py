"""``liqmap token``: who may ask of `liqmap serve`."""

from __future__ import annotations

from argparse import Namespace

from liqmap.cli.arguments import Commands, path
from liqmap.cli.exit_codes import DONE
from liqmap.terminal import say


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("token", help="add a bearer token to a file for `liqmap serve --tokens`")
    parser.add_argument("file", type=path, metavar="FILE", help="made where there is none; it keeps digests")
    parser.add_argument("name", metavar="NAME", help="of its holder, whose older token it replaces")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Print a new token, which nothing tells again."""
    from liqmap.server.tokens import new_token

    secret = new_token(args.file, args.name)
    say(f"{args.file}: {args.name} may ask with this token, which is shown now alone", error=True)
    say(secret)
    return DONE
