"""`Drawing`: everything a user can choose about one picture, checked once, for every medium."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from numbers import Real
from typing import TYPE_CHECKING, Any, TypedDict, cast

from liqmap.analytics.alerts import Condition, conditions_of
from liqmap.carry import Calibrated, CarryModel, Presence, carry_model
from liqmap.carry.presence import presence_of, rates_of
from liqmap.render.frames.frame import CARRY
from liqmap.render.frames.look import DEFAULT, Look, chosen
from liqmap.render.frames.market import Market, check_view
from liqmap.render.frames.palettes import Theme
from liqmap.render.frames.presets import Unsaid, merged
from liqmap.render.frames.scale import Scale
from liqmap.render.frames.words import check_zone
from liqmap.render.marks.panels import check_panels
from liqmap.render.marks.registry import check_names, makes_way, overlays
from liqmap.render.marks.traded import traded
from liqmap.schema import AGGREGATES, GridError

if TYPE_CHECKING:
    from liqmap.render.frames.palettes import ThemeName
    from liqmap.schema import Aggregate
    from liqmap.schema.times import TimeRange

OVERLAYS = ("bbo", "bubbles")
"""Names of the overlays of a picture of which nothing is said."""

ALERTS = "alerts"
"""Name of the overlay that shows alerts, wherever there are conditions."""


class PanelOptions(TypedDict, total=False):
    """Keyword options of a panel alone.

    carry : a carry model instead of half-life and prune, or a `Calibration` of the market.
    theme : of the colours: ``dark``, ``light`` or a `Theme`.
    time_zone : of axes and words, such as ``Europe/Berlin``.
    price_range : quote currency; default `Session.price_range`.
    width, height : pixels.
    dynamic : False draws once, for a page without a Python behind it, and so without a tooltip.
    """

    carry: CarryModel | Calibrated | None
    theme: ThemeName | Theme | None
    time_zone: str
    price_range: tuple[float, float] | None
    width: int | None
    height: int
    dynamic: bool


HALF_LIFE, PRUNE = Unsaid("30s"), Unsaid("5min")
AGG = cast("Aggregate", Unsaid("peak"))
"""What public verbs take where nothing is said."""


class PictureOptions(TypedDict, total=False):
    """Keyword options of `picture`.

    carry : a carry model instead of half-life and prune, or a `Calibration` of the market.
    theme, palette : of the colours, instead of the look's: ``dark`` or ``light``, ``default`` or ``classic``.
    time_zone : of the time axis, such as ``Europe/Berlin``.
    time_range : begin and end; default the session's, without quiet ends that it was not opened with.
    price_range : quote currency; default `Session.price_range`.
    row_ticks : ticks a row; default as few as the pixels can show.
    stable : cut the scale of colours from the whole session, so that panning keeps it; else from what is in
        view.
    scale : the scale of colours itself instead, such as that of another picture.
    min_trade : trades of less size, base units, are no bubble and no speck.
    alerts : conditions such as ``imbalance@5 > 0.6``, whose alerts are marked: see `Session.alerts`.
    presence : how likely a level is still there, or a `Calibration` of the market; what is carried is the
        greyer the less likely it is.
    """

    carry: CarryModel | Calibrated | None
    theme: ThemeName | Theme | None
    palette: str | None
    time_zone: str
    time_range: TimeRange | None
    price_range: tuple[float, float] | None
    row_ticks: int | None
    stable: bool
    scale: Scale | None
    min_trade: float
    alerts: str | Sequence[str]
    presence: Presence | CarryModel | Calibrated | None


class ChartOptions(PanelOptions, total=False):
    """Keyword options of `heatmap`: those of a panel, and

    palette : of the colours, instead of the look's: ``default`` or ``classic``.
    time_range : in view at first; default the session's, without quiet ends that it was not opened with.
    row_ticks : ticks a row; default as few as the pixels can show.
    stable : cut the scale of colours from the whole session, so that panning keeps it; else from what is in
        view.
    min_trade : trades of less size, base units, are no bubble and no speck.
    alerts : conditions such as ``imbalance@5 > 0.6``, whose alerts are marked: see `Session.alerts`.
    presence : how likely a level is still there, or a `Calibration` of the market; what is carried is the
        greyer the less likely it is.
    """

    palette: str | None
    time_range: TimeRange | None
    row_ticks: int | None
    stable: bool
    min_trade: float
    alerts: str | Sequence[str]
    presence: Presence | CarryModel | Calibrated | None


@dataclass(frozen=True)
class Drawing:
    """The choices of one picture, all decided; what is below the public verbs takes this.

    overlays, panels : names, of `registry.overlays` and `panel_of`.
    width : pixels; None where it is as wide as there is room. The others: see `ChartOptions` and
        `PictureOptions`.
    """

    carry: CarryModel = CARRY
    agg: str = "peak"
    overlays: tuple[str, ...] = OVERLAYS
    panels: tuple[str, ...] = ()
    look: Look = DEFAULT
    time_zone: str = "UTC"
    time_range: TimeRange | None = None
    price_range: tuple[float, float] | None = None
    row_ticks: int | None = None
    stable: bool = True
    scale: Scale | None = None
    min_trade: float = 0.0
    alerts: tuple[Condition, ...] = ()
    presence: Presence | CarryModel | None = None
    width: int | None = None
    height: int = 560
    dynamic: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "overlays", check_names("overlays", self.overlays, tuple(overlays())))
        object.__setattr__(self, "panels", check_panels("panels", self.panels))
        object.__setattr__(self, "alerts", tuple(conditions_of(self.alerts)))
        if self.alerts and ALERTS not in self.overlays:
            object.__setattr__(self, "overlays", (*self.overlays, ALERTS))
        check_zone(self.time_zone)
        least = self.min_trade
        if not (isinstance(least, Real) and 0 <= least < math.inf):
            raise GridError(argument="min_trade", expected="a size of 0 or more", got=f"{least!r:.60}")
        if self.presence is not None:
            rates_of(self.presence)

    def check_view(self, least: int = 1) -> None:
        """Refuse sizes and ranges of which there is no picture; ``least`` pixels of width it needs."""
        check_view(self.width, self.height, self.price_range, self.row_ticks, least)

    @property
    def likely(self) -> CarryModel | None:
        """The rate by which levels are still there, if one is given."""
        return None if self.presence is None else rates_of(self.presence)["presence"]

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self.look.colours

    @classmethod
    def of(cls, given: dict[str, Any], preset: str | None = None, markets: Sequence[Market] = ()) -> Drawing:
        """What was given to a public verb, with a preset in its place.

        Parameters
        ----------
        given : fields by name; ``half_life``, ``prune`` and ``carry`` as users write them, ``theme`` and
            ``palette`` instead of the look's.
        markets : what is drawn; where none of them has trades, overlays of trades alone show nothing.

        Raises
        ------
        GridError : a choice that is none; says which there are.
        """
        if preset is not None:
            said = {k: v for k, v in given.items() if v is not OVERLAYS and not (k == "panels" and not v)}
            given = merged({"look": DEFAULT, **said}, preset)
        half_life, prune, carry, theme, palette = (
            given.get(name, default)
            for name, default in (
                ("half_life", "30s"), ("prune", "5min"), ("carry", None), ("theme", None), ("palette", None),
            )
        )  # fmt: skip
        agg = given.get("agg", "peak")
        if not (isinstance(agg, str) and agg in AGGREGATES):
            raise GridError(argument="agg", expected=f"one of {AGGREGATES}", got=f"{agg!r:.60}")
        own = {f.name: given[f.name] for f in fields(cls) if f.name in given}
        offered = tuple(name for name, overlay in overlays().items() if overlay.offered)
        drawn = check_names("overlays", own.get("overlays", OVERLAYS), offered)
        fades = makes_way(drawn, lambda: not markets or any(len(traded(one)) for one in markets))
        look = chosen(own.get("look", DEFAULT), theme, palette, fades)
        model = carry_model(half_life, prune, carry, (one.spans().meta for one in markets))
        likely = presence_of(own.pop("presence", None), (one.spans().meta for one in markets))
        return cls(**own | {"carry": model, "look": look, "presence": likely})


def check_options(verb: str, options: Any, known: type) -> None:
    """Refuse a keyword that a verb does not have.

    Raises
    ------
    TypeError : says which there are.
    """
    there: frozenset[str] = known.__optional_keys__  # type: ignore[attr-defined]
    for name in options:
        if name not in there:
            raise TypeError(f"{verb}: expected options of {', '.join(sorted(there))}, got {name!r}")
