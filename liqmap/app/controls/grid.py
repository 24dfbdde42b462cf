"""What a cell of the picture is."""

from __future__ import annotations

from typing import Any

from liqmap.app.controls.control import Maker, choice, field, label_of, refuse, select
from liqmap.app.state.state import State

ROW_TICKS: dict[str, int | None] = {"auto": None} | {
    f"{n} tick{'s' if n > 1 else ''}": n for n in (1, 2, 5, 10, 20, 50, 100)
}
"""Ticks a row of the picture; None stands for as few as the pixels can show."""


def row_of(value: Any) -> int | None:
    """Ticks a row.

    Raises
    ------
    LiqmapError : something else.
    """
    low, high = State.param.row_ticks.bounds
    if value is not None and not (type(value) is int and low <= value <= high):
        refuse(label_of("row_ticks"), f"a whole number of ticks from {low:g} to {high:g}, or auto", value)
    return value


GRID: list[Maker] = [
    choice("agg"),
    select("row_ticks", ROW_TICKS, row_of, unit=" ticks"),
    field("min_size", step=0.1),
]
