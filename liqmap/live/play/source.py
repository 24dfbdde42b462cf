"""What is played: files, captures, a session, a store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from liqmap.formats import Hints, open_file
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import detect
from liqmap.ingestion import read
from liqmap.live.play.tape import KINDS, Tape
from liqmap.schema import Capture, FormatError, Keyword, LiqmapError, Meta, Sentence, SessionError
from liqmap.session import Session, Store, open_store

Source = str | os.PathLike[str] | Capture | Session | Store | Tape
"""A raw file, or what it holds; one market of a store, or a store, which is asked for ``markets``."""


def tapes_of(
    source: Source | Sequence[Source], markets: Iterable[str] = (), feed: str | None = None
) -> list[Tape]:
    """The markets of a source, or of several: of files that have parts of the same market (its depth, its
    trades), one.

    Parameters
    ----------
    markets : ``venue/symbol`` or a symbol, of those that there are; all of them where none is named (of a
        store with several markets, some have to be).
    feed : of a store, such as ``ob200``; default: the deepest.

    Raises
    ------
    LiqmapError : nothing to play, no such market, or two books of one market.
    """
    several = isinstance(source, Sequence) and not isinstance(source, str)
    sources: list[Any] = list(source) if several else [source]  # type: ignore[arg-type]
    wanted = list(markets)
    found: dict[tuple[str, str], Tape] = {}
    for one in sources:
        for tape in _tapes(one, wanted, feed):
            key = tape.venue, tape.symbol
            found[key] = _joined(found[key], tape) if key in found else tape
    for name in wanted:
        if not any(_is(tape.venue, tape.symbol, name) for tape in found.values()):
            have = ", ".join(f"{venue}/{symbol}" for venue, symbol in found) or "none"
            raise LiqmapError(
                argument="market", expected=f"one of the markets there are: {have}", got=repr(name)
            )
    tapes = [t for t in found.values() if not wanted or any(_is(t.venue, t.symbol, n) for n in wanted)]
    if not tapes:
        raise LiqmapError(where=sources[0] if sources else "source", expected="a market to play", got="none")
    return tapes


def _is(venue: str, symbol: str, name: str) -> bool:
    return name in (symbol, f"{venue}/{symbol}", f"{venue}:{symbol}")


def _tapes(source: Any, markets: list[str], feed: str | None) -> list[Tape]:
    if isinstance(source, Tape):
        return [source]
    if isinstance(source, Capture):
        return [_of_capture(source)]
    if isinstance(source, Session):
        return [_of_session(source)]
    if isinstance(source, Store):
        return _of_store(source, markets, feed)
    if not isinstance(source, str | os.PathLike):
        raise LiqmapError(
            argument="source",
            expected="a raw file, a store, a Session or a Capture",
            got=type(source).__name__,
        )
    if "://" in os.fspath(source) or Path(source).is_dir():
        return _of_store(
            open_store(Path(source) if "://" not in os.fspath(source) else str(source)), markets, feed
        )
    return _of_file(Path(source), markets)


def _of_file(path: Path, markets: list[str]) -> list[Tape]:
    """Every market of a raw file."""
    raw = RawFile(path)
    form = detect(raw)
    symbols = form.markets(raw) if form.markets is not None else []
    if len(symbols) <= 1:
        return [_of_capture(read(path))]
    venue = open_file(str(path), Hints(symbol=symbols[0]))[2].venue
    chosen = [s for s in symbols if not markets or any(_is(venue, s, name) for name in markets)]
    return [_of_capture(read(path, symbol=symbol)) for symbol in chosen]


def _of_capture(capture: Capture) -> Tape:
    tables = {kind: getattr(capture, kind) for kind in KINDS}
    have = [table for table in tables.values() if table is not None and table.num_rows]
    if not have:
        raise FormatError(
            expected="depth, trades or book tickers", got="none", remedy="There is nothing to play"
        )
    meta = Meta.from_metadata(have[0].schema.metadata)
    return Tape(meta.venue, meta.symbol, **{kind: _filled(table) for kind, table in tables.items()})


def _of_session(session: Session) -> Tape:
    tables: dict[str, Any] = {"trades": session.trades(), "quotes": session.quotes()}
    try:
        tables["depth"] = session.depth()
    except SessionError:  # it has trades alone
        tables["depth"] = None
    return Tape(session.venue, session.symbol, **{kind: _filled(tables[kind]) for kind in KINDS})


def _of_store(store: Store, markets: list[str], feed: str | None) -> list[Tape]:
    """The markets named, or the only one."""
    have = sorted(set(zip(store.sessions()["venue"], store.sessions()["symbol"])))
    chosen = [key for key in have if any(_is(*key, name) for name in markets)] if markets else have
    if not markets and len(have) > 1:
        raise LiqmapError(
            argument="market",
            expected="one of the markets of the store",
            got="none",
            remedy=Sentence("Pass ", Keyword("market", "/".join(have[0])), f", or another of {len(have)}"),
        )
    return [_of_session(store.session(*key, feed=feed)) for key in chosen]


def _filled(table: pa.Table | None) -> pa.Table | None:
    return table if table is not None and table.num_rows else None


def _joined(one: Tape, other: Tape) -> Tape:
    """One market of tables from two sources."""
    both = [kind for kind in KINDS if getattr(one, kind) is not None and getattr(other, kind) is not None]
    if both:
        raise LiqmapError(
            where=f"{one.venue}/{one.symbol}",
            expected=f"one source of its {both[0]}",
            got="two",
            remedy="Ingest them, and play the store",
        )
    tables = {kind: getattr(one if getattr(one, kind) is not None else other, kind) for kind in KINDS}
    return Tape(one.venue, one.symbol, **tables)
