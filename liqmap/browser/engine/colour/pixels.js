// The pixels of a frame.

import {CARRIED, OBSERVED} from "../rules.js"
import {frontAt} from "./front.js"
import {signed} from "./ramp.js"
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
  const sizes = cells.map(({liquidity}) => liquidity)
  const every = Int32Array.from({length: T}, (_, c) => c), kept = {
    frame, scale, choice, shades: shadesOf(scale, ticks, minSize),
    hidden: carriedShown == "hide" || carried == 0 ? CARRIED : -1, showBids: shown[0], showAsks: shown[1],
    bids: cells[0].state, asks: cells[1].state, bidSizes: sizes[0], askSizes: sizes[1],
    bidBits: new Int32Array(sizes[0].buffer), askBits: new Int32Array(sizes[1].buffer),
    lit: palette.sides.map(signed), faint: palette.carried.map(signed), empty: palette.empty | 0,
    out: signed(pixels), counts: new Int32Array(2),
  }
  for (let r = 0; r < P; r++) {
    const some = spots ? spots.column.subarray(spots.first[r], spots.first[r + 1]) : every
    shadeRow(kept, some, r * T, (P - 1 - r) * T)
  }
  return /** @type {[number, number]} */ ([...kept.counts])
}

/** A function of its own: V8 makes quick code of what is called often, and gives up that of the loops within loops. */
function shadeRow(kept, columns, from, to) {
  const {frame, scale, choice, shades, hidden, showBids, showAsks, bids, asks, bidSizes, askSizes, bidBits, askBits} = kept
  const {lit: [bidsLit, asksLit], faint: [bidsFaint, asksFaint], empty, out, counts} = kept
  let seen = 0, faint = 0
  for (let n = 0; n < columns.length; n++) {
    const at = from + columns[n], pixel = to + columns[n], bid = bids[at], ask = asks[at]
    let b = 0, a = 0
    if (bid != 0 && bid != hidden && showBids && bidBits[at] != 0) b = shadeAt(shades, bidBits[at], bidSizes[at])
    if (ask != 0 && ask != hidden && showAsks && askBits[at] != 0) a = shadeAt(shades, askBits[at], askSizes[at])
    if ((a | b) == 0) {
      out[pixel] = bid != 0 && ask != 0 && bid != hidden && ask != hidden ? empty : 0
      continue
    }
    const isBid = a == 0 || (b != 0 && frontAt(frame, at, scale, choice) == 0)
    if ((isBid ? bid : ask) == OBSERVED) {
      seen++
      out[pixel] = isBid ? bidsLit[b - 1] : asksLit[a - 1]
    } else {
      faint++
      out[pixel] = isBid ? bidsFaint[b - 1] : asksFaint[a - 1]
    }
  }
  counts[0] += seen
  counts[1] += faint
}
