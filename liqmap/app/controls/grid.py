"""What a cell of the picture is."""

from __future__ import annotations

from liqmap.app.controls.bound import Maker, choice, number, select

ROW_TICKS: dict[str, int] = {"auto": 0} | {
    f"{n} tick{'s' if n > 1 else ''}": n for n in (1, 2, 5, 10, 20, 50, 100)
}
"""Ticks a row of the picture; 0 stands for as few as the pixels can show."""

GRID: list[Maker] = [
    choice("agg"),
    select("row_ticks", ROW_TICKS, none=0),
    number("min_size", step=0.1),
]
