"""What the researcher has chosen, and nothing else."""

from __future__ import annotations

import param

from liqmap.render.frames.look import CARRIED_SHOWN
from liqmap.render.frames.look import SCALINGS as SCALINGS
from liqmap.render.frames.palettes import PALETTES, THEMES
from liqmap.render.frames.stops import HOURS, MINUTES, SECONDS
from liqmap.render.marks import registry
from liqmap.schema import AGGREGATES

DURATIONS: dict[str, float | None] = {
    **{f"{s} s": float(s) for s in SECONDS},
    **{f"{m:g} min": m * 60.0 for m in MINUTES},
    **{f"{h:g} h": h * 3600.0 for h in HOURS},
    "none": None,
}
"""Stops of a slider, evenly spaced to the eye: seconds by label, ``none`` at the right end."""

BOTH = "before and after"
VIEWS = ("carried", "as transmitted", BOTH)
LAYERS = tuple(registry.names())
PANELS = ("delta", "profile", "ladder")
SPEEDS = (1, 10, 60, 600)


class Seconds(param.Number):
    """A duration in seconds; in a link as people write it (``2min``)."""


class Moment(param.Date):
    """An instant, UTC, datetime64[ns]."""


class State(param.Parameterized):
    """Choices of one user, with bounds; ``None`` is no decay, no prune, the whole of a range.

    Labels are what the controls say; `query` and `from_query` make a link of all that is not as it was.
    """

    market = param.String("", doc="Key of the market shown, one of `Data.markets`: venue/symbol/feed.")
    dates = param.CalendarDateRange(None, doc="First and last UTC day; None: the last with much to see.")
    start = Moment(None, doc="Where the view begins; None: with the session.")
    end = Moment(None, doc="Where the view ends; None: with the session.")
    low = param.Number(None, allow_None=True, doc="Lowest price in view; None: the session's.")
    high = param.Number(None, allow_None=True, doc="Highest price in view; None: the session's.")
    view = param.Selector(default="carried", objects=list(VIEWS), doc="What the picture shows.")

    half_life_s = Seconds(
        30.0,
        label="half-life",
        bounds=(0, None),
        inclusive_bounds=(False, True),
        allow_None=True,
        doc="Half-life, s; None: no decay.",
    )
    prune_s = Seconds(300.0, label="prune", bounds=(0, None), allow_None=True, doc="Prune, s; None: never.")

    agg = param.Selector(
        default="peak", objects=list(AGGREGATES), label="aggregate", doc="What a cell tells."
    )
    row_ticks = param.Integer(
        None, bounds=(1, 10**9), label="row", doc="Ticks a row; None: as few as the pixels can show."
    )
    min_size = param.Number(0.0, bounds=(0, 1e18), label="smallest size", doc="Sizes below it are left dark.")

    palette = param.Selector(default="default", objects=list(PALETTES), label="palette")
    scaling = param.Selector(
        default="log", objects=list(SCALINGS), label="scaling", doc="How sizes become colours."
    )
    cutoffs = param.Range(
        (40.0, 99.7), bounds=(0, 100), label="cut-offs, percentile",
        doc="Percentiles where colour begins and saturates.",
    )  # fmt: skip
    limits = param.Range(
        None, allow_None=True, bounds=(0, None), label="cut-offs, size",
        doc="Sizes where colour begins and saturates, not percentiles.",
    )  # fmt: skip
    carried = param.Magnitude(
        0.72, label="strength of carried", doc="Strength of carried liquidity beside observed."
    )
    carried_shown = param.Selector(
        default="fade", objects=list(CARRIED_SHOWN), label="carried", doc="How carried is told apart."
    )
    opacity = param.Magnitude(1.0, label="opacity", doc="Opacity of the heatmap.")
    stable = param.Boolean(True, label="same colours in every view", doc="Cut-offs of the whole session.")
    bids = param.Boolean(True, label="bids", doc="Whether bids are drawn.")
    asks = param.Boolean(True, label="asks", doc="Whether asks are drawn.")

    layers = param.ListSelector(
        default=["bbo", "bubbles"], objects=list(LAYERS), label="layers", doc="What lies over the heatmap."
    )
    panels = param.ListSelector(
        default=[], objects=list(PANELS), label="panels", doc="What stands beside and below it."
    )
    theme = param.Selector(default="dark", objects=list(THEMES), label="theme")
    time_zone = param.String("UTC", label="time zone", doc="Of the axes: a name such as Asia/Tokyo.")

    at = Moment(None, doc="Time of the play: nothing later is shown; None: not played.")
    speed = param.Selector(default=60, objects=list(SPEEDS), doc="Seconds of the market in one of ours.")
    playing = param.Boolean(False, doc="Whether time goes on.")

    @property
    def preset(self) -> str | None:
        """The preset whose choices the state has now, if any."""
        from liqmap.app.state.presets import chosen

        return chosen(self)

    def query(self) -> str:
        """What differs from the defaults, as the query of a link, such as ``half_life=2min&prune=none``."""
        from liqmap.app.state.link import write

        return write(self)

    @classmethod
    def from_query(cls, query: str) -> tuple[State, list[str]]:
        """A state from the query of a link, and a notice for each parameter that could not be taken.

        Returns
        -------
        The state, with the default where there is a notice; notices that name parameter, expected and got.
        """
        from liqmap.app.state.link import read

        choices, notices = read(query)
        return cls(**choices), notices
