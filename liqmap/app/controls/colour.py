"""How sizes become colours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from liqmap.app.controls.control import Maker, choice, one_of, select, slider, switch, words
from liqmap.app.data.data import opacity
from liqmap.app.state.options import OFFERED
from liqmap.app.state.state import State


def read_limits(text: str) -> tuple[float, float] | None:
    """Two sizes that rise, such as ``0.5 20``; None for no text.

    Raises
    ------
    ValueError : anything else.
    """
    if not text.strip():
        return None
    low, high = map(float, text.replace(",", " ").replace("–", " ").split())
    if not 0 <= low < high < float("inf"):
        raise ValueError(text)
    return low, high


def limits_text(limits: tuple[float, float] | None) -> str:
    """As `read_limits` reads it."""
    return "" if limits is None else " – ".join(f"{size:g}" for size in limits)


def opacity_words(state: State, has_trades: Callable[[], bool]) -> dict[str, Any] | None:
    """Where candles, not the slider, decide how faint the heatmap is, it says so."""
    drawn = opacity(state, has_trades())
    return None if drawn == state.opacity else {"words": f"{drawn:g} under candles"}


COLOUR: list[Maker] = [
    select("palette", {name: name for name in OFFERED}, partial(one_of, "palette", offered=OFFERED)),
    choice("scaling"),
]
"""Above the cut-offs."""


ONLY_TOLD = "What is carried is not faded, so that only what the pointer says tells presence."


def presence_look(state: State, calibration: Callable[[], Any]) -> dict[str, Any] | None:
    """Hidden where no presence is known; where colours say something else of what is carried, in words."""
    found = calibration()
    if found is None or found.presence is None:
        return {"hidden": True}
    return {"title": ONLY_TOLD} if state.presence and state.carried_shown != "fade" else None


def strength(has_trades: Callable[[], bool], calibration: Callable[[], Any] = lambda: None) -> list[Maker]:
    """Below them; candles are drawn where ``has_trades`` says so, presence where ``calibration`` gives one
    that has it."""
    limits = "two sizes that rise, such as 0.5 20, or nothing"
    return [
        words("limits", "by percentile", read_limits, limits_text, limits),
        choice("carried_shown"),
        switch("presence", look=partial(presence_look, calibration=calibration)),
        slider("carried", step=0.02),
        slider("opacity", step=0.05, look=partial(opacity_words, has_trades=has_trades)),
        switch("stable"),
    ]
