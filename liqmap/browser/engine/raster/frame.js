// Frames: the cells of a view.

import {finish} from "./ahead.js"
import {carry, rowsWithPieces} from "./carried.js"
import {columnsOf} from "./columns.js"
import {limitsOf, headsUnder} from "./heads.js"
import {observe} from "./observed.js"
import {mix} from "./mixed.js"
import {settle} from "./settled.js"
import {moved, newColumns, putColumns, shiftOf} from "./shifted.js"
import {spotsOf} from "./spots.js"
import {carryOf, isHalfLife} from "./weight.js"

/** @typedef {import("../book/decode.js").Book} Book */
/** @typedef {import("./observed.js").Aggregate} Aggregate */

/**
 * @typedef {object} Frame
 * @property {Aggregate} agg
 * @property {import("./columns.js").Columns} columns
 * @property {Float64Array} rows edges, ticks
 * @property {number} ticks that the liquidity of a row is spread over: a mean is coloured by liquidity per tick, so that
 *   zoom keeps brightness
 * @property {import("./carried.js").Drawn[]} cells of each side
 * @property {import("./spots.js").Spots | null} spots the cells that have changed since it was drawn first, at most; null
 *   while they are not known
 * @property {{of: Frame, shift: import("./shifted.js").Shift} | null} moved what it was before its view moved in time:
 *   all but its new columns are drawn as in that
 */

/** @typedef {{begin: number, end: number, started: Started}} Stretch columns of a frame that are drawn by themselves */

const ANY_HALF_LIFE = /** @type {import("./weight.js").Mixture} */ (carryOf({halfLife: null, prune: null}))

/**
 * Whether a model is a sum of half-lives, or one that goes by class.
 * @param {import("./weight.js").Carry} carrying
 * @returns {carrying is import("./weight.js").Mixture}
 */
function isMixed(carrying) {
  return carrying.kind == "mixture" && !isHalfLife(carrying)
}

/** A frame that is kept for the next half-life, with what does not depend on it. */
class Started {
  /** For every half-life. @type {import("./settled.js").Settled[] | undefined} */
  settled = undefined
  /** For every prune of one mixture. @type {{key: string, sides: import("./mixed.js").Mixed[]} | undefined} */
  mixed = undefined
  /** @type {import("./spots.js").Spots[] | undefined} */
  spots = undefined

  /**
   * @param {Book} book
   * @param {import("./observed.js").Seen[]} sides to draw the observed part from
   * @param {Float64Array} edges
   * @param {Float64Array} rows
   * @param {Aggregate} agg
   * @param {Started | null} [before] of the same rows and aggregate, from which the view may have moved in time, and
   *   what is known may have grown; it is used up
   * @param {boolean} [same] whether it was finished as this will be
   */
  constructor(book, sides, edges, rows, agg, before = null, same = false) {
    const columns = columnsOf(edges), count = columns.count * (rows.length - 1)
    this.book = book
    this.version = book.version
    this.shift = before && shiftOf(before.frame.columns, columns, Math.min(...book.changed.slice(before.version)))
    /** Whether only its new columns are to be finished. */
    this.isMoved = same && this.shift !== null
    /** Its new columns, where it has others from before. @type {Stretch[]} */
    this.fresh = (this.shift ? newColumns(this.shift) : []).map(([begin, end]) => (
      {begin, end, started: new Started(book, sides, edges.subarray(begin, end + 1), rows, agg)}
    ))
    this.observed = sides.map((side, s) => (
      this.shift ? observedMoved(before.observed[s], this.shift, this.fresh, s) : observe(side, agg, columns, rows)
    ))
    const cells = book.sides.map((side, s) => ({
      liquidity: this.isMoved ? moved(before.frame.cells[s].liquidity, this.shift) : new Float32Array(count),
      state: this.isMoved ? moved(before.frame.cells[s].state, this.shift) : new Uint8Array(count),
      changing: rowsWithPieces(side, columns, rows),
    }))
    /** @type {Frame} */
    this.frame = {agg, columns, rows, ticks: agg == "peak" ? 1 : rows[1] - rows[0], cells, spots: null, moved: null}
    if (!this.isMoved) return
    before.frame.moved = null  // else every frame would keep all that were before it
    this.frame.moved = {of: before.frame, shift: this.shift}
  }

  /**
   * The same as `finish`, but for rounding, where the view has moved and nothing else has changed.
   * @param {import("./weight.js").Carrying} chosen
   */
  finishMoved(chosen) {
    const {fresh, frame: {columns: {count}, cells}} = this
    for (const {begin, end, started} of fresh) {
      const some = started.finish(chosen, false).cells
      cells.forEach(({liquidity, state}, s) => {
        putColumns(some[s].liquidity, begin, end, liquidity, count)
        putColumns(some[s].state, begin, end, state, count)
      })
    }
    return this.frame
  }

  /**
   * @param {import("./weight.js").Carrying} chosen
   * @param {boolean} again whether it has been finished before, with others
   */
  finish(chosen, again) {
    const {frame: {agg, columns, rows, cells}, observed, book} = this, carrying = carryOf(chosen)
    const mixed = isMixed(carrying) && carrying.prune > 0 && columns.even ? finish(this.mix(carrying)) : undefined
    for (const s of [0, 1]) {
      const kept = {settled: this.settled?.[s], mixed: mixed?.[s]}
      carry(book.sides[s], agg, columns, rows, carrying, observed[s], cells[s], kept, again, this.spots?.[s])
    }
    return this.frame
  }

