"""``liqmap record``: markets as they trade, into raw files and a store."""

from __future__ import annotations

import argparse
import ctypes
import logging
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from liqmap.cli.arguments import Commands, add_json, add_store, path
from liqmap.cli.exit_codes import NOTHING
from liqmap.cli.printing import print_json, print_losses, print_table, records
from liqmap.printable import printable
from liqmap.terminal import say

if TYPE_CHECKING:
    from liqmap.live.recorder.recorder import Recorder
    from liqmap.live.status_table import StatusRow, StatusTable

M_ARENA_MAX, ARENAS = -8, 2
"""The number that glibc knows the parameter by, and of how many arenas its threads take memory."""

QUIET_S = 60.0
"""Between two lines where nobody watches."""


def add(commands: Commands) -> None:
    """The command and its arguments."""
    parser = commands.add_parser("record", help="markets as they trade, into raw files and a store")
    parser.add_argument(
        "markets",
        nargs="+",
        metavar="VENUE:SYMBOL",
        help="such as bybit:BTCUSDT, kraken:BTC/USD; bybit:BTCUSDT:ob50 names a depth",
    )
    add_store(parser)
    parser.add_argument(
        "--raw", type=path, metavar="DIR", help="where raw files go (default: raw in the store)"
    )
    parser.add_argument(
        "--flush",
        dest="flush_s",
        type=seconds,
        default=2.0,
        metavar="TIME",
        help="between flushes (default: 2s)",
    )
    parser.add_argument(
        "--roll", dest="roll_s", type=seconds, default=3600.0, metavar="TIME",
        help="from one raw file to the next (default: 1h)",
    )  # fmt: skip
    parser.add_argument(
        "--for", dest="seconds", type=seconds, metavar="TIME", help="how long (default: until it is stopped)"
    )
    parser.add_argument(
        "--url", metavar="URL", help="another host for all addresses, such as ws://127.0.0.1:8765"
    )
    parser.add_argument("--proxy", metavar="URL", help="an HTTP proxy")
    add_json(parser)
    parser.set_defaults(run=run)


def seconds(text: str) -> float:
    """A duration such as ``2s``, ``10min`` or ``1h``."""
    from liqmap.carry.durations import nanoseconds
    from liqmap.schema import GridError

    try:
        found = nanoseconds(text)
    except GridError:
        found = None
    if not found or found <= 0:
        raise argparse.ArgumentTypeError(f"expected a duration above 0 such as 2s, 10min or 1h, got {text!r}")
    return found / 1e9


def run(args: Namespace) -> int:
    """Record until the time is over, or SIGTERM or Ctrl-C ends it; print a row a raw file and table."""
    from liqmap.live.recorder import record

    _give_memory_back()
    options = {name: getattr(args, name) for name in ("raw", "flush_s", "roll_s", "url", "proxy", "seconds")}
    with _shown(sys.stderr.isatty() and not args.json) as show:
        report = record(args.markets, args.store, show=show, **options)
    print_losses(args, report)
    if args.json:
        markets = [row.to_dict() for row in _table().rows(report.statuses, report.raw_bytes, report.dropped)]
        print_json({"sources": records(report.table), "gaps": records(report.gaps), "markets": markets})
    elif report.exit_code != NOTHING:
        print_table(report.table)
    for market, status in report.statuses.items():
        if not report.raw_bytes[market] and status.error not in report.errors:
            why = status.error or "the time was too short"
            say(f"liqmap record: {market}: expected messages, got none: {why}", error=True)
    return report.exit_code


def _give_memory_back() -> None:
    """Let pyarrow use the allocator of the system, and that one as few arenas as may be, unless the
    environment says otherwise. Either keeps for each thread what it once had for a finished file: twice the
    memory after some hours.

    Source: https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    import pyarrow as pa

    if not os.environ.get("ARROW_DEFAULT_MEMORY_POOL"):
        pa.set_memory_pool(pa.system_memory_pool())
    if sys.platform == "linux" and not os.environ.get("MALLOC_ARENA_MAX"):
        with suppress(AttributeError):  # another C library than glibc
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def _table() -> StatusTable:
    from liqmap.live.status_table import StatusTable

    return StatusTable()


@contextmanager
def _shown(live: bool) -> Iterator[Callable[[Recorder], None]]:
    """What shows the counters: a table that stays in its place on a terminal, else a line a minute."""
    if not live:
        logging.getLogger("liqmap.live").addHandler(handler := _Lines())
        try:
            yield _a_line_a_minute()
        finally:
            logging.getLogger("liqmap.live").removeHandler(handler)
        return
    from rich.console import Console
    from rich.live import Live

    made = _table()
    logger = logging.getLogger("liqmap.live")
    logger.addHandler(quiet := logging.NullHandler())
    try:
        with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as screen:

            def show(recorder: Recorder) -> None:
                report = recorder.report
                rows = made.rows(recorder.statuses, report.raw_bytes, report.dropped)
                screen.update(rich_table(rows), refresh=True)

            yield show
    finally:
        logger.removeHandler(quiet)


def rich_table(rows: list[StatusRow]) -> Any:
    """The counters as a table of rich, and a line for each error."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from liqmap.live.status_table import COLUMNS

    table = Table(box=None, pad_edge=False)
    for number, title in enumerate(COLUMNS):
        table.add_column(title, justify="left" if number < 2 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row.cells))
    errors = [Text(printable(f"{row.market}: {row.error}"), style="red") for row in rows if row.error]
    lost = [
        Text(f"{row.market}: {row.dropped:,} messages dropped", style="red") for row in rows if row.dropped
    ]
    return Group(table, *errors, *lost)


def _a_line_a_minute() -> Callable[[Recorder], None]:
    made, last = _table(), time.monotonic()

    def show(recorder: Recorder) -> None:
        nonlocal last
        rows = made.rows(recorder.statuses, recorder.report.raw_bytes, recorder.report.dropped)
        if time.monotonic() - last < QUIET_S:
            return
        last = time.monotonic()
        for row in rows:
            say(
                f"{row.market}: {row.state}, {row.per_second:,.1f} messages/s, {row.gaps:,} gaps, "
                f"{row.reconnects:,} reconnects, {row.written:,} bytes of raw files",
                error=True,
            )

    return show


class _Lines(logging.Handler):
    """What goes wrong, a line each."""

    def emit(self, record: logging.LogRecord) -> None:
        say(f"liqmap record: {record.getMessage()}", error=True)
