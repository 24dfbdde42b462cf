// The pixels of a frame.

import {CARRIED, OBSERVED} from "../rules.js"
import {frontAt} from "./front.js"
import {shadeAt, shadesOf} from "./shades.js"

/** @typedef {import("../raster/frame.js").Frame} Frame */
/** @typedef {import("./scale.js").Scale} Scale */
/** @typedef {import("./front.js").Shown & {palette: import("./ramp.js").Colours}} Look */

/**
 * RGBA, red lowest, the highest price first; and how many cells show what is observed and what is carried, as
 * liqmap.render.frames.front.count_lit has it.
 * @param {Frame} frame
 * @param {Scale} scale
 * @param {Look} choice
 * @returns {{pixels: Uint32Array, lit: [number, number]}}
 */
export function shade(frame, scale, choice) {
  const {columns: {count: T}, rows, cells, ticks} = frame, P = rows.length - 1
  const {shown, palette, carried, carriedShown, minSize} = choice
  const pixels = new Uint32Array(P * T), counts = new Int32Array(3), hidden = carriedShown == "hide" || carried == 0 ? CARRIED : -1
  const shades = shadesOf(scale, ticks, minSize)
  const colours = palette.sides.map((lit, s) => [null, lit, palette.carried[s]])
  const sizes = cells.map(({liquidity}) => liquidity), [bidSizes, askSizes] = sizes
  const [bidBits, askBits] = sizes.map(({buffer}) => new Int32Array(buffer))
  const [bids, asks] = cells.map(({state}) => state), [showBids, showAsks] = shown
  for (let r = 0; r < P; r++) {
    for (let c = 0, at = r * T, to = (P - 1 - r) * T; c < T; c++, at++, to++) {
      const bid = bids[at], ask = asks[at]
      if (bid + ask == 0) continue
      const b = bid && bid != hidden && showBids && bidBits[at] ? shadeAt(shades, bidBits[at], bidSizes[at]) : 0
      const a = ask && ask != hidden && showAsks && askBits[at] ? shadeAt(shades, askBits[at], askSizes[at]) : 0
      if (a == 0 && b == 0) {
        if (bid && ask && bid != hidden && ask != hidden) pixels[to] = palette.empty
        continue
      }
      const s = a == 0 ? 0 : b == 0 ? 1 : frontAt(frame, at, scale, choice)
      const state = s == 0 ? bid : ask
      counts[state]++
      pixels[to] = colours[s][state][(s == 0 ? b : a) - 1]
    }
  }
  return {pixels, lit: [counts[OBSERVED], counts[CARRIED]]}
}
