"""The ribbon of trust: the page's script and Python show the same of the same stretches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.browser import page
from liqmap.browser.rules import rules
from liqmap.render.frames.palettes import THEMES
from liqmap.render.marks.overlays.trust import Ribbon, legend_of, told
from liqmap.schema.trust import TRUST
from tests.browser.engine import call

NAMES = ("state", "levels", "beyond", "doubted")

PLOT = """
const plot = {left: 4, bottom: 100, width: WIDTH, times: [BEGIN, END],
  x: t => 4 + (t - BEGIN) / (END - BEGIN) * WIDTH, time: x => BEGIN + (x - 4) / WIDTH * (END - BEGIN)}
const rects = [], ctx = {fillStyle: "", fillRect(...box) { rects.push([this.fillStyle, ...box]) }}
const colours = Object.fromEntries(["sell", "muted", "accent", "buy", "background"].map(name => [name, name]))
const scene = {plot, colours, until: UNTIL, data: {trust: stretches}}
const layer = trust.make(), drawn = layer.draw(ctx, scene)
"""


def drawn(ribbon: Ribbon, view: tuple[int, int], width: int, more: str, until: int | None = None) -> Any:
    """What a script finds after the mark has drawn a ribbon."""
    text = PLOT.replace("BEGIN", str(view[0])).replace("END", str(view[1])).replace("WIDTH", str(width))
    text = text.replace("UNTIL", "null" if until is None else str(until))
    return call(
        f"stretches => {{ {text} return {more} }}", {k: v.tolist() for k, v in ribbon._asdict().items()}
    )


@st.composite
def st_ribbons(draw: st.DrawFn) -> Ribbon:
    steps = draw(st.lists(st.integers(1, 9), min_size=1, max_size=12))
    edges = np.cumsum([draw(st.integers(0, 20)), *steps])
    said = [
        [
            draw(st.integers(0, 3)),
            draw(st.sampled_from([0, 10, 25])),
            draw(st.integers(0, 3)),
            draw(st.integers(0, 1)),
        ]
        for _ in steps
    ]
    return Ribbon(edges[:-1], edges[1:], *np.array(said).T)


def worst(ribbon: Ribbon, begin: float, end: float) -> tuple[int, ...] | None:
    """The least trusted of a time, by the rule."""
    every = zip(*(getattr(ribbon, n).tolist() for n in ("start", "end", *NAMES)))
    there = [said for a, b, *said in every if a < end and b > begin]
    return tuple(min(there, key=lambda s: (s[0], s[2], -s[3], s[1] or 10**6))) if there else None


@given(ribbon=st_ribbons(), begin=st.integers(0, 60), width=st.integers(1, 30), scale=st.integers(1, 5))
def test_ribbon__shows_the_least_trusted_of_each_pixel_here_and_there(
    ribbon: Ribbon, begin: int, width: int, scale: int
) -> None:
    end = begin + width * scale  # of pixels that are whole ns
    wanted = [worst(ribbon, begin + k * scale, begin + (k + 1) * scale) for k in range(width)]
    shown = ribbon.between(begin, end, width)
    pixels: list[tuple[int, ...] | None] = [None] * width
    for a, b, *said in zip(*(getattr(shown, n).tolist() for n in ("start", "end", *NAMES))):
        for k in range((a - begin) // scale, -((begin - b) // scale)):
            pixels[k] = tuple(said)
    assert pixels == wanted
    assert (shown.start[1:] == shown.end[:-1]).all()
    bars = drawn(ribbon, (begin, end), width, "drawn.bars")
    pixels = [None] * width
    for bar in bars:
        for k in range(bar["left"], bar["right"]):
            pixels[k] = tuple(int(getattr(ribbon, n)[bar["of"]]) for n in NAMES)
    assert pixels == wanted
    assert len(bars) == len(shown.start)


RIBBON = Ribbon(
    *np.array([[0, 10, 20, 30], [10, 20, 30, 40], [3, 3, 0, 2], [10, 10, 0, 0], [1, 1, 0, 2], [0, 1, 0, 0]])
)


def test_ribbon__has_one_colour_for_the_best_levels_and_a_hair_for_those_beyond() -> None:
    rule = rules()["TRUST"]
    height, hair = rule["height"], rule["hair"]
    found = drawn(RIBBON, (0, 40), 40, "rects")
    assert [box for box in found if box[0] != "background"] == [
        ["buy", 4, 100 - height, 10, height], ["muted", 4, 100 - height - hair, 10, hair],
        ["buy", 14, 100 - height, 10, height], ["sell", 14, 100 - height - hair, 10, hair],
        ["sell", 24, 100 - height, 10, height], ["sell", 24, 100 - height - hair, 10, hair],
        ["accent", 34, 100 - height, 10, height], ["accent", 34, 100 - height - hair, 10, hair],
    ]  # fmt: skip
    played = drawn(RIBBON, (0, 40), 40, "rects", until=15)
    assert max(box[1] + box[3] for box in played) == 19  # nothing later is known


@pytest.mark.parametrize("part", [slice(0, 4), slice(0, 2), slice(2, 3)])
def test_legend__and_readout_say_what_python_says(part: slice) -> None:
    some = Ribbon(*(column[part] for column in RIBBON))
    legend = drawn(some, (0, 40), 40, "layer.legend(drawn)")
    entries = legend_of(some, THEMES["dark"])
    assert [(one["word"], one["line"]) for one in legend] == [(e.word, e.line) for e in entries]
    assert [getattr(THEMES["dark"], one["colour"]) for one in legend] == [e.colour for e in entries]
    for k in range(len(some.start)):
        x = 4 + int(some.start[k]) + 5
        lines = drawn(some, (0, 40), 40, f"layer.readout(drawn, scene, [{x}, 97])")
        best, beyond, _ = told(*(int(getattr(some, n)[k]) for n in NAMES))
        assert lines[0]["words"] == best
        if some.levels[k]:
            assert lines[1]["words"].startswith(f"beyond: {beyond}")
            assert ("wrong beyond" in lines[1]["words"]) == bool(some.doubted[k])
    assert drawn(some, (0, 40), 40, "layer.readout(drawn, scene, [5, 50])") is None


def test_page__has_it_of_sessions_that_tell_and_not_too_much() -> None:
    class Told:
        def trust(self) -> Any:
            from liqmap.analytics.quality.trust import Stretches, Trust

            edges = np.arange(0, 9_001, dtype=np.int64) * 10**6
            state = np.arange(9_000) % 4
            zeros = np.zeros(9_000, np.int64)
            stretches = Stretches(edges[:-1], edges[1:], state, zeros, state, zeros > 0)
            return Trust(stretches, zeros).frame()

    found = page._trust(Told(), 0, 9_000 * 10**6, 0)  # type: ignore[arg-type]
    assert found is not None
    assert 1 <= len(found["start"]) <= page.MOST_STRETCHES
    assert set(found["state"]) == {TRUST.index("gap")}  # each part has one
    assert page._trust(object(), 0, 9, 0) is None  # type: ignore[arg-type]
