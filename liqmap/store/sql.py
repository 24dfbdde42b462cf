"""SQL over the tables of one market, by DuckDB, with every time to its ns."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from liqmap.schema import MISSING, OPEN, TABLES
from liqmap.store.parts import Part
from liqmap.store.scan import bounds_of, parts_of

if TYPE_CHECKING:
    import duckdb

SQL_TABLES = ("depth", "trades", "orders", "quotes", "bands")
"""What `connect` has."""

TYPES = {
    "ts": "TIMESTAMPTZ_NS",
    "ts_recv": "TIMESTAMPTZ_NS",
    "seq": "BIGINT",
    "order_id": "UBIGINT",
    **dict.fromkeys(("price", "size", "percentage", "depth", "notional"), "DOUBLE"),
    **dict.fromkeys(("bid", "bid_size", "ask", "ask_size"), "DOUBLE"),
}
"""Of columns that are no words. https://duckdb.org/docs/2.0/sql/data_types/timestamp"""

FLOORED = "make_timestamp(epoch_ns(ts) // 1000)"
"""A time in us, its ns cut off. A cast rounds them, and would put a row into the bin after its own."""

DATES, PARTS, OF_DAY = ("DATE", "TIMESTAMP", "TIMESTAMPTZ"), ("INTERVAL",), ("TIME",)
CLOCK = ("date_part", "epoch", "epoch_us", "hour", "minute", "second")
OTHERS = {
    "time_bucket": (*DATES, *OF_DAY),
    **dict.fromkeys(("date_trunc", "year", "month", "day"), (*DATES, *PARTS)),
    **dict.fromkeys(CLOCK, (*DATES, *PARTS, *OF_DAY)),
    "epoch_ms": (*DATES, *PARTS, *OF_DAY, "BIGINT"),
}
"""Functions of times, and what else they take: those of DuckDB 2.0 do not take TIMESTAMPTZ_NS."""

BEFORE = {"time_bucket": "INTERVAL", "date_trunc": "VARCHAR", "date_part": "VARCHAR"}
"""What they take before a time."""


def _macro(name: str) -> str:
    """DuckDB's own function of the name, that it takes times in ns too."""
    first, own = (f"x {BEFORE[name]}, ", "x, ") if name in BEFORE else ("", "")
    own = f"system.main.{name}({own}"
    back = "::TIMESTAMPTZ_NS" if name in ("time_bucket", "date_trunc") else ""
    exact = "epoch_ns(ts) // 1000000" if name == "epoch_ms" else f"{own}{FLOORED}){back}"  # its own rounds
    forms = [f"({first}ts {kind}) AS {exact}" for kind in ("TIMESTAMPTZ_NS", "TIMESTAMP_NS")]
    forms += [f"({first}ts {kind}) AS {own}ts)" for kind in OTHERS[name]]
    forms += [f"({first.partition(' ')[0]}, ts) AS {own}ts)"] if first else []  # text, which may be any
    return f"CREATE MACRO {name} {', '.join(forms)}"


MACROS = "; ".join(map(_macro, OTHERS))


def connect(
    root: str | os.PathLike[str],
    venue: str,
    symbol: str,
    feed: str | None,
    start: int | None = None,
    end: int | None = None,
    kinds: Sequence[str] = SQL_TABLES,
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the views ``depth``, ``trades``, ``orders``, ``quotes`` and ``bands`` of one
    market, or some of them, for start <= ts < end (ns). The files behind them are verified.

    ``ts`` is TIMESTAMPTZ_NS (UTC), words are strings; no row is read before a query asks for it. Variables of
    Python are not looked at: DuckDB would take the times of a pandas frame to the us.

    Raises
    ------
    StoreError : not a store.
    """
    import duckdb

    low, high = bounds_of(start, end)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET python_enable_replacements = false")
    connection.execute(MACROS)
    for kind in kinds:
        parts, joins = parts_of(root, kind, venue, symbol, feed, low, high)
        connection.execute(f"CREATE VIEW {kind} AS {_select(kind, parts, joins, low, high)}")
    return connection


def _select(kind: str, parts: list[Part], joins: dict[int, str], low: int, high: int) -> str:
    """One SELECT over the parts, gap rows in their places."""
    if not parts:
        columns = [f"NULL::{TYPES.get(n, 'VARCHAR')} AS {n}" for n in TABLES[kind].names]
        return f"SELECT {', '.join(columns)} WHERE false"
    names = ", ".join(TABLES[kind].names)
    selects, files = [], []
    for number, part in enumerate(parts):
        files.append("'" + str(part.checked().resolve()).replace("'", "''") + "'")
        join, at, seq = joins.get(number), part.facts.last_ts, part.facts.last_seq
        void = join == "whole" and part.ends_in_gap
        open_gap = join == "broken" and not part.ends_in_gap
        if not (void or open_gap or part is parts[-1]):
            continue
        terms = _terms(low, high) + ([f"NOT (event = 'gap' AND seq = {seq})"] if void else [])
        where = f" WHERE {' AND '.join(terms)}" if terms else ""
        source = f"read_parquet([{', '.join(files)}], hive_partitioning = false)"
        selects.append(f"SELECT {names} FROM {source}{where}")
        files = []
        if open_gap:
            selects.append(f"SELECT {_time(at)}, NULL, {seq}, 'gap', NULL, NULL, NULL")
    return " UNION ALL ".join(selects)


def _terms(low: int, high: int) -> list[str]:
    """Bounds, to the ns."""
    return [
        f"ts {sign} {_time(bound)}"
        for sign, bound, none in ((">=", low, MISSING), ("<", high, OPEN))
        if bound != none
    ]


def _time(ns: int) -> str:
    return f"make_timestamp_ns({ns}::BIGINT)::TIMESTAMPTZ_NS"
