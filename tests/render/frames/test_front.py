"""The side that shows, against the definition written out cell by cell; and all who tell of it agree."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.render.frames.colour import shade, shades
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.front import count_lit
from liqmap.render.frames.look import Look
from liqmap.render.frames.readout import Cells
from liqmap.render.frames.scale import Scale
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN

SIZES = [0.0, 0.5, 1.0, 3.0, 3.0000002, 8.0, 50.0, 1e6]


@st.composite
def frames(draw: Any) -> Frame:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    shape, ticks = (2, rows, columns), draw(st.sampled_from([1, 2, 10]))
    count = 2 * rows * columns
    states = draw(st.lists(st.sampled_from([UNKNOWN, OBSERVED, CARRIED]), min_size=count, max_size=count))
    sizes = draw(st.lists(st.sampled_from(SIZES), min_size=count, max_size=count))
    state = np.array(states, np.uint8).reshape(shape)
    liquidity = np.where(state == UNKNOWN, np.nan, np.array(sizes).reshape(shape)).astype(np.float32)
    agg = draw(st.sampled_from(["peak", "mean", "last"]))
    times, edges = np.arange(columns + 1) * 10**9, np.arange(rows + 1) * ticks
    return Frame(times.astype(np.int64), edges.astype(np.int64), 0.5, agg, liquidity, state)


looks = st.builds(
    Look,
    scaling=st.sampled_from(["log", "linear"]),
    carried=st.sampled_from([0.0, 0.3, 0.72, 1.0]),
    carried_shown=st.sampled_from(["fade", "outline", "hide"]),
    min_size=st.sampled_from([0.0, 1.0, 4.0]),
    bids=st.booleans(),
    asks=st.booleans(),
)
scales = st.sampled_from([(0.1, 9.0), (1.0, 3.0), (2.5, 1e6)])


def fronts_of(frame: Frame, look: Look, scale: Scale) -> list[list[tuple[int, float, float] | None]]:
    """Side, size and place of what shows, cell by cell."""
    ticks = 1 if frame.agg == "peak" else int(frame.rows[1] - frame.rows[0])
    weigh = {OBSERVED: 1.0, CARRIED: 0.0 if look.carried_shown == "hide" else look.carried}

    def place(size: float) -> float:
        if scale.scaling == "linear":
            return min((size - scale.low) / (scale.high - scale.low), 1.0)
        return min(math.log(size / scale.low) / math.log(scale.high / scale.low), 1.0)

    def one(i: int, j: int) -> tuple[int, float, float] | None:
        lit = []
        for side, drawn in ((0, look.bids), (1, look.asks)):
            state = int(frame.state[side, i, j])
            size = float(frame.liquidity[side, i, j] / np.float32(ticks))  # as float32, which frames are of
            if drawn and state != UNKNOWN and size > scale.low and size >= look.min_size and weigh[state] > 0:
                lit.append((round(place(size) * weigh[state], 9), -side, size, place(size)))
        if not lit:
            return None
        _, side, size, at = max(lit)
        return -side, size, at

    return [[one(i, j) for j in range(frame.state.shape[2])] for i in range(frame.state.shape[1])]


@given(frames(), looks, scales)
def test_front__is_the_definition_in_picture_tooltip_and_numbers(
    frame: Frame, look: Look, ends: tuple[float, float]
) -> None:
    scale = Scale(*ends, look.scaling)
    pixels, lit = shade(frame, look, scale).data, count_lit(frame, look, scale)
    told = Cells(frame, look, scale).variables(("price", "time"))
    table, kinds, sums = shades(look), [0, 0], [0.0, 0.0]
    for i, row in enumerate(fronts_of(frame, look, scale)):
        for j, shown in enumerate(row):
            side = str(told["side"][i, j].values)
            if shown is None:
                assert side == "–"
                assert pixels[i, j] in (0, *shade(frame, look, Scale(1e8, 1e9)).data.ravel())
                continue
            state = int(frame.state[shown[0], i, j])
            assert side == ("bid", "ask")[shown[0]]
            assert float(str(told["shown"][i, j].values).split()[0].replace(",", "")) == pytest.approx(
                shown[1], rel=1e-5
            )
            near = round(shown[2] * (table.shape[2] - 1))
            allowed = table[shown[0], int(state == CARRIED), max(near - 1, 0) : near + 2]
            assert pixels[i, j] in allowed
            kinds[int(state == CARRIED)] += 1
            sums[int(state == CARRIED)] += shown[1]
    assert (lit.observed, lit.carried) == tuple(kinds)
    assert lit.carried_share == pytest.approx(sums[1] / sum(sums) if sum(sums) else 0.0, rel=1e-6)


def test_multiplier__is_cells_with_carry_by_cells_without() -> None:
    state = np.array([[[OBSERVED, CARRIED, CARRIED]], [[UNKNOWN] * 3]], np.uint8)
    liquidity = np.array([[[2.0, 2.0, 4.0]], [[np.nan] * 3]], np.float32)
    frame = Frame(np.arange(4), np.arange(2), 1.0, "peak", liquidity, state)
    lit = count_lit(frame, Look(), Scale(1.0, 3.0))
    assert (lit.observed, lit.carried, lit.multiplier, lit.carried_share) == (1, 2, 3.0, 0.75)
