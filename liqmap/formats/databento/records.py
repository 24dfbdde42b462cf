"""Databento's records as numpy sees them, and which of them can be used.

The layouts are those of DBN versions 1 to 3, little-endian and without padding. CSV files are put into the
same records, so that everything after is one. Source: https://databento.com/docs/schemas-and-data-formats
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from liqmap.formats.text.decimals import MOST_TICKS, Tick
from liqmap.schema import MISSING

UNIT = 10**9
"""Prices are whole numbers of 1e-9."""

NO_PRICE = (1 << 63) - 1
MOST_UNITS = 1 << 61
F_LAST, F_TOB, F_SNAPSHOT, F_MBP, F_BAD_TS_RECV, F_MAYBE_BAD_BOOK = 0x80, 0x40, 0x20, 0x10, 0x08, 0x04
ADD, CANCEL, MODIFY, CLEAR, TRADE, FILL, NONE = b"ACMRTFN"
BUY, SELL = b"BA"
EARLIEST, LATEST = 10**18, 4 * 10**18
"""ns of 2001 and 2096: seconds, milliseconds and microseconds lie outside, and so does what is undefined."""

_HEADER = [
    ("length", "u1"), ("rtype", "u1"), ("publisher_id", "<u2"), ("instrument_id", "<u4"), ("ts_event", "<u8"),
]  # fmt: skip
_TAIL = [("ts_recv", "<u8"), ("ts_in_delta", "<i4"), ("sequence", "<u4")]
_TRADE = [
    ("price", "<i8"), ("size", "<u4"), ("action", "u1"), ("side", "u1"), ("flags", "u1"), ("depth", "u1"),
]  # fmt: skip
_MBO = [
    ("order_id", "<u8"), ("price", "<i8"), ("size", "<u4"), ("flags", "u1"), ("channel_id", "u1"),
    ("action", "u1"), ("side", "u1"),
]  # fmt: skip
LEVEL = np.dtype(
    [
        (f"{side}_{what}", kind)
        for what, kind in (("px", "<i8"), ("sz", "<u4"), ("ct", "<u4"))
        for side in ("bid", "ask")
    ]
)


def _levels(count: int) -> np.dtype:
    return np.dtype([*_HEADER, *_TRADE, *_TAIL, ("levels", LEVEL, (count,))])


SCHEMAS: dict[str, tuple[int, np.dtype]] = {
    "mbo": (160, np.dtype([*_HEADER, *_MBO, *_TAIL])),
    "mbp-1": (1, _levels(1)),
    "mbp-10": (10, _levels(10)),
    "tbbo": (1, _levels(1)),
    "trades": (0, np.dtype([*_HEADER, *_TRADE, *_TAIL])),
}
"""Of each schema that is read the record type and its layout."""


class Changes(NamedTuple):
    """Messages of a book: (m,) the record that ends each and its event, (m + 1,) its first row and the end of
    all; (R, 3) int64 side, price in units, size of the levels that they change."""

    last: np.ndarray
    event: np.ndarray
    first: np.ndarray
    rows: np.ndarray


def chosen(records: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Some of the records, copied whole: numpy copies structured arrays field by field, 40 times slower."""
    return np.asarray(records.view(np.dtype((np.void, records.dtype.itemsize)))[which].view(records.dtype))


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """Records of one layout after each other, copied whole likewise."""
    layout = parts[0].dtype
    whole = np.dtype((np.void, layout.itemsize))
    return np.concatenate([p.view(whole) for p in parts]).view(layout)


def stamps(records: np.ndarray) -> np.ndarray:
    """ns: the venue's time, or when it was received where a record has none or comes from a snapshot."""
    event, received = records["ts_event"], records["ts_recv"]
    late = ((records["flags"] & F_SNAPSHOT) > 0) | (event < EARLIEST) | (event >= LATEST)
    return np.where(late, received, event).view(np.int64)


def received(records: np.ndarray) -> np.ndarray:
    """ns; MISSING where it is undefined or the vendor says that it is wrong."""
    ns = records["ts_recv"].view(np.int64)
    return np.where((ns > 0) & ((records["flags"] & F_BAD_TS_RECV) == 0), ns, MISSING)


def sideless(records: np.ndarray) -> np.ndarray:
    """Which records say no side."""
    return np.asarray((records["side"] != BUY) & (records["side"] != SELL))


