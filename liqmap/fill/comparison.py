"""`FillComparison`: what `compare_fill` returns, and how a notebook shows it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from liqmap.fill.summary import VERDICTS, inflation
from liqmap.printable import printable
from liqmap.schema import Meta

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True, eq=False, repr=False)
class FillComparison:
    """The original algorithm beside the spans, on one lattice of cells.

    summary : by measure: value, unit, meaning.
    appearances : in how many time buckets a level appears, quantiles over the levels: raw, filled, liqmap.
    levels : the same for each level: side, price, raw, filled, liqmap.
    cells : Dataset (side, price, time): the grid of the spans with its parts (see `rasterize`), and of the
        original ``raw``, ``filled`` (size units, NaN where it has nothing), ``filled_age`` (s) and
        ``verdict`` (CF flags: not_drawn, resting, ghost, undecided).
    meta : of the market.

    `liqmap.fill_picture` draws it.
    """

    summary: pd.DataFrame
    appearances: pd.DataFrame
    levels: pd.DataFrame
    cells: xr.Dataset
    meta: Meta

    @property
    def inflation(self) -> np.ndarray:
        """Drawn size / true mean size of each cell that its bucket's snapshots show; (C,)."""
        return inflation(self.cells)

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The words of ``cells["verdict"]``, by flag."""
        return VERDICTS

    @property
    def title(self) -> str:
        """Market, buckets and settings in one line."""
        a, m = self.cells.attrs, self.meta
        market = " ".join(word for word in (m.venue, m.symbol, m.feed) if word)
        return (
            f"{market}: {a['levels']} levels every {a['every']}, summed per {a['bucket']} x {a['bin']:g}, "
            f"half-life {a['half_life']}, prune {a['prune']}"
        )

    def __repr__(self) -> str:
        values = self._spelled()
        width = max(map(len, values.index))
        wide = max(map(len, values))
        lines = [
            f"  {name:<{width}}  {value:>{wide}}  {what}"
            for name, value, what in zip(values.index, values, self.summary["meaning"], strict=True)
        ]
        return "\n".join([f"<liqmap.FillComparison {printable(self.title)}", *lines]) + ">"

    def _repr_html_(self) -> str:
        table = self.summary.assign(value=self._spelled())[["value", "meaning"]]
        counts = self.appearances.to_html(float_format="{:.1f}".format)
        return (
            f"<p><b>FillComparison</b> {escape(printable(self.title))}</p>{table.to_html()}"
            f"<p>Time buckets in which a level appears</p>{counts}"
        )

    def _spelled(self) -> pd.Series:
        """Values with their units, as people read them."""
        import pandas as pd

        rows = zip(self.summary["value"], self.summary["unit"], strict=True)
        return pd.Series([_spell(value, unit) for value, unit in rows], self.summary.index, dtype=object)


def _spell(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "x":
        return f"{value:.2f}x"
    number = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"
    return f"{number} {unit}"
