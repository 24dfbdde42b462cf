"""Stops of sliders for half-life and prune, evenly spaced to the eye."""

from __future__ import annotations

SECONDS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 45)
MINUTES = (1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 45)
HOURS = (1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24)

DURATIONS: tuple[int | None, ...] = (
    *(n * 10**9 for n in SECONDS),
    *(int(n * 60 * 10**9) for n in MINUTES),
    *(int(n * 3600 * 10**9) for n in HOURS),
    None,
)
"""ns; none at the right end."""

UNITS = {"h": 3600 * 10**9, "min": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def stop_words(ns: int | None) -> str:
    """What a slider calls a stop, in whole or half units: ``30 s``, ``1.5 min``, ``none``."""
    if ns is None:
        return "none"
    for unit, length in UNITS.items():
        if ns >= length and 2 * ns % length == 0:
            return f"{ns // length}{'.5' if ns % length else ''} {unit}"
    return "0"
