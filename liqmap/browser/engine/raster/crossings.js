// Crossings: carried pieces that go on beyond an edge of even columns. From column to column all of them fade by one
// factor, so a long one is put into blocks of columns, and each row is spread from its blocks once.

import {columnOf} from "./columns.js"
import {faded, integral, weight} from "./weight.js"

/**
 * With the column whose left edge a piece is first met at (for a last size: whose right edge), the one in which it
 * ends, how long it lasts there, and how long it lasts altogether. Those of a row from `first[r]` to `first[r + 1]`.
 * @typedef {object} Crossings
 * @property {Int32Array} first
 * @property {Int32Array} column
 * @property {Int32Array} stop
 * @property {Float64Array} tail
 * @property {Float64Array} seen
 * @property {Float64Array} lasts
 * @property {Float64Array} size
 * @property {Int32Array} group its class
 *
 * @typedef {import("./columns.js").Columns} Columns
 * @typedef {import("./weight.js").Fading} Fading
 * @typedef {{size: Float64Array, carried: Uint8Array}} Blocks
 */

export const BLOCK = 16

/** @param {number} count columns @returns {Blocks} */
export function emptyBlocks(count) {
  const n = Math.ceil(count / BLOCK)
  return {size: new Float64Array(n), carried: new Uint8Array(n)}
}

/**
 * How much fades from column to column, from block to block, and what a size that fades gives in a column.
 * @param {Columns} columns
 * @param {Fading} carrying
 */
export function fadingOf({edges}, {rate}) {
  const width = edges[1] - edges[0]
  return {step: weight(width, rate), leap: weight(width * BLOCK, rate), whole: integral(0, width, rate)}
}

/**
 * @param {Crossings} crossings
 * @param {string} agg
 * @param {number} r
 * @param {Columns} columns
 * @param {Fading} carrying
 * @param {ReturnType<typeof fadingOf>} fading
 * @param {Blocks} blocks of long ones, to be `spread`
 * @param {Float64Array} partial
 * @param {Uint8Array} carried
 */
export function addCrossings(crossings, agg, r, columns, carrying, fading, blocks, partial, carried) {
  const {first, column, stop, tail, seen, lasts, size} = crossings, {edges, count} = columns, right = edges[count]
  const {rate, prune} = carrying, {step, leap, whole} = fading
  const last = agg == "last" ? 1 : 0, mean = agg == "mean", peak = agg == "peak"
  for (let n = first[r]; n < first[r + 1]; n++) {
    const j = column[n], edge = edges[j + last]
    let to = stop[n], rest = tail[n]
    if (lasts[n] > prune && seen[n] + prune < right) {
      const until = seen[n] + prune
      if (until < edge || (until == edge && !last)) continue
      to = columnOf(until, columns)
      rest = until - edges[to]
    }
    const value = size[n] * weight(edge - seen[n], rate)
    if (peak) raise(partial, carried, blocks, j, rest > 0 ? to + 1 : to, value, step, leap)
    else {
      const then = pile(partial, carried, blocks, j, to, mean ? value * whole : value, step, leap)
      if (!(mean && rest > 0)) continue
      partial[to] += then / whole * integral(0, rest, rate)
      carried[to] = 1
    }
  }
}

/** Adds a value to the columns from j to `to` as it fades; gives what is left of it there. */
function pile(partial, carried, {size: sums, carried: some}, j, to, value, step, leap) {
  for (; j < to && j % BLOCK; j++) {
    partial[j] += value
    carried[j] = 1
    value = faded(value * step)
  }
  for (; j + BLOCK <= to; j += BLOCK) {
    sums[j / BLOCK] += value
    some[j / BLOCK] = 1
    value = faded(value * leap)
  }
  for (; j < to; j++) {
    partial[j] += value
    carried[j] = 1
    value = faded(value * step)
  }
  return value
}

/** The same, where the largest counts. */
function raise(partial, carried, {size: largest, carried: some}, j, to, value, step, leap) {
  for (; j < to && j % BLOCK; j++) {
    if (value > partial[j]) partial[j] = value
    carried[j] = 1
    value = faded(value * step)
  }
  for (; j + BLOCK <= to; j += BLOCK) {
    if (value > largest[j / BLOCK]) largest[j / BLOCK] = value
    some[j / BLOCK] = 1
    value = faded(value * leap)
  }
  for (; j < to; j++) {
    if (value > partial[j]) partial[j] = value
    carried[j] = 1
    value = faded(value * step)
  }
}

/**
 * What was put into blocks, by column; leaves them empty.
 * @param {Blocks} blocks
 * @param {string} agg
 * @param {ReturnType<typeof fadingOf>} fading
 * @param {Float64Array} partial
 * @param {Uint8Array} carried
 */
export function spread(blocks, agg, {step}, partial, carried) {
  for (let b = 0; b < blocks.size.length; b++) {
    if (!blocks.carried[b]) continue
    let value = blocks.size[b]
    for (let j = b * BLOCK; j < (b + 1) * BLOCK; j++) {
      if (agg != "peak") partial[j] += value
      else if (value > partial[j]) partial[j] = value
      carried[j] = 1
      value = faded(value * step)
    }
    blocks.size[b] = blocks.carried[b] = 0
  }
}
