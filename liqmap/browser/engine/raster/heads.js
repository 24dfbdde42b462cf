// Heads: what carried pieces give to the columns in which they begin. A peak is at its largest when it begins, so of the
// heads of a cell the largest will do, and the instant before an edge sees nothing of a head. For a mean a few moments of
// the series of the integral stand for all heads of a cell:
//
//   integral of 2 ** (-t / h) over 0 to d  =  sum over m of  (-k) ** m * d ** (m + 1) / (m + 1)!    with k = ln 2 / h
//
// below 2e-7 of the value off while no head is longer than a half-life. Longer ones are summed one by one.

import {integral} from "./weight.js"

/**
 * One by one, those of a row from `first[r]` to `first[r + 1]`; of a peak their sizes as they weigh at first.
 * @typedef {{first: Int32Array, column: Int32Array, length: Float64Array, size: Float64Array, group: Int32Array}} Each
 *
 * By cell, those up to a length: `MOMENTS` sums each.
 * @typedef {{first: Int32Array, column: Int32Array, limit: number, sums: Float64Array}} Sums
 *
 * @typedef {{each: Each, sums?: Sums}} Heads
 * @typedef {import("./columns.js").Columns} Columns
 * @typedef {import("./weight.js").Fading} Fading
 */

const SHORT = 5e9
const MOMENTS = 8

/**
 * Lengths up to which the heads of a mean may be summed: twice as long each, and no head is longer than a column.
 * @param {Columns} columns
 */
export function limitsOf({edges}) {
  const limits = [], width = edges[1] - edges[0]
  for (let limit = SHORT; limit < width; limit *= 2) limits.push(limit)
  return [...limits, width]
}

/**
 * The heads to draw from under a half-life and a prune: by the longest limit that holds.
 * @param {Map<number, Heads>} heads by limit; what is missing is added
 * @param {string} agg
 * @param {Columns} columns
 * @param {Fading} carrying
 * @returns {Generator<undefined, Heads>}
 */
export function* headsUnder(heads, agg, columns, {rate, prune}) {
  const limits = agg == "mean" ? limitsOf(columns).filter(limit => limit * rate <= 1 && limit <= prune) : []
  const limit = limits.at(-1) ?? 0
  if (!heads.has(limit)) heads.set(limit, yield* summed(heads.get(0).each, columns.count, limit))
  return heads.get(limit)
}

/** @param {Each} heads @param {number} count @param {number} limit @returns {Generator<undefined, Heads>} */
function* summed({first, column, length, size}, count, limit) {
  const P = first.length - 1, n = column.length, place = new Int32Array(count).fill(-1)
  const cells = {first: new Int32Array(P + 1), column: new Int32Array(n)}, sums = []
  const each = {
    first: new Int32Array(P + 1), column: column.slice(), length: length.slice(), size: size.slice(), group: new Int32Array(0),
  }
  let cell = 0, left = 0
  for (let r = 0; r < P; r++) {
    for (let i = first[r]; i < first[r + 1]; i++) {
      const j = column[i]
      if (length[i] > limit) {
        each.column[left] = j
        each.length[left] = length[i]
        each.size[left++] = size[i]
        continue
      }
      if (place[j] < cells.first[r]) {
        place[j] = cell
        cells.column[cell++] = j
        for (let m = 0; m < MOMENTS; m++) sums.push(0)
      }
      let term = size[i]
      for (let m = 0, at = place[j] * MOMENTS; m < MOMENTS; m++, at++) {
        term *= length[i] / limit / (m + 1)
        sums[at] += term
      }
    }
    cells.first[r + 1] = cell
    each.first[r + 1] = left
    if (r % 8 == 7) yield
  }
  return {each: cut(each, left), sums: {...cut(cells, cell), limit, sums: Float64Array.from(sums)}}
}

/**
 * The first n rows of a table.
 * @param {any} table with `first`, which is kept
 * @param {number} n
 * @returns {any}
 */
export function cut({first, ...table}, n) {
  return {first, ...Object.fromEntries(Object.entries(table).map(([name, values]) => [name, values.slice(0, n)]))}
}

/**
 * @param {Heads} heads
 * @param {string} agg
 * @param {number} r
 * @param {Fading} carrying
 * @param {Float64Array} partial
 * @param {Uint8Array} carried
 */
export function addHeads({each: {first, column, length, size}, sums}, agg, r, {rate, prune}, partial, carried) {
  if (sums) addSums(sums, r, rate, partial, carried)
  for (let n = first[r]; n < first[r + 1]; n++) {
    const j = column[n]
    if (size[n] == 0) continue  // of a class that weighs nothing
    carried[j] = 1
    if (agg == "peak") partial[j] = size[n]
    else partial[j] += size[n] * integral(0, length[n] < prune ? length[n] : prune, rate)
  }
}

/** @param {Sums} sums @param {number} r @param {number} rate @param {Float64Array} partial @param {Uint8Array} carried */
function addSums({first, column, sums, limit}, r, rate, partial, carried) {
  const k = rate * Math.LN2 * limit
  for (let n = first[r]; n < first[r + 1]; n++) {
    let value = sums[n * MOMENTS + MOMENTS - 1]
    for (let m = MOMENTS - 2; m >= 0; m--) value = sums[n * MOMENTS + m] - k * value
    partial[column[n]] = value * limit
    carried[column[n]] = 1
  }
}
