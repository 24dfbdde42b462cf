"""A session as a page opens it: its market, where its pixels are made, and its spans, packed once for all."""

from __future__ import annotations

from threading import Lock
from typing import Any, NamedTuple

from liqmap.app.data.watched import is_live
from liqmap.browser.content import Content
from liqmap.browser.market import market_of, sizes_by_rank
from liqmap.browser.pack import DAY, Packed, pack
from liqmap.render.frames.frame import instant_ns, visible
from liqmap.render.frames.market import Market
from liqmap.render.marks import registry
from liqmap.spans import Derivation, Spans

IN_PAGE = 2_000_000
"""Spans of a session that a page draws itself: some 12 MB on their way to it, 80 MB there."""

Key = tuple[int, int, str]


def base_of(session: Market) -> int:
    """What the times of a page are counted from: the start of the session's first UTC day, ns."""
    return instant_ns(visible(session.time_range)[0]) // DAY * DAY


def is_drawn_in_page(session: Market) -> bool:
    """Whether the page draws a session itself; of others Python makes the pixels."""
    return len(session.spans()) <= IN_PAGE and not getattr(session, "others", [])


def scene_of(session: Market, key: str, by_python: bool = False) -> dict[str, Any]:
    """A session as the engine opens it, but for its spans.

    Parameters
    ----------
    key : another for every session.
    by_python : have Python make the pixels though the page could, as of presence.
    """
    spans, base = session.spans(), base_of(session)
    begin, end = map(instant_ns, visible(session.time_range))
    overlays = [{"name": o.name, "order": o.order} for o in registry.overlays().values()]
    times = {"base": str(base), "baseSeconds": base // 10**9, "last": max(spans.last - base, 0)}
    live = {"live": session.growth.seen.number} if is_live(session) else {}
    return live | {
        "key": key,
        "drawn": "page" if is_drawn_in_page(session) and not by_python else "python",
        "market": market_of(spans) | times,
        "whole": [begin - base, end - base, *map(float, session.price_range)],
        "overlays": overlays,
    }


class Contents(NamedTuple):
    """Spans as the engine's worker takes them; ``number`` : of the update that they are of, if they grow."""

    packed: Packed
    tick: float
    sizes: dict[str, list[float]]
    number: int | None = None

    @property
    def message(self) -> dict[str, Any]:
        """The same as a message."""
        number = {} if self.number is None else {"number": self.number}
        return number | {
            "data": self.packed.data, "header": self.packed.header, "tick": self.tick, "sizes": self.sizes,
        }  # fmt: skip


def contents_of(session: Market) -> Contents:
    """The spans of a session for a page; packed once, however many ask for them."""
    if is_live(session):
        packed, seen = session.growth.opening()
        return Contents(packed, seen.spans.tick_size, seen.sizes, seen.number)
    kept = PACKED.of(session.spans())
    begin, end = map(instant_ns, visible(session.time_range))
    key = begin, end, str(session.price_range)
    with kept.lock:
        if key not in kept.by_range:
            spans = session.spans()
            # With the touch of before, as a model that is fitted later may go by the distance from it.
            content = Content.of(session, spans, visible(session.time_range), by_distance=True)
            packed = pack(content, base_of(session))
            kept.by_range = {key: Contents(packed, spans.tick_size, sizes_by_rank(session))}
        return kept.by_range[key]


class _Kept:
    """What is packed of some spans: of one range, as pages show all of a session."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.by_range: dict[Key, Contents] = {}


def _none_kept(spans: Spans) -> _Kept:
    return _Kept()


PACKED = Derivation("packed for pages", _none_kept)
