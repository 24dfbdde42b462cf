"""Where colour begins and saturates: handles over percentiles that say the sizes, or by themselves."""

from __future__ import annotations

from typing import Any

from liqmap.app.controls.control import Choices, Control, bool_of, label_of, part_of, refuse
from liqmap.app.data.shown import Shown
from liqmap.app.picture.asked import is_number
from liqmap.app.state.state import State
from liqmap.render.frames.scale import AUTO

STEP = 0.1

BY_THEMSELVES = "cut-offs by themselves"


class Cutoffs:
    """Two handles over percentiles, and whether they are where the picture has them by itself.

    A handle that is moved takes over from that, and from sizes that were typed in.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._at: tuple[float, float] = AUTO
        self._sizes: dict[str, Any] = {"sizes": [], "unit": "", "ends": []}
        low, high = State.param.cutoffs.bounds
        self.controls = [
            Control(
                "cutoffs", part_of("cutoffs", "range", min=low, max=high, step=STEP),
                show=lambda: list(self._stand()), take=_take, look=lambda: self._sizes,
            ),
            self._auto(),
        ]  # fmt: skip

    def follow(self, shown: Shown) -> None:
        """A picture has been drawn: handles stand at its cut-offs, unless these are chosen, and say sizes."""
        sizes, scale = shown.sizes, shown.scale
        if len(sizes.at):
            low, high = (round(sizes.percent(end), 1) for end in (scale.low, scale.high))
            low = min(low, 100 - STEP)
            self._at = low, max(high, round(low + STEP, 1))
        else:
            self._at = AUTO
        low, high = self._stand()
        ends = [[low, scale.low], [high, scale.high]]
        self._sizes = {"sizes": sizes.at.tolist(), "unit": shown.unit, "ends": ends}

    def _stand(self) -> tuple[float, float]:
        """Percentiles at which the handles stand."""
        state = self._state
        if state.cutoffs is not None and state.limits is None:
            self._at = float(state.cutoffs[0]), float(state.cutoffs[1])
        return self._at

    def _is_auto(self) -> bool:
        return self._state.cutoffs is None and self._state.limits is None

    def _auto(self) -> Control:
        part = {
            "kind": "box", "name": "cutoffs_by_themselves", "label": BY_THEMSELVES,
            "title": "Cut-offs such that neither dust nor one giant wall decides what is seen.",
        }  # fmt: skip

        def take(value: Any) -> Choices:
            on = bool_of(BY_THEMSELVES, value)
            return {"cutoffs": None if on else self._stand(), "limits": None}

        return Control("cutoffs_by_themselves", part, show=self._is_auto, take=take)


def _take(value: Any) -> Choices:
    """Percentiles that rise."""
    low, high = State.param.cutoffs.bounds
    if not (
        isinstance(value, list)
        and len(value) == 2
        and all(map(is_number, value))
        and low <= value[0] < value[1] <= high
    ):
        refuse(label_of("cutoffs"), f"two percentiles that rise, from {low:g} to {high:g}", value)
    return {"cutoffs": (float(value[0]), float(value[1])), "limits": None}
