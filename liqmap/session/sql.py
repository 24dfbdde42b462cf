"""SQL over what a session holds, and frames beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from liqmap import store as tables
from liqmap.frames import frame_kind, to_arrow
from liqmap.schema import TIMESTAMP, Keyword, Sentence, SessionError, one_line

if TYPE_CHECKING:
    from liqmap.session.session import Session

MADE: dict[str, Callable[[Session], pa.Table]] = {
    "spans": lambda session: session.spans().to_arrow(),
    "window": lambda session: session.spans().window,
    "bbo": lambda session: to_arrow(session.bbo()),
}
"""Tables that are made from the spans, where a query names them."""

TIMES_IN_NS = (
    "Times to the ns compare with text ('2026-01-05 00:06') and with what is cast to TIMESTAMPTZ_NS; "
    "epoch_ns(ts) is a number to reckon with"
)

_LEFT_OUT = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAMED = re.compile(
    r"(?:\b(?:from|join|describe|summarize|pivot|unpivot|table|show|into|update)\b|[,(.])"
    r"\s*(?=\"((?:[^\"]|\"\")+)\"|([^\W\d]\w*))",
    re.IGNORECASE,
)
_BARE_WINDOW = re.compile(r"\b(?:from|join)\s+window\b|,\s*window\b(?!\s+\w+\s+as\b)", re.IGNORECASE)


def tables_named(query: str) -> list[str]:
    """Words of a query that stand where a table may: those of tables, and a few of columns."""
    return [quoted or word for quoted, word in _NAMED.findall(_LEFT_OUT.sub(" ", query))]


def run(session: Session, query: str, frames: Mapping[str, Any] | None, scope: Callable[[str], Any]) -> Any:
    """A DuckDB relation over the session's tables, the frames given, and those that ``scope`` finds by name.

    Raises
    ------
    SessionError : a frame is none, or has the name of a table of the session; ``window`` without quotes; a
        query that DuckDB does not take.
    """
    if not isinstance(query, str):
        raise SessionError(argument="query", expected="SQL as text", got=f"a {type(query).__name__}")
    ours = {*tables.SQL_TABLES, *MADE}
    named = tables_named(query)
    lower = [name.lower() for name in named]
    if _BARE_WINDOW.search(_LEFT_OUT.sub(" ", query)):
        raise SessionError(
            argument="query",
            expected='the table "window" in quotes',
            got="window, which is a word of SQL",
            remedy='Write: from "window"',
        )
    beside = _given(frames, ours)
    for name in named:
        if name not in beside and name.lower() not in ours and frame_kind(found := scope(name)):
            beside[name] = _in_ns(to_arrow(found, f"{name} ({frame_kind(found)})"))
    made = {name: make(session) for name, make in MADE.items() if name in lower}
    kinds = [kind for kind in tables.SQL_TABLES if kind in lower]
    if not (kinds or made or beside):
        kinds = list(tables.SQL_TABLES)  # it may ask which there are
    made |= {name: read() for name, read in session._unwritten().items() if name in kinds}
    kinds = [kind for kind in kinds if kind not in made]
    market = (session.path, session.venue, session.symbol, session.feed)

    def ask() -> Any:
        connection = tables.connect(*market, session.start, session.end, kinds)
        for name, table in {**made, **beside}.items():
            connection.register(name, table)
        return _asked(connection, query)

    return tables.retried(ask)


def _asked(connection: Any, query: str) -> Any:
    """The relation that DuckDB makes of a query; what it says of one that it does not take, in one line."""
    import duckdb

    try:
        found = connection.sql(query)
    except duckdb.IOException:  # of a file, not of the query
        raise
    except duckdb.Error as error:
        said = str(error).partition("\n\nLINE ")[0].partition("\n\tCandidate functions")[0]
        in_ns = "TIMESTAMPTZ_NS" in said
        raise SessionError(
            argument="query",
            expected="SQL that DuckDB takes",
            got=one_line(" ".join(said.split()), 300).rstrip(".!"),
            remedy=TIMES_IN_NS if in_ns else "",
        ) from None
    if found is None:
        raise SessionError(argument="query", expected="SQL that DuckDB takes", got="no statement")
    return found


def _given(frames: Mapping[str, Any] | None, ours: set[str]) -> dict[str, pa.Table]:
    """Frames that the caller names, their times in ns."""
    given: dict[str, pa.Table] = {}
    if not (frames is None or isinstance(frames, Mapping)):
        expected = "frames by name, such as {'mine': frame}"
        raise SessionError(argument="frames", expected=expected, got=f"a {type(frames).__name__}")
    for name, frame in (frames or {}).items():
        if str(name).lower() in ours:
            raise SessionError(
                argument="frames",
                expected=f"names other than the session's own ({', '.join(sorted(ours))})",
                got=repr(name),
                remedy=Sentence("Give it another: ", Keyword("frames", {f"my_{name}": "..."})),
            )
        if frame_kind(frame) is None:
            raise SessionError(
                argument="frames",
                expected=f"a frame of pandas, polars, Arrow or DuckDB for {name!r}",
                got=f"a {type(frame).__name__}",
            )
        given[str(name)] = _in_ns(to_arrow(frame, f"{name} ({frame_kind(frame)})"))
    return given


def _in_ns(table: pa.Table) -> pa.Table:
    """A table whose times are as those of the session, which DuckDB compares with no others; those that ns
    do not reach stay as they are."""
    for at, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            with suppress(pa.ArrowInvalid):
                table = table.set_column(at, field.name, table.column(at).cast(TIMESTAMP))
    return table
