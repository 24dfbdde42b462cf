"""Runs one command, and says in one line why it could not: where, expected, got, remedy."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from liqmap import __version__
from liqmap.cli.arguments import Parser
from liqmap.cli.commands import (
    app,
    calibrate,
    demo,
    fetch,
    info,
    ingest,
    passwd,
    play,
    record,
    render,
    serve,
    store,
    token,
)  # fmt: skip
from liqmap.cli.exit_codes import DONE, INTERRUPTED, NOTHING
from liqmap.cli.wording import OptionWording
from liqmap.schema import LiqmapError, StoreWarning, printable
from liqmap.terminal import say

_FORMAT = warnings.formatwarning

COMMANDS = (demo, fetch, ingest, record, play, info, store, calibrate, render, app, passwd, serve, token)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = command_line().parse_args(argv)
    formatted = warnings.formatwarning
    warnings.formatwarning = _in_one_line  # type: ignore[assignment]
    try:
        return args.run(args)
    except LiqmapError as error:
        return _fail(args, error.worded(args.wording))
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
    finally:
        warnings.formatwarning = formatted


def _in_one_line(message: Warning | str, category: type[Warning], *place: Any) -> str:
    """What is warned of, for people: of stores without the place in the code."""
    if issubclass(category, StoreWarning):
        return f"liqmap: {printable(str(message))}\n"
    return _FORMAT(message, category, *place)


def _fail(args: argparse.Namespace, line: str) -> int:
    say(f"liqmap {args.command}: {' '.join(line.split())}", error=True)
    return NOTHING


def command_line() -> argparse.ArgumentParser:
    """The parser of all commands. What it parses has ``run``, which returns the exit code, and ``wording``,
    which spells messages of the package in the options of the command."""
    parser = Parser(prog="liqmap", description="Order-book liquidity: archives to spans, grids and heatmaps.")
    parser.add_argument("--version", action="version", version=f"liqmap {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    _set_wording(parser)
    return parser


def _set_wording(parser: argparse.ArgumentParser) -> None:
    """Of a command and of those below it, each with its own options."""
    parser.set_defaults(wording=OptionWording.of(parser))
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _set_wording(below)