  /**
   * Sorts its carried pieces, by the classes of a mixture.
   * @param {import("./weight.js").Mixture} carrying
   */
  * #sorted(carrying) {
    const {book, frame: {agg, columns, rows}} = this, settled = []
    for (const side of book.sides) settled.push(yield* settle(side, agg, columns, rows, carrying, book.version))
    return settled
  }

  /**
   * What is kept of them for a mixture.
   * @param {import("./weight.js").Mixture} carrying
   */
  * mix(carrying) {
    const {agg, columns} = this.frame, {rates, shares, sizes, distances} = carrying, sides = []
    const key = JSON.stringify([rates, shares, sizes, distances])
    if (this.mixed?.key != key) {
      for (const settled of yield* this.#sorted(carrying)) sides.push(yield* mix(settled, agg, columns, carrying))
      this.mixed = {key, sides}
    }
    return this.mixed.sides
  }

  /**
   * Sorts its carried pieces for the next half-life or prune, and finds the cells that they reach.
   * @param {import("./weight.js").Carry} carrying
   */
  * settle(carrying) {
    const settled = isMixed(carrying) ? (yield* this.mix(carrying)).map(side => side.settled) : yield* this.#halfLives()
    if (this.spots) return
    const {sides, both} = yield* spotsOf(settled, this.frame.columns.count)
    if (this.spots) return
    this.spots = sides
    this.frame.spots = both
  }

  * #halfLives() {
    return this.settled ?? (this.settled = yield* this.#sorted(ANY_HALF_LIFE))
  }

  /**
   * The same, and all else that a half-life may need.
   * @param {import("./weight.js").Carry} carrying
   */
  * settleAll(carrying) {
    yield* this.settle(carrying)
    const {agg, columns} = this.frame
    if (agg != "mean" || !this.settled) return
    for (const limit of limitsOf(columns)) {
      for (const {heads} of this.settled) yield* headsUnder(heads, agg, columns, {rate: 1 / limit, prune: Infinity})
    }
  }
}

/**
 * @param {import("./observed.js").Observed} before
 * @param {import("./shifted.js").Shift} shift
 * @param {Stretch[]} fresh
 * @param {number} s
 */
function observedMoved(before, shift, fresh, s) {
  const values = moved(before.values, shift), bound = moved(before.bound, shift)
  for (const {begin, end, started: {observed}} of fresh) {
    putColumns(observed[s].values, begin, end, values, shift.count)
    putColumns(observed[s].bound, begin, end, bound, shift.count)
  }
  return {values, bound}
}

/** The frames of a view, one after the other: what does not depend on half-life and prune is kept for the next. */
export class Frames {
  #key = ""
  #rows = ""
  #carry = ""
  /** @type {Started | null} */
  #started = null
  #book
  #blocks
  #ahead

  /**
   * @param {Book} book
   * @param {import("./coarse.js").Blocks} blocks
   * @param {import("./ahead.js").Ahead} [ahead] where to settle frames before they are drawn again
   */
  constructor(book, blocks, ahead) {
    this.#book = book
    this.#blocks = blocks
    this.#ahead = ahead
  }

  /**
   * Both sides on even edges.
   * @param {Float64Array} edges
   * @param {Float64Array} rows
   * @param {import("./weight.js").Carrying & {agg: Aggregate}} choice
   * @returns {Frame}
   */
  draw(edges, rows, {agg, ...chosen}) {
    const ofRows = [agg, rows.length, rows[0], rows[1]].join()
    const key = [this.#book.version, ofRows, edges.length, edges[0], edges[1]].join()
    const {halfLife, prune, carry = null} = chosen
    const carrying = JSON.stringify([halfLife, prune, carry]), again = this.#key == key, same = this.#carry == carrying
    if (again && same) return this.#started.frame
    const before = !again && this.#rows == ofRows ? this.#started : null
    if (!again) {
      const {sides} = this.#blocks.sidesFor(agg, edges, rows)
      const started = this.#started = new Started(this.#book, sides, edges, rows, agg, before, same)
      this.#ahead?.whenIdle("settle", () => started.settleAll(carryOf(chosen)), true)
    }
    this.#key = key
    this.#rows = ofRows
    this.#carry = carrying
    // From the second time that a frame is drawn: a pan draws each only once.
    const asked = carryOf(chosen)
    if (again && asked.kind == "mixture") finish(this.#started.settle(asked))
    const started = this.#started, isMoved = !again && started.isMoved
    if (!isMoved) started.frame.moved = null
    const frame = isMoved ? started.finishMoved(chosen) : started.finish(chosen, again)
    started.fresh = []
    return frame
  }
}

/**
 * Any edges, even or not; nothing is kept.
 * @param {Book} book
 * @param {Float64Array} edges
 * @param {Float64Array} rows
 * @param {import("./weight.js").Carrying & {agg: Aggregate}} choice
 */
export function drawGrid(book, edges, rows, {agg, ...chosen}) {
  return new Started(book, book.sides, edges, rows, agg).finish(chosen, false)
}
