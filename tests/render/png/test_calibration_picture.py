"""The picture of a calibration: how right its presence was stands in it, group by group, or that none is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import liqmap as lm
from liqmap.analytics import Calibration
from liqmap.render.frames import palettes
from liqmap.render.png.calibration_picture import HIGH, calibration_picture, draw_presence
from liqmap.render.png.sheet import Sheet


@pytest.fixture(scope="module")
def found() -> Calibration:
    return lm.calibrate(lm.simulate(minutes=3, seed=3, levels=20, volatility=4.0, keep_truth=False), 5)


def test_presence__has_a_dot_for_each_group_where_it_was(found: Calibration) -> None:
    sheet = Sheet(800, 665, palettes.theme("dark"), HIGH)
    draw_presence(sheet, found)
    (axes,) = sheet.figure.axes
    inside, outside = axes.collections[1:]
    groups = found.presence_groups
    drawn = np.concatenate([inside.get_offsets(), outside.get_offsets()])
    expected = groups[["predicted", "there"]].to_numpy()
    np.testing.assert_allclose(sorted(map(tuple, drawn)), sorted(map(tuple, expected)))
    assert len(inside.get_offsets()) == groups["inside"].sum()
    ends = [segment[:, 1].tolist() for segment in axes.collections[0].get_segments()]
    assert sorted(ends) == sorted(groups[["low", "high"]].to_numpy().tolist())


def test_presence__that_is_not_known_is_told(found: Calibration) -> None:
    sheet = Sheet(800, 665, palettes.theme("light"), HIGH)
    draw_presence(sheet, replace(found, presence_groups=None))
    assert not sheet.figure.axes
    assert "too short a time to say" in [text.get_text() for text in sheet.figure.texts]


def test_sheet__taller_ones_keep_their_pixels(found: Calibration, tmp_path) -> None:
    """A text at the lower edge of the layout is at the lower edge of the file, at any height."""
    for high in (1000, 1330):
        sheet = Sheet(1600, high, palettes.theme("dark"), high)
        sheet.write(0, high, "x", 20, (255, 255, 255))
        axes = sheet.axes(160, 100, 400, 200)
        (text,) = sheet.figure.texts
        assert text.get_position()[1] == 0
        assert sheet.unit == 1
        np.testing.assert_allclose(axes.bbox.bounds, (160, high - 300, 400, 200))
    path = calibration_picture(found, tmp_path / "a.png", width=480)
    assert path.stat().st_size > 10_000
