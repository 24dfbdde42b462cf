"""What the researcher has chosen, and nothing else."""

from __future__ import annotations

import param

from liqmap.schema import AGGREGATES

SECONDS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 45)
MINUTES = (1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 45)
HOURS = (1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24)

DURATIONS: dict[str, float | None] = {
    **{f"{s} s": float(s) for s in SECONDS},
    **{f"{m:g} min": m * 60.0 for m in MINUTES},
    **{f"{h:g} h": h * 3600.0 for h in HOURS},
    "none": None,
}
"""Stops of a slider, evenly spaced to the eye: seconds by label, ``none`` at the right end."""

PRESETS: dict[str, dict[str, float | None]] = {
    "default": {"half_life_s": 30.0, "prune_s": 300.0},
    "extended market depth": {"half_life_s": None, "prune_s": None},
    "as transmitted": {"half_life_s": 30.0, "prune_s": 0.0},
}
"""Named pairs of half-life and prune."""

ROW_TICKS: dict[str, int] = {"auto": 0} | {
    f"{n} tick{'s' if n > 1 else ''}": n for n in (1, 2, 5, 10, 20, 50, 100)
}
"""Ticks a row of the picture; 0 stands for as few as the pixels can show."""


class State(param.Parameterized):
    """Choices of one user, with bounds; ``None`` is no decay and no prune."""

    market = param.String("", doc="Key of the session shown, one of `Data.markets`.")

    half_life_s = param.Number(
        30.0,
        bounds=(0, None),
        inclusive_bounds=(False, True),
        allow_None=True,
        doc="Half-life, s; None: no decay.",
    )
    prune_s = param.Number(300.0, bounds=(0, None), allow_None=True, doc="Prune, s; None: never.")

    agg = param.Selector(default="peak", objects=list(AGGREGATES), doc="What a cell tells.")
    row_ticks = param.Integer(None, bounds=(1, None), doc="Ticks a row; None: as few as the pixels can show.")

    cutoffs = param.Range((40.0, 99.7), bounds=(0, 100), doc="Percentiles where colour begins and saturates.")
    log_scale = param.Boolean(True, doc="Log scale of sizes, else linear.")
    carried = param.Magnitude(0.72, doc="Strength of carried liquidity beside observed.")
    opacity = param.Magnitude(1.0, doc="Opacity of the heatmap.")

    bbo = param.Boolean(True, doc="Best bid and ask.")
    bubbles = param.Boolean(True, doc="Traded volume.")

    def choose_preset(self, name: str) -> None:
        """Take half-life and prune of a preset, in one update."""
        self.param.update(**PRESETS[name])

    @property
    def preset(self) -> str | None:
        """The preset that half-life and prune now are, if any."""
        now = {"half_life_s": self.half_life_s, "prune_s": self.prune_s}
        if self.prune_s == 0:
            return "as transmitted"
        return next((name for name, preset in PRESETS.items() if preset == now), None)
