// The carried pieces of a row, straight from the book: for frames that are drawn once, and for edges of any width.
// Every carried size decays at one rate, so from column to column of even width a size is multiplied by one factor.

import {firstAfter} from "../book/search.js"
import {columnOf} from "./columns.js"
import {faded, integral, weight} from "./weight.js"

/** @typedef {import("../book/decode.js").Side} Side */
/** @typedef {import("../book/decode.js").Pieces} Pieces */
/** @typedef {import("./columns.js").Columns} Columns */

/**
 * Adds the pieces of row `r`, of the levels from `begin` to `end`, to the sizes of its columns, and says which have any.
 * @typedef {(r: number, begin: number, end: number, partial: Float64Array, carried: Uint8Array) => void} Adding
 */

/**
 * @param {Pick<Side, "piece">} side
 * @param {import("./observed.js").Aggregate} agg
 * @param {Columns} columns
 * @param {import("./weight.js").Fading} carrying
 * @returns {Adding}
 */
export function fromPieces({piece}, agg, columns, {rate, prune}) {
  const add = {peak: carryPeak, mean: carryMean, last: carryLast}[agg]
  return (r, begin, end, partial, carried) => {
    for (let level = begin; level < end; level++) add(piece, level, columns, rate, prune, partial, carried)
  }
}

function carryPeak({first, stop: stops, seen, end, size}, level, columns, rate, prune, partial, carried) {
  const {edges, count} = columns, left = edges[0], right = edges[count], stop = stops[level]
  const step = columns.even ? weight(1 / columns.slope, rate) : 0
  for (let i = firstAfter(end, first[level], stop, left); i < stop && seen[i] < right; i++) {
    const a = Math.max(seen[i], left), b = Math.min(end[i], seen[i] + prune, right)
    if (!(a < b)) continue
    let j = columnOf(a, columns), value = size[i] * weight(a - seen[i], rate)
    if (value > partial[j]) partial[j] = value
    carried[j++] = 1
    if (j >= count || edges[j] >= b) continue
    value = size[i] * weight(edges[j] - seen[i], rate)
    for (; j < count && edges[j] < b; j++) {
      if (value > partial[j]) partial[j] = value
      carried[j] = 1
      value = step ? faded(value * step) : size[i] * weight(edges[j + 1] - seen[i], rate)
    }
  }
}

function carryMean({first, stop: stops, seen, end, size}, level, columns, rate, prune, partial, carried) {
  const {edges, count} = columns, left = edges[0], right = edges[count], stop = stops[level]
  const step = columns.even ? weight(1 / columns.slope, rate) : 0
  for (let i = firstAfter(end, first[level], stop, left); i < stop && seen[i] < right; i++) {
    const a = Math.max(seen[i], left), b = Math.min(end[i], seen[i] + prune, right)
    if (!(a < b)) continue
    let j = columnOf(a, columns)
    carried[j] = 1
    partial[j] += size[i] * integral(a - seen[i], Math.min(b, edges[j + 1]) - a, rate)
    if (b <= edges[++j]) continue
    let value = size[i] * integral(edges[j] - seen[i], edges[j + 1] - edges[j], rate)
    for (; edges[j + 1] <= b; j++) {
      if (!step) value = size[i] * integral(edges[j] - seen[i], edges[j + 1] - edges[j], rate)
      partial[j] += value
      carried[j] = 1
      value = faded(value * step)
    }
    if (b > edges[j]) {
      partial[j] += size[i] * integral(edges[j] - seen[i], b - edges[j], rate)
      carried[j] = 1
    }
  }
}

function carryLast({first, stop: stops, seen, end, size}, level, columns, rate, prune, partial, carried) {
  const {edges, count} = columns, left = edges[0], right = edges[count], stop = stops[level]
  const step = columns.even ? weight(1 / columns.slope, rate) : 0
  for (let i = firstAfter(end, first[level], stop, left); i < stop && seen[i] < right; i++) {
    const b = Math.min(end[i], seen[i] + prune, right)
    let j = columnOf(Math.max(seen[i], left), columns)
    if (!(edges[j + 1] <= b)) continue
    let value = size[i] * weight(edges[j + 1] - seen[i], rate)
    for (; j < count && edges[j + 1] <= b; j++) {
      partial[j] += value
      carried[j] = 1
      value = step ? faded(value * step) : size[i] * weight(edges[j + 2] - seen[i], rate)
    }
  }
}
