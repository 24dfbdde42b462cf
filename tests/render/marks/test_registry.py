"""An overlay that is registered works everywhere, and one that is not is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import HoverTool

from liqmap.render import heatmap, picture
from liqmap.render.frames.palettes import DARK, Theme
from liqmap.render.marks import overlays as folder
from liqmap.render.marks import registry
from liqmap.render.marks.overlays import Steps
from liqmap.render.marks.registry import Entry, Overlay, Scene, names, overlays, register, shown
from liqmap.render.marks.shapes import Boxes, Discs, Facts, Line, Segments, Shape, Words
from liqmap.render.marks.view import View
from liqmap.schema import GridError
from tests.render.market import Market
from tests.render.marks.made import whole

LEVEL = 497.25
BUILT_IN = ("bbo", "mid", "bubbles", "candles")
"""In the order in which they are offered; a folder with one more still passes."""


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
    known = overlays()
    files = {path.stem for path in Path(folder.__file__).parent.glob("*.py")} - {"__init__"}
    modules = [import_module(f"{folder.__name__}.{name}") for name in files]
    assert len(modules) >= 4
    assert all(module.OVERLAY in known.values() for module in modules)
    orders = [overlay.order for overlay in known.values()]
    assert orders == sorted(orders)
    ours = [name for name in known if name in BUILT_IN]
    assert ours == ["candles", "bbo", "mid", "bubbles"]
    assert [name for name in names() if name in BUILT_IN] == list(BUILT_IN)
    assert set(names()) == {name for name, one in known.items() if one.offered} == set(known) - {"alerts"}
    assert [o.name for o in shown(["bubbles", "bbo"])] == ["bbo", "bubbles"]
    assert {o.name for o in known.values() if o.in_page} >= {"bbo", "bubbles"}


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


@pytest.mark.parametrize("entries", [4, 5, 9])
def test_a_long_legend_stays_above_the_heatmap(entries: int, level: Overlay, tmp_path: Path) -> None:
    """Its words and marks begin a second column, and a third."""
    from matplotlib.image import imread

    def lines(canvas: object, scene: Scene) -> list[Entry]:
        return [Entry(f"word {k}", DARK.ghost, line=True) for k in range(entries)]

    register(replace(level, picture=lines))
    pixels = imread(picture(Market(), tmp_path / "a.png", overlays=["level"]))[..., :3]
    plain = imread(picture(Market(), tmp_path / "b.png", overlays=()))[..., :3]
    changed = (pixels != plain).any(axis=-1)
    assert not changed[122:].any()
    marks = (np.abs(pixels * 255 - np.array(DARK.ghost)) < 1).all(axis=-1)
    starts = np.flatnonzero(np.diff(marks[:122].any(axis=0).astype(int)) == 1)
    assert len(starts) == -(-entries // 4)


def test_a_canvas_draws_for_those_who_import_nothing_of_it(level: Overlay, tmp_path: Path) -> None:
    from matplotlib.image import imread

    def lines(canvas: Any, scene: Scene) -> None:
        times = np.linspace(canvas.view.begin, canvas.view.end, 5).astype(np.int64)
        assert (canvas.days(times) == canvas.days(times.astype("datetime64[ns]"))).all()
        assert canvas.days(times) == pytest.approx(times / 86_400e9, rel=1e-12)
        micro = times // 1000 * 1000
        assert (canvas.days(micro) == canvas.days(micro.astype("datetime64[ns]").astype("M8[us]"))).all()
        canvas.line(Steps(times, np.full(5, LEVEL)), (255, 0, 255), width=3, zorder=9)
        canvas.text(times[1], LEVEL + 1, "a level", (0, 255, 0), size=30)

    register(replace(level, picture=lines))
    pixels = imread(picture(Market(), tmp_path / "a.png", overlays=["level"]))[..., :3]
    assert (pixels == [1.0, 0.0, 1.0]).all(axis=-1).any()
    assert (pixels == [0.0, 1.0, 0.0]).all(axis=-1).any()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"chart": "liqmap"},
            "expected chart to be a function, or where it is as 'module:function', got 'liqmap'",
        ),
        ({"chart": "liqmap:"}, "expected chart to be a function, .*, got 'liqmap:'"),
        ({"chart": "no_such:chart"}, "expected chart at 'no_such:chart', got ModuleNotFoundError: No module"),
        ({"chart": "liqmap.card:chart"}, "expected chart at 'liqmap.card:chart', got AttributeError: module"),
        ({"chart": lambda scene: None}, r"expected chart\(scene\) to return a HoloViews object, got None"),
        (
            {"shapes": "liqmap"},
            "expected shapes to be a function, or where it is as 'module:function', got 'liqmap'",
        ),
        ({"shapes": "no_such:shapes"}, "expected shapes at 'no_such:shapes', got ModuleNotFoundError: No"),
        ({"picture": None}, "expected picture to be a function, .*, got None"),
        (
            {"picture": lambda canvas, scene: "x"},
            r"expected picture\(canvas, scene\) to return a list of Entry, got 'x'",
        ),
        ({"picture": lambda canvas, scene: Entry("x")}, r"to return a list of Entry, got Entry\(word='x'"),
        ({"picture": lambda canvas, scene: 7}, "to return a list of Entry, got 7"),
        (
            {"legend": lambda theme: [("a", (1, 2, 3))]},
            r"expected legend\(theme\) to return a list of Entry, got \[\('a'",
        ),
    ],
)
def test_an_overlay_that_is_wrong_is_named(
    wrong: dict[str, Any], words: str, level: Overlay, tmp_path: Path
) -> None:
    register(replace(level, **wrong))
    draw: dict[str, Callable[[], Any]] = {
        "chart": lambda: heatmap(Market(), overlays=["level"]),
        "shapes": lambda: overlays()["level"].for_engine(Scene(Market(), Market.price_range)),
        "picture": lambda: picture(Market(), tmp_path / "a.png", overlays=["level"]),
        "legend": lambda: overlays()["level"].entries(DARK),
    }
    with pytest.raises(GridError, match=f"^overlay 'level': .*{words}") as caught:
        draw[next(iter(wrong))]()
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "a.png").exists()


def test_names_that_are_not_registered_are_refused() -> None:
    with pytest.raises(GridError, match=r"^overlays: expected some of \('candles', .*, got \['level'\]"):
        heatmap(Market(), overlays=["level"])


@pytest.mark.parametrize("draw", [heatmap, lambda s, **o: picture(s, "a.png", **o)])
def test_unknown_options_are_refused_by_name(draw) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TypeError, match=r"expected options of alerts, carry, .*theme.*, got 'colour'"):
        draw(Market(), colour="red")


def shaped(scene: Scene, view: View) -> list[Shape]:
    """One of each kind, of which a box tells something."""
    x, y = np.array([view.begin, view.end]), np.array([490.0, 500.0])
    box = (x[:1], y[:1], x[1:], y[1:], np.zeros(1, int), (DARK.ghost,))
    at, one = (x[:1], y[:1]), np.zeros(1, int)
    told = Facts(("what",), [("a box",)])
    return [
        Boxes(*box, 0.5, 2.0, told), Boxes(*box, 0.0), Segments(*box), Line(x, y, DARK.buy, steps=True),
        Discs(*at, np.array([9.0]), one, one, (DARK.sell,), 0.5, 2.0),
        Words(*at, ("here",), DARK.text, small=True),
    ]  # fmt: skip


def test_an_overlay_of_shapes_alone__is_drawn_everywhere(tmp_path: Path) -> None:
    from matplotlib.image import imread

    entry = Entry("shaped", DARK.ghost)
    register(Overlay("shaped", "shaped", 25, shapes=shaped, legend_in_view=lambda scene, view: [entry]))
    try:
        scene = Scene(Market(), Market.price_range)
        assert len(overlays()["shaped"].on_engine(scene, whole(Market()))) == 6
        assert overlays()["shaped"].entries_in(scene, whole(Market())) == [entry]
        pixels = imread(picture(Market(), tmp_path / "a.png", overlays=["shaped"]))[..., :3]
        plain = imread(picture(Market(), tmp_path / "b.png", overlays=[]))[..., :3]
        assert np.abs(pixels[130:, :1400] - plain[130:, :1400]).max(axis=-1).astype(bool).mean() > 0.3
        assert np.abs(pixels[:110] - plain[:110]).max() > 0.1  # its legend
        for dynamic in (True, False):
            figure = (
                hv.renderer("bokeh").get_plot(heatmap(Market(), overlays=["shaped"], dynamic=dynamic)).state
            )
            kinds = [type(one.glyph).__name__ for one in figure.renderers]
            assert kinds[-6:] == ["Quad", "Quad", "Segment", "Line", "Scatter", "Text"]
            tips = [str(tool.tooltips) for tool in figure.tools if isinstance(tool, HoverTool)]
            assert any("what:" in tip for tip in tips)
    finally:
        registry._KNOWN.pop("shaped")
