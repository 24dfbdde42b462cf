"""Numbers of what came and went between two instants, by name: ``ofi@1``, ``added@5``, ``pulled@10bps``.

Each tells of the messages of [previous instant, instant), and of changes of levels that were in the band
before and after the message; see `flows_of`. Window entries and exits are not orders, and count nowhere.
"""

from __future__ import annotations

import numpy as np

from liqmap.analytics.book.events.flows import Flow
from liqmap.analytics.book.registry import over


@over("ofi", "size units", "levels", "bps")
def ofi(flow: Flow) -> np.ndarray:
    """Order-flow imbalance: what the bids gained less what the asks gained, in the band.

    Of one level it is that of the source: with P, q the best price and its size before and after a message,
    ``e = q_b' [P_b' >= P_b] - q_b [P_b' <= P_b] - q_a' [P_a' <= P_a] + q_a [P_a' >= P_a]``, summed. Of more
    levels it sums every change of size at the prices that are among the best k before and after, so that it
    is never moved by a level that another pushes out of them; the sum of `order_flow_imbalance`'s columns,
    which compare the m-th best prices, is another thing.

    Source: Cont, Kukanov, Stoikov (2014), The price impact of order book events, J. Financial Econometrics.
    """
    return flow.change[0] - flow.change[1]


@over("added", "size units", "levels", "bps", trades=True)
def added(flow: Flow) -> np.ndarray:
    """Size that was added on both sides, ``sum max(0, q1 - q0 + V)`` over changes q0 to q1 of a level with V
    traded there meanwhile; see `stacking`."""
    return flow.added.sum(axis=0)


@over("pulled", "size units", "levels", "bps", trades=True)
def pulled(flow: Flow) -> np.ndarray:
    """Size that was pulled on both sides, ``sum max(0, q0 - V - q1)``; see `stacking`."""
    return flow.pulled.sum(axis=0)


def _side(name: str, number: int) -> None:
    @over(f"{'bid' if number == 0 else 'ask'}_{name}", "size units", "levels", "bps", trades=True)
    def of_side(flow: Flow) -> np.ndarray:
        """The same of one side."""
        return np.asarray(getattr(flow, name)[number])


for _name in ("added", "pulled"):
    for _number in (0, 1):
        _side(_name, _number)
