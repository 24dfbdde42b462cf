"""HoloViews elements as shapes: what bokeh's plot of an element holds is the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from holoviews.streams import RangeXY

from liqmap.render.charts.shapes import shapes_of
from liqmap.render.charts.styles import colour_of
from liqmap.render.frames.palettes import DARK, LIGHT, Theme
from liqmap.render.marks import registry
from liqmap.render.marks.overlays import Steps
from liqmap.render.marks.registry import Overlay, Scene, register
from liqmap.render.marks.shapes import Boxes, Discs, Line, Pixels, Segments, Shape, Words, check_shapes
from liqmap.render.marks.view import View
from liqmap.schema import GridError
from tests.render.market import BEGIN, SECOND, Market
from tests.render.marks.made import whole

hv.extension("bokeh", logo=False)

NS = BEGIN + SECOND * np.arange(4) + 7
TIMES = NS.astype("datetime64[ns]")
PRICES = np.array([490.0, 495.5, 500.0, 507.25])
VIEW = View(BEGIN, BEGIN + 600 * SECOND, (485.0, 507.5), 800, 400)
KDIMS = ["time", "price"]


def made(element: Any, theme: Theme = DARK) -> list[Shape]:
    return check_shapes(shapes_of(element, VIEW, theme), "test")


def one(element: Any, kind: type) -> Any:
    (shape,) = made(element)
    assert type(shape) is kind
    return shape


def glyph(element: Any) -> tuple[Any, dict[str, Any]]:
    """What bokeh draws an element with: its glyph, and the columns of its source."""
    plot = hv.renderer("bokeh").get_plot(element)
    return plot.handles["glyph"], dict(plot.handles["source"].data)


def rgb(colours: Any) -> list[tuple[int, ...]]:
    return [tuple(int(c) for c in colour_of(colour)[:3]) for colour in colours]  # type: ignore[index]


def items(shape: Any, name: str = "colour") -> list[tuple[int, ...]]:
    return [shape.colours[k] for k in getattr(shape, name)]


@pytest.mark.parametrize(
    "opts", [{}, {"color": "red", "line_width": 3}, {"line_color": "#0f8", "color": "red"}]
)
def test_curve__is_a_line(opts: dict[str, Any]) -> None:
    curve = hv.Curve((TIMES, [490.0, np.nan, 500.0, 501.0]), *KDIMS).opts(backend="bokeh", **opts)
    line, (drawn, data) = one(curve, Line), glyph(curve)
    np.testing.assert_array_equal(line.x, NS)
    np.testing.assert_array_equal(line.y, data["price"])
    assert line.colour == rgb([drawn.line_color])[0]
    assert line.width == drawn.line_width
    assert not line.steps


def test_curve__of_steps() -> None:
    after = one(hv.Curve((TIMES, PRICES), *KDIMS).opts(interpolation="steps-post", backend="bokeh"), Line)
    assert after.steps
    assert (len(after.x), after.x.dtype) == (4, np.int64)
    for how in ("steps-pre", "steps-mid"):
        curve = hv.Curve((TIMES, PRICES), *KDIMS).opts(interpolation=how, backend="bokeh")
        line, (_, data) = one(curve, Line), glyph(curve)
        np.testing.assert_array_equal(line.x.astype("M8[ns]"), data["time"])
        np.testing.assert_array_equal(line.y, data["price"])
        assert not line.steps


def test_curve__that_is_not_opaque_is_mixed_with_the_background() -> None:
    for theme in (DARK, LIGHT):
        curve = hv.Curve((TIMES, PRICES), *KDIMS).opts(color="red", alpha=0.5, backend="bokeh")
        (line,) = made(curve, theme)
        assert isinstance(line, Line)
        expected = (np.array([255, 0, 0]) + np.array(theme.background)) / 2
        np.testing.assert_allclose(line.colour, expected, atol=0.5)


@pytest.mark.parametrize("kind", [hv.Points, hv.Scatter])
def test_points__are_discs(kind: Any) -> None:
    dims = (KDIMS, []) if kind is hv.Points else (["time"], ["price"])
    points = kind((TIMES, PRICES), *dims).opts(
        size=9, fill_color="orange", line_color="white", line_width=2, fill_alpha=0.3, backend="bokeh"
    )
    discs, (drawn, _) = one(points, Discs), glyph(points)
    np.testing.assert_array_equal(discs.x, NS)
    np.testing.assert_array_equal(discs.y, PRICES)
    assert discs.radius.tolist() == [drawn.size / 2] * 4
    assert items(discs, "face") == rgb(["orange"] * 4)
    assert items(discs, "rim") == rgb(["white"] * 4)
    assert (discs.alpha, discs.width) == (0.3, 2.0)


def test_points__take_sizes_and_colours_from_dimensions() -> None:
    data = (TIMES, PRICES, [1.0, 2.0, 4.0, 3.0], ["red", "#00f", "red", "lime"])
    points = hv.Points(data, KDIMS, ["z", "c"]).opts(
        size=hv.dim("z") * 3, color="c", line_color=None, alpha=hv.dim("z") / 4, backend="bokeh"
    )
    _, columns = glyph(points)
    shapes = made(points)
    assert [s.alpha for s in shapes if isinstance(s, Discs)] == [0.25, 0.5, 0.75, 1.0]
    assert all(isinstance(s, Discs) and s.width == 0 for s in shapes)
    order = np.argsort(data[2])
    assert [2 * s.radius[0] for s in shapes if isinstance(s, Discs)] == columns["size"][order].tolist()
    faces = [items(s, "face")[0] for s in shapes]
    assert faces == [rgb(columns["color"])[k] for k in order]


@pytest.mark.parametrize(
    "opts", [{}, {"cmap": "viridis"}, {"clim": (0.5, 3)}, {"cnorm": "log", "cmap": "fire"}]
)
def test_points__take_colours_by_a_map(opts: dict[str, Any]) -> None:
    values = np.array([1.0, 2.0, 4.0, np.nan])
    points = hv.Points((TIMES, PRICES, values), KDIMS, "z").opts(color="z", backend="bokeh", **opts)
    drawn, _ = glyph(points)
    mapper = drawn.fill_color.transform
    scaled = np.log if opts.get("cnorm") == "log" else np.asarray
    low, high, known = scaled(mapper.low), scaled(mapper.high), scaled(values[:3])
    place = np.clip((known - low) / (high - low) * len(mapper.palette), 0, len(mapper.palette) - 1)
    discs = one(points, Discs)
    assert items(discs, "face") == rgb([mapper.palette[int(k)] for k in place])
    assert len(discs.x) == 3  # bokeh draws no colour where there is no number


def test_points__take_colours_of_categories() -> None:
    points = hv.Points((TIMES, PRICES, ["b", "a", "b", "c"]), KDIMS, "k")
    for cmap in ("Category10", {"a": "red", "b": "lime", "c": "blue"}):
        chosen = points.opts(color="k", cmap=cmap, clone=True, backend="bokeh")
        mapper = glyph(chosen)[0].fill_color.transform
        by_name = dict(zip(mapper.factors, mapper.palette))
        assert items(one(chosen, Discs), "face") == rgb([by_name[k] for k in "babc"])


def test_points__of_a_radius_in_units_of_the_axes_are_refused() -> None:
    points = hv.Points((TIMES, PRICES), KDIMS).opts(radius=2.0, backend="bokeh")
    with pytest.raises(GridError, match="expected the size of points in pixels"):
        made(points)


def test_segments__are_segments() -> None:
    ends = (TIMES, PRICES, TIMES + 10, PRICES + 1)
    names = ["time", "price", "time1", "price1"]
    lines = hv.Segments((*ends, ["red", "lime", "red", "blue"]), names, "c")
    lines = lines.opts(color="c", line_width=2, backend="bokeh")
    found, (drawn, data) = one(lines, Segments), glyph(lines)
    for name, column in zip(("x0", "y0", "x1", "y1"), ends, strict=True):
        values = getattr(found, name)
        np.testing.assert_array_equal(values if name[0] == "y" else values.astype("M8[ns]"), column)
    assert items(found) == rgb(data["color"])
    assert found.width == drawn.line_width == 2
    wide = lines.opts(line_width=hv.dim("price") - 489, clone=True, backend="bokeh")
    assert [s.width for s in made(wide) if isinstance(s, Segments)] == (PRICES - 489).tolist()


NAMES4 = ["time", "price", "time1", "price1"]


def test_rectangles__are_boxes_and_their_outlines() -> None:
    boxes = hv.Rectangles((TIMES, PRICES, TIMES + SECOND, PRICES + 1), NAMES4)
    same = boxes.opts(color="orange", line_color="orange", line_width=2, clone=True, backend="bokeh")
    found = one(same, Boxes)
    assert (found.alpha, found.rim, items(found)) == (1.0, 2.0, rgb(["orange"] * 4))
    np.testing.assert_array_equal(found.x1, NS + SECOND)
    bare = one(boxes.opts(color="orange", line_color=None, alpha=0.25, clone=True, backend="bokeh"), Boxes)
    assert (bare.alpha, bare.rim) == (0.25, 0.0)
    filled, edges = made(boxes.opts(color="orange", line_color="white", clone=True, backend="bokeh"))
    assert isinstance(filled, Boxes)
    assert isinstance(edges, Segments)
    assert (filled.rim, edges.width, items(edges)) == (0.0, 1.0, rgb(["white"] * 16))
    around = {(int(a), b, int(c), d) for a, b, c, d in zip(*edges[:4])}
    x0, y0, x1, y1 = int(NS[0]), PRICES[0], int(NS[0]) + SECOND, PRICES[0] + 1
    corners = {(x0, y0, x1, y0), (x1, y0, x1, y1), (x1, y1, x0, y1), (x0, y1, x0, y0)}
    assert corners <= around
    hollow = boxes.opts(fill_color=None, line_color="white", clone=True, backend="bokeh")
    assert [type(s) for s in made(hollow)] == [Segments]


def test_lines_of_one_place__reach_over_the_view() -> None:
    across = one(hv.HLine(500.0).opts(color="red", line_width=2, backend="bokeh"), Segments)
    assert (across.x0[0], across.y0[0], across.x1[0], across.y1[0]) == (VIEW.begin, 500.0, VIEW.end, 500.0)
    assert (items(across), across.width) == (rgb(["red"]), 2.0)
    several = one(hv.HLines([490.0, 500.0]), Segments)
    assert several.y0.tolist() == several.y1.tolist() == [490.0, 500.0]
    for element in (hv.VLine(TIMES[1]), hv.VLines(TIMES[1:2])):
        upright = one(element, Segments)
        assert (upright.x0[0], upright.x1[0]) == (NS[1], NS[1])
        assert (upright.y0[0], upright.y1[0]) == VIEW.prices


def test_texts__are_words() -> None:
    text = one(hv.Text(TIMES[0], 500.0, "here", halign="right").opts(color="red", backend="bokeh"), Words)
    assert (text.x[0], text.y[0], text.text, text.align) == (NS[0], 500.0, ("here",), "right")
    assert text.colour == (255, 0, 0)
    labels = hv.Labels((TIMES, PRICES, ["a", "b", "c", "d"]), KDIMS, "word").opts(
        text_color="lime", text_align="left", background_fill_color="#123", backend="bokeh"
    )
    words = one(labels, Words)
    assert (words.text, words.align, words.ground) == (tuple("abcd"), "left", (0x11, 0x22, 0x33))
    assert words.colour == (0, 255, 0)
    numbers = hv.Labels((TIMES, PRICES, [1.5, 2.0, 3.0, 4.0]), KDIMS, "size")
    _, data = glyph(numbers)
    found = one(numbers, Words)
    assert list(found.text) == list(data["size"])
    assert found.align == "centre"


@pytest.mark.parametrize("bands", [3, 4])
def test_images__are_pixels(bands: int) -> None:
    image = np.random.default_rng(bands).integers(0, 256, (3, 5, bands), np.uint8)
    bounds = (TIMES[0], 490.0, TIMES[0] + np.timedelta64(5, "s"), 493.0)
    element = hv.RGB(image[::-1], KDIMS, bounds=bounds)
    found = one(element, Pixels)
    np.testing.assert_array_equal(found.image[..., :bands], image)
    assert (found.image[..., 3] == (image[..., 3] if bands == 4 else 255)).all()
    assert (found.times, found.prices) == ((NS[0], NS[0] + 5 * SECOND), (490.0, 493.0))
    _, data = glyph(element)
    drawn = np.asarray(data["image"][0]).view(np.uint8).reshape(3, 5, 4)
    np.testing.assert_array_equal(drawn, found.image)
    shares = hv.RGB(image[::-1] / 255, KDIMS, bounds=bounds)
    np.testing.assert_array_equal(one(shares, Pixels).image, found.image)


def test_what_has_no_place_or_is_hidden__is_left_out() -> None:
    times = TIMES.copy()
    times[1] = np.datetime64("NaT")
    prices = [490.0, 495.0, np.nan, 507.0]
    assert one(hv.Points((times, prices), KDIMS), Discs).x.tolist() == [NS[0], NS[3]]
    assert one(hv.Curve((times, PRICES), *KDIMS), Line).x.tolist() == NS[[0, 2, 3]].tolist()
    assert made(hv.Points((TIMES, PRICES), KDIMS).opts(visible=False, backend="bokeh")) == []
    assert made(hv.Points((TIMES[:0], []), KDIMS)) == []
    assert made(hv.Curve((TIMES, PRICES), *KDIMS).opts(alpha=0, backend="bokeh")) == []
    bare = hv.Points((TIMES, PRICES), KDIMS).opts(color="transparent", line_color="red", backend="bokeh")
    assert one(bare, Discs).alpha == 0.0
    assert made(hv.Segments((TIMES[:0], [], TIMES[:0], []), NAMES4)) == []


def test_overlays__keep_their_order_and_their_cycle_of_colours() -> None:
    curves = [hv.Curve((TIMES, PRICES + k), *KDIMS, label=f"c{k}") for k in range(3)]
    both = hv.Overlay([hv.HLine(500.0), *curves])
    shapes = made(both)
    assert [type(s) for s in shapes] == [Segments, Line, Line, Line]
    plot = hv.renderer("bokeh").get_plot(hv.Overlay(curves))
    drawn = [sub.handles["glyph"].line_color for sub in plot.subplots.values()]
    assert [s.colour for s in shapes if isinstance(s, Line)] == rgb(drawn)
    named = hv.NdOverlay(dict(enumerate(curves)))
    assert [s.y[0] for s in made(named) if isinstance(s, Line)] == [PRICES[0] + k for k in range(3)]
    assert len(made(hv.HoloMap({1: curves[0], 2: curves[1]}))) == 1


@pytest.mark.parametrize("wrong", [hv.Area((TIMES, PRICES)), hv.Image(np.zeros((2, 2))), hv.Spikes(PRICES)])
def test_other_elements__are_refused_by_name(wrong: Any) -> None:
    with pytest.raises(GridError) as caught:
        made(hv.Overlay([hv.Curve((TIMES, PRICES), *KDIMS), wrong]))
    kinds = "Curve, Scatter, Points, Segments, Rectangles, HLine, HLines, VLine, VLines, Text, Labels, RGB"
    assert str(caught.value) == (
        f"expected {kinds}, or an Overlay or DynamicMap of them, got {type(wrong).__name__}. "
        "An overlay of something else gives its own shapes: Overlay(..., shapes=function)"
    )


@pytest.mark.parametrize("wrong", [hv.Curve([1, 2, 3]), hv.VLine(5.0), hv.Text(1.0, 2.0, "a")])
def test_times_that_are_none__are_refused(wrong: Any) -> None:
    with pytest.raises(GridError, match=r"expected times as datetime64\[ns\]"):
        made(wrong)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("red", (255, 0, 0, 1)), ("#0f8", (0, 255, 136, 1)), ("#00ff8880", (0, 255, 136, 128 / 255)),
     ("#0F88", (0, 255, 136, 136 / 255)), ("rgb(1, 2, 3)", (1, 2, 3, 1)),
     ("rgba(1 2 3 / 0.5)", (1, 2, 3, 0.5)), ((9, 8, 7), (9, 8, 7, 1)),
     ((9, 8, 7, 0.25), (9, 8, 7, 0.25)), ("no colour", None),
     ("transparent", (0, 0, 0, 0)), ("#12345", None),
     ("rgb(a, b, c)", None), (None, None), (3.0, None), ((1, 2), None), ((1, 2, 300), None)],
)  # fmt: skip
def test_colour_of(value: Any, expected: Any) -> None:
    assert colour_of(value) == (None if expected is None else pytest.approx(expected))


# ------------------------------------------------------------------ overlays of a user's


class Calls:
    """An overlay's chart, and how often its parts were asked for."""

    def __init__(self) -> None:
        self.charts = 0
        self.views: list[tuple] = []

    def chart(self, scene: Scene) -> Any:
        self.charts += 1

        def draw(begin: int, end: int, prices: Any, width: int, height: int) -> Any:
            self.views.append((begin, end, prices, width, height, scene.until and scene.until()))
            seen = Steps(NS, PRICES).between(begin, end, width)
            return hv.Curve((seen.time.astype("M8[ns]"), seen.price), *KDIMS).opts(
                color="magenta", interpolation="steps-post", backend="bokeh"
            )

        return scene.follow(draw) * hv.HLine(500.0)


