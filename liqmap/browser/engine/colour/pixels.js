// The pixels of a frame.

import {moved} from "../raster/shifted.js"
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
 * How many cells of each column show what is observed, and after these what is carried.
 * @typedef {Int32Array} Counts
 *
 * @typedef {{frame: Frame, key: string, palette: Uint32Array[], pixels: Uint32Array, counts: Counts}} Before a frame, its
 *   colours, its pixels
 */

/** Shades frames; of one that is drawn again, or has moved, in the same colours, only what may have changed. */
export class Shader {
  /** What all but the spots of a frame look like. @type {Before | null} */
  #before = null
  /** The frame shaded last, as a whole. @type {Before | null} */
  #last = null

  /** @param {Frame} frame @param {Scale} scale @param {Look} choice @returns {Shaded} */
  shade(frame, scale, choice) {
    const {shown, carried, carriedShown, minSize, palette} = choice, {low, high, scaling, curve} = scale
    if (this.#before?.frame != frame) this.#before = null  // it would keep all cells of a view that is gone
    const key = [low, high, scaling, curve, shown, carried, carriedShown, minSize, palette.empty].join()
    const colours = {key, palette: [...palette.sides, ...palette.carried]}, last = this.#last
    this.#last = null
    if (frame.spots) return this.#again(frame, scale, choice, colours)
    const isMoved = last && last.frame == frame.moved?.of && isSame(last, colours)
    const {pixels, counts} = isMoved ? shadeMoved(last, frame, scale, choice) : shadeAll(frame, scale, choice)
    this.#last = {frame, ...colours, pixels, counts}
    return {pixels: pixels.slice(), lit: sums(counts)}
  }

  /** Of a frame whose spots are known. @param {Frame} frame @param {Scale} scale @param {Look} choice @returns {Shaded} */
  #again(frame, scale, choice, colours) {
    const columnsIn = within(frame.spots)
    if (!this.#before || !isSame(this.#before, colours)) {
      const {pixels, counts} = shadeAll(frame, scale, choice), some = shadeCells(frame, scale, choice, pixels, columnsIn)
      this.#before = {frame, ...colours, pixels: pixels.slice(), counts: counts.map((n, k) => n - some[k])}
      return {pixels, lit: sums(counts)}
    }
    const {counts, pixels: before} = this.#before, pixels = before.slice()
    const some = shadeCells(frame, scale, choice, pixels, columnsIn)
    return {pixels, lit: sums(counts.map((n, k) => n + some[k]))}
  }
}

/**
 * The pixels of a frame whose view has moved since they were shaded, which are used up.
 * @param {Before} before
 * @param {Frame} frame
 * @param {Scale} scale
 * @param {Look} choice
 */
function shadeMoved(before, frame, scale, choice) {
  const {shift} = frame.moved, pixels = moved(before.pixels, shift), counts = moved(before.counts, shift)
  const come = columnsWithout(shift.count, shift.from, shift.to), some = shadeCells(frame, scale, choice, pixels, () => come)
  for (const c of come) for (const at of [c, shift.count + c]) counts[at] = some[at]
  return {pixels, counts}
}

/** All of so many columns but some. @param {number} count @param {number} from @param {number} to */
function columnsWithout(count, from, to) {
  return Int32Array.from({length: count - (to - from)}, (_, k) => k < from ? k : k + to - from)
}

/** The columns of spots, by row. @param {import("../raster/spots.js").Spots} spots */
function within({first, column}) {
  return r => column.subarray(first[r], first[r + 1])
}

/** @param {Before} before @param {Pick<Before, "key" | "palette">} colours */
function isSame(before, {key, palette}) {
  return before.key == key && before.palette.every((own, k) => isEqual(own, palette[k]))
}

/** @param {Uint32Array} some @param {Uint32Array} others */
function isEqual(some, others) {
  return some.length == others.length && some.every((colour, k) => colour == others[k])
}

/** @param {Frame} frame @param {Scale} scale @param {Look} choice @returns {Shaded} */
export function shade(frame, scale, choice) {
  const {pixels, counts} = shadeAll(frame, scale, choice)
  return {pixels, lit: sums(counts)}
}

/** @param {Frame} frame @param {Scale} scale @param {Look} choice */
function shadeAll(frame, scale, choice) {
  const pixels = new Uint32Array((frame.rows.length - 1) * frame.columns.count), every = columnsWithout(frame.columns.count, 0, 0)
  return {pixels, counts: shadeCells(frame, scale, choice, pixels, () => every)}
}

/** Of all columns. @param {Counts} counts @returns {[number, number]} */
function sums(counts) {
  const count = counts.length / 2, sum = some => some.reduce((a, b) => a + b, 0)
  return [sum(counts.subarray(0, count)), sum(counts.subarray(count))]
}

/**
 * Writes the pixels of some cells; gives how many of them are lit, by column.
 * @param {Frame} frame
 * @param {Scale} scale
 * @param {Look} choice
 * @param {Uint32Array} pixels
 * @param {(row: number) => Int32Array} columnsIn those of a row
 * @returns {Counts}
 */
function shadeCells(frame, scale, choice, pixels, columnsIn) {
  const {columns: {count: T}, rows, cells, ticks} = frame, P = rows.length - 1
  const {shown, palette, carried, carriedShown, minSize} = choice
  const sizes = cells.map(({liquidity}) => liquidity)
  const kept = {
    frame, scale, choice, shades: shadesOf(scale, ticks, minSize),
    hidden: carriedShown == "hide" || carried == 0 ? CARRIED : -1, showBids: shown[0], showAsks: shown[1],
    bids: cells[0].state, asks: cells[1].state, bidSizes: sizes[0], askSizes: sizes[1],
    bidBits: new Int32Array(sizes[0].buffer), askBits: new Int32Array(sizes[1].buffer),
    lit: palette.sides.map(signed), faint: palette.carried.map(signed), empty: palette.empty | 0,
    out: signed(pixels), counts: new Int32Array(2 * T), count: T,
  }
  for (let r = 0; r < P; r++) {
    shadeRow(kept, columnsIn(r), r * T, (P - 1 - r) * T)
  }
  return kept.counts
}

/** A function of its own: V8 makes quick code of what is called often, and gives up that of the loops within loops. */
function shadeRow(kept, columns, from, to) {
  const {frame, scale, choice, shades, hidden, showBids, showAsks, bids, asks, bidSizes, askSizes, bidBits, askBits} = kept
  const {lit: [bidsLit, asksLit], faint: [bidsFaint, asksFaint], empty, out, counts, count} = kept
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
      counts[columns[n]]++
      out[pixel] = isBid ? bidsLit[b - 1] : asksLit[a - 1]
    } else {
      counts[count + columns[n]]++
      out[pixel] = isBid ? bidsFaint[b - 1] : asksFaint[a - 1]
    }
  }
}
