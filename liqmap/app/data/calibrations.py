"""What a calibration says of how to carry, as a state has it, and what there is of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from liqmap.app.data.calibrating import made_before
from liqmap.app.state.options import FITTED, HALF_LIFE
from liqmap.app.state.state import State, seconds_of
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import visible
from liqmap.schema import Meta

if TYPE_CHECKING:
    from liqmap.analytics.calibration import Calibration


class Carried(NamedTuple):
    """What carries as a state has it: `CARRY_BY`; half-life and prune in s, None for none, or ``auto``."""

    carry_by: str
    half_life_s: float | str | None
    prune_s: float | str | None

    @classmethod
    def of(cls, state: State) -> Carried:
        """That of a state."""
        return cls(state.carry_by, state.half_life_s, state.prune_s)

    @property
    def drawn(self) -> tuple[Any, ...]:
        """What of it decides a picture: a half-life is of no effect beside the fitted model."""
        return self.carry_by, None if self.carry_by == FITTED else self.half_life_s, self.prune_s


def carried_of(calibration: Calibration, carry_by: str | None = None) -> Carried:
    """What a calibration says to draw by, as `Calibration.carry` does: its fitted model where that is
    recommended, else its best half-life and prune.

    Parameters
    ----------
    carry_by : the fitted model in any case, if there is one; the half-life in any case.

    Notes
    -----
    Beside the fitted model half-life is that which would be drawn by, where its slider stands, and prune the
    model's own. The best is of the least error; of one that aims at the mean the rival, of the least `l2`, is
    taken.
    """
    best, rival = calibration.best, calibration.rival
    pair = rival if calibration.target == "mean" and rival else (best.half_life, best.prune)
    half_life, prune = map(seconds_of, pair)
    model = calibration.fitted
    if model is None or carry_by == HALF_LIFE or not (calibration.recommended or carry_by == FITTED):
        return Carried(HALF_LIFE, half_life, prune)
    return Carried(FITTED, half_life, None if model.prune is None else model.prune / 1e9)


def doubt_of(calibration: Calibration) -> str:
    """Why its fitted model is not recommended, in words; nothing where it is, or where there is none."""
    if calibration.fitted is None or calibration.recommended:
        return ""
    low, high = calibration.gain_interval
    gain = f"gains {_signed(calibration.gain)} ({_signed(low)} to {_signed(high)})"
    return f"The fitted model is not recommended: not surely better than a half-life, {gain}."


def _signed(number: float) -> str:
    return f"{number:.3f}".replace("-", "\N{MINUS SIGN}")


def lacking_words(meta: Meta) -> str:
    """What is said where the fitted model is asked for of a market that has none."""
    return (
        f"carry: expected a market with a fitted model, got {labels.market(meta)}, of which none is known: a "
        'half-life draws it. "Calibrate …" beside the sliders may find one.'
    )


def unshaded_words(meta: Meta) -> str:
    """What is said where a market is to be shaded by a presence that is not known."""
    return (
        f"presence: expected a market whose calibration tells how likely levels are still there, got "
        f"{labels.market(meta)}, of which none is known: it is not shaded by that."
    )


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


def made_calibration(session: Any, levels: int | None) -> Calibration | None:
    """What somebody has had made of all of a session, of so many levels a side or the most; None of none."""
    job = made_before(session, visible(session.time_range))
    if job is None or job.future is None:
        return None
    known: dict[int, Calibration] = job.future.result().by_levels
    return known.get(levels or 0, known[max(known)])
