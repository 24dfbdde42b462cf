"""What the researcher has chosen, and nothing else."""

from __future__ import annotations

from typing import Any

import param

from liqmap.app.state.conditions import Conditions
from liqmap.app.state.options import (
    AGGREGATES,
    AUTO,
    CARRIED_SHOWN,
    CARRY_BY,
    DEFAULT,
    LOOK,
    OVER,
    PAGES,
    PALETTES,
    PRESETS,
    SCALINGS,
    SPEEDS,
    THEMES,
    VIEWS,
    layer_names,
    panel_names,
)
from liqmap.app.state.panel_list import Panels
from liqmap.carry import Duration, nanoseconds


def seconds_of(duration: Duration, name: str = "duration") -> float | None:
    """A duration in seconds; None stays None.

    Raises
    ------
    GridError : not a duration.
    """
    ns = nanoseconds(duration, name)
    return None if ns is None else ns / 1e9


class Seconds(param.Number):
    """A duration in seconds, None for none, or `AUTO`: by what is in view. In a link as people write it
    (``2min``)."""

    def _validate_value(self, val: Any, allow_None: bool) -> None:  # noqa: N803 (param's own name)
        if not _is_auto(val):
            super()._validate_value(val, allow_None)

    def _validate_bounds(self, val: Any, bounds: Any, inclusive_bounds: Any) -> None:
        if not _is_auto(val):
            super()._validate_bounds(val, bounds, inclusive_bounds)


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == AUTO


class Moment(param.Date):
    """An instant, UTC, datetime64[ns]."""


