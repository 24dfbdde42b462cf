"""How likely what a picture shows is still there: colours that lose their tone, and words.

Brightness says how much there is, so it is not asked to say this too: colours turn grey, and step back a
little, as a level is less likely still there. What is observed has its full colour.
"""

from __future__ import annotations

import numpy as np

from liqmap.render.frames.frame import Frame
from liqmap.render.frames.look import Look
from liqmap.render.frames.palettes import Theme, toward_background

LEVELS = 16
"""Steps from surely gone to surely there: so many that neighbours are hardly told apart."""

GONE = 0.45
"""Strength of what is surely gone: as far from the background as its grey goes."""

LUMA = np.array([0.2126, 0.7152, 0.0722])
"""How bright red, green and blue look (Rec. 709)."""

GREYER = "greyer: less likely still there"
"""What a title says of such a picture."""


ENDS = ("surely there", "surely gone")
"""What a legend says of the upper and the lower end of its bars."""


def shows_presence(frame: Frame, look: Look) -> bool:
    """Whether colours tell how likely it is: where nothing else is said of what is carried."""
    return frame.presence is not None and look.carried_shown == "fade"


def levels_of(presence: np.ndarray) -> np.ndarray:
    """The nearest of `LEVELS` of each share, uint8; of none the lowest."""
    return np.rint(np.nan_to_num(presence) * np.float32(LEVELS - 1)).astype(np.uint8)


def greyed(colours: np.ndarray, share: float, theme: Theme) -> np.ndarray:
    """Colours (..., 3) of what is there with a probability, uint8."""
    colours = np.asarray(colours, float)
    grey = (colours @ LUMA)[..., None]
    return toward_background(grey + share * (colours - grey), GONE + (1 - GONE) * share, theme)


def presence_words(share: float, low: float | None = None, high: float | None = None) -> str:
    """``62 % (55 to 70)``; without ends where no interval is known."""
    said = f"{_percent(share)} %"
    return said if low is None or high is None else f"{said} ({_percent(low)} to {_percent(high)})"


def _percent(share: float) -> str:
    """A share in whole percent, half up; what is not sure is neither 0 nor 100."""
    whole = int(100 * share + 0.5)
    if whole == 100 and share < 1:
        return ">99"
    return "<1" if whole == 0 and share > 0 else str(whole)
