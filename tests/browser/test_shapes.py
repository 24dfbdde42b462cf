"""Shapes as they arrive, where they lie, and what lies under a point."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from py_mini_racer import JSEvalException

from tests.browser.engine import call

LINE = {"kind": "line", "x": [1, 2, 3], "y": [10, None, 30], "colour": "rgb(1 2 3)"}
BOXES = {
    "kind": "boxes", "x0": [0, 5], "y0": [0, 0], "x1": [4, 9], "y1": [3, 6], "colour": [1, 0],
    "colours": ["red", "blue"],
}  # fmt: skip
DISCS = {
    "kind": "discs", "x": [20, 22], "y": [20, 20], "radius": [9, 4], "face": [0, 1], "rim": [1, 1],
    "colours": ["red", "blue"], "alpha": 0.5, "width": 1,
}  # fmt: skip
SEGMENTS = {
    "kind": "segments", "x0": [0], "y0": [0], "x1": [4], "y1": [3],
    "colour": [0], "colours": ["red"],
}  # fmt: skip
WORDS = {"kind": "words", "x": [1], "y": [2], "text": ["here"], "colour": "red", "align": "centre"}
PIXELS = {"kind": "pixels", "image": [0] * 24, "width": 3, "height": 2, "bounds": [0, 1, 2, 3]}
EVERY = [LINE, SEGMENTS, BOXES, DISCS, PIXELS, WORDS]
AXIS = {"low": 0, "high": 5, "label": "size, BTC"}

WIRED = """
const BYTES = ["colour", "face", "rim", "image"]
function buffer(numbers, isByte, how) {
  const doubles = () => new Uint8Array(Float64Array.from(numbers, v => v ?? NaN).buffer)
  const made = isByte ? Uint8Array.from(numbers) : doubles()
  if (how == "buffer") return made.buffer
  const shift = how == "unaligned" ? 3 : 8, room = new Uint8Array(made.length + shift)
  room.set(made, shift)
  return how == "data view" ? new DataView(room.buffer, shift) : room.subarray(shift)
}
function wired(given, how) {
  const packed = Object.entries(given).map(([name, value]) => {
    const isColumn = Array.isArray(value) && value.every(v => v === null || typeof v == "number")
    return [name, isColumn && name != "bounds" ? buffer(value, BYTES.includes(name), how) : value]
  })
  return Object.fromEntries(packed)
}
function plain(value) {
  if (ArrayBuffer.isView(value)) return [value.constructor.name, ...value]
  if (Array.isArray(value)) return value.map(plain)
  if (!value || typeof value != "object") return value
  return Object.fromEntries(Object.entries(value).map(([name, some]) => [name, plain(some)]))
}
"""
DECODED = f"(shapes, how) => {{{WIRED} return plain(decodeShapes(shapes.map(shape => wired(shape, how))))}}"
PANEL = f"""(panel, told) => {{{WIRED}
  const shapes = panel.shapes.map(shape => wired(shape, "buffer"))
  return plain(decodePanel({{...panel, shapes, told: told && wired(told, "buffer")}}))
}}"""
HIT = f"""(shapes, point, at) => {{{WIRED}
  const known = decodeShapes(shapes.map(shape => wired(shape, "buffer")))
  const plot = {{x: v => v, y: v => v, left: 0, top: 0, right: 100, bottom: 100}}
  const found = hitOf(known, {{...plot, ...at}}, point)
  return found && [known.indexOf(found.shape), found.item, rowsOf(found.shape.told, found.item)]
}}"""


@pytest.mark.parametrize("how", ["buffer", "unaligned", "bytes", "data view"])
def test_shapes__arrive_in_any_kind_of_buffer(how: str) -> None:
    line, segments, boxes, discs, pixels, words = call(DECODED, EVERY, how)
    assert line == {
        "kind": "line", "x": ["Float64Array", 1, 2, 3], "y": ["Float64Array", 10, None, 30],
        "colour": "rgb(1 2 3)", "width": 1.2, "steps": False, "second": False,
    }  # fmt: skip
    assert segments["x1"] == ["Float64Array", 4]
    assert (boxes["colour"], boxes["alpha"], boxes["rim"]) == (["Uint8Array", 1, 0], 1, 0)
    assert (discs["radius"], discs["rim"]) == (["Float64Array", 9, 4], ["Uint8Array", 1, 1])
    assert pixels["image"] == ["Uint8Array", *[0] * 24]
    assert words == {"kind": "words", "x": ["Float64Array", 1], "y": ["Float64Array", 2], "colour": "red",
                     "text": ["here"], "align": "centre", "ground": None, "small": False}  # fmt: skip


def words_of(*words: list[str]) -> dict[str, Any]:
    return {**BOXES, "told": {"names": ["side"], "words": list(words)}}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a kind that there is not": ({"kind": "arrows"}, "shape 0: expected a kind of .* pixels, got arrows"),
    "a name of every object": ({"kind": "toString"}, "got toString"),
    "columns of two lengths": ({**LINE, "y": [1]}, r"shape 0 \(line\): y: expected 3 numbers, got 1"),
    "no bytes": ({**LINE, "x": "1, 2"}, "x: expected bytes, got string"),
    "a column that is missing": ({**LINE, "y": None}, "y: expected bytes, got null"),
    "no colours": ({**BOXES, "colours": None}, "colours: expected a list, got null"),
    "a width in words": ({**LINE, "width": "wide"}, "width: expected a number, got string"),
    "a switch that is a number": ({**LINE, "steps": 1}, "steps: expected a boolean, got number"),
    "a colour that there is not": ({**BOXES, "colour": [0, 2]}, "expected places in 2 colours, got 2"),
    "too few colours": ({**BOXES, "colour": [0]}, "colour: expected 2 bytes, got 1"),
    "a colour as a number": ({**LINE, "colour": 7}, "colour: expected a text, got number"),
    "too many texts": ({**WORDS, "text": ["a", "b"]}, "expected 1 texts, got 2"),
    "words aligned elsewhere": ({**WORDS, "align": "top"}, "left, right, centre, got top"),
    "an image of another size": ({**PIXELS, "width": 4}, "4 x 2 pixels, got 24 bytes"),
    "an image nowhere": ({**PIXELS, "bounds": [0, 1, 2]}, "begin, end, low and high"),
    "words of other items": (words_of(["bid"]), "words of 2 items, got 1"),
    "words of other names": (words_of(["bid"], ["bid", "1"]), "expected 1 words an item, got 2"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_shapes__that_cannot_be_drawn_are_refused(what: str) -> None:
    shape, expected = REFUSED[what]
    with pytest.raises(JSEvalException, match=expected):
        call(DECODED, [shape], "buffer")


def test_shapes__that_are_no_list_are_refused() -> None:
    with pytest.raises(JSEvalException, match="shapes: expected a list, got object"):
        call("decodeShapes", {"kind": "line"})
    with pytest.raises(JSEvalException, match=r"shape 0: expected a kind of .*, got undefined"):
        call("decodeShapes", [None])


def test_shapes__of_half_numbers_are_refused() -> None:
    with pytest.raises(JSEvalException, match="numbers of 8 bytes, got 7 bytes"):
        call("() => decodeShapes([{kind: 'words', x: new ArrayBuffer(7), colour: 'red'}])")


def test_panel__is_its_shapes_axes_and_words() -> None:
    told = {"low": [0, 1], "high": [1, 2], "names": ["price"], "words": [["0"], ["1"]]}
    found = call(PANEL, {"shapes": [BOXES], "axis": AXIS, "second": None, "title": "now"}, told)
    assert (found["axis"], found["second"], found["title"]) == (AXIS, None, "now")
    assert found["told"] == {**told, "low": ["Float64Array", 0, 1], "high": ["Float64Array", 1, 2]}
    assert call(PANEL, {"shapes": [], "axis": AXIS}, None)["told"] is None


@pytest.mark.parametrize(
    ("panel", "told", "expected"),
    [
        ({"shapes": [{**LINE, "second": True}], "axis": AXIS}, None, "second axis, and there is none"),
        ({"shapes": [], "axis": {**AXIS, "high": None}}, None, "axis: expected two numbers, got 0, null"),
        ({"shapes": [], "axis": AXIS}, {"low": [0], "high": [], "names": [], "words": [[]]},
         "bars: high: expected 1 numbers, got 0"),
    ],
)  # fmt: skip
def test_panel__that_cannot_be_drawn_is_refused(panel: Any, told: Any, expected: str) -> None:
    with pytest.raises(JSEvalException, match=expected):
        call(PANEL, panel, told)


RUNS = """(x, y, steps) => {
  const numbers = some => Float64Array.from(some, v => v ?? NaN)
  return runsOf({x: numbers(x), y: numbers(y), steps}, {x: v => v, y: v => 2 * v})
}"""


@pytest.mark.parametrize(
    ("y", "steps", "runs"),
    [
        ([1, 2, 3], False, [[0, 2, 1, 4, 2, 6]]),
        ([1, 2, 3], True, [[0, 2, 1, 2, 1, 4, 2, 4, 2, 6]]),
        ([1, None, 3], False, [[0, 2], [2, 6]]),
        ([1, None, 3], True, [[0, 2, 1, 2], [2, 6]]),  # what held holds until it is unknown
        ([None, 2, None], True, [[1, 4, 2, 4]]),
        ([None, None, None], True, []),
    ],
)  # fmt: skip
def test_line__is_broken_where_nothing_is_known(y: list, steps: bool, runs: list) -> None:
    assert call(RUNS, [0, 1, 2], y, steps) == runs


far = st.floats(-1e9, 1e9)


@given(st.tuples(far, far, far, far))
def test_stretch__is_cut_to_what_lies_within(ends: tuple[float, ...]) -> None:
    box = {"left": -50.0, "top": -20.0, "right": 50.0, "bottom": 20.0}
    found = call("stretchWithin", list(ends), box)
    x0, y0, x1, y1 = ends
    shares = [k / 2000 for k in range(2001)]
    points = [(x0 + s * (x1 - x0), y0 + s * (y1 - y0)) for s in shares]
    inside = [(x, y) for x, y in points if abs(x) <= 50 and abs(y) <= 20]
    event(f"something lies within: {found is not None}")
    if found is None:
        assert not inside
        return
    slack = 1e-6 * (1 + max(map(abs, ends)))
    for x, y in (found[:2], found[2:]):
        assert abs(x) <= 50 + slack
        assert abs(y) <= 20 + slack
        assert abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) <= slack * (1 + math.hypot(x1 - x0, y1 - y0))
    for x, y in inside:
        assert min(found[0], found[2]) - slack <= x <= max(found[0], found[2]) + slack
        assert min(found[1], found[3]) - slack <= y <= max(found[1], found[3]) + slack


PLACE = f"""(boxes, at, ratio) => {{{WIRED}
  const [shape] = decodeShapes([wired(boxes, "buffer")])
  const view = {{x: v => v, y: v => v, left: 0, top: 0, right: 1000, bottom: 1000, ...at}}
  return [...shape.colour.keys()].map(i => boxAt(shape, i, view, ratio))
}}"""


def box(x0: float, y0: float, x1: float, y1: float) -> dict[str, Any]:
    corners = dict(zip(("x0", "y0", "x1", "y1"), ([x0], [y0], [x1], [y1])))
    return {"kind": "boxes", **corners, "colour": [0], "colours": ["red"]}


@given(st.floats(0, 900), st.floats(0, 1e-3), st.sampled_from([1, 1.5, 2]))
def test_box__is_at_least_a_pixel_thick_where_it_is(at: float, thick: float, ratio: float) -> None:
    """As a candle whose price did not move."""
    ((left, top, right, bottom),) = call(PLACE, box(5, at, 20, at + thick), {}, ratio)
    assert (left, right) == pytest.approx((5, 20), abs=0.5)
    assert bottom - top == pytest.approx(round(ratio) / ratio)
    assert abs((top + bottom) / 2 - at) <= 1


@given(st.lists(st.floats(0, 900), min_size=3, max_size=6, unique=True), st.sampled_from([1, 1.25, 2]))
def test_boxes__that_meet_leave_no_seam(edges: list[float], ratio: float) -> None:
    edges = sorted(edges)
    found = [call(PLACE, box(0, a, 9, b), {}, ratio)[0] for a, b in zip(edges, edges[1:])]
    for (_, _, _, bottom), (_, top, _, _) in zip(found, found[1:]):
        assert top - bottom <= 1e-9
        assert round(bottom * ratio, 6) % 1 == 0


def test_bar__of_no_size_is_not_drawn() -> None:
    """A level that is known to be empty has no bar, a candle that did not move has a body."""
    assert call(PLACE, box(0, 3, 0, 9), {"shares": "price"}, 1) == [None]
    assert call(PLACE, box(0, 3, 0.01, 9), {"shares": "price"}, 1) != [None]
    assert call(PLACE, box(3, 0, 9, 0), {"shares": "time"}, 1) == [None]
    assert call(PLACE, box(3, 5, 9, 5), {}, 1) != [None]
    assert call(PLACE, box(0, None, 5, 9), {}, 1) == [None]  # type: ignore[arg-type]


def test_bars__that_are_thick_enough_have_a_gap_between_them() -> None:
    assert call(PLACE, box(1, 10, 9, 20), {"shares": "price"}, 1) == [[1, 10, 9, 19]]
    assert call(PLACE, box(1, 10, 9, 20), {"shares": "price"}, 2) == [[1, 10, 9, 19]]
    assert call(PLACE, box(1, 10, 9, 15), {"shares": "price"}, 1) == [[1, 10, 9, 15]]
    assert call(PLACE, box(1, 10, 9, 20), {"shares": "time"}, 1) == [[1, 10, 8, 20]]
    assert call(PLACE, box(1, 10, 9, 20), {}, 1) == [[1, 10, 9, 20]]


TOLD = {"names": ["side", "size"], "words": [["buy", "1"], ["sell", "2"]]}


@pytest.mark.parametrize(
    ("point", "found"),
    [
        ([22, 20], [1, 1]),  # the later disc over the earlier
        ([14, 20], [1, 0]),
        ([27.5, 20], [1, 1]),  # a hand may be a little off, and the later is above
        ([2, 2], [0, 0]),
        ([4.5, 2], None),  # between two boxes
        ([8, 5], [0, 1]),
        ([50, 50], None),
    ],
)
def test_hit__is_the_topmost(point: list[float], found: list[int] | None) -> None:
    seen = call(HIT, [{**BOXES, "told": TOLD}, {**DISCS, "told": TOLD}, LINE, WORDS], point, {})
    assert (seen and seen[:2]) == found
    if found:
        assert seen[2] == [["side", ["buy", "sell"][found[1]]], ["size", str(found[1] + 1)]]


def test_hit__is_of_shapes_that_tell() -> None:
    assert call(HIT, [{**BOXES, "told": TOLD}, {**BOXES, "x1": [40, 40], "y1": [40, 40]}], [2, 2], {}) == [
        0, 0, [["side", "buy"], ["size", "1"]],
    ]  # fmt: skip
    assert call(HIT, [BOXES, DISCS], [20, 20], {}) is None


MARK = f"""(boxes, point) => {{{WIRED}
  const drawn = [], ctx = new Proxy({{}}, {{set: () => true, get: (_, name) => (...given) => {{
    if (name == "fillRect") drawn.push(given)
    return name == "getTransform" ? {{a: 1}} : {{width: 0}}
  }}}})
  const mark = shapesMark("boxes", 40), layer = mark.make()
  const plot = {{x: v => v, y: v => v, left: 0, top: 0, right: 100, bottom: 100}}
  const shapes = decodeShapes([wired(boxes, "buffer")])
  const scene = {{plot, data: {{shapes: {{boxes: shapes}}}}}}, other = {{plot, data: {{shapes: {{}}}}}}
  return [mark.name, mark.order, mark.needs, layer.draw(ctx, scene), drawn, layer.tell(scene, point),
          layer.draw(ctx, other), layer.tell(other, point), layer.legend(1, scene),
          layer.readout(1, scene, point), layer.readout(1, other, point)]
}}"""


def test_mark__draws_and_tells_what_its_host_gave() -> None:
    name, order, needs, drawn, boxes, told, nothing, untold, legend, readout, unread = call(
        MARK, {**BOXES, "told": TOLD}, [2, 2]
    )
    assert (name, order, needs) == ("boxes", 40, "shapes")
    assert (drawn, boxes) == (1, [[0, 0, 4, 3], [5, 0, 4, 6]])
    assert told == [["side", "buy"], ["size", "1"]]
    assert (nothing, untold, legend) == (0, None, [])
    assert readout == [{"words": "side buy", "colour": "blue"}, {"words": "size 1", "faint": True}]
    assert unread is None
