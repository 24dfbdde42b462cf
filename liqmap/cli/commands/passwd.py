"""``liqmap passwd``: users of a published app, and what signs their logins."""

from __future__ import annotations

import argparse
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
        "passwd", help="add or remove a user of a file of passwords for `liqmap app --basic-auth`"
    )
    parser.add_argument(
        "file", type=path, metavar="FILE", help="made where there is none; it keeps salted hashes"
    )
    parser.add_argument(
        "user",
        metavar="USER",
        nargs="?",
        help="the password is asked for, or read from standard input; who has logged in with another is out",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--remove", action="store_true", help="take the user out, whose logins end at once")
    what.add_argument(
        "--rotate-secret",
        action="store_true",
        help="make another secret beside FILE (or of FILE, if that is one): all logins end at once",
    )
    parser.set_defaults(run=run, parser=parser)


def run(args: Namespace) -> int:
    """Add or remove a user, or rotate the secret."""
    from liqmap.app.publish.login.passwords import remove_user
    from liqmap.app.publish.login.secret import rotate_secret

    if args.rotate_secret == (args.user is not None):
        _complain(args.parser, "no USER with --rotate-secret" if args.user else "the following: USER")
    if args.rotate_secret:
        place = rotate_secret(args.file)
        say(f"{place}: made anew; all logins are over, of servers that take their secret from there")
    elif args.remove:
        remove_user(args.file, args.user)
        say(f"{args.file}: {args.user} is out")
    else:
        _set(args)
    return DONE


def _complain(parser: argparse.ArgumentParser, wanted: str) -> None:
    parser.error(f"expected {wanted}")


def _set(args: Namespace) -> None:
    """Add a user, or give him another password: it is asked for, or one line of standard input."""
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
