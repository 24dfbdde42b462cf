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
 * @typedef {{pixels: Uint32Array, lit: [number, number]}} Shaded
 *
 * @typedef {{frame: Frame, key: string, palette: Uint32Array[], rest: Shaded}} Before
 */

/** Shades frames; of one that is drawn again, in the same colours, only what may have changed. */
export class Shader {
  /** What all but the spots of a frame look like. @type {Before | null} */
  #before = null

  /** @param {Frame} frame @param {Scale} scale @param {Look} choice @returns {Shaded} */
  shade(frame, scale, choice) {
    const {shown, carried, carriedShown, minSize, palette} = choice, {low, high, scaling, curve} = scale, {spots} = frame
    if (this.#before?.frame != frame) this.#before = null  // it would keep all cells of a view that is gone
    if (!spots) return shade(frame, scale, choice)
    const key = [low, high, scaling, curve, shown, carried, carriedShown, minSize, palette.empty].join()
    const colours = [...palette.sides, ...palette.carried], before = this.#before
    const isSame = before?.key == key && before.palette.every((own, k) => isEqual(own, colours[k]))
    if (!isSame) {
      const whole = shade(frame, scale, choice), some = shadeCells(frame, scale, choice, whole.pixels, spots)
      const rest = {pixels: whole.pixels.slice(), lit: /** @type {[number, number]} */ (whole.lit.map((n, k) => n - some[k]))}
      this.#before = {frame, key, palette: colours, rest}
      return whole
    }
    const {rest} = before, pixels = rest.pixels.slice(), [seen, faint] = shadeCells(frame, scale, choice, pixels, spots)
    return {pixels, lit: [rest.lit[0] + seen, rest.lit[1] + faint]}
  }
}

/** @param {Uint32Array} some @param {Uint32Array} others */
function isEqual(some, others) {
  return some.length == others.length && some.every((colour, k) => colour == others[k])
}

/** @param {Frame} frame @param {Scale} scale @param {Look} choice @returns {Shaded} */
export function shade(frame, scale, choice) {
  const pixels = new Uint32Array((frame.rows.length - 1) * frame.columns.count)
  return {pixels, lit: shadeCells(frame, scale, choice, pixels, null)}
}

/**
 * Writes the pixels of some cells, or of all; gives how many of them are lit.
 * @param {Frame} frame
 * @param {Scale} scale
 * @param {Look} choice
 * @param {Uint32Array} pixels
 * @param {import("../raster/spots.js").Spots | null} spots
 * @returns {[number, number]}
 */
function shadeCells(frame, scale, choice, pixels, spots) {
  const {columns: {count: T}, rows, cells, ticks} = frame, P = rows.length - 1
  const {shown, palette, carried, carriedShown, minSize} = choice
  const every = Int32Array.from({length: T}, (_, c) => c), hidden = carriedShown == "hide" || carried == 0 ? CARRIED : -1
  const shades = shadesOf(scale, ticks, minSize)
  const [[bidsLit, asksLit], [bidsFaint, asksFaint]] = [palette.sides, palette.carried], {empty} = palette
  const sizes = cells.map(({liquidity}) => liquidity), [bidSizes, askSizes] = sizes
  const [bidBits, askBits] = sizes.map(({buffer}) => new Int32Array(buffer))
  const [bids, asks] = cells.map(({state}) => state), [showBids, showAsks] = shown
  let seen = 0, faint = 0
  for (let r = 0; r < P; r++) {
    const some = spots ? spots.column.subarray(spots.first[r], spots.first[r + 1]) : every
    for (let n = 0; n < some.length; n++) {
      const at = r * T + some[n], to = (P - 1 - r) * T + some[n], bid = bids[at], ask = asks[at]
      let b = 0, a = 0
      if (bid != 0 && bid != hidden && showBids && bidBits[at] != 0) b = shadeAt(shades, bidBits[at], bidSizes[at])
      if (ask != 0 && ask != hidden && showAsks && askBits[at] != 0) a = shadeAt(shades, askBits[at], askSizes[at])
      if ((a | b) == 0) {
        pixels[to] = bid != 0 && ask != 0 && bid != hidden && ask != hidden ? empty : 0
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
  return [seen, faint]
}
