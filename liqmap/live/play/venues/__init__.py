"""The protocols that are served, a module each."""

from liqmap.live.play.venues.binance import Binance
from liqmap.live.play.venues.bybit import Bybit
from liqmap.live.play.venues.kraken import Kraken
from liqmap.live.play.venues.venue import Venue

VENUES: dict[str, type[Venue]] = {
    "bybit": Bybit,
    "bybit-spot": Bybit,
    "binance": Binance,
    "binance-futures": Binance,
    "binance-delivery": Binance,
    "kraken": Kraken,
}
"""By the name that a user gives."""

__all__ = ["VENUES", "Venue"]
