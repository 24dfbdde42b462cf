"""What arguments of several commands have in common: types, and options that more than one has."""

from __future__ import annotations

import argparse
import datetime
import math
import re
import sys
from importlib import import_module
from typing import Any, NoReturn

from liqmap.cli.exit_codes import NOTHING
from liqmap.printable import printable_lines
from liqmap.schema import LiqmapError, one_line

Commands = argparse._SubParsersAction
"""Where a command adds its parser."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, and to which ``-3s`` is a value (a wrong one), not an option."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._negative_number_matcher = re.compile(r"^-\d")

    def error(self, message: str) -> NoReturn:
        self.exit(NOTHING, f"{self.prog}: {one_line(message)}. See `{self.prog} --help`\n")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Help, usage and complaints: all that the parser prints."""
        super()._print_message(printable_lines(message), file)


def add_store(parser: argparse.ArgumentParser, text: str = "the store") -> None:
    """``--store``, the directory or address."""
    said = f"{text}, a directory or such as s3://bucket/store (default: %(default)s)"
    parser.add_argument("--store", type=path, metavar="DIR", default="data/store", help=said)


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``, for programs."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")


def add_import(parser: argparse.ArgumentParser) -> None:
    """``--import``, for overlays of one's own; `import_modules` does it."""
    parser.add_argument(
        "--import",
        dest="modules",
        action="append",
        metavar="MODULE",
        help="a Python module of yours, such as one that registers overlays; repeatable",
    )


def import_modules(names: list[str] | None) -> None:
    """Import what the user named, from the current folder too.

    Raises
    ------
    LiqmapError : no such module, or one that imports what there is not.
    """
    if names and "" not in sys.path:
        sys.path.append("")
    for name in names or ():
        expected, got = "the name of a module, such as my_overlays", repr(name)
        if not all(part.isidentifier() for part in name.split(".")) or name.endswith(".py"):
            raise LiqmapError(argument="modules", expected=expected, got=got)
        try:
            import_module(name)
        except ImportError as error:
            raise LiqmapError(argument="modules", expected=expected, got=f"{got}: {error}") from error


def path(text: str) -> str:
    """A path, but not the current directory by an empty one."""
    if not text:
        raise argparse.ArgumentTypeError("expected a path, got an empty one")
    return text


def date(text: str) -> str:
    """A UTC day."""
    try:
        return str(datetime.date.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a UTC day such as 2025-11-28, got {text!r}") from None


def words(text: str) -> list[str]:
    """``a,b`` as a list."""
    return [word.strip() for word in text.split(",") if word.strip()]


def number(text: str) -> float:
    """A number, such as ``0.5``."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text:
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}")
    return value


def pair(text: str) -> tuple[float, float] | None:
    """``a,b`` as two numbers; None for ``auto``."""
    if text.strip() == "auto":
        return None
    found = [number(part) for part in text.split(",")]
    if len(found) != 2:
        raise argparse.ArgumentTypeError(f"expected two numbers with a comma between, or auto, got {text!r}")
    return found[0], found[1]


def byte_count(text: str) -> int:
    """``4GB`` as bytes."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", text.strip(), re.IGNORECASE)
    if match is None:
        raise argparse.ArgumentTypeError(f"expected a size such as 4GB or 500MB, got {text!r}")
    return int(float(match[1]) * 1000 ** " KMGT".index(match[2].upper() or " "))


def mapping(text: str) -> dict[str, str]:
    """``price=px,size=qty`` as a mapping."""
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(role and column for role, _, column in pairs):
        raise argparse.ArgumentTypeError(f"expected ROLE=COLUMN,..., got {text!r}")
    return {role.strip(): column.strip() for role, _, column in pairs}


def port(text: str) -> int:
    """A port to listen on."""
    if not (text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return int(text)
