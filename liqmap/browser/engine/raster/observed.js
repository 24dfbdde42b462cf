// The observed part of a frame, which no half-life changes: values of each cell, and what the window knew.
// Nothing is ever subtracted, so an empty cell is exactly 0.

import {firstAfter, firstFrom} from "../book/search.js"
import {columnOf} from "./columns.js"

/** @typedef {import("./columns.js").Columns} Columns */
/** @typedef {Pick<import("../book/decode.js").Side, "levels" | "first" | "stop" | "start" | "seen" | "size">} Spans */
/** @typedef {Spans & Pick<import("../book/decode.js").Side, "window" | "outward">} Seen */
/** @typedef {"peak" | "mean" | "last"} Aggregate */
/** @typedef {{values: Float32Array, bound: Float64Array}} Observed */

/** Kinds of window. */
const NO_WINDOW = 0
const UNBOUNDED = 2

/**
 * @param {Seen} side
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Float64Array} rows edges, ticks
 * @returns {Observed}
 */
export function observe(side, agg, columns, rows) {
  const P = rows.length - 1, T = columns.count
  const values = new Float32Array(P * T)
  const row = new Float64Array(T), full = new Float64Array(T)
  let level = firstFrom(side.levels, rows[0])
  for (let r = 0; r < P; r++) {
    const begin = level
    while (level < side.levels.length && side.levels[level] < rows[r + 1]) {
      observeLevel(side, agg, level, columns, row, full)
      level++
    }
    if (level > begin) {
      closeRow(agg, columns, row, full, values.subarray(r * T, (r + 1) * T), 0, T)
      row.fill(0)
      full.fill(0)
    }
  }
  return {values, bound: windowBounds(side, agg == "last", columns)}
}

/**
 * Puts the spans of a level into a row; those of a mean that fill a column into `full`.
 * @param {Spans} side
 * @param {Aggregate} agg
 * @param {number} level
 * @param {Columns} columns
 * @param {Float64Array} row
 * @param {Float64Array} full
 */
export function observeLevel(side, agg, level, columns, row, full) {
  if (agg == "last") sampleLevel(side, level, columns, row)
  else if (agg == "peak") peakLevel(side, level, columns, row)
  else meanLevel(side, level, columns, row, full)
}

function peakLevel({first, stop: stops, start, seen, size}, level, columns, row) {
  const {edges, count} = columns, left = edges[0], right = edges[count], stop = stops[level]
  for (let i = firstAfter(seen, first[level], stop, left); i < stop && start[i] < right; i++) {
    const a = start[i] > left ? start[i] : left, b = seen[i] < right ? seen[i] : right
    if (a >= b) continue
    const value = size[i]
    for (let j = columnOf(a, columns); j < count && edges[j] < b; j++) if (value > row[j]) row[j] = value
  }
}

function meanLevel({first, stop: stops, start, seen, size}, level, columns, row, full) {
  const {edges, count} = columns, left = edges[0], right = edges[count], stop = stops[level]
  for (let i = firstAfter(seen, first[level], stop, left); i < stop && start[i] < right; i++) {
    const a = start[i] > left ? start[i] : left, b = seen[i] < right ? seen[i] : right
    if (a >= b) continue
    const value = size[i]
    let j = columnOf(a, columns)
    if (b <= edges[j + 1]) {
      row[j] += value * (b - a)
      continue
    }
    row[j] += value * (edges[j + 1] - a)
    for (j++; edges[j + 1] <= b; j++) full[j] += value
    if (b > edges[j]) row[j] += value * (b - edges[j])
  }
}

// What rests in the instant before each right edge.
function sampleLevel({first, stop: stops, start, seen, size}, level, columns, row) {
  const {edges, count} = columns, left = edges[0], right = edges[count], stop = stops[level]
  for (let i = firstAfter(seen, first[level], stop, left); i < stop && start[i] < right; i++) {
    for (let j = columnOf(Math.max(start[i], left), columns); j < count && edges[j + 1] <= seen[i]; j++) row[j] += size[i]
  }
}

/**
 * The values of a row that was put together so, for the columns from `from` to `to`.
 * @param {Aggregate} agg
 * @param {Columns} columns
 * @param {Float64Array} row
 * @param {Float64Array} full
 * @param {Float32Array | Float64Array} out
 * @param {number} from
 * @param {number} to
 */
export function closeRow(agg, {edges}, row, full, out, from, to) {
  for (let c = from; c < to; c++) out[c] = agg == "mean" ? row[c] / (edges[c + 1] - edges[c]) + full[c] : row[c]
}

// The outermost tick known in each column, outward positive; -Infinity where nothing is known.
function windowBounds({window: {start, kind, worst}, outward}, instant, columns) {
  const {edges, count} = columns, left = edges[0], right = edges[count]
  const bound = new Float64Array(count).fill(-Infinity)
  let k = Math.max(0, firstAfter(start, 0, start.length, left) - 1)
  for (; k < start.length && start[k] < right; k++) {
    const a = Math.max(start[k], left), b = k + 1 < start.length ? Math.min(start[k + 1], right) : right
    if (kind[k] == NO_WINDOW || a >= b) continue
    const tick = kind[k] == UNBOUNDED ? Infinity : worst[k] * outward
    for (let c = columnOf(a, columns); c < count && (instant ? edges[c + 1] <= b : edges[c] < b); c++) {
      if (tick > bound[c]) bound[c] = tick
    }
  }
  return bound
}
