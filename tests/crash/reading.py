"""What readers see of a store: liqmap, and DuckDB over the plain folder, which knows nothing of liqmap."""

from __future__ import annotations

import datetime
import io
import warnings
from collections import Counter
from collections.abc import Iterable
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

import liqmap as lm
from liqmap.cli import main
from liqmap.schema import TABLES

Row = tuple[Any, ...]
DAY_US = 86_400_000_000


class Day(NamedTuple):
    """One table of one market on one UTC day."""

    kind: str
    venue: str
    symbol: str
    feed: str | None
    date: str

    def __str__(self) -> str:
        return " ".join(word for word in self if word)


@dataclass
class Reading:
    """What one reader saw.

    rows : of each day, in the order read, without gap rows: liqmap tells of a gap where two files do not
    continue each other, and a plain reader cannot. gaps : where they stand: how many rows before each.
    problem : why it could not be read. said : what was warned of meanwhile.
    """

    rows: dict[Day, tuple[Row, ...]] = field(default_factory=dict)
    gaps: dict[Day, tuple[int, ...]] = field(default_factory=dict)
    problem: str = ""
    said: list[str] = field(default_factory=list)

    def counts(self, day: Day) -> Counter[Row]:
        return Counter(self.rows.get(day, ()))


def own(root: Path) -> Reading:
    """All tables as liqmap reads them, and whether its list of what there is agrees."""
    found = Reading()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            if root.is_dir():
                _read_own(root, found)
        except Exception as error:  # whatever it is: a store that cannot be read
            found.problem = f"{type(error).__name__}: {error}"
    found.said = [str(warning.message) for warning in said]
    return found


def _read_own(root: Path, found: Reading) -> None:
    store = lm.open_store(root)
    listed = store.sessions()
    columns = zip(*(listed[n] for n in ("kind", "venue", "symbol", "feed", "date", "rows")))
    days = {Day(*row[:5]): int(row[5]) for row in columns}
    sessions: dict[tuple[str, str], lm.Session] = {}  # to open one takes longer than to read it
    tables = dict.fromkeys(day[:4] for day in days)
    for kind, venue, symbol, feed in sorted(tables, key=lambda table: table[3] is None):
        session = sessions.get((venue, symbol))
        if session is None or feed not in (None, session.feed):
            session = sessions[venue, symbol] = store.session(venue, symbol, feed=feed)
        read = getattr(session, kind, None)
        if read is None:  # bands, which only SQL reads: as many as are listed
            for day, count in days.items():
                if day[:4] == (kind, venue, symbol, feed):
                    found.rows[day] = ((),) * count
            continue
        rows: dict[Day, list[Row]] = {}
        for row in plain_rows(read(), kind):
            day = Day(kind, venue, symbol, feed, _date(row[0]))
            if kind == "depth" and row[3] == "gap":
                found.gaps[day] = (*found.gaps.get(day, ()), len(rows.get(day, ())))
            else:
                rows.setdefault(day, []).append(row)
        found.rows |= {day: tuple(every) for day, every in rows.items()}
    for day, count in days.items():
        has, gaps = len(found.rows.get(day, ())), len(found.gaps.get(day, ()))
        if not has <= count <= has + gaps:
            found.problem = f"{count} rows of {day} are listed, {has} and {gaps} gaps are read"
    if unlisted := found.rows.keys() - days.keys():
        found.problem = f"not listed, yet read: {', '.join(map(str, sorted(unlisted, key=str)))}"


def plain(root: Path) -> Reading:
    """All tables as DuckDB reads the folder."""
    found = Reading()
    try:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET threads = 1")
            for kind in TABLES:
                if next((root / kind).rglob("*.parquet"), None) is not None:
                    _read_plain(connection, root, kind, found)
    except Exception as error:
        found.problem = f"{type(error).__name__}: {error}"
    return found


def _read_plain(connection: duckdb.DuckDBPyConnection, root: Path, kind: str, found: Reading) -> None:
    hive = ["venue", "symbol", *(["feed"] if kind == "depth" else []), "date"]
    if not hasattr(lm.Session, kind):
        columns: list[str] = []
    else:
        columns = [f"epoch_us({n}::TIMESTAMPTZ)" if n.startswith("ts") else n for n in TABLES[kind].names]
    wanted = ", ".join([*(f"{n}::VARCHAR" for n in hive), *columns])
    query = f"SELECT {wanted} FROM read_parquet(?, hive_partitioning = true)"
    if kind == "depth":
        query += " WHERE event <> 'gap'"
    rows: dict[Day, list[Row]] = {}
    for row in connection.execute(query, [f"{root}/{kind}/**/*.parquet"]).fetchall():
        names = dict(zip(hive, row))
        day = Day(kind, names["venue"], names["symbol"], names.get("feed"), names["date"])
        rows.setdefault(day, []).append(row[len(hive) :])
    found.rows |= {day: tuple(every) for day, every in rows.items()}


def plain_rows(table: pa.Table, kind: str) -> Iterable[Row]:
    """Rows of a table as DuckDB gives them: times in whole microseconds."""
    columns = []
    for name in TABLES[kind].names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64())
            columns.append([None if v is None else v // 1000 for v in column.to_pylist()])
        else:
            columns.append(column.to_pylist())
    return zip(*columns)


def _date(us: int) -> str:
    return str(datetime.date(1970, 1, 1) + datetime.timedelta(days=us // DAY_US))


def told_as_partial(root: Path, reading: Reading, source: str) -> list[str]:
    """Which readers of ours fail to say that a source is there in part: nothing is left if all do.

    Said is what names the file of the source and has ``partial`` in the same text. Asked are the warnings of
    opening the store and reading its tables, and what ``liqmap info`` prints.
    """
    printed = io.StringIO()
    with redirect_stdout(printed), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with suppress(SystemExit):
            main(["info", "--store", str(root)])
    voices = {
        "a session": reading.said,
        "info": [printed.getvalue(), *(str(warning.message) for warning in said)],
    }
    return [
        voice
        for voice, texts in voices.items()
        if not any(source in text and "partial" in text.lower() for text in texts)
    ]
