"""Commands, options, and exit codes.

0 done; 1 done with reported losses; 2 nothing done: one line on stderr says where, expected, got, remedy.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from liqmap import __version__
from liqmap.cli import app as serving
from liqmap.cli import ingest as taking
from liqmap.cli import render as pictures
from liqmap.cli import store as stores
from liqmap.cli.options import as_options, options_of
from liqmap.schema import AGGREGATES, TABLES, LiqmapError

DONE, LOSSES, NOTHING, INTERRUPTED = 0, 1, 2, 130


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, and to which ``-3s`` is a value (a wrong one), not an option."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._negative_number_matcher = re.compile(r"^-\d")

    def error(self, message: str) -> NoReturn:
        self.exit(NOTHING, f"{self.prog}: {message}. See `{self.prog} --help`\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = _parser().parse_args(argv)
    try:
        return args.run(args)
    except LiqmapError as error:
        return _fail(args, str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our pipe has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        return _fail(args, f"{error.filename or 'system'}: {error.strerror or error}")
    except Exception as error:
        if os.environ.get("LIQMAP_TRACEBACK"):
            raise
        return _fail(
            args,
            f"internal error: {type(error).__name__}: {error} (LIQMAP_TRACEBACK=1 shows where)",
        )


def _fail(args: argparse.Namespace, message: str) -> int:
    told = as_options(" ".join(message.split()), args.options)
    print(f"liqmap {args.command}: {told}", file=sys.stderr)
    return NOTHING


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="liqmap", description="Order-book liquidity: archives to spans, grids and heatmaps."
    )
    parser.add_argument("--version", action="version", version=f"liqmap {__version__}")
    verbs = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in (_demo, _fetch, _ingest, _info, _tables, _render, _app, _passwd):
        add(verbs)
    for verb in verbs.choices.values():
        verb.set_defaults(options=options_of(verb))
    return parser


def _demo(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("demo", help="a market from raw files to heatmap and app, in one go")
    verb.add_argument(
        "--sample", type=_path, metavar="DIR", help="raw files to ingest (default: simulate 30 minutes)"
    )
    verb.add_argument(
        "--store",
        type=_path,
        metavar="DIR",
        default="data/store",
        help="store to write (default: %(default)s)",
    )
    verb.add_argument(
        "--out", type=_path, metavar="DIR", default="out", help="for the PNG and HTML (default: %(default)s)"
    )
    verb.add_argument("--no-serve", action="store_true", help="stop before the app")
    _address(verb)
    verb.set_defaults(run=serving.demo)


def _ingest(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("ingest", help="raw archives or captures into a store")
    verb.add_argument("paths", type=_path, nargs="+", metavar="FILE", help="files, or directories of them")
    _store(verb)
    verb.add_argument("--venue", help="such as bybit or bybit-spot, where the files do not say")
    verb.add_argument("--symbol", help="where the files do not say")
    verb.add_argument("--feed", help="such as ob200, where the files do not say")
    verb.add_argument("--format", help="the reader to use; default: detected from the content")
    verb.add_argument("--tick-size", type=float, help="default: what divides the prices as written")
    verb.add_argument(
        "--map",
        type=_mapping,
        metavar="ROLE=COLUMN,...",
        help="what the columns of a table hold, such as price=px,size=qty,layout=updates",
    )
    verb.add_argument("--jobs", type=int, metavar="N", help="files read at one time; default: all cores")
    _json(verb)
    verb.set_defaults(run=taking.ingest)


def _fetch(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("fetch", help="days of a public archive, downloaded and ingested")
    verb.add_argument("exchange", choices=("bybit", "binance"))
    verb.add_argument("symbol", metavar="SYMBOL", help="such as BTCUSDT")
    verb.add_argument("--from", dest="start", required=True, metavar="DATE", help="first day, UTC")
    verb.add_argument("--to", dest="end", required=True, metavar="DATE", help="last day, included")
    verb.add_argument(
        "--kind",
        action="append",
        choices=("depth", "trades", "bookdepth"),
        help="may be given several times (default: depth from bybit, trades from binance)",
    )
    verb.add_argument("--market", help="linear, inverse, spot | um, cm, spot (default: the first)")
    _store(verb)
    verb.add_argument("--keep", type=_path, metavar="DIR", help="where the raw files stay (default: they go)")
    verb.add_argument("--base-url", metavar="URL", help="a mirror with the same paths")
    _json(verb)
    verb.set_defaults(run=taking.fetch)


def _info(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("info", help="what a store holds")
    _store(verb)
    verb.add_argument("--venue", help="only this venue")
    verb.add_argument("--symbol", help="only this symbol")
    verb.add_argument("--quality", action="store_true", help="how good the feed of one market is")
    verb.add_argument("--feed", help="with --quality; default: the deepest")
    verb.add_argument("-o", "--output", type=_path, metavar="FILE", help="with --quality: draw it as out.png")
    verb.add_argument("--theme", help="with --output: dark or light (default: dark)")
    _json(verb)
    verb.set_defaults(run=stores.info)


def _tables(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("store", help="remove from a store, compact it, migrate it")
    does = verb.add_subparsers(dest="does", metavar="rm|compact|migrate", required=True)
    rm = does.add_parser("rm", help="remove a market, or a part of it")
    rm.add_argument("venue", metavar="VENUE")
    rm.add_argument("symbol", metavar="SYMBOL")
    rm.add_argument("--feed", help="only this depth feed")
    rm.add_argument("--kind", choices=tuple(TABLES), help="only this table")
    rm.add_argument("--from", dest="first", type=_date, metavar="DATE", help="first UTC day")
    rm.add_argument("--to", dest="last", type=_date, metavar="DATE", help="last UTC day, included")
    rm.add_argument("--yes", action="store_true", help="do not ask")
    rm.set_defaults(run=stores.remove)
    join = does.add_parser("compact", help="join the files of each day into one")
    join.set_defaults(run=stores.compact)
    bring = does.add_parser("migrate", help="bring files of an older liqmap up to date")
    bring.set_defaults(run=stores.migrate)
    for one in (rm, join, bring):
        _store(one)
        _json(one)


def _path(text: str) -> str:
    if not text:  # it would mean the current directory
        raise argparse.ArgumentTypeError("expected a path, got an empty one")
    return text


def _date(text: str) -> str:
    try:
        return str(datetime.date.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a UTC day such as 2025-11-28, got {text!r}") from None


def _render(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("render", help="a heatmap of one market, as PNG or standalone HTML")
    _store(verb)
    verb.add_argument("--venue", required=True)
    verb.add_argument("--symbol", required=True)
    verb.add_argument("--feed", help="default: the deepest")
    verb.add_argument("--start", help="UTC, such as '2025-11-28 14:00'")
    verb.add_argument("--end", help="UTC")
    verb.add_argument("--half-life", help="age at which a carried size weighs 1/2, or none (default: 30s)")
    verb.add_argument("--prune", help="age at which a carried size is dropped, or none (default: 5min)")
    verb.add_argument("--agg", choices=AGGREGATES, help="per pixel (default: peak)")
    _look(verb)
    verb.add_argument("-o", "--output", type=_path, required=True, metavar="FILE", help="out.png or out.html")
    _json(verb)
    verb.set_defaults(run=pictures.render)


def _look(verb: argparse.ArgumentParser) -> None:
    """What stands beside and over the heatmap, and how it looks; of a page, at first."""
    both = verb.add_argument_group("look")
    both.add_argument(
        "--overlays", type=_words, metavar="A,B",
        help="of bbo, bubbles and, in a PNG, candles, mid (default: bbo,bubbles)",
    )  # fmt: skip
    both.add_argument("--theme", help="dark or light (default: dark)")
    both.add_argument("--palette", help="default, or classic: one ramp for both sides")
    both.add_argument("--scaling", help="of sizes: log, linear or equalised (default: log)")
    both.add_argument("--carried", dest="carried_shown", help="fade, outline or hide (default: fade)")
    png = verb.add_argument_group("of a PNG")
    png.add_argument("--panels", type=_words, metavar="A,B", help="of ladder, profile, delta")
    png.add_argument("--width", type=int, help=f"pixels (default: {pictures.WIDTH})")
    png.add_argument("--height", type=int, help=f"pixels (default: {pictures.HEIGHT})")
    png.add_argument("--time-zone", help="of the time axis, such as Europe/Berlin (default: UTC)")
    png.add_argument("--preset", help="'extended market depth', 'as transmitted', or one of your own")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _app(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("app", help="serve the app")
    _store(verb)
    _address(verb)
    verb.set_defaults(run=serving.app)


def _passwd(verbs: argparse._SubParsersAction) -> None:
    verb = verbs.add_parser("passwd", help="add a user to a file of passwords for `liqmap app --basic-auth`")
    verb.add_argument(
        "file", type=_path, metavar="FILE", help="made where there is none; it keeps salted hashes"
    )
    verb.add_argument("user", metavar="USER", help="the password is asked for, or read from standard input")
    verb.set_defaults(run=serving.passwd)


def _store(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--store", type=_path, metavar="DIR", default="data/store", help="the store (default: %(default)s)"
    )


def _json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print one JSON object instead of tables")


def _address(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--address", default="127.0.0.1", help="to listen on (default: %(default)s)")
    verb.add_argument("--port", type=_port, default=5006, help="0 takes a free one (default: %(default)s)")
    verb.add_argument("--show", action="store_true", help="open a browser")
    _access(verb)


def _access(verb: argparse.ArgumentParser) -> None:
    """Who may come: a server that others reach asks for a login unless told otherwise."""
    who = verb.add_argument_group("who may come")
    who.add_argument(
        "--basic-auth", type=_path, metavar="FILE", help="users and passwords, made by `liqmap passwd`"
    )
    who.add_argument(
        "--oauth",
        metavar="PROVIDER",
        help="such as github; its secret: LIQMAP_OAUTH_SECRET in the environment",
    )
    who.add_argument(
        "--oauth-key", metavar="KEY", help="of this app at the provider (default: LIQMAP_OAUTH_KEY)"
    )
    who.add_argument("--oauth-redirect", metavar="URL", help="where the provider sends visitors back to")
    who.add_argument(
        "--allow-user",
        action="append",
        metavar="NAME",
        help="with --oauth: a name, a mail address or @domain that may enter; repeatable",
    )
    who.add_argument(
        "--no-auth", action="store_true", default=None, help="let in whoever reaches the address"
    )
    how = verb.add_argument_group("publishing")
    how.add_argument(
        "--allow-origin",
        action="append",
        metavar="HOST[:PORT]",
        help="name under which visitors reach the server; repeatable",
    )
    how.add_argument("--prefix", metavar="PATH", help="path to serve under, such as /liqmap")
    how.add_argument("--max-sessions", type=int, metavar="N", help="visitors at one time (default: no limit)")
    how.add_argument(
        "--read-only", action="store_true", default=None, help="visitors change nothing in the store"
    )
    how.add_argument(
        "--memory", type=_bytes, metavar="SIZE", help="that open sessions may hold, such as 4GB (the default)"
    )


def _bytes(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", text.strip(), re.IGNORECASE)
    if match is None:
        raise argparse.ArgumentTypeError(f"expected a size such as 4GB or 500MB, got {text!r}")
    return int(float(match[1]) * 1000 ** " KMGT".index(match[2].upper() or " "))


def _mapping(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(role and column for role, _, column in pairs):
        raise argparse.ArgumentTypeError(f"expected ROLE=COLUMN,..., got {text!r}")
    return {role.strip(): column.strip() for role, _, column in pairs}


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return int(text)
