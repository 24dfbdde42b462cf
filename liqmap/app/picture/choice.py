"""The choices of a state, as the engine has them."""

from __future__ import annotations

from typing import Any

from liqmap.app.data.data import Data, opacity
from liqmap.app.state.options import AS_TRANSMITTED, FITTED
from liqmap.browser.carry import wired
from liqmap.render.marks import registry

NAMES = {
    "min_size": "minSize",
    "min_trade": "minTrade",
    "carried_shown": "carriedShown",
    "row_ticks": "rowTicks",
    "time_zone": "timeZone",
}
"""Names in the engine, where they are not those of the state."""

SAME = (
    "agg", "row_ticks", "min_size", "min_trade", "palette", "scaling", "cutoffs", "limits", "carried",
    "carried_shown", "stable", "bids", "asks", "theme", "time_zone",
)  # fmt: skip
"""Choices that the engine has as the state does."""

FOLLOWED = (*SAME, "alerts", "carry_by", "half_life_s", "prune_s", "view", "opacity", "layers")
"""Of these parameters of a state the engine hears."""


def choice_of(data: Data) -> dict[str, Any]:
    """Half-life and prune in ns, None for none, or ``auto``; ``carry``, a name of `models_of`, or None where
    the half-life counts; ``presence``, whether it is shaded by that; ``transmitted``, whether nothing is
    carried, whatever they say; ``alertsOf``, conditions; layers by their names."""
    state, shown = data.state, {overlay.name for overlay in data.overlays}
    choice = {NAMES.get(name, name): getattr(state, name) for name in SAME}
    return choice | {
        "carry": FITTED if state.carry_by == FITTED and data.fitted is not None else None,
        "presence": data.presence is not None,
        "halfLife": _ns(state.half_life_s),
        "prune": _ns(state.prune_s),
        "transmitted": state.view == AS_TRANSMITTED,
        "opacity": opacity(state, data.has_trades),
        "alertsOf": [one.short for one in data.marked],
        **{name: name in shown for name in registry.overlays()},
    }


def models_of(data: Data) -> dict[str, Any]:
    """Models of the market that choices name, as the engine draws them: sent once, not with every choice."""
    model = data.fitted
    return {} if model is None else {FITTED: {"name": FITTED} | (wired(model) or {})}


def _ns(seconds: float | str | None) -> int | str | None:
    return seconds if seconds is None or isinstance(seconds, str) else round(seconds * 1e9)
