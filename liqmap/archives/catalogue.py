"""Where exchanges publish their archives, and what each day's file may be called.

Bybit: ``orderbook/{linear,inverse,spot}/SYMBOL/DATE_SYMBOL_obN.data.zip`` at quote-saver.bycsi.com (N changed
over time and differs by market), ``trading/SYMBOL/SYMBOLDATE.csv.gz`` and ``spot/SYMBOL/SYMBOL_DATE.csv.gz``
at public.bybit.com; the first years of spot are there by the month, ``spot/SYMBOL/SYMBOL-YYYY-MM.csv.gz``.
Binance: ``data/{spot,futures/um,futures/cm}/daily/KIND/SYMBOL/SYMBOL-KIND-DATE.zip`` at data.binance.vision,
each with a ``.CHECKSUM`` beside it. Book tickers (``bookTicker``) of USD-M are there from 2023-05-16 to
2024-03-30.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from liqmap.schema import FetchError
from liqmap.schema.times import day_of

KINDS = ("depth", "trades", "quotes", "bookdepth")
DEPTHS = (1000, 500, 200, 50)
"""Levels of Bybit's depth archives, the deepest first."""

_DEPTH_HOST = "https://quote-saver.bycsi.com"
_TRADES_HOST = "https://public.bybit.com"
_BINANCE_HOST = "https://data.binance.vision"
_BINANCE_NAMES = {"trades": ("trades", "aggTrades"), "quotes": ("bookTicker",), "bookdepth": ("bookDepth",)}
_SYMBOL = re.compile(r"[^\W_]+([-_][^\W_]+)*")


@dataclass(frozen=True)
class Place:
    """One file that an archive may have: below which host, whether its sha256 stands beside it, and whether
    it holds the whole month."""

    host: str
    path: str
    checksum: bool = False
    month: bool = False

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    def url(self, base: str | None) -> str:
        """Its address; ``base`` stands for the host of every archive."""
        return f"{(base or self.host).rstrip('/')}/{quote(self.path)}"


@dataclass(frozen=True)
class Wanted:
    """One kind of one day: the table it fills, and the files that may hold it, the best first."""

    date: datetime.date
    kind: str
    venue: str
    symbol: str
    places: tuple[Place, ...]

    @property
    def table(self) -> str:
        return "bands" if self.kind == "bookdepth" else self.kind

    def __str__(self) -> str:
        return f"{self.date} {self.venue} {self.symbol} {self.kind}"


def _bybit(market: str, kind: str, symbol: str, day: datetime.date) -> tuple[Place, ...]:
    if kind == "depth":
        folder = f"orderbook/{market}/{symbol}"
        return tuple(Place(_DEPTH_HOST, f"{folder}/{day}_{symbol}_ob{n}.data.zip") for n in DEPTHS)
    if market == "spot":
        folder = f"spot/{symbol}/{symbol}"
        whole = Place(_TRADES_HOST, f"{folder}-{day:%Y-%m}.csv.gz", month=True)
        return Place(_TRADES_HOST, f"{folder}_{day}.csv.gz"), whole
    return (Place(_TRADES_HOST, f"trading/{symbol}/{symbol}{day}.csv.gz"),)


def _binance(market: str, kind: str, symbol: str, day: datetime.date) -> tuple[Place, ...]:
    folder = "data/spot" if market == "spot" else f"data/futures/{market}"
    names = _BINANCE_NAMES[kind]
    return tuple(
        Place(_BINANCE_HOST, f"{folder}/daily/{name}/{symbol}/{symbol}-{name}-{day}.zip", checksum=True)
        for name in names
    )


@dataclass(frozen=True)
class Archive:
    """What an exchange publishes: venue ids and kinds by market (the first is the default), and where.

    ``redirects``: of a host, the hosts below it that it may redirect to, each by its whole name; a host that
    is not there stays by itself.
    """

    markets: dict[str, tuple[str, tuple[str, ...]]]
    places: object
    redirects: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for host, others in self.redirects.items():
            if wrong := [other for other in others if not (host and other.endswith(f".{host}"))]:
                raise ValueError(f"expected hosts below {host}, got {', '.join(wrong)}")


ARCHIVES = {
    "bybit": Archive(
        {
            "linear": ("bybit", ("depth", "trades")),
            "inverse": ("bybit", ("depth", "trades")),
            "spot": ("bybit-spot", ("depth", "trades")),
        },
        _bybit,
    ),
    "binance": Archive(
        {
            "um": ("binance-futures", ("trades", "quotes", "bookdepth")),
            "cm": ("binance-delivery", ("trades", "bookdepth")),
            "spot": ("binance", ("trades",)),
        },
        _binance,
    ),
}


def redirect_hosts(host: str) -> set[str]:
    """The other hosts that a host of an archive may redirect to."""
    return {other for archive in ARCHIVES.values() for other in archive.redirects.get(host, ())}


def wanted(
    exchange: str,
    symbol: str,
    start: object,
    end: object,
    kinds: Sequence[str] | str | None = None,
    market: str | None = None,
) -> list[Wanted]:
    """What to look for, day by day, each day's kinds together.

    Raises
    ------
    FetchError : an exchange, market, kind, symbol or date that no archive has.
    """
    if exchange not in ARCHIVES:
        raise FetchError(argument="exchange", expected=f"one of {', '.join(ARCHIVES)}", got=repr(exchange))
    archive = ARCHIVES[exchange]
    market = market or next(iter(archive.markets))
    if market not in archive.markets:
        raise FetchError(
            argument="market",
            expected=f"one of {', '.join(archive.markets)} for {exchange}",
            got=repr(market),
        )
    venue, published = archive.markets[market]
    asked = [kinds] if isinstance(kinds, str) else list(kinds or published[:1])
    for kind in asked:
        if kind not in published:
            raise FetchError(
                argument="kind",
                expected=f"one of {', '.join(published)}, which {exchange} publishes for {market}",
                got=repr(kind),
            )
    name = symbol.strip().upper() if isinstance(symbol, str) else ""
    if not _SYMBOL.fullmatch(name):
        raise FetchError(argument="symbol", expected="a name such as BTCUSDT", got=repr(symbol))
    return [
        Wanted(day, kind, venue, name, archive.places(market, kind, name, day))  # type: ignore[operator]
        for day in _days(_date("start", start), _date("end", end))
        for kind in dict.fromkeys(asked)
    ]


def _days(start: datetime.date, end: datetime.date) -> Iterator[datetime.date]:
    if end < start:
        raise FetchError(
            argument="end",
            expected=f"{start}, the first day, or a later one",
            got=str(end),
            remedy="Swap the two",
        )
    for number in range((end - start).days + 1):
        yield start + datetime.timedelta(days=number)


def _date(argument: str, value: object) -> datetime.date:
    return datetime.date.fromisoformat(day_of(value, argument, FetchError))