class Wrong(NamedTuple):
    """What cannot be used, and why: records by position, levels by the position of their record, their side
    and their place, and the prices of sound records by position."""

    records: dict[int, str]
    levels: dict[tuple[int, int, int], str]
    prices: dict[int, str]


def wrong(records: np.ndarray, tick: Tick) -> Wrong:
    """What cannot be used. The tick size takes the prices of the others."""
    action, side, price = records["action"], records["side"], records["price"]
    at = stamps(records)
    resting = (action == ADD) | (action == MODIFY) if "order_id" in (records.dtype.names or ()) else False
    top = (records["flags"] & F_TOB) > 0
    checks: tuple[tuple[np.ndarray, str], ...] = (
        (~np.isin(action, list(b"ACMRTFN")), "expected one of the actions A, C, M, R, T, F, N"),
        ((at < EARLIEST) | (at >= LATEST), "expected ts_event or ts_recv in ns"),
        (resting & (side != BUY) & (side != SELL), "expected side A or B of an order"),
        (((resting & ~top) | (action == TRADE)) & priceless(price), "expected a price"),
    )
    if "levels" in (records.dtype.names or ()):
        shown = np.concatenate([records["levels"]["bid_px"], records["levels"]["ask_px"]], axis=1)
        strange = (priceless(shown) & (shown != NO_PRICE)).any(axis=1)
        checks = (*checks, (strange, "expected levels with prices"))
    found: dict[int, str] = {}
    for strange, why in checks:
        found |= {int(i): why for i in np.flatnonzero(strange) if int(i) not in found}
    own, levels = _unpriced(records, tick)
    return Wrong(found, levels, own)


def without_far(records: np.ndarray, far: Wrong) -> np.ndarray:
    """A copy of the records in which some levels are not there, and some records have no price."""
    records = chosen(records, np.arange(len(records)))
    records["price"][list(far.prices)] = NO_PRICE
    for i, side, place in far.levels:
        records["levels"][("bid_px", "ask_px")[side]][i, place] = NO_PRICE
        records["levels"][("bid_sz", "ask_sz")[side]][i, place] = 0
    return records


def priceless(units: np.ndarray) -> np.ndarray:
    """Where there is none, or one that no market has."""
    return np.asarray((units > MOST_UNITS) | (units < -MOST_UNITS))


def _unpriced(records: np.ndarray, tick: Tick) -> tuple[dict[int, str], dict[tuple[int, int, int], str]]:
    """Records, and levels that they show, whose prices would leave no tick size for the rest. A price that a
    record has once more among its levels is that of a level, unless it is of a trade."""
    own, shown = records["price"][:, None], []
    if "levels" in (records.dtype.names or ()):
        shown = [records["levels"]["bid_px"], records["levels"]["ask_px"]]
        twice = (own == np.concatenate(shown, axis=1)).any(axis=1, keepdims=True)
        own = np.where(twice & (records["action"][:, None] != TRADE), 0, own)
    units = np.concatenate([own, *shown], axis=1)
    units = np.where(priceless(units), 0, np.abs(units))
    divisor = _divisor(tick)
    if not divisor or (units % divisor).any() or int(units.max()) >= MOST_TICKS * divisor:
        tick.add([Fraction(int(np.gcd.reduce(units, axis=None)), UNIT)] if units.any() else [])
    if units.any():
        tick.add([Fraction(int(units.max()), UNIT)])
    wrong = tick.settle(units[units > 0] / UNIT)
    if wrong is None:
        return {}, {}
    row, column = (at[wrong].tolist() for at in np.nonzero(units > 0))
    why = [tick.why_not(float(price)) for price in (units[units > 0] / UNIT)[wrong]]
    wide = (units.shape[1] - 1) // 2
    return (
        {i: w for i, k, w in zip(row, column, why) if k == 0},
        {(i, *divmod(k - 1, wide)): w for i, k, w in zip(row, column, why) if k > 0},
    )


def _divisor(tick: Tick) -> int:
    """The tick size in units; 0 if it is none of them."""
    size = Fraction(repr(tick.size or 0.0)) * UNIT
    return int(size) if size.denominator == 1 else 0


def prices(units: np.ndarray, tick: Tick) -> np.ndarray:
    """Prices of whole units as float64."""
    divisor = _divisor(tick)
    common = int(np.gcd(divisor, UNIT)) if divisor else 1
    return np.asarray((units // common) / (UNIT // common))
