"""A `Session`: one market over one time range, as tables, spans and grids."""

from __future__ import annotations

import inspect
import warnings
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from liqmap import store as tables
from liqmap.analytics import Calibration, Quality, calibrate, quality
from liqmap.analytics.quality.trust import Trust
from liqmap.card import card, lines, moments, thumbnail
from liqmap.carry import Calibrated, CarryModel, Duration, Presence, carry_model, nanoseconds
from liqmap.grid import Grid, Over, lattice, rasterize
from liqmap.printable import printable
from liqmap.schema import (
    TABLES,
    Aggregate,
    GridError,
    Keyword,
    Meta,
    ReplayError,
    Sentence,
    SessionError,
    StoreError,
    StoreWarning,
    decimals,
)
from liqmap.schema.arguments import whole_number
from liqmap.schema.ranges import price_range as rising
from liqmap.session import quotes, sql
from liqmap.session.calibrations import saved
from liqmap.session.gaps import find_gaps
from liqmap.session.ingest_counts import ingest_counts
from liqmap.session.instants import Instant, TimeRange, instant, interval, spell
from liqmap.session.measured import Measured
from liqmap.session.other_processes import InStore, sources_digest
from liqmap.session.quotes import with_quotes
from liqmap.session.replay_plan import ReplayPlan, day, plan_replay
from liqmap.session.sampled import Sampled
from liqmap.session.shown_prices import price_range as shown_prices
from liqmap.session.span_cache import open_spans
from liqmap.session.stored_spans import StoredSpans
from liqmap.session.tape import Tape
from liqmap.session.trust import trust
from liqmap.spans import Spans, truncate

if TYPE_CHECKING:
    import pandas as pd

SMALL = 500_000
"""Depth rows of a market that its card replays for the picture."""

MAX_BYTES = 1_250_000_000
CELL_BYTES, CELL_BYTES_PARTS, CELL_BYTES_PRESENCE = 5, 33, 21
"""What a grid may take while it is computed, and what a cell of it takes, without and with parts; and what
presence adds."""


READ = {"trades": tables.read_trades, "orders": tables.read_orders, "quotes": tables.read_quotes}


