"""Words and numbers on a chart: units, titles, sizes short enough to read."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from liqmap.carry import HalfLife, Mixture, nanoseconds, spell
from liqmap.render.frames.stops import stop_words
from liqmap.schema import GridError, Meta

if TYPE_CHECKING:
    from collections.abc import Collection

    from liqmap.carry import CarryModel

QUOTES = ("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USDE", "USD", "EUR", "GBP", "JPY", "KRW", "TRY", "DAI",
          "BTC", "ETH")  # fmt: skip

DELIVERY = re.compile(
    r"([-_]?(PERP|PERPETUAL)|[-_](SWAP|\d{6}|\d{1,2}[A-Z]{3}\d{2})|(?<=USD)[FGHJKMNQUVXZ]\d\d)$"
)
"""What follows the pair in a symbol: no date, a date, a month and year."""


def currencies(meta: Meta) -> tuple[str | None, str | None]:
    """Base and quote of a symbol such as ``BTCUSDT`` or ``BTC-USD``; None where it does not say."""
    name = DELIVERY.sub("", meta.symbol.upper())
    for separator in ("-", "/", "_"):
        if separator in name:
            base, quote = name.split(separator)[:2]
            return base or None, quote or None
    for quote in QUOTES:
        if name.endswith(quote) and len(name) > len(quote):
            return name.removesuffix(quote), quote
    return None, None


def size_unit(meta: Meta) -> str:
    """Unit of sizes: the base currency where sizes are coins."""
    base, _ = currencies(meta)
    return base if meta.size_unit == "coins" and base else meta.size_unit


def price_unit(meta: Meta) -> str:
    """The quote currency by its name; nothing where the symbol does not say it."""
    return currencies(meta)[1] or ""


def with_unit(word: str, unit: str) -> str:
    """``price, USDT``; the word alone where there is no unit."""
    return f"{word}, {unit}" if unit else word


def worth(meta: Meta, size: float, price: float) -> float | None:
    """What a size is worth in quote currency; None of contracts of which no file says what one is worth.

    Contracts of Bybit and of Binance's COIN-M are of so much money each, whatever the price.
    """
    if meta.size_unit == "coins":
        return size * price
    each = contract_worth(meta)
    return None if each is None else size * each


def contract_worth(meta: Meta) -> float | None:
    """What a contract is worth in quote currency, whatever the price; None where no file says it."""
    if meta.venue == "bybit" or (meta.venue == "binance-delivery" and meta.contract_value != 1.0):
        return meta.contract_value
    return None


def market(meta: Meta) -> str:
    """``bybit BTCUSDT ob200``."""
    return " ".join(word for word in (meta.venue, meta.symbol, meta.feed) if word)


def carry_words(carry: CarryModel, auto: Collection[str] = ()) -> str:
    """Half-life and prune, or what other model there is, as a title says them.

    Parameters
    ----------
    auto : which of ``half_life`` and ``prune`` are chosen by what is in view, which is said of them.
    """
    if isinstance(carry, Mixture):
        return _mixture_words(carry)
    if not isinstance(carry, HalfLife):
        return f"carried by {carry.attrs().get('carry', type(carry).__name__)}"
    h, p = nanoseconds(carry.half_life), nanoseconds(carry.prune)
    own = {name: " (auto)" if name in auto else "" for name in ("half_life", "prune")}
    decay = "no decay" if h is None else f"half-life {stop_words(h) if own['half_life'] else duration(h)}"
    drop = "no prune" if p is None else f"prune {stop_words(p) if own['prune'] else duration(p)}"
    decay, drop = decay + own["half_life"], drop + own["prune"]
    return "as transmitted (prune 0)" if p == 0 else f"{decay}, {drop}"


def _mixture_words(carry: Mixture) -> str:
    """``5 half-lives by 25 sizes and 4 distances, no prune``: what they are would fill a title."""
    lives, sizes, distances = len(carry.rates), len(carry.sizes) + 1, len(carry.distances) + 1
    by = [f"{number} {name}" for number, name in ((sizes, "sizes"), (distances, "distances")) if number > 1]
    said = f"{lives} half-lives" if lives > 1 else "1 half-life"
    drop = "no prune" if carry.prune is None else f"prune {duration(carry.prune)}"
    return f"{said}{' by ' * bool(by)}{' and '.join(by)}, {drop}"


def aggregate_words(agg: str, meta: Meta) -> str:
    """What is coloured: ``peak, BTC a level`` or ``mean, BTC a tick``."""
    return f"{agg}, {size_unit(meta)} a {'level' if agg == 'peak' else 'tick'}"


def duration(ns: int | None) -> str:
    """Nanoseconds with a space before the unit: ``30 s``, ``5 min``, ``none``."""
    text = spell(ns)
    cut = next((i for i, c in enumerate(text) if c.isalpha()), 0)
    return f"{text[:cut]} {text[cut:]}" if cut else text


def short(size: float) -> str:
    """A size in at most about five characters: ``0.0021``, ``3.4``, ``120``, ``14k``."""
    if not np.isfinite(size):
        return "–"
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(size) >= limit:
            return f"{rounded(size / (1e3 if letter == 'k' else limit), 3)}{letter}"
    return f"{_half_up(size):f}" if abs(size) >= 100 else rounded(size, 2 if abs(size) < 10 else 3)


def exact(size: float) -> str:
    """A size as a tooltip says it, six digits at least: ``1,234.5``, ``0.0123457``, ``12,345,678``."""
    if not np.isfinite(size):
        return "–"
    return f"{_half_up(size):,f}" if size >= 1e6 else rounded(size, 6, ",")


def money(amount: float) -> str:
    """An amount of quote currency: whole from 100 on."""
    return f"{_half_up(amount):,f}" if amount >= 100 else rounded(amount, 4)


def rounded(number: float, digits: int, separator: str = "") -> str:
    """A number of so many digits, half up, without zeros at the end: ``0.0021``, and ``1.2e-5`` below 0.0001.

    The browser rounds so, and writes numbers so; tests feed it the same ones.
    """
    value = Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal_from_float(float(number)).normalize()
    if value and abs(value) < Decimal("1e-4"):
        return f"{value:e}"
    return f"{value:{separator}f}" if value else "0"


def _half_up(number: float) -> Decimal:
    return Decimal(float(number)).quantize(Decimal(1), ROUND_HALF_UP)


def numbers_script() -> str:
    """JavaScript that says numbers as this module does: ``short(size)``, ``rounded``; and ``between``."""
    return numbers_module().replace("export function", "function")


def numbers_module() -> str:
    """The same as an ES module."""
    return files(__package__).joinpath("numbers.js").read_text(encoding="utf-8")


def share_words(share: float) -> str:
    """What share of a picture is carried, as every face of it says it; see `front.Lit`."""
    return f"{math.floor(1000 * share + 0.5) / 10:.1f} % of the liquidity drawn is carried"


def span_words(begin: np.datetime64, end: np.datetime64, time_zone: str = "UTC") -> str:
    """A time range, the date once where both ends share it, and one instant where they share all."""
    times = (int(t.astype("datetime64[ns]").astype(np.int64)) for t in (begin, end))
    first, last = (moment(t, time_zone)[:19] for t in times)
    if first == last:
        return f"{first} {time_zone}"
    return f"{first} – {last[11:] if first[:10] == last[:10] else last} {time_zone}"


NO_ZONES = ("localtime", "Factory", "posixrules")
"""Files among those of the zones that no browser knows."""


def check_zone(time_zone: str) -> str:
    """The name of a time zone.

    Raises
    ------
    GridError : no such zone.
    """
    from zoneinfo import ZoneInfo

    try:
        if time_zone in NO_ZONES or time_zone.startswith(("posix/", "right/")):
            raise ValueError("a file beside the zones")
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError, TypeError, AttributeError) as error:  # unknown, a path, no text
        expected = "a name such as 'UTC' or 'Europe/Berlin'"
        raise GridError(argument="time_zone", expected=expected, got=repr(time_zone)) from error
    return time_zone


def moment(ns: int, time_zone: str = "UTC") -> str:
    """A time to the millisecond, as clocks of a zone show it."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    seconds, rest = divmod(ns, 10**9)
    local = datetime.fromtimestamp(seconds, ZoneInfo(time_zone))
    return f"{local:%Y-%m-%d %H:%M:%S}.{rest // 10**6:03d}"


def zone_word(ns: int, time_zone: str) -> str:
    """The short name of a zone at a time: ``UTC``, ``CEST``."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.fromtimestamp(ns // 10**9, ZoneInfo(time_zone)).tzname() or time_zone