@pytest.fixture
def calls() -> Iterator[Calls]:
    made = Calls()
    register(Overlay("own", "own", 25, made.chart, lambda canvas, scene: []))
    yield made
    registry._KNOWN.pop("own")


def test_an_overlay_with_a_chart_alone__is_drawn_for_each_view(calls: Calls) -> None:
    scene = Scene(Market(), Market.price_range)
    draw = registry.overlays()["own"].for_engine(scene)
    view = whole(Market())
    for seen in (view, view._replace(width=300, height=200), view._replace(end=view.begin + 2 * SECOND)):
        line, across = draw(seen)
        assert isinstance(line, Line)
        assert isinstance(across, Segments)
        expected = Steps(NS, PRICES).between(seen.begin, seen.end, seen.width)
        np.testing.assert_array_equal(line.x, expected.time)
        np.testing.assert_array_equal(line.y, expected.price)
        assert (line.colour, line.steps) == ((255, 0, 255), True)
        assert across.x1.tolist() == [seen.end]
        assert calls.views[-1] == (*seen[:5], None)
    assert calls.charts == 1  # made once, then asked for each view


def test_an_overlay_with_a_chart_alone__is_drawn_within_the_session_and_up_to_the_play(calls: Calls) -> None:
    scene, view = Scene(Market(), Market.price_range), whole(Market())
    draw = registry.overlays()["own"].for_engine(scene)
    far = view._replace(begin=view.begin - SECOND, end=view.end + SECOND, until=5)
    draw(far)
    assert calls.views[-1] == (view.begin, view.end, *view[2:5], 5)
    draw(far._replace(until=6))
    assert calls.views[-1][-1] == 6  # though no stream has changed