class Session(InStore, Tape, Sampled, Measured):
    """One venue and symbol over a time range; spans are replayed once and kept.

    Made by `Store.session`. ``start`` and ``end`` are ns or None; the range is [start, end). ``available``
    is what the store has of it, first to last message, ns.

    Pickled (joblib, dask, ray, multiprocessing) it is the name of its store, its market and its range, under
    10 kB whatever was read. The other process opens the store when it first needs it, and raises a
    `StoreError` or `SessionError` where the store is not there, or its depth is no longer the same.
    """

    def __init__(
        self,
        path: Path | tables.StoreName,
        venue: str,
        symbol: str,
        feed: str | None,
        start: int | None,
        end: int | None,
        look_back: int | None,
        available: tuple[int, int],
    ) -> None:
        self._stand_in(path)
        self.venue, self.symbol, self.feed = venue, symbol, feed
        self.start, self.end = start, end
        self._look_back, self._available = look_back, available
        self._spans: dict[int | None, Spans] = {}
        self._sent_sources: str | None = None
        self._trust: Trust | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """By reference; with a digest of the sources of its spans, if they were replayed."""
        spans = next(iter(self._spans.values()), None)
        sources = self._sent_sources if spans is None else sources_digest(spans.meta)
        market = (self.venue, self.symbol, self.feed, self.start, self.end, self._look_back, self._available)
        state = {"_sent_sources": sources, "read_only": self.read_only}
        return type(self), (self._store_name, *market), state

    def _check_sent(self, folder: Path) -> None:
        have = tables.sessions(folder, self.venue, self.symbol)
        mine = have[(have["kind"] == "depth") & (have["feed"] == self.feed)] if self.feed else have
        first, last = (mine[c].astype("datetime64[ns, UTC]").astype("int64") for c in ("start", "end"))
        begin, end = self._available
        if not len(mine) or first.min() > begin or last.max() < end:
            there = f"{spell(int(first.min()))} to {spell(int(last.max()))}" if len(mine) else "none"
            raise SessionError(
                where=tables.name_of(folder),
                expected=f"{self._name} from {spell(begin)} to {spell(end)}, as when this was sent",
                got=there,
                remedy="Open it again",
            )

    def __repr__(self) -> str:
        begin, end = map(spell, self._available)
        market = f"{self.venue} {self.symbol} {self.feed or ''}"
        return printable(f"<liqmap.Session {market}: {begin} to {end} UTC>")

    def _facts(self) -> list[tuple[str, str]]:
        """What a reader asks first; of the spans only where they are open."""
        facts = [("time", moments(*self._available)), ("store", str(self.path))]
        spans = self._spans.get(None)
        if spans is None:
            return [*facts, ("spans", "not replayed yet")] if self.feed else [*facts, ("tables", "no depth")]
        facts += [
            ("spans", f"{len(spans):,}"),
            ("tick", f"{spans.tick_size:g}"),
            ("size unit", spans.meta.size_unit),
        ]
        if len(spans):
            low, high = self.price_range
            facts.insert(1, ("prices", f"{low:,.10g} to {high:,.10g}"))
        return facts

    def __str__(self) -> str:
        return lines(f"liqmap.Session {self._name}", self._facts())

    def _repr_html_(self) -> str:
        """A card, with a picture where it costs next to nothing: the spans are open, or soon are."""
        picture = ""
        if self.feed is not None and (None in self._spans or self._small()):
            picture = thumbnail(self, "half-life 30 s, prune 5 min")
        calls = ("heatmap(session)", "explore(session)")
        hint = "" if picture else f'<p class="quiet">lm.{calls[0]} draws it, lm.{calls[1]} opens the app</p>'
        return card("Session", self._name, self._facts(), picture, hint)

    def _small(self) -> bool:
        """Whether its depth is replayed within about a second."""
        parts = tables.depth_parts(self.path, self.venue, self.symbol, self._deepest())
        return sum(part.rows for part in parts) <= SMALL

    @property
    def _name(self) -> str:
        return " ".join(word for word in (self.venue, self.symbol, self.feed) if word)

    # ------------------------------------------------------------------ tables

    def depth(self) -> pa.Table:
        """Depth rows of the range, schema `DEPTH`, in feed order."""
        self._deepest()
        return self._read("depth", self.start)

    def _read(self, kind: str, start: int | None) -> pa.Table:
        """A table of the market from ``start``, ns, to the end of the range."""
        if kind == "depth":
            return tables.read_depth(self.path, self.venue, self.symbol, self.feed or "", start, self.end)
        return READ[kind](self.path, self.venue, self.symbol, start, self.end)

    def sel(self, start: Instant | None = None, end: Instant | None = None) -> Session:
        """The same market over a part of the range, [start, end): as `Store.session`, with this look-back.

        Raises
        ------
        SessionError : nothing of the session lies there.
        """
        first, last = self._available
        begin, stop = (
            instant(start, "start", self._available),
            instant(end, "end", self._available, ends=True),
        )
        begin = self.start if begin is None else max(begin, self.start or begin)
        stop = self.end if stop is None else min(stop, self.end or stop)
        low, high = first if begin is None else begin, last + 1 if stop is None else stop
        if not (low < high and low <= last and first < high):
            asked = f"{spell(low)} to {spell(high)}"
            raise SessionError(where=repr(self), expected="a part of its range", got=asked)
        market = self.venue, self.symbol, self.feed
        part = (max(first, low), min(last, high))
        found = Session(self.path, *market, begin, stop, self._look_back, part)
        found.read_only = self.read_only
        return found

    def trades(self, quotes: bool = False) -> pa.Table:
        """Trades of the range, schema `TRADES`; no rows where the store has none.

        Parameters
        ----------
        quotes : add ``bid``, ``bid_size``, ``ask``, ``ask_size``: the quote of `bbo` that stood in the
            instant before the trade, null where a side was not observed. What came at the very time of the
            trade is not in it.
        """
        found = self._read("trades", self.start)
        return with_quotes(found, self.bbo()) if quotes else found

    def orders(self) -> pa.Table:
        """Single orders of the range, schema `ORDERS`, in the order of their source: every add, cancel,
        modify, trade and fill; no rows where no source of the market tells of single orders."""
        return self._read("orders", self.start)

    def quotes(self) -> pa.Table:
        """Book tickers of the range, schema `QUOTES`, in the order of their source: best bid and offer as the
        venue told them itself; no rows where none were captured."""
        return self._read("quotes", self.start)

    def gaps(self) -> pd.DataFrame:
        """Gaps of the range, or into it: lost messages, and files that do not continue each other.

        Returns
        -------
        A row per gap: ``after`` and ``until``, the times (UTC) of the messages before and after it;
        ``seq_after`` and ``seq_until``, their ids. The latter of each is missing where no message follows.
        Of before the range only the look-back is searched.
        """
        back = None if self.start is None or self._look_back is None else self.start - self._look_back
        return find_gaps(self._read("depth", back), since=self._available[0])

    def trust(self) -> pd.DataFrame:
        """How far the book can be trusted, stretch by stretch: see the guide `docs/trust.md`.

        Returns
        -------
        A row per stretch, which follow each other over the whole range: ``start``, ``end`` (UTC); ``state``:
        ``verified`` (the venue's checksum agreed after the last message), ``chained`` (by the venue's ids no
        message is missing), ``unverifiable`` (it gives neither, or the store has not kept it) or ``gap``
        (messages were lost, or no snapshot came yet: until one comes there is no whole book); ``levels``, the
        levels a side that this is said of, missing where it is all; ``beyond``, the state of those beyond;
        ``doubted``, whether a later checksum was contradicted with no snapshot between, so that those beyond
        were wrong from a time on that nobody knows; ``messages``.
        """
        return self._trusted().frame()

    def _trusted(self) -> Trust:
        """`trust`, as arrays; the book of the look-back is read for it, and what was found is kept."""
        if self._trust is None:
            feed = self._deepest()
            back = None if self.start is None or self._look_back is None else self.start - self._look_back
            market = (self.venue, self.symbol, feed)
            self._trust = tables.retried(lambda: trust(self.path, market, back, *self._within()))
        return self._trust

    def sql(self, query: str, frames: Mapping[str, Any] | None = None) -> Any:
        """SQL over the session, and over frames of yours: see the guide `docs/sql.md`.

        Parameters
        ----------
        query : of ``depth``, ``trades``, ``orders``, ``quotes``, ``bands`` as they are stored, ``spans`` and
            ``"window"`` (in quotes: it is a word of SQL) as `spans` gives them, and ``bbo``. Only those that
            it names are read or made.
        frames : by name, frames of pandas, polars, Arrow or DuckDB that it may use; variables of the caller
            are found by their names as well. Their times become TIMESTAMPTZ_NS; without a zone they are UTC.

        Returns
        -------
        A DuckDB relation with times to the ns (TIMESTAMPTZ_NS), so that a join on ``ts`` with `depth` holds.
        ``.pl()`` and ``.to_arrow_table()`` give them in UTC; ``.df()`` leaves the zone out, as DuckDB does:
        ``.to_arrow_table().to_pandas()`` keeps it.

        Raises
        ------
        SessionError : the session has no depth to make a table from, a frame is none, or DuckDB does not take
            the query.
        """
        caller = inspect.currentframe()
        caller = caller and caller.f_back
        scope = ChainMap(caller.f_locals, caller.f_globals) if caller else {}
        return sql.run(self, query, frames, scope.get)

    def _unwritten(self) -> Mapping[str, Callable[[], pa.Table]]:
        """Tables that are not, or not all, in the store's files, and how they are read."""
        return {}

    def _tables(self) -> str:
        """The tables that the store has of the market, in words."""
        have = tables.sessions(self.path, self.venue, self.symbol)["kind"]
        return " and ".join(kind for kind in TABLES if kind in set(have)) or "no tables"

    def _deepest(self) -> str:
        """The feed of the session's depth."""
        if self.feed is None:
            raise SessionError(
                where=self.path, expected=f"depth of {self.venue} {self.symbol}", got=f"only {self._tables()}"
            )
        return self.feed

    # ------------------------------------------------------------------ the book through time

    def spans(self, depth_limit: int | None = None) -> Spans:
        """Spans and window of the session's UTC days up to its end, with what was carried into them.

        Replayed once for each run of days, then kept beside the store and mapped (see `span_cache`). What is
        carried in comes from the day ``look_back`` before the start on, or from as far as the store goes.

        Parameters
        ----------
        depth_limit : replay as if the feed had shown only so many levels a side.
        """
        if depth_limit is not None:
            depth_limit = whole_number(depth_limit, "depth_limit", error=ReplayError)
        if depth_limit not in self._spans:
            spans = tables.retried(lambda: self._open_spans(depth_limit))
            if self._sent_sources not in (None, sources_digest(spans.meta)):
                raise SessionError(
                    where=repr(self),
                    expected="the depth that was replayed before it was sent here",
                    got=f"depth of other sources in {self.path}",
                    remedy="Open it again",
                )
            self._spans[depth_limit] = spans
        return self._spans[depth_limit]

    def _after_damage(self, plan: ReplayPlan) -> list[tables.Part]:
        """The files after the last damaged one that a replay looks back over; the error at hand goes on where
        none of those is damaged."""
        parts = tables.depth_parts(self.path, self.venue, self.symbol, self._deepest())
        back, begin = plan.back, plan.parts[0].key
        damaged = [p for p in parts if back and back[0].key <= p.key < begin and not p.is_sound]
        there = {p.path for p in tables.depth_parts(self.path, self.venue, self.symbol, self._deepest())}
        damaged = [p for p in damaged if p.path in there]  # the others were joined meanwhile
        if not damaged:
            raise
        warnings.warn(
            f"{damaged[-1].path}: damaged; {self!r} carries nothing in from that day or before. "
            "`liqmap store check --repair` says what to ingest again",
            StoreWarning,
            stacklevel=6,
        )
        return [p for p in parts if p.key > damaged[-1].key]

    def _open_spans(self, depth_limit: int | None) -> Spans:
        parts = tables.depth_parts(self.path, self.venue, self.symbol, self._deepest())
        first, last = (t // tables.DAY for t in self._available)
        if not any(first <= day(p) <= last for p in parts):
            raise SessionError(
                where=repr(self), expected=f"its depth in {self.path}", got="none", remedy="Open it again"
            )
        back_to = None
        if self.start is not None and self._look_back is not None:
            back_to = self.start - self._look_back
        plan = plan_replay(parts, first, last, back_to)
        try:
            spans = open_spans(self.path, plan, parts, depth_limit, not self.read_only)
        except (StoreError, FileNotFoundError):
            parts = self._after_damage(plan)
            plan = plan_replay(parts, first, last, back_to)
            spans = open_spans(self.path, plan, parts, depth_limit, not self.read_only)
        if self.end is None or plan.parts[-1].facts.last_ts < self.end:
            return spans
        heard = tuple(p for p in (*plan.back, *plan.parts) if p.facts.first_ts < self.end)
        at = tables.last_message(heard, self.end)
        sources = reduce(Meta.merge, (p.meta for p in heard)).sources
        until, meta = self.end - 1 if at is None else at, replace(spans.meta, sources=sources)
        cut = truncate(spans, until, meta)
        if isinstance(spans.stored, StoredSpans):
            cut.stored = StoredSpans(spans.stored.entry, until, meta)
        return cut

    @property
    def meta(self) -> Meta:
        """What the session is about; ``tick_size`` is the finest of its days."""
        return self.spans().meta

    @property
    def time_range(self) -> tuple[np.datetime64, np.datetime64]:
        """First and last instant, UTC: the range asked for, as far as the store has messages."""
        first, last = self._available
        return np.datetime64(first, "ns"), np.datetime64(max(last, first + 1), "ns")

    def _within(self) -> tuple[int, int]:
        """`time_range` as ns."""
        first, last = (int(t.astype(np.int64)) for t in self.time_range)
        return first, last

    @property
    def price_range(self) -> tuple[float, float]:
        """Where the touch went in the range, plus one window on either side; quote currency.

        Orders that rest far away widen it no further: see `liqmap.session.shown_prices`.
        """
        return self._price_range

    @cached_property
    def _price_range(self) -> tuple[float, float]:
        found = shown_prices(self.spans(), *self._within())
        if found is None:
            raise SessionError(where=repr(self), expected="levels", got="an empty book")
        return found

    def bbo(self, source: Literal["book", "ticker"] = "book") -> pd.DataFrame:
        """Best bid and offer, a row per change: ts (UTC), bid, bid_size, ask, ask_size; the last row is the
        quote at the last message.

        Prices in quote currency, sizes in the market's unit; NaN where a side is not observed.

        Parameters
        ----------
        source : ``book``: of the replayed depth. ``ticker``: as the venue's own book tickers told them within
            the range, where they were captured (`quotes`); of several of one time the last, NaN where a side
            is empty. Nothing tells whether tickers were lost between two of them.

        Raises
        ------
        SessionError : another source; no book tickers in the range.
        """
        if not isinstance(source, str) or source not in ("book", "ticker"):
            raise SessionError(argument="source", expected="'book' or 'ticker'", got=f"{source!r:.60}")
        return self._ticker() if source == "ticker" else quotes.bbo(self.spans(), *self._within())

    def _ticker(self) -> pd.DataFrame:
        """`bbo` of the book tickers."""
        told = self.quotes()
        if not told.num_rows:
            raise SessionError(
                where=repr(self),
                expected="book tickers of the range in the store",
                got="none",
                remedy=Sentence(
                    "Ingest a capture with them, or take ", Keyword("source", "book"), " where there is depth"
                ),
            )
        return quotes.of_tickers(told)

    def book(self, t: Instant) -> pd.DataFrame:
        """The book at an instant, best levels first: side, price, size, state, age.

        ``size`` is the last known one, not decayed; ``state`` is observed or carried; ``age`` is the time
        since the book confirmed the level, s. From the last message on everything is carried.

        Raises
        ------
        SessionError : no such instant in the session, which ends with its ``end``, or its last message.
        """
        at = instant(t, "t", self._available)
        spans = self.spans()
        until = self._available[1] if self.end is None else self.end
        if at is None or not spans.begin <= at <= until:
            got = str(t) if at is None else spell(at)
            raise SessionError(argument="t", expected=f"a time within {self!r}", got=got)
        return quotes.book(spans, at)

    def quality(self, frozen: Duration = "10s") -> Quality:
        """How good the feed was in the range: see `liqmap.analytics.quality`, with ``gaps``, ``trust`` and
        ``sources`` (what ingest counted of each file of the market) beside it."""
        begin, end = self.time_range
        found = quality(self.spans(), self.trades(), frozen=frozen, begin=begin, end=end)
        found.gaps, found.trust = self.gaps(), self.trust()
        found.sources = ingest_counts(self.path, self.venue, self.symbol, self.feed)
        return found

    def calibrate(self, view: int | None = None, **options: Any) -> Calibration:
        """Which half-life and prune fit the market: see `liqmap.calibrate`, which says the options.

        Parameters
        ----------
        view : levels a side that a shallower feed would have, judged by those of this one. None: an eighth, a
            quarter and a half of its depth.
        """
        return calibrate(self, view, **options)

    @property
    def calibration(self) -> Calibration | None:
        """What `Store.save_calibration` kept of this feed, read anew each time; None: nothing.

        No picture goes by it unless it is told to: ``carry=session.calibration``, which is refused where the
        session's tick size, size unit or depth are not those that it was made for.

        Raises
        ------
        StoreError : it is damaged, of a newer liqmap, or the store cannot be reached.
        """
        return None if self.feed is None else saved(self.path, (self.venue, self.symbol, self.feed))

    # ------------------------------------------------------------------ grids

    def grid(
        self,
        time: Duration = "5s",
        price: float = 1.0,
        half_life: Duration = "30s",
        prune: Duration = "5min",
        agg: Aggregate = "mean",
        price_range: tuple[float, float] | None = None,
        time_range: TimeRange | None = None,
        parts: bool = False,
        carry: CarryModel | Calibrated | None = None,
        over: Over = "bin",
        presence: Presence | CarryModel | Calibrated | None = None,
    ) -> Grid:
        """Effective resting size on even bins (see `rasterize`).

        Parameters
        ----------
        time : bin width; edges are its multiples since the epoch.
        price : bin height, quote currency; edges are its multiples from 0.
        price_range, time_range : what the bins must cover; default: where the touch went plus one window,
            and the session's range.
        carry : a carry model, or a `Calibration` of this market, instead of half-life and prune (see
            `rasterize`).
        over : of a ``mean``, its whole time, or the time for which it is ``known`` (see `rasterize`).
        presence : add how probable it is that what a cell shows is still there, by a `Presence` or a
            `Calibration` of this market (see `rasterize`).

        Raises
        ------
        GridError : a bin that is not above zero, an empty range, one that begins before the session's days,
            more than 250 million cells (37 million with ``parts``, 48 million with ``presence``).
        """
        step = nanoseconds(time, "time")
        if step is None or step <= 0:
            raise GridError(argument="time", expected="a bin width such as '5s'", got=repr(time))
        if not (isinstance(price, (int, float, np.number)) and np.isfinite(price) and price > 0):
            raise GridError(argument="price", expected="a bin height above zero", got=repr(price))
        low, high = self.price_range if price_range is None else rising(price_range, "price_range")
        begin, end = self._within()
        spans = self.spans()
        if time_range is not None:
            known = min(begin, spans.begin), max(end, spans.last)
            begin, end = interval(time_range, "time_range", (begin, end), known)
        if time_range is not None and spans.since is not None and begin < spans.since:
            raise GridError(
                argument="time_range",
                expected=f"a time from {spell(spans.since)} on",
                got=spell(begin),
                remedy="Open the session with an earlier start",
            )
        cells = 2.0 * ((end - begin) / step + 1) * ((high - low) / price + 1)
        each = CELL_BYTES_PARTS if parts else CELL_BYTES
        most = MAX_BYTES // (each if presence is None else each + CELL_BYTES_PRESENCE)
        if cells > most:
            raise GridError(
                where="grid",
                expected=f"at most {most:,} cells",
                got=f"{cells:,.0f} of {time} x {price:g}",
                remedy=Sentence(
                    "Take wider bins, or pass ", Keyword("time_range"), " and ", Keyword("price_range")
                ),
            )
        rows = np.arange(np.floor(low / price + 1e-6), np.ceil(high / price - 1e-6) + 1)
        edges = np.round(rows * price, decimals(price))
        return rasterize(
            spans,
            lattice(begin, end, step).view("datetime64[ns]"),
            edges,
            agg=agg,
            parts=parts,
            carry=carry_model(half_life, prune, carry, (spans.meta,)),
            over=over,
            presence=presence,
        )
