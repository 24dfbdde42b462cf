"""A `Store` is a directory of Parquet tables; it hands out sessions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap import store as tables
from liqmap.analytics import Calibration
from liqmap.card import card, folded, size, spelled, table
from liqmap.carry import Duration, nanoseconds
from liqmap.printable import printable
from liqmap.schema import MISSING, OPEN, TABLES, Meta, SessionError, StoreError
from liqmap.schema.arguments import word
from liqmap.schema.times import day_of
from liqmap.session import calibrations
from liqmap.session.instants import Instant, instant, spell
from liqmap.session.other_processes import InStore
from liqmap.session.session import Session

if TYPE_CHECKING:
    import pandas as pd


COLUMNS = ("venue", "symbol", "feed", "table", "days", "first", "last", "rows", "size")
READING = "one that is open for reading alone"


def open_store(path: str | Path) -> Store:
    """Open a store that `ingest` has written: a directory, or an address such as ``s3://bucket/store``.

    Raises
    ------
    StoreError : no such directory; no such bucket, no rights, no network.
    """
    return Store(path)


class Store(InStore):
    """A directory of Parquet tables, by market; pickled by its name, and opened where it arrives.

    Parameters
    ----------
    path : the directory given to `ingest`, or an address on object storage such as ``s3://bucket/store``;
        of such a one, the attribute ``path`` is its mirror in the user's cache.

    Raises
    ------
    StoreError : no such directory; no such bucket, no rights, no network.
    """

    def __init__(self, path: str | Path | tables.StoreName) -> None:
        self._stand_in(path if isinstance(path, tables.StoreName) else tables.check_store(path))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._store_name,), {"read_only": self.read_only}

    def __repr__(self) -> str:
        have = tables.sessions(self.path)
        markets = have.groupby(["venue", "symbol"]).ngroups if len(have) else 0
        rows, name = int(have["rows"].sum()), tables.name_of(self.path)
        return printable(f"<liqmap.Store {name}: {markets} markets, {rows:,} rows>")

    def _check_writing(self) -> None:
        if self.read_only:
            raise StoreError(where=tables.name_of(self.path), expected="a store to write to", got=READING)

    def _markets(self) -> list[tuple[Any, ...]]:
        """A row per market, feed and table."""
        have = tables.sessions(self.path)
        if not len(have):
            return []
        groups = have.groupby(["venue", "symbol", "feed", "kind"], dropna=False, sort=False)
        return [
            (venue, symbol, feed if isinstance(feed, str) else None, kind, len(days),
             days["date"].min(), days["date"].max(), int(days["rows"].sum()), size(int(days["bytes"].sum())))
            for (venue, symbol, feed, kind), days in groups
        ]  # fmt: skip

    def __str__(self) -> str:
        rows = [[printable(spelled(v)) for v in row] for row in (COLUMNS, *self._markets())]
        wide = [max(map(len, column)) for column in zip(*rows)]
        text = ["  ".join(v.ljust(w) for v, w in zip(row, wide)).rstrip() for row in rows]
        return "\n".join([repr(self), *text[1 - (len(rows) > 1) :]])

    def _repr_html_(self) -> str:
        rows = self._markets()
        facts = [("markets", f"{len({row[:2] for row in rows}):,}"), ("rows", f"{sum(r[7] for r in rows):,}")]
        body = folded("what it holds", table(COLUMNS, rows), is_open=len(rows) <= 12)
        empty = '<p class="quiet">Empty: lm.ingest(files, store=...) fills it</p>'
        return card("Store", tables.name_of(self.path), facts, body if rows else empty)

    def sessions(self) -> pd.DataFrame:
        """A row per market, feed, kind and UTC day (start, end, rows, bytes)."""
        tables.refresh(self.path)
        return tables.sessions(self.path)

    def files(
        self,
        kind: str,
        venue: str | None = None,
        symbol: str | None = None,
        feed: str | None = None,
        date: Instant | None = None,
    ) -> list[Path]:
        """The Parquet files of one table as they are at this moment, in the order of the feed.

        They stay what they are until a change of the store, such as a compaction, removes them: for those who
        need an exact state, and not what a pattern finds while it changes.

        Parameters
        ----------
        kind : ``depth``, ``trades``, ``bands``, ``orders``, ``quotes``.
        date : a UTC day such as ``2025-11-28``, or a time of it.

        Raises
        ------
        StoreError : no such table, or the manifest of the market is damaged.
        """
        for name, given in (("venue", venue), ("symbol", symbol), ("feed", feed)):
            word(given, name, StoreError)
        if not (isinstance(kind, str) and kind in TABLES):
            raise StoreError(argument="kind", expected=f"one of {', '.join(TABLES)}", got=repr(kind))
        tables.refresh(self.path)
        parts = tables.list_parts(self.path, kind, venue, symbol, feed)
        day = None if date is None else day_of(date, "date", StoreError)
        chosen = [p for p in parts if day in (None, p.date)]
        tables.fetch_all(chosen)
        return [p.place() for p in chosen]

    def check(self, repair: bool = False, progress: bool | None = None) -> tables.Checked:
        """Read every byte, and say what is wrong (see `liqmap.store.check`)."""
        if repair:
            self._check_writing()
        return tables.check(self.path, repair=repair, progress=progress)

    def save_calibration(self, calibration: Calibration) -> Path:
        """Keep a calibration with the feed that it is about, in the place of the one before.

        It is of no effect by itself: `Session.calibration` gives it back, and ``carry=`` takes it where it
        fits. The levels that came back (`Calibration.reentries`) are not kept.

        Returns
        -------
        The file it is in; of a store on object storage, that of its mirror.

        Raises
        ------
        StoreError : no calibration, a feed that the store does not have, or it cannot be reached or written.
        """
        self._check_writing()
        return calibrations.save(self.path, calibration)

    def calibration(self, venue: str, symbol: str, feed: str | None = None) -> Calibration | None:
        """What was saved of a feed; None: nothing.

        Parameters
        ----------
        feed : such as ``ob200``; default: the deepest.

        Raises
        ------
        SessionError : no such market or feed.
        StoreError : it is damaged, of a newer liqmap, or the store cannot be reached.
        """
        return self.session(venue, symbol, feed=feed).calibration

    def calibrations(self) -> pd.DataFrame:
        """A row per calibration that was saved: venue, symbol, feed, view, depth, half_life, prune, error,
        out_of_sample, and the time (UTC) that it was judged over. One that is damaged is warned of."""
        tables.refresh(self.path)
        return calibrations.all_saved(self.path)

    def session(
        self,
        venue: str,
        symbol: str,
        start: Instant | None = None,
        end: Instant | None = None,
        feed: str | None = None,
        look_back: Duration = "24h",
    ) -> Session:
        """One market over one time range.

        Parameters
        ----------
        start, end : UTC, [start, end): text, Timestamp, datetime, date, datetime64, or int ms since 1970;
            ``"23:55"`` is of the one day there is. Default: all there is.
        feed : such as ``ob200``; default: the deepest.
        look_back : how far before ``start`` the book is read, and from there to the start of the UTC day, so
            that the left edge already holds what is carried; None: as far back as the store goes.

        Raises
        ------
        SessionError : no such market or feed, no data in the range, start not before end.
        """
        for name, given in (("venue", venue), ("symbol", symbol), ("feed", feed)):
            word(given, name, SessionError)
        tables.refresh(self.path)
        mine = tables.sessions(self.path, venue, symbol)
        if not len(mine):
            have = self.sessions()
            known = ", ".join(
                sorted({f"{v} {s}" for v, s in zip(have["venue"], have["symbol"], strict=True)})
            )
            raise SessionError(
                where=tables.name_of(self.path),
                expected=f"a market of the store ({known or 'empty'})",
                got=f"{venue} {symbol}",
            )
        feeds = sorted(mine.loc[mine["kind"] == "depth", "feed"].unique())
        if feed is None and len(feeds) > 1:
            feed = _deepest([p for f in feeds for p in tables.depth_parts(self.path, venue, symbol, f)])
        elif feed is None:
            feed = feeds[0] if feeds else None
        elif feed not in feeds:
            raise SessionError(
                where=f"{tables.name_of(self.path)} {venue} {symbol}",
                expected=f"a feed ({', '.join(feeds) or 'none'})",
                got=repr(feed),
            )
        days = mine[(mine["kind"] == "depth") & (mine["feed"] == feed)] if feed else mine
        first, last = (days[c].astype("datetime64[ns, UTC]").astype("int64") for c in ("start", "end"))
        there = int(first.min()), int(last.max())
        begin, stop = instant(start, "start", there), instant(end, "end", there, ends=True)
        if begin is not None and stop is not None and begin >= stop:
            raise SessionError(where="session", expected="start before end", got=f"{start} and {end}")
        low, high = MISSING if begin is None else begin, OPEN if stop is None else stop
        within = (last >= low) & (first < high)
        if not within.any():
            within_words = f"{spell(there[0])} to {spell(there[1])}, {len(days)} days"
            asked = [
                words if t is None else spell(t) for t, words in ((begin, "the beginning"), (stop, "the end"))
            ]
            raise SessionError(
                where=f"{tables.name_of(self.path)} {venue} {symbol}",
                expected=f"a time range with data (within {within_words})",
                got=" to ".join(asked),
            )
        span = max(int(first[within].min()), low), min(int(last[within].max()), high)
        back = nanoseconds(look_back, "look_back")
        found = Session(self.path, venue, symbol, feed, begin, stop, back, span)
        found.read_only = self.read_only
        return found


def _deepest(parts: Sequence[tables.Part]) -> str:
    """The feed that shows most of the book, of files of several feeds.

    Of two that show as much, the one that tells of every change, not the one of whole books now and then.
    """
    depth: dict[str, tuple[float, bool, str]] = {}
    for part in parts:
        feed = str(part.meta.feed)
        shows = _levels(part.meta), part.meta.window_policy != "snapshots", feed
        depth[feed] = max(shows, depth.get(feed, shows))
    return max(depth.values())[-1]


def _levels(meta: Meta) -> float:
    """Levels a side that a feed shows; inf: the whole book.

    Where its source states no limit, the first number of its name does: 5 of ``book_snapshot_5_100ms``.
    Without one it is the whole book, but for snapshots: those may be of the touch alone.
    """
    if meta.window_policy == "full":
        return np.inf  # its depth_limit is that of the first snapshot
    if meta.depth_limit is not None:
        return meta.depth_limit
    if number := re.search("[0-9]+", meta.feed or ""):
        return int(number.group())
    return 0 if meta.window_policy == "snapshots" else np.inf
