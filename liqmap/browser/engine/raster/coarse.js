// The observed part in blocks of time and price, for long views: what each block shows, and neighbours in time that
// show the same as one span. Many spans become few, and where the edges of cells are edges of blocks, peaks come out
// the same, and means and lasts but for rounding. They are made when there is nothing to draw.

import {BLOCKS} from "../rules.js"
import {columnOf, columnsOf} from "./columns.js"
import {lattice} from "./lattice.js"
import {closeRow, observeLevel} from "./observed.js"

/** @typedef {import("../book/decode.js").Side} Side */
/** @typedef {import("./observed.js").Seen} Seen */
/** @typedef {import("./observed.js").Aggregate} Aggregate */
/** @typedef {{agg: Aggregate, time: number, ticks: number}} Steps ns and ticks of a block */
/**
 * `until`: ns from which a book has changed since, as it is appended to
 * @typedef {Steps & {sides: Seen[], count: number, until: number}} Made
 */

const KEPT = 6

/** Blocks of a book that were made, the oldest first. */
export class Blocks {
  /** @type {Map<string, Made>} */
  #kept = new Map()
  #book
  #ahead

  /**
   * @param {Pick<import("../book/decode.js").Book, "sides" | "settled">} book
   * @param {import("./ahead.js").Ahead} ahead
   */
  constructor(book, ahead) {
    this.#book = book
    this.#ahead = ahead
  }

  /**
   * The sides to draw the observed part from: the fewest blocks that fit the cells, or the sides as they are.
   * @param {Aggregate} agg
   * @param {Float64Array} edges
   * @param {Float64Array} rows
   * @returns {{sides: Seen[], count?: number}}
   */
  sidesFor(agg, edges, rows) {
    /** @type {Made | null} */
    let best = null
    for (const blocks of this.#kept.values()) {
      if (blocks.agg != agg || (best && best.count <= blocks.count)) continue
      if (edges[edges.length - 1] > blocks.until) continue
      if (divides(blocks.time, edges) && divides(blocks.ticks, rows)) best = blocks
    }
    return best ?? {sides: this.#book.sides}
  }

  /**
   * Make the blocks that a frame of these cells would be drawn from, if they pay: next time they are there. Not where
   * the book still grows.
   * @param {Aggregate} agg
   * @param {Float64Array} edges
   * @param {Float64Array} rows
   */
  wish(agg, edges, rows) {
    const time = BLOCKS.times.find(step => divides(step, edges)), ticks = BLOCKS.ticks.find(step => divides(step, rows))
    if (!time || this.#book.sides.every(side => side.start.length < BLOCKS.least)) return
    const name = ["blocks", agg, time, ticks].join(), right = edges[edges.length - 1]
    if (right > this.#book.settled || this.#kept.get(name)?.until >= right) return
    this.#ahead.whenIdle(name, () => this.#make(name, {agg, time, ticks}))
  }

  /** @param {string} name @param {Steps} steps */
  * #make(name, steps) {
    /** @type {Seen[]} */
    const sides = []
    for (const side of this.#book.sides) sides.push(yield* sideInBlocks(side, steps))
    this.#kept.delete(name)
    if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value)
    const count = sides.reduce((n, {size}) => n + size.length, 0)
    this.#kept.set(name, {...steps, sides, count, until: this.#book.settled})
  }

  /** The book has changed: what is being made of it is given up, what was made holds for the time before. */
  settle() {
    this.#ahead.giveUp()
    for (const blocks of this.#kept.values()) blocks.until = Math.min(blocks.until, this.#book.settled)
  }
}

/** @param {number} step @param {Float64Array} edges */
function divides(step, edges) {
  return edges.every(edge => edge % step == 0)
}

/**
 * @param {Side} side
 * @param {Steps} steps
 * @returns {Generator<undefined, Seen>}
 */
function* sideInBlocks(side, {agg, time, ticks}) {
  const {levels, first, stop, start, seen} = side, columns = columnsOf(blockEdges(side, time)), {edges, count} = columns
  const row = new Float64Array(count), full = new Float64Array(count), out = new Float64Array(count)
  const lows = [], begins = [0], runs = {start: [], seen: [], size: []}
  for (let level = 0; level < levels.length;) {
    const low = Math.floor(levels[level] / ticks) * ticks
    let from = count, to = 0
    for (; level < levels.length && levels[level] < low + ticks; level++) {
      if (first[level] == stop[level]) continue
      observeLevel(side, agg, level, columns, row, full)
      from = Math.min(from, columnOf(start[first[level]], columns))
      to = Math.max(to, Math.min(columnOf(seen[stop[level] - 1], columns) + 1, count))
    }
    closeRow(agg, columns, row, full, out, from, to)
    for (let j = from, k; j < to; j = k) {
      for (k = j + 1; k < to && out[k] === out[j];) k++
      if (!(out[j] > 0)) continue
      runs.start.push(edges[j])
      runs.seen.push(edges[k])
      runs.size.push(out[j])
    }
    row.fill(0, from, to)
    full.fill(0, from, to)
    lows.push(low)
    begins.push(runs.size.length)
    yield
  }
  const ends = new Int32Array(begins)
  return {
    levels: new Float64Array(lows), first: ends, stop: ends.subarray(1), window: side.window, outward: side.outward,
    start: new Float64Array(runs.start), seen: new Float64Array(runs.seen), size: new Float64Array(runs.size),
  }
}

/**
 * Edges of the blocks of time that hold all spans of a side.
 * @param {Side} side
 * @param {number} time
 */
function blockEdges({first, stop, start, seen}, time) {
  let begin = Infinity, end = -Infinity
  for (let level = 0; level < stop.length; level++) {
    if (first[level] == stop[level]) continue
    begin = Math.min(begin, start[first[level]])
    end = Math.max(end, seen[stop[level] - 1])
  }
  return lattice(Math.min(begin, end), end, time)
}
