"""What a live session has grown by, as a page is told it; see ``engine/live/growing.js``."""

from __future__ import annotations

from typing import Any

from liqmap.app.data.watched import is_live
from liqmap.app.picture.scene import base_of, is_drawn_in_page
from liqmap.schema import GridError, SessionError


def have_of(ask: dict[str, Any]) -> int:
    """The update that a page says to have.

    Raises
    ------
    GridError : something that is no number of one.
    """
    have = ask.get("have")
    if type(have) is not int or not 0 <= have < 2**53:
        raise GridError(argument="have", expected="the number of an update", got=f"{have!r:.60}")
    return have


def news_of(session: Any, ask: dict[str, Any]) -> dict[str, Any]:
    """Updates after the one that a page has, sizes where they are others since, and how the market stands.

    Raises
    ------
    SessionError : the session does not grow. GridError : no number of an update.
    """
    if not is_live(session):
        raise SessionError(where="growth", expected="a live session", got="one that is over")
    have = have_of(ask)
    seen, packs, silence = session.growth.news(have)
    in_page = is_drawn_in_page(session)
    told: list[dict[str, Any]] | None = None
    if packs is not None:
        told = [{"data": p.data, "header": p.header} if in_page else {} for p in packs]
    message = {
        "number": seen.number, "packs": told,
        "last": seen.last - base_of(session), "prices": list(map(float, seen.prices)),
        "silence": silence, "closed": bool(getattr(session, "closed", False)),
    }  # fmt: skip
    return message | ({"sizes": seen.sizes} if have < seen.since else {})
