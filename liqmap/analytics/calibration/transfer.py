"""`transfer`: which market's half-life serves which, and one day's the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.calibration.calibrate import calibrate
from liqmap.analytics.calibration.calibration import Calibration
from liqmap.schema import GridError, Keyword, Sentence

if TYPE_CHECKING:
    import pandas as pd

BASELINES = {"never decay": ("none", "none"), "drop": ("none", "0s")}
"""What any half-life has to beat, wherever it was chosen."""


def transfer(
    markets: Sequence[Any] | Mapping[str, Any],
    view: int | None = None,
    *,
    split: bool = False,
    relative: bool = False,
    **options: Any,
) -> pd.DataFrame:
    """The error of each market's half-life and prune on every market: rows where chosen, columns where used.

    Parameters
    ----------
    markets : calibrations, or what `calibrate` takes, such as a session a day; by name, or in a sequence,
        which is named by market, day, feed and view as far as they differ.
    view, options : of `calibrate`, for those that are not calibrated yet.
    split : what was best on the first part of one market's time, used on the second part of another's.
        Without it what was best on all of it, used on all of the other.
    relative : divided by the error of what was chosen on the market itself, the diagonal.

    Returns
    -------
    Errors (see `calibrate`): index ``chosen``, ``half_life``, ``prune``, with rows of what never decays and
    of what is dropped below; columns ``used``.

    Raises
    ------
    GridError : fewer than two markets, names that do not tell them apart, or half-lives and prunes that were
        not tried on all of them.

    Notes
    -----
    Nothing is judged anew: a market's surface has the errors of all that was tried on it. Without ``split``
    the diagonal is the least of its column, as it was chosen on what it is judged by: a floor, and no
    forecast. With it the diagonal is the error out of sample, and another market's choice may well be better.
    Markets of the same hours are not independent, whichever of the two.
    """
    import pandas as pd

    found = {name: _calibrated(one, view, options) for name, one in _named(markets).items()}
    found = found if isinstance(markets, Mapping) else dict(zip(_names(found.values()), found.values()))
    if len(found) < 2:
        raise GridError(argument="markets", expected="two or more", got=str(len(found)))
    chosen = {name: _choice(one, split) for name, one in found.items()} | BASELINES
    errors = [[_error(one, name, point, split) for name, one in found.items()] for point in chosen.values()]
    rows = [(name, *point) for name, point in chosen.items()]
    index = pd.MultiIndex.from_tuples(rows, names=("chosen", "half_life", "prune"))
    table = pd.DataFrame(errors, index=index, columns=pd.Index(list(found), name="used"))
    return table / np.diag(table.to_numpy()[: len(found)]) if relative else table


def _named(markets: Any) -> Mapping[Any, Any]:
    if isinstance(markets, Mapping):
        return markets
    if isinstance(markets, (str, bytes)) or not isinstance(markets, Iterable):
        expected = "calibrations or sessions, in a list or by name"
        raise GridError(argument="markets", expected=expected, got=f"{markets!r:.60}")
    return dict(enumerate(markets))


def _calibrated(one: Any, view: int | None, options: dict[str, Any]) -> Calibration:
    return one if isinstance(one, Calibration) else calibrate(one, view, **options)


def _names(found: Iterable[Calibration]) -> list[str]:
    """Names that tell the markets apart, as short as can be.

    Raises
    ------
    GridError : there are none.
    """
    every = list(found)
    words: list[Callable[[Calibration], str]] = [
        lambda one: f"{one.meta.venue} {one.meta.symbol}",
        lambda one: str(np.datetime64(one.time_range[0], "ns").astype("datetime64[D]")),
        lambda one: str(one.meta.feed),
        lambda one: f"view {one.view}",
        lambda one: str(np.datetime64(one.time_range[0], "ns").astype("datetime64[m]"))[11:],
    ]
    names = [words[0](one) for one in every]
    for word in words[1:]:
        if len(set(names)) == len(names):
            return names
        more = [word(one) for one in every]
        names = [f"{name} {said}" for name, said in zip(names, more)] if len(set(more)) > 1 else names
    if len(set(names)) < len(names):
        raise GridError(
            argument="markets",
            expected="markets, days, feeds or views that differ",
            got=f"{len(names)} of which some are {max(names, key=names.count)}",
            remedy=Sentence("Name them: ", Keyword("markets", {"first": "...", "second": "..."})),
        )
    return names


def _choice(one: Calibration, split: bool) -> tuple[str, str]:
    return one.best.chosen_on_first if split else (one.best.half_life, one.best.prune)


def _error(one: Calibration, name: Any, point: tuple[str, str], split: bool) -> float:
    """Of a half-life and prune on a market, off its surface.

    Raises
    ------
    GridError : they were not tried on it.
    """
    half_life, prune = point
    if prune == "0s":
        return 1.0
    surface = one.measures["out_of_sample" if split else "error"]
    if half_life not in surface["half_life"] or prune not in surface["prune"]:
        raise GridError(
            where=f"transfer to {name}",
            expected=f"half-life {half_life} and prune {prune} among those tried",
            got="others",
            remedy=Sentence(
                "Calibrate all with the same ", Keyword("half_lives"), " and ", Keyword("prunes")
            ),
        )
    return float(surface.sel(half_life=half_life, prune=prune))