def test_an_overlay_of_ranges_of_its_own__follows_the_view() -> None:
    def chart(scene: Scene) -> Any:
        def draw(x_range: Any, y_range: Any) -> Any:
            return hv.Curve((np.array(x_range), list(y_range)), *KDIMS)

        return hv.DynamicMap(draw, streams=[RangeXY()])

    overlay = Overlay("own", "own", 25, chart, lambda canvas, scene: [])
    (line,) = overlay.on_engine(Scene(Market(), Market.price_range), VIEW)
    assert isinstance(line, Line)
    assert line.x.tolist() == [VIEW.begin, VIEW.end]
    assert tuple(line.y) == VIEW.prices


def test_an_overlay_with_shapes__is_asked_for_these(calls: Calls) -> None:
    own = Line(NS, PRICES, (1, 2, 3))
    seen: list[Any] = []

    def shapes(scene: Scene, view: View) -> list[Shape]:
        seen.append((scene, view))
        return [own]

    overlay = replace(registry.overlays()["own"], shapes=shapes)
    scene = Scene(Market(), Market.price_range)
    assert overlay.on_engine(scene, VIEW) == [own]
    assert seen == [(scene, VIEW)]
    assert calls.charts == 0
    assert replace(overlay, shapes=lambda scene, view: own).on_engine(scene, VIEW) == [own]


