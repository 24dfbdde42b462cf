"""Panels as a choice: those that are offered, and measures of the book by name."""

from __future__ import annotations

from typing import Any

import param

from liqmap.render.marks.panels import PANELS, check_panels
from liqmap.schema import LiqmapError


class Panels(param.ListSelector):
    """Names of panels; beside its objects any measure, such as ``imbalance@5``."""

    def _validate_value(self, value: Any, allow_None: bool | None = None) -> None:  # noqa: N803 (param's own)
        self._validate_type(value)
        try:
            check_panels(self.name or "panels", value)
        except LiqmapError as error:
            raise ValueError(str(error)) from None


def measures_in(names: list[str]) -> list[str]:
    """Those of some panels that are measures."""
    return [name for name in names if name not in PANELS]
