"""The page's scripts without a browser, in an engine for JavaScript."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
from py_mini_racer import MiniRacer

from liqmap.browser.page import SCRIPT, WORKER, _asset
from liqmap.browser.rules import RULES
from liqmap.browser.themes import themes
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.look import Look

GLUE = """
function frameOf({agg, rows, count, liquidity, state}) {
  const numbers = some => Float32Array.from(some, value => value ?? NaN)
  const cells = [0, 1].map(s => ({liquidity: numbers(liquidity[s]), state: Uint8Array.from(state[s])}))
  return {agg, rows, columns: {count}, cells}
}
function choiceOf({theme, ...look}) {
  const {background, empty, opacity, palettes} = theme, {sides, tones} = palettes[look.palette]
  const lit = sides.map(stops => rampOf(stops, opacity))
  const carried = look.carriedShown == "outline" ? tones.map(stops => rampOf(stops, opacity))
    : lit.map(side => faint(side, background, look.carried))
  return {...look, palette: {sides: lit, carried, empty}}
}
function told({low, high, curve, ...scale}, sizes) {
  return {low, high, curve, places: sizes.map(scale.place), ends: [0, 0.25, 0.5, 1].map(scale.size)}
}
function picture(cells, sizes, look) {
  const frame = frameOf(cells), choice = choiceOf(look), ticks = ticksOf(frame)
  const own = look.stable ? sizes.map(Math.fround) : frameSizes(frame), scale = scaleBetween(own, choice)
  const pixels = shade(frame, scale, choice), share = shareOf(frame, scale, choice)
  const fronts = [...frame.cells[0].state.keys()].map(at => frontAt(frame, at, ticks, scale, choice))
  return {pixels: [...pixels], share, fronts, sizes: own, scale: told(scale, own)}
}
"""


@cache
def engine() -> MiniRacer:
    """One for all: the worker's scripts, and what takes their arguments from JSON."""
    made = MiniRacer()
    scripts = "\n".join(_asset(f"{name}.js") for name in WORKER if name != "worker")
    made.eval(f"const RULES = {json.dumps(RULES)}\n{scripts}\n{GLUE}")
    return made


def call(name: str, *arguments: Any) -> Any:
    """What a function of the scripts answers."""
    said = ", ".join(json.dumps(argument) for argument in arguments)
    return json.loads(engine().eval(f"JSON.stringify(({name})({said}))"))


PAGE_GLUE = """
let meta = null, tick = 1, places = 0, baseSeconds = 0, choice = null
const document = {createElement: () => ({})}
function on(page, name, ...given) {
  ;({meta, tick, places, baseSeconds, choice} = page)
  return eval(name)(...given)
}
"""
WITH_CANVAS = ("draw", "view", "touch", "sizes", "main")
"""Scripts that do nothing without a page around them."""


@cache
def page_engine() -> MiniRacer:
    """The scripts beside the worker, as far as they draw nothing."""
    made = MiniRacer()
    scripts = "\n".join(_asset(f"{name}.js") for name in SCRIPT if name not in WITH_CANVAS)
    made.eval(f"const RULES = {json.dumps(RULES)}\n{PAGE_GLUE}\n{scripts}")
    return made


def call_page(name: str, *arguments: Any, page: dict[str, Any] | None = None) -> Any:
    """What a function of the page answers; ``page``: `meta`, `tick`, `places`, `baseSeconds`, `choice`."""
    known = {"meta": None, "tick": 1, "places": 0, "baseSeconds": 0, "choice": None} | (page or {})
    said = ", ".join(json.dumps(argument) for argument in (known, name, *arguments))
    return json.loads(page_engine().eval(f"JSON.stringify(on({said}) ?? null)"))


def cells_of(frame: Frame) -> dict[str, Any]:
    """A frame as `frameOf` takes it."""
    sizes = [[None if np.isnan(v) else float(v) for v in side.ravel()] for side in frame.liquidity]
    state = [side.ravel().tolist() for side in frame.state]
    rows, count = frame.rows.tolist(), len(frame.times) - 1
    return {"agg": frame.agg, "rows": rows, "count": count, "liquidity": sizes, "state": state}


def look_of(look: Look, stable: bool = True) -> dict[str, Any]:
    """A look as the page chooses it."""
    return {
        "cutoffs": look.cutoffs, "limits": look.limits, "scaling": look.scaling, "carried": look.carried,
        "carriedShown": look.carried_shown, "minSize": look.min_size, "palette": look.palette,
        "shown": [look.bids, look.asks], "stable": stable, "theme": themes(look)[look.colours.name],
    }  # fmt: skip
