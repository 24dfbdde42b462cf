"""What a calibration says of half-life and prune, as a state has them, and what is saved of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from liqmap.app.state.state import seconds_of

if TYPE_CHECKING:
    from liqmap.analytics.calibration import Calibration


class Carried(NamedTuple):
    """Half-life and prune as a state has them: s, None for none, or ``auto``."""

    half_life_s: float | str | None
    prune_s: float | str | None


def carried_of(calibration: Calibration) -> Carried:
    """The best half-life and prune of a calibration."""
    best = calibration.best
    return Carried(seconds_of(best.half_life), seconds_of(best.prune))


def saved_calibration(session: Any) -> Calibration | None:
    """What its store has kept of a session's market, if it has one and that has kept something.

    Raises
    ------
    LiqmapError : it is damaged, or of another tick size, unit or depth than the session.
    """
    found: Calibration | None = getattr(session, "calibration", None)
    if found is not None:
        found.carry_for(session.spans().meta)
    return found
