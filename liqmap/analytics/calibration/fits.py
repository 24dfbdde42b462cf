"""Whether a calibration is about the market that it is asked to be used on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liqmap.schema import GridError, Meta

if TYPE_CHECKING:
    from liqmap.analytics.calibration.calibration import Calibration


def check_fits(calibration: Calibration, meta: Meta) -> None:
    """Refuse a market, or a feed of it, that a calibration does not speak of.

    Which levels leave the window goes by the feed and its depth, and how long they stay by the market: the
    numbers of one are none of another. The depth has to be that of the feed that was calibrated, or of the
    view that stood for a shallower one.

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
            raise _refused(calibration, f"the {what} that it was made for ({expected})", got)
    if meta.depth_limit not in (calibration.view, calibration.depth):
        depths = " or ".join(dict.fromkeys(map(_levels, (calibration.depth, calibration.view))))
        raise _refused(calibration, f"the depth that it was made for ({depths})", _levels(meta.depth_limit))


def _refused(calibration: Calibration, expected: str, got: str) -> GridError:
    remedy = "Calibrate this one, or pass the calibration's .carry, which is a model of any market"
    where = f"calibration of {calibration.title}"
    return GridError(where=where, argument="carry", expected=expected, got=got, remedy=remedy)


def _tick(meta: Meta) -> str:
    return "unknown" if meta.tick_size is None else f"{meta.tick_size:.12g}"


def _unit(meta: Meta) -> str:
    return meta.size_unit if meta.contract_value == 1 else f"{meta.size_unit} of {meta.contract_value:.12g}"


def _levels(depth: int | None) -> str:
    return "the whole book" if depth is None else f"{depth} levels a side"
