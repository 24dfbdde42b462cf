// Parts of a carried piece under a mixture, side by side: from column to column of even width each fades by a factor of its
// own. Sums are put into blocks of columns, which are spread once a row; a block that a peak cannot raise is passed over.

import {BLOCK, fadingOf} from "./crossings.js"
import {faded} from "./weight.js"

/**
 * Those that are more than nothing: the places of their rates, what is left of each, and by how much it fades from column to
 * column and from block to block.
 * @typedef {{count: number, place: Int32Array, value: Float64Array, step: Float64Array, leap: Float64Array}} Parts
 *
 * @typedef {{sums: Float64Array, some: Uint8Array}} Blocks by block, then rate, and which have any
 */

/**
 * Room for the parts of one piece at a time, and what puts one into it, of a rate.
 * @param {number[]} rates
 * @param {import("./columns.js").Columns} columns
 */
export function partsAt(rates, columns) {
  const real = () => new Float64Array(rates.length), fadings = rates.map(rate => fadingOf(columns, {rate}))
  /** @type {Parts} */
  const parts = {count: 0, place: new Int32Array(rates.length), value: real(), step: real(), leap: real()}
  const {place, value, step, leap} = parts
  return {parts, put: (k, amount) => {
    place[parts.count] = k
    value[parts.count] = amount
    step[parts.count] = fadings[k].step
    leap[parts.count++] = fadings[k].leap
  }}
}

/** @param {number} count columns @param {number} rates @returns {Blocks} */
export function blocksOf(count, rates) {
  const n = Math.ceil(count / BLOCK)
  return {sums: new Float64Array(n * rates), some: new Uint8Array(n)}
}

/**
 * Adds parts to the columns from j to `to` as they fade, and to whole blocks of them what is to be put into their columns.
 * @param {Float64Array} partial
 * @param {Uint8Array} carried
 * @param {Blocks} blocks
 * @param {number} j
 * @param {number} to
 * @param {Parts} parts
 */
export function pile(partial, carried, {sums, some}, j, to, parts) {
  const K = parts.place.length
  while (j < to) {
    const block = j - j % BLOCK, stop = block + BLOCK
    if (j > block || stop > to) fill(partial, carried, j, Math.min(stop, to), parts)
    else {
      for (let k = 0; k < parts.count; k++) sums[j / BLOCK * K + parts.place[k]] += parts.value[k]
      some[j / BLOCK] = 1
      leapOver(parts)
    }
    j = stop
  }
}

/**
 * What was put into blocks, by column; leaves them empty.
 * @param {Float64Array} partial
 * @param {Uint8Array} carried
 * @param {Blocks} blocks
 * @param {ReturnType<typeof partsAt>} room
 */
export function spreadParts(partial, carried, {sums, some}, {parts, put}) {
  const K = parts.place.length
  for (let b = 0; b < some.length; b++) {
    if (!some[b]) continue
    parts.count = 0
    for (let k = 0; k < K; k++) if (sums[b * K + k] > 0) put(k, sums[b * K + k])
    fill(partial, carried, b * BLOCK, (b + 1) * BLOCK, parts)
    sums.fill(0, b * K, b * K + K)
    some[b] = 0
  }
}

/** Adds parts to the columns of a block from j to `to`. */
function fill(partial, carried, j, to, {count, value, step}) {
  for (; j < to; j++) {
    let sum = 0
    for (let k = 0; k < count; k++) {
      sum += value[k]
      value[k] *= step[k]
    }
    partial[j] += sum
    carried[j] = 1
  }
  for (let k = 0; k < count; k++) value[k] = faded(value[k])
}

/** Parts a block later. @param {Parts} parts */
function leapOver({count, value, leap}) {
  for (let k = 0; k < count; k++) value[k] = faded(value[k] * leap[k])
}

/**
 * Raises the columns from j to `to` to a sum of parts as it fades, where it is more than the `least` of a block.
 * @param {Float64Array} partial
 * @param {Uint8Array} carried
 * @param {Float64Array} least of what stands in each block; below 0 while that is not known
 * @param {number} j
 * @param {number} to
 * @param {Parts} parts
 */
export function raise(partial, carried, least, j, to, parts) {
  while (j < to) {
    const block = j - j % BLOCK, stop = block + BLOCK, isWhole = j == block && stop <= to
    if (isWhole && sumOf(parts) <= least[j / BLOCK]) leapOver(parts)
    else {
      const low = lift(partial, carried, j, Math.min(stop, to), parts)
      if (isWhole) least[j / BLOCK] = low
    }
    j = stop
  }
}

/** Raises the columns of a block from j to `to`; gives the least of what then stands there. */
function lift(partial, carried, j, to, {count, value, step}) {
  let low = Infinity
  for (; j < to; j++) {
    let sum = 0
    for (let k = 0; k < count; k++) {
      sum += value[k]
      value[k] *= step[k]
    }
    if (sum > partial[j]) partial[j] = sum
    if (partial[j] < low) low = partial[j]
    carried[j] = 1
  }
  for (let k = 0; k < count; k++) value[k] = faded(value[k])
  return low
}

/** @param {Parts} parts */
function sumOf({count, value}) {
  let sum = 0
  for (let k = 0; k < count; k++) sum += value[k]
  return sum
}