INDEX = np.array([0, 0, 0, 1])
WRONG: list[tuple[Any, str]] = [
    (
        None,
        r"shapes: expected a list of shapes \(Line, Segments, Boxes, Discs, Words, Pixels\), got NoneType",
    ),
    (["x"], "expected a list of shapes"),
    (Line(NS, PRICES[:2], (0, 0, 0)), "Line: expected columns of one length, got x 4, y 2"),
    (Line(NS, PRICES[None], (0, 0, 0)), "Line: expected columns of one length, got x 4, y of another shape"),
    (Words(NS, PRICES, ("a",), (0, 0, 0)), "Words: expected columns of one length, got x 4, y 4, text 1"),
    (Words(NS, PRICES, ("a",) * 4, (0, 0, 0), "middle"), "align to be one of"),
    (
        Segments(NS, PRICES, NS, PRICES, INDEX, ((0, 0, 0),)),
        "Segments: expected colour to be whole numbers from 0 to below 1, places in its colours, got 0 to 1",
    ),
    (Segments(NS, PRICES, NS, PRICES, PRICES, ((0, 0, 0),)), "whole numbers .* got float64"),
    (
        Segments(NS, PRICES, NS, PRICES, INDEX, ((0, 0, 0),) * 257),
        "Segments: expected at most 256 colours, got 257",
    ),
    (Pixels(np.zeros((2, 2, 3), np.uint8), (0, 1), (0, 1)), r"an image \(height, width, 4\) of uint8, got"),
]


@pytest.mark.parametrize(("found", "words"), WRONG)
def test_shapes_that_cannot_be_drawn__are_refused(found: Any, words: str) -> None:
    overlay = Overlay("own", "own", 25, "x:y", "x:y", shapes=lambda scene, view: found)
    with pytest.raises(GridError, match=f"^overlay 'own': .*{words}"):
        overlay.on_engine(Scene(Market(), Market.price_range), VIEW)


def test_a_chart_that_cannot_be_drawn__names_its_overlay() -> None:
    overlay = Overlay("own", "own", 25, lambda scene: hv.Area((TIMES, PRICES)), "x:y")
    with pytest.raises(GridError, match=r"^overlay 'own': expected Curve, .* got Area"):
        overlay.on_engine(Scene(Market(), Market.price_range), VIEW)
    grid = hv.DynamicMap(lambda k: hv.Curve((TIMES, PRICES), *KDIMS), kdims=["k"])
    overlay = replace(overlay, chart=lambda scene: grid)
    with pytest.raises(
        GridError, match=r"^overlay 'own': expected a DynamicMap that follows the view alone, got one of k"
    ):
        overlay.on_engine(Scene(Market(), Market.price_range), VIEW)
