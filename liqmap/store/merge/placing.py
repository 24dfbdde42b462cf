"""Where a new part of a market goes: a file of its own, or into those of its day that it overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from liqmap.store.merge.parts import merge_part
from liqmap.store.parts import Part

if TYPE_CHECKING:
    from liqmap.store.commit.change import Change


def beside(part: Part, there: Sequence[Part]) -> list[Part]:
    """The parts of the same table, feed and day."""
    feed = part.meta.feed if part.kind == "depth" else None
    return [
        p
        for p in there
        if (p.kind, p.day) == (part.kind, part.day) and (part.kind != "depth" or p.meta.feed == feed)
    ]


def merge_into(change: Change, part: Part, shared: Sequence[Part], number: int) -> list[str]:
    """Merge a part into those that it overlaps; gives the paths, below the store, where its rows are.

    Parameters
    ----------
    number : of the part among those of the change.

    Raises
    ------
    StoreError : they contradict each other.
    """
    went = []
    for place, old in enumerate(shared):
        since = old.key if place else None
        until = shared[place + 1].key if place + 1 < len(shared) else None
        out = change.work / f"merged-{number}-{place}.parquet"
        others = [p for p in shared if p is not old]
        made = merge_part(old, part, out, since, until, others)
        joined = old if made is None else change.join([old], made, "merged")
        went.append(change.manifest.place(joined))
    return went
