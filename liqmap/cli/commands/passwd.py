"""``liqmap passwd``: users of a published app."""

from __future__ import annotations

import sys
from argparse import Namespace
from getpass import getpass

from liqmap.cli.arguments import Commands, path
from liqmap.cli.exit_codes import DONE
from liqmap.schema import LiqmapError, printable
from liqmap.terminal import say


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser(
        "passwd", help="add a user to a file of passwords for `liqmap app --basic-auth`"
    )
    parser.add_argument(
        "file", type=path, metavar="FILE", help="made where there is none; it keeps salted hashes"
    )
    parser.add_argument("user", metavar="USER", help="the password is asked for, or read from standard input")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Add a user to a file of passwords; the password is asked for, or one line of standard input."""
    from liqmap.app.publish.login.passwords import set_password

    if sys.stdin.isatty():
        password = getpass(printable(f"password of {args.user}: "))
        if getpass("once more: ") != password:
            raise LiqmapError(
                where="password", expected="the same twice", got="two", remedy="Nothing written"
            )
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    set_password(args.file, args.user, password)
    say(f"{args.file}: {args.user} may enter")
    return DONE
