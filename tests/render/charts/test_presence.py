"""A chart and a picture by presence: they say what their colours are, and what a tooltip says of a cell."""

from __future__ import annotations

from pathlib import Path

import holoviews as hv
import numpy as np
import pytest
from matplotlib.image import imread

import liqmap as lm
from liqmap.carry import HOLD, HalfLife
from liqmap.render import heatmap, picture
from liqmap.render.charts.theme import PRESENCE_BAR
from liqmap.render.frames.there import GREYER
from liqmap.schema import GridError
from tests.render.market import Market

hv.extension("bokeh", logo=False)

PRESENCE = lm.Presence(HalfLife("20s", None), HalfLife("10s", None), HalfLife("40s", None))


def test_a_chart_says_what_its_colours_are() -> None:
    plot = hv.render(heatmap(Market(), carry=HOLD, presence=PRESENCE))
    assert GREYER in plot.title.text
    bar = next(bar for bar in plot.right if bar.name == PRESENCE_BAR)
    assert bar.title == "still there, %"
    assert (bar.color_mapper.low, bar.color_mapper.high) == (0, 100)
    plain = hv.render(heatmap(Market(), carry=HOLD))
    assert GREYER not in plain.title.text
    assert PRESENCE_BAR not in [bar.name for bar in plain.right]


def test_a_chart_tells_the_presence_of_a_cell() -> None:
    image = heatmap(Market(), carry=HOLD, presence=PRESENCE, overlays=(), dynamic=False)
    told = np.unique(image.data["there"].to_numpy()[::5, ::5].astype(str))
    assert any(words.endswith(")") and "% (" in words for words in told)
    rows = heatmap(Market(), carry=HOLD, presence=PRESENCE, overlays=())[()].opts.get("plot").kwargs
    assert ("still there", "there") in rows["hover_tooltips"]


def test_another_manner_of_showing_what_is_carried_stays() -> None:
    look = lm.Look(carried_shown="outline")
    plot = hv.render(heatmap(Market(), carry=HOLD, presence=HOLD, look=look))
    assert GREYER not in plot.title.text
    assert PRESENCE_BAR not in [bar.name for bar in plot.right]


def test_a_picture_is_greyer_where_less_is_likely(tmp_path: Path) -> None:
    shown = []
    for presence in (HOLD, HalfLife("10s", None)):
        path = picture(
            Market(), tmp_path / "a.png", carry=HOLD, presence=presence, overlays=(), width=900, height=500
        )
        shown.append(imread(path)[..., :3])
    tones = [np.ptp(image, axis=-1).sum() for image in shown]
    assert tones[1] < tones[0] - 300


def test_several_markets_have_no_presence() -> None:
    with pytest.raises(GridError, match="presence: expected one market"):
        heatmap([Market(), Market()], summed=True, presence=HOLD)
    with pytest.raises(GridError, match="presence: expected a carry model"):
        heatmap(Market(), presence=0.5)
