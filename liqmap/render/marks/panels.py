"""The panels there are: what stands beside the heatmap, on its price axis, and below it, on its time axis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """One kind of panel.

    name : in ``panels=[...]``. label : for people.
    shares : the axis of the heatmap that it shares, ``price`` or ``time``.
    pixels : its extent along the other axis, of a picture of 1600 x 900.
    """

    name: str
    label: str
    shares: str
    pixels: int


PANELS = {
    panel.name: panel
    for panel in (
        Panel("ladder", "book", "price", 150),
        Panel("profile", "volume", "price", 130),
        Panel("delta", "delta", "time", 140),
    )
}
"""By name, in the order in which they stand from the heatmap outward."""

BESIDE = {panel.name: panel.pixels for panel in PANELS.values() if panel.shares == "price"}
"""Widths of those beside the heatmap."""
