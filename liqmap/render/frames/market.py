"""What can be drawn, and the refusal of what cannot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from liqmap.schema import GridError, SessionError
from liqmap.schema.ranges import price_range as rising

if TYPE_CHECKING:
    from liqmap.spans import Spans


class Market(Protocol):
    """What can be drawn: a `Session`, or anything that serves the same."""

    @property
    def time_range(self) -> tuple[np.datetime64, np.datetime64]: ...

    @property
    def price_range(self) -> tuple[float, float]: ...

    def spans(self, depth_limit: int | None = None) -> Spans: ...
    def trades(self) -> pa.Table: ...


def check_market(source: object, expected: str = "a Session") -> None:
    """Refuse what is no `Market` before a picture asks it for anything.

    Raises
    ------
    SessionError : says what was given, and where sessions come from.
    """
    if not {"spans", "trades", "time_range", "price_range"} <= set(dir(source)):
        raise SessionError(
            expected=expected,
            got=_named(source),
            remedy="Sessions come from a store that lm.ingest has filled: "
            "lm.open_store(path).session(venue, symbol)",
        )


def check_view(
    width: int | None,
    height: int,
    price_range: tuple[float, float] | None,
    row_ticks: int | None,
    least: int = 1,
) -> None:
    """Refuse sizes and ranges of which there is no picture; ``least`` pixels of width it needs.

    Raises
    ------
    GridError : says which, and what was expected.
    """
    for name, pixels, low in (("width", width, least), ("height", height, 1), ("row_ticks", row_ticks, 1)):
        if pixels is None and name != "height":
            continue
        if not isinstance(pixels, (int, np.integer)) or pixels < low:
            expected = f"a whole number of at least {low}"
            raise GridError(argument=name, expected=expected, got=repr(pixels))
    if price_range is not None:
        rising(price_range, "price_range")


def _named(source: object) -> str:
    return f"{type(source).__name__} {source!r}" if isinstance(source, (str, Path)) else type(source).__name__
