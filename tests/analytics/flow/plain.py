"""Slow definitions of what flows: lists, dicts and exact decimals, no code of the package."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pyarrow as pa
from hypothesis import strategies as st

from liqmap.schema import TRADES, Meta

TICK = Decimal("0.1")


class One(NamedTuple):
    """A trade. side : ``buy``, ``sell``, None."""

    t: int
    side: str | None
    price: Decimal
    size: Decimal

    @property
    def signed(self) -> Decimal:
        return {"buy": self.size, "sell": -self.size, None: Decimal(0)}[self.side]


st_one = st.builds(
    One,
    st.integers(0, 40).map(lambda n: n * 25),
    st.sampled_from(["buy", "sell", None]),
    st.integers(995, 1008).map(lambda n: n * TICK),
    st.sampled_from([0, 1, 1, 2, 3, 7, 12]).map(lambda n: Decimal(n) / 10),
)
st_trades = st.lists(st_one, max_size=40).map(lambda some: sorted(some, key=lambda one: one.t))


def table(trades: list[One]) -> pa.Table:
    """As the package takes them."""
    rows = [
        {"ts": one.t, "aggressor": one.side, "price": float(one.price), "size": float(one.size)}
        for one in trades
    ]
    meta = Meta(venue="plain", symbol="X", tick_size=0.1).to_metadata()
    return pa.Table.from_pylist(rows, schema=TRADES.with_metadata(meta))


# ------------------------------------------------------------------ bars


def cut(trades: list[One], by: str, every: Decimal) -> tuple[list[list[One]], bool]:
    """Trades bar by bar, and whether the last bar has ended."""
    out: list[list[One]] = []
    ended = True
    for one in trades:
        if by == "time":
            new = not out or one.t // int(every) != out[-1][-1].t // int(every)
        elif by == "range":
            prices = [o.price for o in out[-1]] + [one.price] if out else []
            new = not out or max(prices) - min(prices) > every
        else:
            new = ended
        if new:
            out.append([])
        out[-1].append(one)
        sums = {
            "ticks": Decimal(len(out[-1])),
            "volume": sum((o.size for o in out[-1]), Decimal(0)),
            "notional": sum((o.size * o.price for o in out[-1]), Decimal(0)),
            "imbalance": abs(sum((o.signed for o in out[-1]), Decimal(0))),
        }
        ended = by in sums and sums[by] >= every
    return out, bool(out) and ended


def bar(trades: list[One]) -> dict[str, Any]:
    """What the trades of a bar come to, exactly."""
    deltas = [Decimal(0)]
    for one in trades:
        deltas.append(deltas[-1] + one.signed)
    by = {s: sum((o.size for o in trades if o.side == s), Decimal(0)) for s in ("buy", "sell", None)}
    volume = sum(by.values(), Decimal(0))
    notional = sum((o.size * o.price for o in trades), Decimal(0))
    return {
        "open": trades[0].price,
        "close": trades[-1].price,
        "high": max(o.price for o in trades),
        "low": min(o.price for o in trades),
        "volume": volume,
        "buys": by["buy"],
        "sells": by["sell"],
        "unsigned": by[None],
        "delta": by["buy"] - by["sell"],
        "min_delta": min(deltas),
        "max_delta": max(deltas),
        "trades": len(trades),
        "notional": notional,
        "vwap": notional / volume if volume else None,
        "end": trades[-1].t,
    }


# ------------------------------------------------------------------ rows of prices


def row_of(price: Decimal, ticks: int) -> int:
    """The row of a price, rows being so many ticks high."""
    return int(price / TICK) // ticks


def profile(trades: list[One], ticks: int) -> dict[int, Decimal]:
    """Volume of every row from the lowest to the highest trade."""
    rows = [row_of(one.price, ticks) for one in trades]
    out = {r: Decimal(0) for r in range(min(rows), max(rows) + 1)} if rows else {}
    for one in trades:
        out[row_of(one.price, ticks)] += one.size
    return out


def area(volume: dict[int, Decimal], share: str) -> tuple[int, int, int] | None:
    """Point of control, lowest and highest row of the value area; None of no volume."""
    total = sum(volume.values(), Decimal(0))
    if not total:
        return None
    most = max(volume.values())
    poc = min(r for r, v in volume.items() if v == most)
    inside = [poc]
    while Fraction(sum(volume[r] for r in inside)) < Fraction(share) * Fraction(total):
        above = [r for r in (max(inside) + 1, max(inside) + 2) if r in volume]
        below = [r for r in (min(inside) - 1, min(inside) - 2) if r in volume]
        if not above and not below:
            break
        up, down = (sum((volume[r] for r in pair), Decimal(0)) for pair in (above, below))
        inside += above if above and (not below or up >= down) else below
    return poc, min(inside), max(inside)


def cells(trades: list[One], ticks: int) -> dict[int, dict[str | None, Decimal]]:
    """Row by row, what was bought, sold, and not known."""
    out: dict[int, dict[str | None, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in trades:
        out[row_of(one.price, ticks)][one.side] += one.size
    return out


def imbalances(
    rows: dict[int, dict[str | None, Decimal]], ratio: Decimal, least: Decimal
) -> tuple[set[int], set[int]]:
    """Rows whose buys stand out against the sells one row below, and whose sells against the buys above."""
    low, high = min(rows), max(rows)
    bought, sold = set(), set()
    for r in rows:
        here, below, above = rows[r], rows.get(r - 1, {}), rows.get(r + 1, {})
        buys, sells = here.get("buy", Decimal(0)), here.get("sell", Decimal(0))
        if r > low and buys > 0 and buys >= least and buys >= ratio * below.get("sell", Decimal(0)):
            bought.add(r)
        if r < high and sells > 0 and sells >= least and sells >= ratio * above.get("buy", Decimal(0)):
            sold.add(r)
    return bought, sold


def run(rows: set[int], r: int) -> int:
    """How many adjoining rows there are, r included."""
    if r not in rows:
        return 0
    low = high = r
    while low - 1 in rows:
        low -= 1
    while high + 1 in rows:
        high += 1
    return high - low + 1


def came_back(later: list[One], poc: int, before: One, ticks: int) -> int | None:
    """When the first trade came into a row, or across it."""
    last = row_of(before.price, ticks)
    for one in later:
        now = row_of(one.price, ticks)
        if now == poc or last < poc < now or now < poc < last:
            return one.t
        last = now
    return None
