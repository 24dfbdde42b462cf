"""The engine's modules without a browser, in V8."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
from py_mini_racer import MiniRacer

from liqmap.browser.bundle import Module, bundle
from liqmap.browser.sources import PAGE, WORKER, names, source
from liqmap.browser.themes import themes
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.look import Look

GLUE = """
function frameOf({agg, rows, count, liquidity, state}) {
  const numbers = some => Float32Array.from(some, value => value ?? NaN)
  const cells = [0, 1].map(s => ({liquidity: numbers(liquidity[s]), state: Uint8Array.from(state[s])}))
  return {agg, rows, columns: {count}, ticks: agg == "peak" ? 1 : rows[1] - rows[0], cells}
}
function choiceOf({theme, ...look}) {
  return {...look, palette: coloursOf(theme, look)}
}
function told({low, high, curve, ...scale}, sizes) {
  return {low, high, curve, places: sizes.map(scale.place), ends: [0, 0.25, 0.5, 1].map(scale.size)}
}
function picture(cells, sizes, look) {
  const frame = frameOf(cells), choice = choiceOf(look)
  const own = look.stable ? sizes.map(Math.fround) : frameSizes(frame), scale = scaleBetween(own, choice)
  const {pixels, lit} = shade(frame, scale, choice), share = shareOf(frame, scale, choice)
  const fronts = [...frame.cells[0].state.keys()].map(at => frontAt(frame, at, scale, choice))
  return {pixels: [...pixels], lit, share, fronts, sizes: own, scale: told(scale, own)}
}
"""


HOSTED = (
    WORKER,
    PAGE,
    "chart/chart.js",
    "host/address.js",
    "host/connection.js",
    "host/panel.js",
    "host/stage.js",
)
"""Modules that need a browser around them."""


@cache
def engine() -> MiniRacer:
    """One for all: what the modules export, and what takes their arguments from JSON."""
    made = MiniRacer()
    exports = {n: ", ".join(Module.of(n, source(n)).exports) for n in names() if n not in HOSTED}
    imports = "".join(f'import {{{found}}} from "./{name}"\n' for name, found in exports.items() if found)
    every = f"{imports}Object.assign(globalThis, {{{', '.join(filter(None, exports.values()))}}})"
    made.eval(bundle("every.js", lambda name: every if name == "every.js" else source(name)))
    made.eval(GLUE)
    return made


def call(name: str, *arguments: Any) -> Any:
    """What a function of the engine answers."""
    said = ", ".join(json.dumps(argument) for argument in arguments)
    return json.loads(engine().eval(f"JSON.stringify(({name})({said}) ?? null)"))


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
        "carriedShown": look.carried_shown, "minSize": look.min_size,
        "opacity": look.opacity, "palette": look.palette,
        "shown": [look.bids, look.asks], "stable": stable, "theme": themes(look)[look.colours.name],
    }  # fmt: skip
