"""The book of single orders the slow way: each order by itself, from its events alone, and all added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple


class Told(NamedTuple):
    """One event: what befell which order. ``left`` is what rests then; of a cancel, what is taken."""

    action: str
    order_id: int
    side: str
    price: Decimal
    left: Decimal


def standing(events: Iterable[Told]) -> tuple[str, Decimal, Decimal] | None:
    """Where an order rests after its events, and with how much; None where it does not, or nobody knows."""
    now, created, gone = None, False, False
    for action, _, side, price, left in events:
        if gone:
            continue
        if action == "add":
            if now is None or created:
                now = (side, price, left) if left else None
                gone = not left and created
            created = True
        elif action == "modify":
            now, gone = ((side, price, left), False) if left else (None, True)
        elif action == "cancel" and now is not None and 0 < left < now[2]:
            now = (*now[:2], now[2] - left)
        else:
            now, gone = None, True
        created &= now is not None
    return now


def book(events: Iterable[Told]) -> dict[tuple[str, float], float]:
    """The levels after some events."""
    by_order: dict[int, list[Told]] = {}
    for event in events:
        by_order.setdefault(event.order_id, []).append(event)
    levels: Counter[tuple[str, Decimal]] = Counter()
    for of_one in by_order.values():
        if (rests := standing(of_one)) is not None:
            levels[rests[:2]] += rests[2]  # type: ignore[assignment]
    return {(side, float(price)): float(size) for (side, price), size in levels.items()}
