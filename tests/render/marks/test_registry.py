"""An overlay that is registered works everywhere, and one that is not is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import holoviews as hv
import numpy as np
import pytest

from liqmap.render import heatmap, picture
from liqmap.render.frames.palettes import DARK, Theme
from liqmap.render.marks import registry
from liqmap.render.marks.registry import Entry, Overlay, Scene, names, overlays, register, shown
from liqmap.schema import GridError
from tests.render.market import Market

LEVEL = 497.25


def chart(scene: Scene) -> object:
    def draw(begin: int, end: int, prices: object, width: int, height: int) -> hv.Curve:
        times = np.array([begin, end]).astype("datetime64[ns]")
        return hv.Curve((times, [LEVEL, LEVEL]), "time", "price", label="level")

    return scene.follow(draw)


def drawn(canvas: object, scene: Scene) -> list[Entry]:
    canvas.axes.axhline(LEVEL, color="#ff00ff", zorder=9)  # type: ignore[attr-defined]
    return [Entry("my level", DARK.ghost, line=True)]


def legend(theme: Theme) -> list[Entry]:
    return [Entry("my level", theme.mid, line=True)]


@pytest.fixture
def level() -> Iterator[Overlay]:
    yield register(
        Overlay("level", "a level", 25, chart, drawn, lambda theme: [Entry("my level", theme.mid, True)])
    )
    registry._KNOWN.pop("level")


def test_overlays__are_those_of_the_folder_from_below_to_above() -> None:
    assert list(overlays()) == ["candles", "bbo", "mid", "bubbles"]
    assert names() == ["bbo", "mid", "bubbles", "candles"]
    assert [o.name for o in shown(["bubbles", "bbo"])] == ["bbo", "bubbles"]
    assert {o.name for o in overlays().values() if o.in_page} == {"bbo", "bubbles"}


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_chart_draws_what_is_registered(level: Overlay, dynamic: bool) -> None:
    whole = heatmap(Market(), overlays=["bubbles", "level"], dynamic=dynamic)
    curves = (whole[()] if dynamic else whole).traverse(lambda e: e, ["Curve"])
    assert [curve.label for curve in curves] == ["level"]
    assert set(curves[0].dimension_values("price")) == {LEVEL}


def test_a_picture_draws_what_is_registered(level: Overlay, tmp_path: Path) -> None:
    from matplotlib.image import imread

    pixels = imread(picture(Market(), tmp_path / "a.png", overlays=["level"]))
    assert (pixels[..., :3] == [1.0, 0.0, 1.0]).all(axis=-1).any()
    plain = imread(picture(Market(), tmp_path / "b.png", overlays=()))
    assert (pixels[:120] != plain[:120]).any()  # the legend has its entry


def test_names_that_are_not_registered_are_refused() -> None:
    with pytest.raises(GridError, match=r"^overlays: expected some of \('candles', .*, got \['level'\]"):
        heatmap(Market(), overlays=["level"])


@pytest.mark.parametrize("draw", [heatmap, lambda s, **o: picture(s, "a.png", **o)])
def test_unknown_options_are_refused_by_name(draw) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TypeError, match=r"expected options of carry, .*theme.*, got 'colour'"):
        draw(Market(), colour="red")
