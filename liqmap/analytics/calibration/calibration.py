"""`Calibration`: which half-life a market has, as numbers, tables and a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.calibration.answer import Best
from liqmap.analytics.calibration.fits import check_fits, presence_that_fits
from liqmap.analytics.calibration.presence import Reliability
from liqmap.analytics.calibration.sizes import SizeCoverage, SizeIntervals, size_interval
from liqmap.analytics.calibration.slices import Beyond, beyond_of, tables_of
from liqmap.analytics.calibration.words import (
    beyond_fact,
    beyond_sentence,
    fitted_fact,
    fitted_sentence,
    presence_fact,
    rival_sentence,
    size_fact,
)
from liqmap.card import card, folded, lines, moments, table
from liqmap.carry import CarryModel, HalfLife, Mixture, Presence
from liqmap.printable import printable
from liqmap.schema import Meta

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True, eq=False, repr=False)
class Calibration:
    """Which half-life and prune fit a market, and how well.

    best : the answer, a `Best`: half-life and prune of the least error whatever the target, its intervals,
        its error out of sample, baselines.
    table : DataFrame. The baselines (``model``: drop, never decay, occupancy), ``fitted``, then a row per
        half-life and prune: ``error``, ``low`` and ``high`` of its interval, ``out_of_sample``, ``l2``,
        ``bias``, ``recovered``, ``brier``, ``rank``, and ``flat``: whether it is as good as the best.
    measures : Dataset of the same by half-life and prune; ``surface`` is its ``error``.
    reliability : DataFrame, the calibration curve under the best: levels by ``weight`` in tenths, and the
        share of them that are ``there``.
    reentries : DataFrame, a row per level that left the narrow window and came back (see `reentries`); None
        of a calibration that was saved, as they may be millions.
    retention : DataFrame, how many are still there then, by distance and age (see `retention`).
    views : DataFrame, a row per number of levels (see `row_of`); where one was asked for, a single row.
    by_age : DataFrame, a row per age of the levels: the half-life that is best among those alone, with its
        error (see `by_age`). None of a calibration that an older liqmap saved.
    meta : of the narrow feed. view, depth : levels a side that it shows, and that the truth has (None: all).
    levels : how many were judged. every : ns between the instants. time_range : ns, of what was judged.
    block : ns, of the bootstrap. level : of the intervals. split : where the second part begins, ns.
    fitted : the `Mixture` by size and distance that fits all of the time; None where too little is known.
    target : what it is fitted to: the ``median`` (least ``error``) or the ``mean`` (least ``l2``).
    gain, gain_interval : by how much its error (``l2`` for the mean) is below that of the best half-life,
        both chosen on the first part of the time and judged on the second, and the interval of that; NaN
        where nothing is fitted.
    recommended : whether it surely wins there, in that measure: the interval of the gain lies above 0.
    rival : half-life and prune of the least error over all of the time (``l2`` for the mean), by which
        `carry` draws where the model is not recommended; that of `best` for the median.
    learnt : DataFrame, a row per class of size and distance: what of it is still there, and what it weighs.
    presence : the probability that a carried level is still there, and its interval, a `Presence` fitted to
        all of the time; None where that is too short.
    presence_groups : DataFrame, the same fitted to the first part of the time and judged on the second, by
        groups of age, distance and size; see `Reliability`.
    sizes : how much of a size is there where anything is, a `SizeIntervals` of all of the time, which
        `size_interval` looks up; None where that is too short.
    size_groups : DataFrame, the same of the first part of the time, judged on the second; see `SizeCoverage`.
    """

    best: Best
    table: pd.DataFrame
    measures: xr.Dataset
    reliability: pd.DataFrame
    reentries: pd.DataFrame | None
    retention: pd.DataFrame
    views: pd.DataFrame = field(compare=False)
    meta: Meta
    view: int | None
    depth: int | None
    levels: int
    every: int
    time_range: tuple[int, int]
    block: int
    level: float
    split: int
    fitted: Mixture | None = None
    target: str = "median"
    gain: float = np.nan
    gain_interval: tuple[float, float] = (np.nan, np.nan)
    recommended: bool = False
    rival: tuple[str, str] | None = None
    learnt: pd.DataFrame | None = field(default=None, compare=False)
    presence: Presence | None = None
    presence_groups: pd.DataFrame | None = field(default=None, compare=False)
    by_age: pd.DataFrame | None = field(default=None, compare=False)
    sizes: SizeIntervals | None = field(default=None, compare=False)
    size_groups: pd.DataFrame | None = field(default=None, compare=False)

    @property
    def carry(self) -> HalfLife | Mixture:
        """What to draw by, for ``carry=`` of every verb: the fitted model where it is recommended, else the
        best half-life and prune, which draws nothing where that is best."""
        if self.recommended and self.fitted is not None:
            return self.fitted
        return HalfLife(*(self.rival or (self.best.half_life, self.best.prune)))

    @property
    def late(self) -> float:
        """Error of the fitted model on the second part, fitted to the first; NaN without one."""
        row = self.table.loc[self.table["model"] == "fitted", "out_of_sample"]
        return float(row.iloc[0]) if len(row) else float("nan")

    @property
    def presence_reliability(self) -> Reliability | None:
        """How right the presence was out of sample; None without one."""
        return None if self.presence_groups is None else Reliability(self.presence_groups)

    @cached_property
    def beyond(self) -> Beyond | None:
        """Where the views lead at the feed's own depth, beyond which nothing judges; None of one view."""
        return beyond_of(self.views, self.measures["half_life"].values.tolist())

    @property
    def size_coverage(self) -> SizeCoverage | None:
        """How often the intervals of sizes held out of sample; None without one."""
        return None if self.size_groups is None else SizeCoverage(self.size_groups)

    def size_interval(self, size: Any, age: Any, distance: Any = np.nan) -> pd.DataFrame:
        """What is really there of carried levels, with the probability that nothing is.

        Parameters
        ----------
        size : last sizes, base units. age : s since the book confirmed each. distance : bps of the touch
            when it did; NaN without a touch. Numbers, or arrays that broadcast.

        Returns
        -------
        DataFrame, a row per level: ``nothing``, the probability that nothing is there; ``low``, ``high``,
        the interval (of `level`) of the size that is there if any is; ``whole_low``, ``whole_high``, the
        interval of the true size, 0 included. Base units. NaN of a size, or an age, that is none.

        Raises
        ------
        GridError : the time calibrated was too short to say.
        """
        return size_interval(self.presence, self.sizes, self.level, size, age, distance)

    def check_for(self, market: Meta | Any) -> None:
        """Refuse a market that this is not about (see `fits.check_fits`).

        Parameters
        ----------
        market : its `Meta`, or what has one: a `Session`, a `Capture`, spans.

        Raises
        ------
        GridError : another market, feed, tick size, size unit or depth; says which.
        """
        check_fits(self, market if isinstance(market, Meta) else market.meta)

    def carry_for(self, market: Meta) -> CarryModel:
        """What ``carry=`` of every verb draws a market by: `carry`, where the calibration fits it.

        Raises
        ------
        GridError : as `check_for`.
        """
        self.check_for(market)
        return self.carry

    def presence_for(self, market: Meta) -> Presence:
        """What ``presence=`` takes of it: `presence`, where the calibration fits the market.

        Raises
        ------
        GridError : as `check_for`, or the time was too short to know how likely a level is still there.
        """
        return presence_that_fits(self, market)

    def to_record(self) -> dict[str, Any]:
        """All of it but `reentries`, as JSON has it; `from_record` makes it again, to the last bit."""
        return import_module("liqmap.analytics.calibration.saved").calibration_record(self)

    @classmethod
    def from_record(cls, record: Any) -> Calibration:
        """What `to_record` gave.

        Raises
        ------
        SchemaError : it is none, is damaged, or was written by a newer liqmap.
        """
        return import_module("liqmap.analytics.calibration.saved").calibration_of(record)

    @cached_property
    def surface(self) -> xr.DataArray:
        """Errors by half-life and prune, with seconds beside the words (infinite: none)."""
        found = self.measures["error"].copy()
        found.attrs |= {"venue": self.meta.venue, "symbol": self.meta.symbol, "view": str(self.view)}
        return found

    def plot(self, theme: str = "dark") -> Any:
        """The surface with the best point and its flat region, and the error curve beside it (HoloViews)."""
        return import_module("liqmap.render.charts.calibration").calibration_chart(self, theme)

    def plot_presence(self, theme: str = "dark") -> Any:
        """What was there on the second part of the time, beside what was said of it (HoloViews); None where
        the time is too short."""
        if (judged := self.presence_reliability) is None:
            return None
        return import_module("liqmap.render.charts.presence").presence_chart(judged, theme)

    def plot_sizes(self, theme: str = "dark") -> Any:
        """How much of a size was there on the second part of the time, beside what was said (HoloViews); None
        where the time is too short."""
        if (judged := self.size_coverage) is None:
            return None
        return import_module("liqmap.render.charts.presence").sizes_chart(judged, theme)

    @property
    def title(self) -> str:
        """Market, and what was judged by what."""
        market = " ".join(word for word in (self.meta.venue, self.meta.symbol) if word)
        truth = "the whole book" if self.depth is None else f"{self.depth}"
        return f"{market}, {self.view or 'all'} levels a side judged by {truth}"

    @property
    def sentence(self) -> str:
        """The answer in words."""
        parts = self._answer, rival_sentence(self), fitted_sentence(self), beyond_sentence(self.beyond)
        return " ".join(part for part in parts if part)

    @property
    def _answer(self) -> str:
        b = self.best
        if b.prune == "0s":
            start = "Of half-lives none is worth it" if self.recommended else "Carry nothing"
            return (
                f"{start}: whatever is carried is further from the truth than an empty picture "
                f"({b.hold:.2f} of the true size without decay, 1 when dropped)."
            )
        low, high = b.error_interval
        answer = (
            f"Half-life {b.half_life}, prune {b.prune}: what is carried is wrong by {b.error:.2f} of the "
            f"true size ({self.level:.0%} interval {low:.2f} to {high:.2f}), {b.hold:.2f} without decay, 1 "
            f"when dropped."
        )
        shortest, longest = b.interval
        alike = f"Half-lives from {shortest} to {longest} do" if shortest != longest else "No other does"
        half_life, prune = b.chosen_on_first
        late = (
            f"Chosen on the first part of the time ({half_life}, prune {prune}) and judged on the second it "
            f"is {b.out_of_sample:.2f}, {b.hold_out_of_sample:.2f} without decay."
        )
        return f"{answer} {alike} as well. {late}"

    def facts(self) -> list[tuple[str, str]]:
        b = self.best
        return [
            ("time", moments(*self.time_range)),
            ("judged", f"{self.levels:,} carried levels, every {self.every * 1e-9:g} s"),
            ("half-life", f"{b.half_life} (as good: {b.interval[0]} to {b.interval[1]})"),
            ("prune", b.prune),
            ("error", f"{b.error:.3f} ({b.error_interval[0]:.3f} to {b.error_interval[1]:.3f})"),
            ("out of sample", f"{b.out_of_sample:.3f}"),
            ("baselines", f"drop {b.drop:.3f}, never decay {b.hold:.3f}, occupancy {b.occupancy:.3f}"),
            ("fitted", fitted_fact(self)),
            ("still there", presence_fact(self)),
            ("size", size_fact(self)),
            *([("beyond", beyond_fact(self))] if self.beyond else []),
            ("intervals", f"{self.level:.0%}, blocks of {self.block * 1e-9:g} s"),
        ]

    def __repr__(self) -> str:
        return printable(f"<liqmap.Calibration {self.title}: {self.sentence}>")

    def __str__(self) -> str:
        return f"{lines(f'liqmap.Calibration {self.title}', self.facts())}\n{self.sentence}"

    def _repr_html_(self) -> str:
        words = f"<p>{printable(self.sentence)}</p>"
        several = len(self.views) > 1
        views = [folded(title, _html(t), is_open=several) for title, t in tables_of(self.views).items()]
        curve = folded("without a prune", _html(self.table[self.table["prune"].isin(["none", "0s", ""])]))
        parts = [words, *views, curve]
        if self.by_age is not None:
            parts.append(folded("by age", _html(self.by_age.round(3))))
        if self.learnt is not None:
            parts.append(folded("what the fitted model learnt", _html(self.learnt.round(3))))
        return card("Calibration", self.title, self.facts(), *parts)


def _html(frame: pd.DataFrame) -> str:
    """A frame within a card."""
    rows = [[_plain(v) for v in row] for row in frame.itertuples(index=False)]
    return table([str(c) for c in frame.columns], rows)


def _plain(value: Any) -> Any:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else ""
    return value.item() if hasattr(value, "item") else value
