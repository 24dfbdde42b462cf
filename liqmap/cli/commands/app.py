"""``liqmap app``: the app, served until it is stopped; of live markets too."""

from __future__ import annotations

import argparse

from liqmap.cli.arguments import Commands, add_import, add_store, byte_count, import_modules, path, port
from liqmap.cli.exit_codes import DONE
from liqmap.cli.live_markets import add_live, listening


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("app", help="serve the app")
    add_store(parser)
    add_live(parser)
    add_serving(parser)
    parser.set_defaults(run=run)


def add_serving(parser: argparse.ArgumentParser) -> None:
    """Where to listen, and who may come: a server that others reach asks for a login, unless it is let be."""
    add_import(parser)
    parser.add_argument("--address", default="127.0.0.1", help="to listen on (default: %(default)s)")
    parser.add_argument("--port", type=port, default=5006, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--show", action="store_true", help="open a browser")
    who = parser.add_argument_group("who may come")
    who.add_argument(
        "--basic-auth", type=path, metavar="FILE", help="users and passwords, made by `liqmap passwd`"
    )
    who.add_argument(
        "--oauth",
        metavar="PROVIDER",
        help="such as github; its secret: LIQMAP_OAUTH_SECRET in the environment",
    )
    who.add_argument(
        "--oauth-key", metavar="KEY", help="of this app at the provider (default: LIQMAP_OAUTH_KEY)"
    )
    who.add_argument(
        "--oauth-redirect", metavar="URL", help="of the login page, which the provider sends visitors back to"
    )
    who.add_argument(
        "--allow-user",
        dest="users",
        action="append",
        metavar="NAME",
        help="with --oauth: a name, a mail address or @domain that may enter; repeatable",
    )
    who.add_argument(
        "--login-hours", type=float, metavar="HOURS", help="after which a login ends (default: 12)"
    )
    who.add_argument(
        "--secret-file",
        type=path,
        metavar="FILE",
        help="keeps what signs logins, and beside it who has logged out (default: beside the passwords)",
    )
    who.add_argument(
        "--no-auth", action="store_true", default=None, help="let in whoever reaches the address"
    )
    how = parser.add_argument_group("publishing")
    how.add_argument(
        "--allow-origin",
        dest="origins",
        action="append",
        metavar="HOST[:PORT]",
        help="name under which visitors reach the server; repeatable",
    )
    how.add_argument(
        "--allow-frame",
        dest="frames",
        action="append",
        metavar="ORIGIN",
        help="page that may show the app within it, such as https://wiki.example.org; repeatable",
    )
    how.add_argument(
        "--trust-proxy",
        dest="proxies",
        action="append",
        metavar="ADDRESS",
        help="of a proxy that is believed for whom it asks, such as 127.0.0.1; repeatable",
    )
    how.add_argument("--prefix", metavar="PATH", help="path to serve under, such as /liqmap")
    how.add_argument("--max-sessions", type=int, metavar="N", help="visitors at one time (default: no limit)")
    how.add_argument(
        "--editor",
        dest="editors",
        action="append",
        metavar="NAME",
        help="may keep presets and calibrations, others only look; '*': whoever enters; repeatable",
    )
    how.add_argument("--read-only", action="store_true", default=None, help="nobody has anything written")
    how.add_argument(
        "--memory",
        type=byte_count,
        metavar="SIZE",
        help="that open sessions may hold, such as 4GB (the default)",
    )


def run(args: argparse.Namespace) -> int:
    """Serve the app until it is stopped."""
    from liqmap.app import Access, serve

    import_modules(args.modules)
    asked = {
        "basic_auth": args.basic_auth, "oauth": args.oauth, "oauth_key": args.oauth_key,
        "oauth_redirect": args.oauth_redirect, "users": tuple(args.users or ()), "no_auth": args.no_auth,
        "origins": tuple(args.origins or ()), "frames": tuple(args.frames or ()),
        "proxies": tuple(args.proxies or ()), "prefix": args.prefix, "max_sessions": args.max_sessions,
        "editors": tuple(args.editors or ()), "read_only": args.read_only, "memory": args.memory,
        "login_hours": args.login_hours, "secret_file": args.secret_file,
    }  # fmt: skip
    access = Access(**{name: value for name, value in asked.items() if value is not None})
    with listening(args) as live:
        serve(
            args.store, address=args.address, port=args.port, show=args.show, access=access,
            wording=args.wording, live=live,
        )  # fmt: skip
    return DONE
