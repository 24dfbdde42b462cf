"""Panels beside and below the heatmap: switches for those that are offered, and a field for any measure."""

from __future__ import annotations

import re
from typing import Any

from liqmap.app.controls.control import Choices, Control, Part, label_of, part_of, refuse
from liqmap.app.state.conditions import checked
from liqmap.app.state.options import BOTH
from liqmap.app.state.panel_list import measures_in
from liqmap.app.state.state import State
from liqmap.render.marks.panels import PANELS, check_panels

USUAL = ("imbalance@5", "ofi@1")
"""Measures that have a switch; the field takes any."""

MEASURES: Part = {
    "kind": "text", "name": "measures", "label": "measures", "placeholder": "imbalance@5, spread_bps",
    "title": "Numbers of the book below the heatmap, commas between: mid, ofi@1, depth@10bps, pulled@5 ...",
}  # fmt: skip


def alerts(state: State) -> Control:
    """A field for conditions; what is typed stands again as it is understood."""

    def typed(value: Any) -> Choices:
        return {"alerts": checked(value.strip() if isinstance(value, str) else "")}

    part = part_of("alerts", "text", placeholder="imbalance@5 > 0.6, spread_bps >= 2")
    return Control("alerts", part, show=lambda: ", ".join(state.alerts), take=typed)


def panels_offered(state: State) -> dict[str, Any] | None:
    """Two pictures leave no room for panels: what is chosen of them stands again in the other views."""
    return {"disabled": True, "title": f"Not in the view {BOTH}"} if state.view == BOTH else None


def panels(state: State) -> list[Control]:
    """A switch for each panel that is offered and for the usual measures; and what is chosen, to be typed."""
    offered = [*State.param.panels.objects, *USUAL]

    def switched(value: Any) -> Choices:
        if not (isinstance(value, list) and all(isinstance(one, str) and one in offered for one in value)):
            refuse(label_of("panels"), f"some of {', '.join(offered)}", value)
        typed = [name for name in measures_in(state.panels) if name not in offered]
        there = [name for name in state.panels if name in value]  # those that are on keep their places
        return {"panels": [*there, *(one for one in value if one not in there), *typed]}

    def typed(value: Any) -> Choices:
        names = re.split(r"[\s,;]+", value.strip()) if isinstance(value, str) and value.strip() else []
        wanted = check_panels("measures", names)
        return {"panels": [*(name for name in state.panels if name in PANELS), *wanted]}

    part = part_of("panels", "several", options=[[one, one] for one in offered])
    return [
        Control(
            "panels", part, show=lambda: [one for one in state.panels if one in offered], take=switched,
            look=lambda: panels_offered(state),
        ),
        Control("measures", MEASURES, show=lambda: ", ".join(measures_in(state.panels)), take=typed),
    ]  # fmt: skip
