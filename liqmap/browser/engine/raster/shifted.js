// The observed part of a view that has moved in time alone, as while it is dragged or played: of columns that were in
// view before it is there already.

import {columnsOf} from "./columns.js"
import {observe} from "./observed.js"

/** @typedef {import("./columns.js").Columns} Columns */
/** @typedef {import("./observed.js").Observed} Observed */

/**
 * How many columns later a view begins; NaN where the two have not the same columns, or less than half of them.
 * @param {Columns} before
 * @param {Columns} now
 */
export function shiftOf(before, now) {
  const width = now.edges[1] - now.edges[0], shift = (now.edges[0] - before.edges[0]) / width
  if (!before.even || !now.even || before.edges[1] - before.edges[0] != width || !Number.isInteger(shift)) return NaN
  return 2 * (Math.min(now.count, before.count - shift) - Math.max(0, -shift)) >= now.count ? shift : NaN
}

/**
 * The same as `observe`, but for rounding.
 * @param {Observed} before of the same rows
 * @param {number} shift
 * @param {Columns} had
 * @param {Parameters<typeof observe>} asked
 * @returns {Observed}
 */
export function observeShifted(before, shift, had, [side, agg, columns, rows]) {
  const P = rows.length - 1, {edges, count} = columns, from = Math.max(0, -shift), to = Math.min(count, had.count - shift)
  const values = new Float32Array(P * count), bound = new Float64Array(count)
  const take = (part, width, first, at, n) => {
    for (let r = 0; r < P; r++) values.set(part.values.subarray(r * width + first, r * width + first + n), r * count + at)
    bound.set(part.bound.subarray(first, first + n), at)
  }
  take(before, had.count, from + shift, from, to - from)
  for (const [begin, end] of [[0, from], [to, count]]) {
    if (begin == end) continue
    take(observe(side, agg, columnsOf(edges.subarray(begin, end + 1)), rows), end - begin, 0, begin, end - begin)
  }
  return {values, bound}
}