class State(param.Parameterized):
    """Choices of one user, with bounds; ``None`` is no decay, no prune, the whole of a range.

    Labels are what the controls say, docs what their tooltips say. A state knows neither links nor presets:
    `liqmap.app.state.link` and `liqmap.app.state.presets` make them of it.
    """

    market = param.String("", doc="Key of the market shown, one of `Data.markets`: venue/symbol/feed.")
    dates = param.CalendarDateRange(None, doc="First and last UTC day; None: the last with much to see.")
    start = Moment(None, doc="Where the view begins; None: with the session, after a quiet beginning.")
    end = Moment(None, doc="Where the view ends; None: with the session, before a quiet end.")
    low = param.Number(None, allow_None=True, doc="Lowest price in view; None: the session's.")
    high = param.Number(None, allow_None=True, doc="Highest price in view; None: the session's.")
    last_s = Seconds(
        300.0,
        label="last",
        bounds=(0, None),
        inclusive_bounds=(False, True),
        doc="How much of a live market is in view, up to its newest message, while that is followed.",
    )
    view = param.Selector(
        default=VIEWS[0],
        objects=list(VIEWS),
        label="view",
        doc="With carried liquidity, as the feed transmitted it, or both side by side.",
    )

    carry_by = param.Selector(
        default=CARRY_BY[0],
        objects=list(CARRY_BY),
        label="carry by",
        doc="A half-life, or the model by size and distance that the market's calibration has fitted.",
    )
    half_life_s = Seconds(
        seconds_of(PRESETS[DEFAULT]["half_life"]),
        label="half-life",
        bounds=(0, None),
        inclusive_bounds=(False, True),
        allow_None=True,
        doc="Time after which a size that the feed no longer shows weighs half.",
    )
    prune_s = Seconds(
        seconds_of(PRESETS[DEFAULT]["prune"]),
        label="prune",
        bounds=(0, None),
        allow_None=True,
        doc="Time after which a size that the feed no longer shows is dropped.",
    )

    agg = param.Selector(
        default="peak",
        objects=list(AGGREGATES),
        label="aggregate",
        doc="What a cell tells: the mean size over its time, the largest level (peak), or its last instant.",
    )
    row_ticks = param.Integer(
        None,
        bounds=(1, 10**9),
        label="row",
        doc="Ticks in a row of the picture; auto: as few as the pixels can show.",
    )
    min_size = param.Number(
        LOOK.min_size, bounds=(0, 1e18), label="smallest size", doc="Levels of less size are left dark."
    )

    palette = param.Selector(
        default=LOOK.palette,
        objects=list(PALETTES),
        label="palette",
        doc="Colours of sizes: default tells bids and asks apart.",
    )
    scaling = param.Selector(
        default=LOOK.scaling,
        objects=list(SCALINGS),
        label="scaling",
        doc="How sizes become colours: by ratio (log), evenly (linear), or each colour as often.",
    )
    cutoffs = param.Range(
        LOOK.cutoffs, allow_None=True, bounds=(0, 100), label="cut-offs",
        doc="Where colour begins and saturates, as percentiles of the session's sizes.",
    )  # fmt: skip
    limits = param.Range(
        LOOK.limits, allow_None=True, bounds=(0, None), label="cut-offs, size",
        doc="Two sizes where colour begins and saturates, such as 0.5 20, instead of percentiles.",
    )  # fmt: skip
    carried = param.Magnitude(
        LOOK.carried, label="strength of carried", doc="How bright carried liquidity is beside observed."
    )
    carried_shown = param.Selector(
        default=LOOK.carried_shown,
        objects=list(CARRIED_SHOWN),
        label="carried",
        doc="How carried liquidity is told from observed: faded, as an outline, or not drawn.",
    )
    presence = param.Boolean(
        False,
        label="shade by presence",
        doc="Carried liquidity is the greyer the less likely it is still there, by the market's calibration.",
    )
    opacity = param.Magnitude(
        LOOK.opacity, label="opacity", doc="Opacity of the heatmap; under candles it is fainter by itself."
    )
    stable = param.Boolean(
        True,
        label="same colours in every view",
        doc="Colours are cut from the sizes of the whole session, not of what is in view.",
    )
    bids = param.Boolean(LOOK.bids, label="bids", doc="Draw bids.")
    asks = param.Boolean(LOOK.asks, label="asks", doc="Draw asks.")

    layers = param.ListSelector(
        default=["bbo", "bubbles"], objects=layer_names(), label="layers", doc="What lies over the heatmap."
    )
    min_trade = param.Number(
        0.0, bounds=(0, 1e18), label="smallest trade", doc="Smaller trades are no bubble and no speck."
    )
    panels = Panels(
        default=[],
        objects=panel_names(),
        label="panels",
        doc="What stands beside the heatmap and below it: delta, volume by price, the book, any measure.",
    )
    alerts = Conditions(
        default=[],
        label="alerts",
        doc="Conditions on measures, whose alerts are marked in the picture and listed below it.",
    )
    theme = param.Selector(default=LOOK.theme, objects=list(THEMES), label="theme", doc="Dark or light page.")
    time_zone = param.String(
        "UTC", label="time zone", doc="Zone of all times shown; a link may name any, such as Asia/Tokyo."
    )

    at = Moment(None, doc="Time of the play: nothing later is shown; None: not played.")
    speed = param.Selector(
        default=60,
        objects=list(SPEEDS),
        label="speed",
        doc="Speed of the play: seconds of the market in one of yours.",
    )
    playing = param.Boolean(False, doc="Whether time goes on.")

    page = param.Selector(
        default=PAGES[0],
        objects=list(PAGES),
        label="page",
        doc="The picture, or how half-life and prune are calibrated to its market.",
    )
    levels = param.Integer(
        None,
        bounds=(1, 10**6),
        label="levels",
        doc="A calibration judges the feed as if it had so many levels a side; auto: half of its depth.",
    )
    over = param.Selector(
        default=OVER[0],
        objects=list(OVER),
        label="time",
        doc="What a calibration looks at: all of the session, or what is in view.",
    )

    def __init__(self, **choices: Any) -> None:
        type(self).param.layers.objects = layer_names()  # what was registered since is offered too
        type(self).param.panels.objects = panel_names()
        super().__init__(**choices)
