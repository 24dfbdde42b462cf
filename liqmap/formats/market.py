"""What a file's path says about its market, and what a symbol says about its sizes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

DERIVATIVE_WORDS = {"linear", "inverse", "contract", "futures", "swap", "perp"}
_QUOTED = re.compile(r"(USD[TCS1]?|BUSD|FDUSD|TUSD|BTC|ETH|BNB|EUR|TRY|BRL|PERP|_\d{6}|-\d{2}[A-Z]{3}\d{2})$")
"""How symbols of exchanges end: in what they are quoted in, or when they expire."""
_INVERSE = re.compile(r"USD([FGHJKMNQUVXZ]\d{2})?$")


def spelled(asked: str, found: Iterable[str]) -> str | None:
    """The one of these symbols that is asked for, as the venue writes it: people do not mind the case."""
    names = list(found)
    return next(
        (n for n in names if n == asked), next((n for n in names if n.upper() == asked.upper()), None)
    )


def named(path: Path, name: str | None, asked: str | None, sure: bool = False) -> str | None:
    """The symbol of a file: the word of its ``name`` where that is one, as it is where that is ``sure`` or it
    ends as symbols do; else the one asked for, if any.

    Raises
    ------
    FormatError : the name says another than the one asked for.
    """
    if name is None or asked is None:
        return name or asked
    if (sure or _QUOTED.search(name.upper())) and _bare(name) != _bare(asked):
        raise FormatError(
            where=path,
            expected=f"symbol {asked}",
            got=f"a file whose name says {name}",
            remedy=Sentence("Leave out ", Keyword("symbol"), ", or rename the file if its name is wrong"),
        )
    return name if _bare(name) == _bare(asked) else asked


def _bare(symbol: str) -> str:
    """Letters and digits of a symbol: ``btc-usdt`` is BTCUSDT."""
    return re.sub(r"[^A-Z0-9]", "", symbol.upper())


_NAMED = re.compile(r"[A-Z0-9]{2,12}(?:USD[TC]?(?:_PERP|_\d{6})?|BTC|ETH|BNB)")


def named_symbol(path: Path) -> str | None:
    """The symbol in a file's name: the one word that ends as symbols do (``btcusdt-depth.json``); None
    where no word does, or several do."""
    stem = path.name.split(".")[0].upper()
    words = re.findall(r"[A-Z0-9]+(?:_PERP|_\d{6}(?!\d))?", stem.replace(" ", "-"))
    words = [part for word in words for part in ([word] if _NAMED.fullmatch(word) else word.split("_"))]
    found = {word for word in words if _NAMED.fullmatch(word)}
    return found.pop() if len(found) == 1 else None


def path_words(path: Path) -> set[str]:
    """The words of a path as it was given, lower case: parents and file name split at anything but letters
    and digits."""
    return {w.lower() for part in path.parts for w in re.split(r"[^A-Za-z0-9]+", part) if w}


def _nearest(path: Path, derivative: set[str]) -> bool | None:
    """Whether a path says spot; False if it says one of these words of derivatives, None if neither. What
    stands nearest to the file says most."""
    for part in reversed(path.parts):
        words = path_words(Path(part))
        if ("spot" in words) != bool(words & derivative):
            return "spot" in words
    return None


def bybit_venue(path: Path, venue: str | None) -> tuple[str, str | None]:
    """Bybit's spot and derivative markets use the same topics and names: (venue, note if it was assumed)."""
    if venue is not None:
        return venue, None
    if (said := _nearest(path, DERIVATIVE_WORDS)) is not None:
        return ("bybit-spot" if said else "bybit"), None
    note = f"{path.name}: the file does not say its market; took it as venue 'bybit' (derivatives). "
    return "bybit", Sentence(note, "Pass ", Keyword("venue", "bybit-spot"), " if it is spot")


def bybit_size_unit(venue: str, symbol: str) -> str:
    """Inverse contracts (BTCUSD, BTCUSDZ25) count contracts of 1 USD; everything else counts coins."""
    return "contracts" if venue == "bybit" and _INVERSE.search(symbol) else "coins"


_FUTURES_WORDS = {"um", "usdm", "futures"}
_COIN_M = re.compile(r"USD_(PERP|\d{6})$")


def binance_venue(path: Path, venue: str | None, symbol: str, spot: bool | None) -> tuple[str, str | None]:
    """Binance's three markets: (venue, note if it was assumed); ``spot`` is what the content says.

    Only COIN-M symbols end in ``USD_PERP`` or ``USD_240628``: no word of the path makes others COIN-M.
    """
    if venue is not None:
        return venue, None
    if spot:
        return "binance", None
    if _COIN_M.search(symbol):
        return "binance-delivery", None
    if spot is False:
        return "binance-futures", None
    if (said := _nearest(path, _FUTURES_WORDS)) is not None:
        return ("binance" if said else "binance-futures"), None
    note = f"{path.name}: the file does not say its market; took it as venue 'binance-futures' (USD-M). "
    else_ = ("Pass ", Keyword("venue", "binance"), " if it is spot, 'binance-delivery' if COIN-M")
    return "binance-futures", Sentence(note, *else_)


def binance_sizes(venue: str, symbol: str) -> dict[str, str | float]:
    """Unit and worth for a `Meta`: COIN-M counts contracts of 100 USD (BTC) or 10 USD, all else coins.

    Source: https://www.binance.com/en/support/faq/a4470430e3164c13932be8967961aede
    """
    if venue != "binance-delivery":
        return {"size_unit": "coins"}
    return {"size_unit": "contracts", "contract_value": 100.0 if symbol.startswith("BTCUSD") else 10.0}


_CONTRACTS = re.compile(
    r"bitmex|bitnomial|delta|coinbase-derivatives|okex-(futures|swap|options)|huobi-dm(-\w+)*|gate-io-futures"
    r"|kucoin-futures|mexc-futures"
)
_INVERSE_OF = {
    "cryptofacilities": re.compile(r"[PF]I_.*"),
    "deribit": re.compile(r"[A-Z0-9]+-(PERPETUAL|\d{1,2}[A-Z]{3}\d{2})"),
    "phemex": re.compile(r"(?!s)\w*USD"),
}
"""Symbols whose amounts are dollars, on exchanges where the rest are coins: inverse contracts of 1 USD."""


def tardis_sizes(exchange: str, symbol: str) -> dict[str, str | float]:
    """Unit and worth for a `Meta`, by Tardis' exchange id: its amounts are those of the exchange itself. What
    a contract is worth is known of Binance's, and of inverse ones that are counted in dollars.

    Source: https://github.com/tardis-dev/tardis-node/tree/master/src/mappers
    """
    if exchange == "binance-delivery":
        return binance_sizes(exchange, symbol)
    if exchange == "bybit":
        return {"size_unit": bybit_size_unit(exchange, symbol)}
    inverse = _INVERSE_OF.get(exchange)
    counted = _CONTRACTS.fullmatch(exchange) or (inverse and inverse.fullmatch(symbol))
    return {"size_unit": "contracts" if counted else "coins"}
