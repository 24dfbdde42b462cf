"""`grid.liqmap.image` on a logarithmic scale, by what is drawn."""

from __future__ import annotations

import io

import numpy as np
import pytest
import xarray as xr

import liqmap as lm
from liqmap.schema import GridError
from tests.strategies import SECOND, START, TICK_SIZE, to_depth_table

MESSAGES = [
    ("snapshot", START, [("bid", 20, 4.0), ("bid", 17, 0.5), ("ask", 21, 2.0), ("ask", 24, 64.0)]),
    ("update", START + 4 * SECOND, [("bid", 20, 8.0)]),
    ("heard", START + 8 * SECOND, []),
]
TIMES = (START + np.arange(-1, 9) * SECOND).view("datetime64[ns]")
PRICES = np.arange(15, 28) * TICK_SIZE


@pytest.fixture(scope="module")
def grid() -> xr.Dataset:
    """Unknown before the first message and beyond the worst bid; empty above it."""
    return lm.rasterize(lm.replay(to_depth_table(MESSAGES, 2)), TIMES, PRICES)


def pixels(element: object, times: np.ndarray, prices: np.ndarray) -> np.ndarray:
    """The colour that matplotlib gives the middle of each cell, (P, T, 4), the lowest price first."""
    import holoviews as hv
    from matplotlib.image import imread

    drawn = hv.render(element, backend="matplotlib")
    axes = drawn.axes[0]
    axes.set_axis_off()
    drawn.set_size_inches(10, 10)
    axes.set_position((0, 0, 1, 1))
    for other in drawn.axes[1:]:
        other.remove()
    file = io.BytesIO()
    drawn.savefig(file, dpi=60)
    file.seek(0)
    image = imread(file)[::-1]
    row, column = (
        np.floor(600 * ((e[1:] + e[:-1]) / 2 - e[0]) / (e[-1] - e[0])).astype(int) for e in (prices, times)
    )
    return image[np.ix_(row, column)]


@pytest.mark.parametrize("uneven", [False, True], ids=["Image", "QuadMesh"])
@pytest.mark.parametrize("log", [{"cnorm": "log"}, {"logz": True}], ids=str)
def test_log__unknown_is_blank_and_nothing_else(grid: xr.Dataset, uneven: bool, log: dict) -> None:
    import holoviews as hv

    shown = grid.isel(time=[0, 1, 2, 4, 5, 8]) if uneven else grid
    try:
        hv.extension("matplotlib", logo=False)
        hv.Store.set_current_backend("matplotlib")
        element = shown.liqmap.image("bid", **log)
        assert isinstance(element, hv.QuadMesh if uneven else hv.Image)
        values = element.dimension_values("liquidity", flat=False)
        begin, end = (shown.liqmap._cells.times[:, k] for k in (0, 1))
        times = np.unique([*begin, *end]).astype(float)
        image = pixels(element, times, PRICES)
    finally:
        if "bokeh" in hv.Store.loaded_backends():
            hv.Store.set_current_backend("bokeh")
    blank = (image == 1).all(axis=-1)
    np.testing.assert_array_equal(blank, np.isnan(values))
    assert np.isnan(values).any()
    lowest = (image[values == 0] == image[values == 0][0]).all()
    assert lowest, "what is known to be empty has one colour"
    assert len(np.unique(image[values > 0], axis=0)) == len(np.unique(values[values > 0])) > 2


@pytest.mark.parametrize("side", [None, "bid", "ask"])
def test_log__bokeh_has_a_scale_above_0(grid: xr.Dataset, side: str | None) -> None:
    import holoviews as hv

    hv.extension("bokeh", logo=False)
    hv.Store.set_current_backend("bokeh")
    element = grid.liqmap.image(side, cnorm="log")
    mapper = hv.render(element, backend="bokeh").renderers[0].glyph.color_mapper
    values = element.dimension_values("liquidity")
    assert mapper.low == pytest.approx(values[values > 0].min())
    assert mapper.high == pytest.approx(np.nanmax(values))


def test_log__tiny_sizes_do_not_take_the_scale(grid: xr.Dataset) -> None:
    tiny = grid.copy(deep=True)
    tiny["liquidity"][0, 3, 3] = 1e-30
    mapper_low = tiny.liqmap.image("bid", cnorm="log", backend="bokeh").opts.get("plot").kwargs["clim"][0]
    assert mapper_low == pytest.approx(8e-6)


def test_log__of_nothing(grid: xr.Dataset) -> None:
    empty = grid.isel(price=slice(10, 11))
    import holoviews as hv

    hv.extension("bokeh", logo=False)
    hv.Store.set_current_backend("bokeh")
    hv.render(empty.liqmap.image("bid", cnorm="log"), backend="bokeh")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"side": "net"}, "cnorm: expected a linear scale"),
        ({"clim": (0, 10)}, "clim: expected sizes above 0"),
        ({"clim": (-1, 10)}, "clim: expected sizes above 0"),
        ({"clim": 5}, "clim: expected two sizes"),
    ],
)
def test_log__that_cannot_be_is_refused(grid: xr.Dataset, options: dict, says: str) -> None:
    with pytest.raises(GridError, match=says):
        grid.liqmap.image(cnorm="log", **options)
