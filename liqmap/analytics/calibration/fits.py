"""Whether a calibration is about the market that it is asked to be used on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liqmap.schema import GridError, Meta

if TYPE_CHECKING:
    from liqmap.analytics.calibration.calibration import Calibration
    from liqmap.carry import Presence


OF_ANY = {"carry": "which is a model", "presence": "which are rates"}
"""What each is where nobody looks whom it is about."""


def check_fits(calibration: Calibration, meta: Meta, argument: str = "carry") -> None:
    """Refuse a market, or a feed of it, that a calibration does not speak of.

    Which levels leave the window goes by the feed and its depth, and how long they stay by the market: the
    numbers of one are none of another. The depth has to be that of the feed that was calibrated, or of the
    view that stood for a shallower one.

    Parameters
    ----------
    argument : what the calibration was passed as, ``carry`` or ``presence``.

    Raises
    ------
    GridError : another market, feed, tick size, size unit or depth; says which.
    """
    own = calibration.meta
    pairs = {
        "market": (f"{own.venue} {own.symbol}", f"{meta.venue} {meta.symbol}"),
        "feed": (own.feed or "none", meta.feed or "none"),
        "tick size": (_tick(own), _tick(meta)),
        "size unit": (_unit(own), _unit(meta)),
    }
    for what, (expected, got) in pairs.items():
        if expected != got:
            raise _refused(calibration, argument, f"the {what} that it was made for ({expected})", got)
    if meta.depth_limit not in (calibration.view, calibration.depth):
        depths = " or ".join(dict.fromkeys(map(_levels, (calibration.depth, calibration.view))))
        expected, got = f"the depth that it was made for ({depths})", _levels(meta.depth_limit)
        raise _refused(calibration, argument, expected, got)


def presence_that_fits(calibration: Calibration, meta: Meta) -> Presence:
    """How likely levels of a market are still there, as a calibration of it knows.

    Raises
    ------
    GridError : as `check_fits`, or the calibration was of too short a time to know.
    """
    check_fits(calibration, meta, "presence")
    if calibration.presence is None:
        where = f"calibration of {calibration.title}"
        expected = "a calibration that knows how likely a level is still there"
        remedy = "Calibrate a longer session"
        raise GridError(
            where=where, argument="presence", expected=expected, got="too short a time", remedy=remedy
        )
    return calibration.presence


def _refused(calibration: Calibration, argument: str, expected: str, got: str) -> GridError:
    remedy = f"Calibrate this one, or pass the calibration's .{argument}, {OF_ANY[argument]} of any market"
    where = f"calibration of {calibration.title}"
    return GridError(where=where, argument=argument, expected=expected, got=got, remedy=remedy)


def _tick(meta: Meta) -> str:
    return "unknown" if meta.tick_size is None else f"{meta.tick_size:.12g}"


def _unit(meta: Meta) -> str:
    return meta.size_unit if meta.contract_value == 1 else f"{meta.size_unit} of {meta.contract_value:.12g}"


def _levels(depth: int | None) -> str:
    return "the whole book" if depth is None else f"{depth} levels a side"
