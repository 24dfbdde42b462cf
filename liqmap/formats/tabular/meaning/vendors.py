"""Tables that are known by all of their columns: what their names alone do not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from liqmap.schema import FormatError


@dataclass(frozen=True)
class Vendor:
    """Tables of one maker.

    Attributes
    ----------
    name : of the table. columns : that it has at least, or that are ``all`` it has.
    at : role, or level, -> column, where the column's name does not say it.
    layout : that it has, None where the columns alone decide.
    said : column -> the only words that its rows may say, beside nothing; others are none of its rows.
    aggressor : whether its ``side`` is known to be that of the aggressor.
    size_scale : base units that one of its sizes stands for, where they are none.
    refused : what it is, if it is none of levels or trades as they are, and what to do about it.
    """

    name: str
    columns: frozenset[str]
    all: bool = False
    at: Mapping[str, str] = field(default_factory=dict)
    layout: str | None = None
    said: Mapping[str, frozenset[str]] = field(default_factory=dict)
    aggressor: bool = False
    size_scale: str | None = None
    refused: str = ""
    remedy: str = ""

    @property
    def decides(self) -> bool:
        """Whether its columns alone say that it is a table of ours, or none that could be read."""
        return bool(self.layout or self.refused)


def _columns(*names: str) -> frozenset[str]:
    return frozenset(name for some in names for name in some.replace(",", " ").replace(";", " ").split())


def _ccxt() -> list[Vendor]:
    """ccxt tells a time twice, as ``timestamp`` (ms) and ``datetime``. Trades of one's own have the side of
    one's own order, which need not be the aggressor's: rows where ``takerOrMaker`` says maker are rejected.
    A frame of order books holds lists in its cells. Source: https://docs.ccxt.com/#/README?id=trade-structure
    """
    time = {"ts": "timestamp"}
    return [
        Vendor(
            "trades of ccxt",
            _columns("id timestamp datetime symbol side takerOrMaker price amount cost"),
            at=time,
            layout="trades",
            said={"takerOrMaker": frozenset({"taker"})},
        ),
        Vendor("tickers of ccxt", _columns("symbol timestamp datetime bid bidVolume ask askVolume"), at=time),
        Vendor(
            "order books of ccxt",
            _columns("bids asks timestamp datetime nonce"),
            at=time,
            refused="books as lists in cells",
            remedy="Write each level as columns bid1_price, bid1_size, ask1_price, ask1_size and so on",
        ),
    ]


def _crypto_lake() -> list[Vendor]:
    """Crypto Lake's ``book_delta`` has absolute sizes, 0 where a level is gone, and no snapshot. ``book`` and
    ``trades`` are known by their names. The exchange's time is called ``origin_time`` or ``timestamp``.
    Source: https://github.com/crypto-lake/lake-api/blob/main/lakeapi/orderbook.py
    """
    names = "sequence_number side_is_bid price size"
    return [
        Vendor("book_delta of Crypto Lake", _columns(names, received), layout="updates")
        for received in ("received_time", "receipt_timestamp")
    ]


def _coinapi() -> list[Vendor]:
    """CoinAPI calls a trade's id ``guid``, and an aggressor that it estimated ``BUY_ESTIMATED``: nobody knows
    it. ``limitbook_full`` adds to levels and takes from them (ADD, SUB, MATCH), at times without a day.
    Source: https://docs.coinapi.io/flat-files-api/
    """
    time = "time_exchange time_coinapi"
    return [
        Vendor(
            "trades of CoinAPI",
            _columns(time, "guid price base_amount taker_side"),
            at={"id": "guid", "ts_recv": "time_coinapi"},
            layout="trades",
        ),
        Vendor(
            "limitbook_full of CoinAPI",
            _columns(time, "update_type is_buy entry_px entry_sx"),
            refused="changes that add up (update_type ADD, SUB, MATCH)",
            remedy="Replay it into books or levels with their new size first",
        ),
        Vendor("tables of CoinAPI", _columns(time), at={"ts_recv": "time_coinapi"}),
    ]


def _kaiko() -> list[Vendor]:
    """Kaiko's books are long snapshots, sides ``b`` and ``a`` in ``type``. Its trades say in ``sell`` that
    one sold, not whether that was the aggressor: it is to be told by ``buyer_maker=sell``.
    Source: https://github.com/cbisiere/kaiko-extract
    """
    return [
        Vendor(
            "order book of Kaiko",
            _columns("date type price amount"),
            all=True,
            at={"side": "type"},
            layout="snapshots",
            said={"type": frozenset({"a", "b"})},
        ),
        Vendor("trades of Kaiko", _columns("id exchange symbol date price amount sell"), layout="trades"),
    ]


def _hyperliquid() -> list[Vendor]:
    """Hyperliquid calls the aggressor A where it sold and B where it bought, and the market ``coin``. Fills
    of users tell each trade twice, once for each of the two. Its archive of trades has no ids.
    Source: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/nodes/l1-data-schemas
    """
    trade, market = "coin side px sz time hash", {"symbol": "coin"}
    return [
        Vendor(
            "fills of Hyperliquid",
            _columns(trade, "oid"),
            refused="fills, which tell each trade twice",
            remedy="Keep the rows whose crossed is true, and leave out crossed and oid",
        ),
        Vendor("trades of Hyperliquid", _columns(trade), at=market, layout="trades", aggressor=True),
    ]


def _binance() -> list[Vendor]:
    """Binance's stream of book tickers has names of one letter: ``b`` and ``B`` are the bid's price and size.
    Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
    """
    quote = {"bid_price": "b", "bid_size": "B", "ask_price": "a", "ask_size": "A"}
    return [
        Vendor(
            "book tickers of Binance",
            _columns("u s b B a A"),
            at=quote | {"symbol": "s", "seq": "u"},
            layout="wide",
        )
    ]


def _obanalytics() -> list[Vendor]:
    """Events of obAnalytics: what befell single orders, in satoshi. ``timestamp`` is when an event came, and
    ``exchange.timestamp`` when its order was created; ``volume`` is what was left of it then.
    Source: https://github.com/phil8192/ob-analytics
    """
    return [
        Vendor(
            "events of obAnalytics",
            _columns("id timestamp exchange.timestamp price volume action direction"),
            at={"ts": "timestamp", "order_id": "id", "size": "volume", "side": "direction"},
            layout="orders",
            said={"action": frozenset({"created", "changed", "deleted"})},
            size_scale="1e-8",
        )
    ]


VENDORS = [*_ccxt(), *_crypto_lake(), *_coinapi(), *_kaiko(), *_hyperliquid(), *_binance(), *_obanalytics()]


def vendor_of(names: Sequence[str]) -> Vendor | None:
    """Whose table it is; the first that all columns fit."""
    have = set(names)
    return next((v for v in VENDORS if v.columns <= have and (not v.all or v.columns == have)), None)


def check_vendor(vendor: Vendor, where: object) -> None:
    """Refuse a known table whose rows are none of levels or trades.

    Raises
    ------
    FormatError : it is one.
    """
    if vendor.refused:
        raise FormatError(
            where=where,
            expected="a table of levels or trades",
            got=f"{vendor.name}: {vendor.refused}",
            remedy=vendor.remedy,
        )
