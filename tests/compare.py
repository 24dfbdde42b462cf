"""The package's answers in the oracle's terms, and how near the two must be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liqmap import schema

FAINT = 1e-37
"""Below the normal numbers of float32 a size keeps no digits; nobody rests there."""


def span_tuples(spans) -> list:
    """Spans as the oracle has them: ``(side, tick, start, seen, end or None, size)``, order kept."""
    table = spans.to_arrow()
    ends = schema.int64(table["end"], null=schema.OPEN).tolist()
    return list(
        zip(
            table["side"].to_pylist(),
            table["tick"].to_pylist(),
            schema.int64(table["start"]).tolist(),
            schema.int64(table["seen"]).tolist(),
            [None if end == schema.OPEN else end for end in ends],
            table["size"].to_pylist(),
        )
    )


def window_steps(spans) -> list:
    """The window as ``(side, start, worst tick or None, known)``, without steps that say nothing new."""
    table = spans.window
    starts = schema.int64(table["start"]).tolist()
    rows = zip(table["side"].to_pylist(), starts, table["worst_tick"].to_pylist(), table["known"].to_pylist())
    return plain_steps(list(rows))


def plain_steps(rows: list) -> list:
    """A step function of time per side, in its one shortest form: the last word of an instant counts."""
    steps: list = []
    for side in schema.SIDES:
        own: list = [(side, -1, None, False)]
        last_word = {
            start: (worst if known else None, known) for name, start, worst, known in rows if name == side
        }
        for start, value in sorted(last_word.items()):
            if own[-1][2:] != value:
                own.append((side, start, *value))
        steps += own[1:]
    return steps


def duration(ns: int | None) -> pd.Timedelta | None:
    """A half-life or prune as users pass it."""
    return None if ns is None else pd.Timedelta(ns, unit="ns")


def assert_sizes(actual, expected, rtol: float = 1e-6) -> None:
    """Equal to 1e-6 relative, and exactly 0 where nothing rests."""
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    np.testing.assert_array_equal(actual[expected == 0], 0)
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=FAINT)


def assert_grid(grid, expected: dict) -> None:
    """A grid of `rasterize` against one of the oracle: states exactly, NaN exactly where unknown."""
    np.testing.assert_array_equal(grid["state"].values, expected["state"])
    liquidity = grid["liquidity"].values
    np.testing.assert_array_equal(np.isnan(liquidity), expected["state"] == schema.UNKNOWN)
    assert_sizes(np.nan_to_num(liquidity), expected["liquidity"])
