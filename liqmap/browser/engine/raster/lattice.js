// The lattice of liqmap.render.frames.frame: whole multiples of nice steps, from the epoch and from tick 0.

import {NICE_ROWS, NICE_TIMES} from "../rules.js"

/** @param {number} least @param {number[]} steps */
export function niceStep(least, steps) {
  return steps.find(step => step >= least) ?? steps[steps.length - 1]
}

/**
 * Edges at whole multiples of a step, from at or below `low` to at or above `high`.
 * @param {number} low
 * @param {number} high
 * @param {number} step
 */
export function lattice(low, high, step) {
  const first = Math.floor(low / step)
  const count = Math.max(Math.ceil(high / step), first + 1) - first
  return Float64Array.from({length: count + 1}, (_, k) => (first + k) * step)
}

/**
 * Edges of the columns of a view of so many pixels, ns.
 * @param {number} begin
 * @param {number} end
 * @param {number} width
 */
export function timeColumns(begin, end, width) {
  const step = niceStep(Math.max(end - begin, 1) / Math.max(width, 1), NICE_TIMES)
  return lattice(begin, Math.max(end, begin + 1), step)
}

/**
 * Edges of the rows of a view of so many pixels, ticks.
 * @param {number} low
 * @param {number} high
 * @param {number} height
 * @param {number} tick
 * @param {number | null} [rowTicks] ticks a row: rows are so high, or whole multiples of it
 */
export function priceRows(low, high, height, tick, rowTicks = null) {
  const first = Math.floor(low / tick + 1e-6), last = Math.ceil(high / tick - 1e-6)
  const least = Math.max(last - first, 1) / Math.max(height, 1)
  const step = rowTicks === null ? niceStep(least, NICE_ROWS) : rowTicks * Math.max(1, Math.ceil(least / rowTicks))
  return lattice(first, Math.max(last, first + 1), step)
}
