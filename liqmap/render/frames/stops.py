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
