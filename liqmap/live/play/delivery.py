"""Messages on their way to clients, past the faults that befall them."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable

from liqmap.live.play.channel import Parcel, Told
from liqmap.live.play.faults import Placed

CUT = 0.6
"""Share of a malformed message that is sent."""


class Delivery:
    """Gives messages to ``put``: at once, again, later, spoiled, or never."""

    def __init__(self, put: Callable[[Parcel], None]) -> None:
        self._put = put
        self._late: list[tuple[float, int, Parcel]] = []
        self._count = 0

    def give(self, parcel: Parcel, ts: int, faults: Iterable[Placed]) -> None:
        """Deliver a message of the time ``ts`` (ns), of which these faults are."""
        parcels = [parcel]
        channel = parcel.channel
        for placed in faults:
            kind = placed.fault.kind
            if kind == "lose":
                parcels = []
            elif kind == "double":
                parcels = parcels * 2
            elif kind == "malformed":
                parcels = [p._replace(told=_cut(p.told)) for p in parcels]
            elif kind == "checksum":
                parcels = [p._replace(told=channel.spoiled(p.told)) for p in parcels]
            elif kind == "late":
                for late in parcels:
                    self._count += 1
                    due = ts + placed.fault.duration * 1e9
                    heapq.heappush(self._late, (due, self._count, late))
                parcels = []
            elif kind == "reorder":
                channel.held += parcels
                parcels = []
                if parcel.number == placed.last:
                    parcels, channel.held = channel.held[::-1], []
        for one in parcels:
            self._put(one)

    @property
    def next_late(self) -> float:
        """Time of the next late message, ns; infinite where there is none."""
        return self._late[0][0] if self._late else math.inf

    def give_late(self, until: float) -> None:
        """Deliver those that are due."""
        while self._late and self._late[0][0] <= until:
            self._put(heapq.heappop(self._late)[2])


def _cut(told: Told) -> Told:
    return told._replace(text=told.text[: max(int(len(told.text) * CUT), 1)])
