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
  const pixels = new Uint32Array(P * T), hidden = carriedShown == "hide" || carried == 0 ? CARRIED : -1
  const shades = shadesOf(scale, ticks, minSize)
  const [[bidsLit, asksLit], [bidsFaint, asksFaint]] = [palette.sides, palette.carried], {empty} = palette
  const sizes = cells.map(({liquidity}) => liquidity), [bidSizes, askSizes] = sizes
  const [bidBits, askBits] = sizes.map(({buffer}) => new Int32Array(buffer))
  const [bids, asks] = cells.map(({state}) => state), [showBids, showAsks] = shown
  let seen = 0, faint = 0
  for (let r = 0; r < P; r++) {
    for (let c = 0, at = r * T, to = (P - 1 - r) * T; c < T; c++, at++, to++) {
      const bid = bids[at], ask = asks[at]
      if ((bid | ask) == 0) continue
      let b = 0, a = 0
      if (bid != 0 && bid != hidden && showBids && bidBits[at] != 0) b = shadeAt(shades, bidBits[at], bidSizes[at])
      if (ask != 0 && ask != hidden && showAsks && askBits[at] != 0) a = shadeAt(shades, askBits[at], askSizes[at])
      if ((a | b) == 0) {
        if (bid != 0 && ask != 0 && bid != hidden && ask != hidden) pixels[to] = empty
        continue
      }
      const isBid = a == 0 || (b != 0 && frontAt(frame, at, scale, choice) == 0)
      if ((isBid ? bid : ask) == OBSERVED) {
        seen++
        pixels[to] = isBid ? bidsLit[b - 1] : asksLit[a - 1]
      } else {
        faint++
        pixels[to] = isBid ? bidsFaint[b - 1] : asksFaint[a - 1]
      }
    }
  }
  return {pixels, lit: [seen, faint]}
}
