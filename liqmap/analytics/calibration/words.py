"""What a calibration says of its fitted model, of presence, and beyond its feed's own depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liqmap.analytics.calibration.presence.judge import TOLERANCE
from liqmap.carry import Mixture

if TYPE_CHECKING:
    from liqmap.analytics.calibration.calibration import Calibration
    from liqmap.analytics.calibration.slices import Beyond

MEASURE = {"median": "error", "mean": "l2"}
"""What the fitted model is judged by, by what it is fitted to."""


def by_words(model: Mixture) -> str:
    """What a mixture goes by: ``by 31 sizes x 4 distances``."""
    by = [f"{n} {name}" for n, name in zip(model.shares.shape, ("sizes", "distances")) if n > 1]
    return f"by {' x '.join(by)}" if by else "by age alone"


def rival_sentence(found: Calibration) -> str:
    """The half-life of least squares, where the model is fitted to the mean; nothing where it is the best.

    Of the ``median`` the rival of the fitted model is the best half-life, of which the answer tells.
    """
    if found.target == "median" or found.rival is None:
        return ""
    half_life, prune = found.rival
    if prune == "0s":
        answer = "By squares (l2) no half-life is better than to carry nothing"
    else:
        l2 = float(found.measures["l2"].sel(half_life=half_life, prune=prune))
        answer = f"By squares half-life {half_life}, prune {prune} is best: l2 {l2:.2f}, 1 when dropped"
    return f"{answer}." if found.recommended else f"{answer}; `carry` draws by it."


def fitted_sentence(found: Calibration) -> str:
    """Whether the fitted model is better than the best half-life, in a sentence; nothing without one."""
    if found.fitted is None:
        return ""
    low, high = found.gain_interval
    name = f"A mixture of half-lives, {by_words(found.fitted)},"
    measure = "" if found.target == "median" else f" in {MEASURE[found.target]}"
    gain = f"{found.gain:.3f}{measure} ({found.level:.0%} interval {low:.3f} to {high:.3f})"
    if found.recommended:
        late = f": wrong by {found.late:.2f}" if found.target == "median" else ""
        return f"{name} is better on the second part by {gain}{late}. `carry` draws by it."
    if found.gain <= 0:
        return f"{name} is no better on the second part: {gain}."
    return f"{name} is not surely better on the second part: by {gain}."


def fitted_fact(found: Calibration) -> str:
    """The same, short."""
    if found.fitted is None:
        return "none: too few blocks of time"
    low, high = found.gain_interval
    verdict = "recommended" if found.recommended else "not recommended"
    measure = "" if found.target == "median" else f" in {MEASURE[found.target]}"
    return f"{by_words(found.fitted)}: gains {found.gain:.3f}{measure} ({low:.3f} to {high:.3f}), {verdict}"


def presence_fact(found: Calibration) -> str:
    """How right the presence was on time that it was not fitted to, and whether that time can tell."""
    if (judged := found.presence_reliability) is None:
        return "too short to say"
    said = f"right to {judged.error:.1%}, {judged.covered:.0%} of intervals hold"
    if judged.long_enough:
        return said
    return f"{said}; too short for {TOLERANCE:.0%} (chance: {judged.floor:.1%})"


def size_fact(found: Calibration) -> str:
    """How many levels were of a size within their interval, on time that it was not made of."""
    if (judged := found.size_coverage) is None:
        return "too short to say"
    return (
        f"{judged.whole_inside:.0%} within their {found.level:.0%} interval out of sample, "
        f"{judged.inside:.0%} of those that are there"
    )


def beyond_sentence(beyond: Beyond | None) -> str:
    """Where the views lead at the feed's own depth, and that nothing judges it; nothing of one view."""
    if beyond is None:
        return ""
    views = _listed([f"{view}" for view in beyond.views])
    lives = _listed(list(beyond.half_lives))
    low, high = beyond.interval
    return (
        f"Beyond the feed's own {beyond.depth} levels nothing judges what is carried: at {views} levels the "
        f"best half-life without a prune is {lives}; if that goes on it is {beyond.half_life} at "
        f"{beyond.depth} (widened interval {low} to {high}). How wrong it is there is not known: views are "
        f"judged inside those {beyond.depth}, the deeper ones by less."
    )


def beyond_fact(found: Calibration) -> str:
    """The same, short."""
    if (beyond := found.beyond) is None:
        return "not asked"
    low, high = beyond.interval
    return f"{beyond.depth} levels, by the trend: {beyond.half_life} ({low} to {high}); nothing judges it"


def _listed(words: list[str]) -> str:
    """Words as a list: ``a, b and c``."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
