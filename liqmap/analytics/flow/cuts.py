"""Where bars begin: by time, trades, volume, notional, range of prices, or imbalance."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from liqmap.analytics.flow.kernels.cells import ROUNDING
from liqmap.analytics.flow.kernels.cutting import cut_by_range, cut_by_sum, cut_by_time
from liqmap.analytics.flow.trades import Trades
from liqmap.carry import nanoseconds
from liqmap.schema import GridError
from liqmap.schema.arguments import is_number, whole_number

By: TypeAlias = Literal["time", "ticks", "volume", "notional", "range", "imbalance"]
KINDS: tuple[By, ...] = get_args(By)
EXPECTED = {
    "volume": "size units a bar, above zero",
    "notional": "quote currency a bar, above zero",
    "range": "quote currency from low to high, above zero",
    "imbalance": "size units of |delta| a bar, above zero",
}


class Cuts(NamedTuple):
    """Where bars begin among N trades (B bars).

    start : (B + 1,) int64, the trades of bar b are ``start[b]`` to ``start[b + 1]``.
    ended : whether the last bar has: the others always have, as trades came after them.
    step : ns of a bar of time, 0 of others.
    """

    start: np.ndarray
    ended: bool
    step: int

    def __len__(self) -> int:
        return len(self.start) - 1

    @property
    def halves(self) -> tuple[slice, slice]:
        """Two parts of the bars, of about as many trades."""
        middle = int(np.searchsorted(self.start, self.start[-1] // 2)) if len(self) else 0
        return slice(0, middle), slice(middle, len(self))

    def of(self, part: slice) -> np.ndarray:
        """``start`` of a part of the bars."""
        return self.start[part.start : part.stop + 1]


class Rule(NamedTuple):
    """What ends a bar: so many ns, trades, size units, quote currency."""

    by: By
    amount: float


def rule_of(every: Any, by: Any) -> Rule:
    """The rule that arguments say.

    Raises
    ------
    GridError : another kind of bars, or an amount that is none of its kind.
    """
    if not (isinstance(by, str) and by in KINDS):
        raise GridError(argument="by", expected=f"one of {', '.join(KINDS)}", got=f"{by!r:.60}")
    if by == "time":
        step = nanoseconds(every, "every")
        if step is None or step <= 0:
            raise GridError(argument="every", expected="a step such as '1min'", got=repr(every))
        return Rule("time", step)
    if by == "ticks":
        return Rule("ticks", whole_number(every, "every"))
    if not (is_number(every) and 0 < every < np.inf):
        raise GridError(argument="every", expected=EXPECTED[by], got=f"{every!r:.60}")
    return Rule(by, float(every))


def cuts_of(trades: Trades, rule: Rule) -> Cuts:
    """Where bars begin by a rule; causal: bars that ended are the same whatever comes after."""
    count = len(trades)
    start = np.empty(count + 1, np.int64)
    by, amount = rule
    if by == "ticks":
        start = np.append(np.arange(0, count, int(amount)), count)
        return Cuts(start, count > 0 and count % int(amount) == 0, 0)
    ended = False
    if by == "time":
        bars = cut_by_time(trades.columns.time, int(amount), start)
    elif by == "range":
        bars = cut_by_range(trades.columns.price, amount * (2 - ROUNDING), start)
    else:
        bars, ended = cut_by_sum(*_sums(trades, by, amount), start)
    start[bars] = count
    return Cuts(start[: bars + 1].copy(), bool(ended), int(amount) if by == "time" else 0)


def _sums(trades: Trades, by: By, amount: float) -> tuple[np.ndarray, float]:
    """What is summed, and what its sum must reach."""
    if by == "notional":
        return np.abs(trades.price) * trades.size, amount * ROUNDING
    value, per_unit = trades.amounts
    return value * (1.0 if by == "volume" else trades.direction), amount * per_unit * ROUNDING
